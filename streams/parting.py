"""Alerts of a replay in two halves, as `streams/veil.py` makes of a store's: those for restricted eyes stand apart."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from pathlib import Path

from manumit.detectors.customers.names import standing_names
from manumit.schemas.alert import Alert
from manumit.schemas.customer import Customer
from manumit.schemas.subject import customer_subject

RESTRICTED = "restricted"


def parted(alerts: Iterable[Alert], hidden: Collection[str]) -> tuple[list[Alert], list[Alert]]:
    """Those for all eyes, and those about minors or people under pressure. `hidden`: what may name a minor."""
    general: list[Alert] = []
    restricted: list[Alert] = []
    for one in alerts:
        (restricted if one.nature == "protection" or one.subject in hidden else general).append(one)
    return general, restricted


def restricted_folder(folder: Path) -> Path:
    """Makes `restricted` in it, for its owner alone also where it stood open before."""
    inner = folder / RESTRICTED
    inner.mkdir(mode=0o700, parents=True, exist_ok=True)
    inner.chmod(0o700)
    return inner


class Minors:
    """Learns from snapshots, in any order, who is a minor: the latest that gives an age decides."""

    def __init__(self) -> None:
        self._latest: dict[str, tuple[int, bool]] = {}
        self._names: dict[str, dict[str, None]] = {}

    def learn(self, one: Customer) -> None:
        who = customer_subject(one.exchange, one.customer_id)
        self._names.setdefault(who, {}).update(dict.fromkeys(standing_names(one)))
        if one.age:
            now = (one.at_us, one.is_minor)
            self._latest[who] = max(now, self._latest.get(who, now))

    def names(self) -> frozenset[str]:
        """What alerts about minors may have as their subject: themselves, and whatever they gave at any time."""
        minors = [who for who, (_, is_minor) in self._latest.items() if is_minor]
        return frozenset(minors).union(*(self._names[who] for who in minors))
