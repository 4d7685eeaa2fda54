"""All that stands about an exchange's customers, ready to be asked: snapshots, who shares what, standing alerts."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from typing import NamedTuple

import msgspec

from manumit.detectors.customers.names import identifiers, prefixed
from manumit.detectors.gaps.gaps import CONTROL as CONTROL_POINTS
from manumit.detectors.gaps.gaps import EXPIRED, WHOLE, of_snapshot
from manumit.schemas.alert import Alert
from manumit.schemas.customer import Customer
from manumit.schemas.subject import customer_subject

MOST_HOLDERS = 64
PROTECTION, CONTROL = "protection", "control"
ADVERTS = ("listing", "link")


class Kept(NamedTuple):
    """An alert, packed, with what is asked most. `stands`: neither withdrawn nor muted whole."""

    detector: str
    severity: str

    revision: int
    stands: bool
    nature: str
    last_us: int
    packed: bytes


class Weight(NamedTuple):
    """What a snapshot alone adds to a gap: `points`, and `EXPIRED` more once `expires_us` has passed (0: never)."""

    points: int
    expires_us: int
    wallets: bool


class CustomerBook:
    """Grows with `take` and `learn`. Hold `lock` while doing either or asking."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self._latest: dict[str, tuple[int, bytes]] = {}
        self._exchanges: dict[str, None] = {}
        self._holders: dict[str, tuple[str, ...]] = {}
        self._alerts: dict[str, Kept] = {}
        self._about: dict[str, tuple[str, ...]] = {}
        self._minors: set[str] = set()
        self._aged: dict[str, int] = {}
        self._minors_gave: dict[str, set[str]] = {}
        self._weights: dict[str, Weight] = {}
        self._advertised = False
        self._snapshots = msgspec.msgpack.Decoder(Customer)
        self._rows = msgspec.msgpack.Decoder(Alert)

    def take(self, customers: Iterable[Customer]) -> None:
        """Snapshots in any order; the latest counts, and of two at one moment the later one read."""
        for one in customers:
            subject = customer_subject(one.exchange, one.customer_id)
            self._exchanges[one.exchange] = None
            known = self._latest.get(subject)
            if known is None or known[0] <= one.at_us:
                self._latest[subject] = one.at_us, msgspec.msgpack.encode(one)
                self._weights[subject] = Weight(of_snapshot(one), one.document_expires_us, bool(one.wallets))
            self._learn_age(subject, one)
            for identifier in dict.fromkeys(identifiers(one)):
                held = self._holders.get(identifier, ())
                if len(held) == MOST_HOLDERS and one.is_minor:
                    self._minors_gave.setdefault(identifier, set()).add(subject)
                if subject not in held and len(held) < MOST_HOLDERS:
                    self._holders[identifier] = (*held, subject)

    def _learn_age(self, subject: str, one: Customer) -> None:
        """The latest snapshot with an age says who is a minor; one without takes nothing back."""
        if one.age and self._aged.get(subject, 0) <= one.at_us:
            self._aged[subject] = one.at_us
            (self._minors.add if one.is_minor else self._minors.discard)(subject)

    def learn(self, alerts: Iterable[Alert]) -> None:
        """Alerts of any domain; the highest revision counts."""
        for alert in alerts:
            known = self._alerts.get(alert.alert_id)
            if known is None:
                self._about[alert.subject] = (*self._about.get(alert.subject, ()), alert.alert_id)
            if known is None or known.revision <= alert.revision:
                stands = alert.state != "withdrawn" and not 0 < alert.signals <= alert.suppressed
                packed = msgspec.msgpack.encode(alert)
                told = alert.detector, alert.severity, alert.revision
                self._alerts[alert.alert_id] = Kept(*told, stands, alert.nature, alert.last_us, packed)
            self._advertised |= alert.domain in ADVERTS

    @property
    def customers(self) -> int:
        return len(self._latest)

    @property
    def alerts(self) -> int:
        return len(self._alerts)

    def subjects(self) -> Iterator[str]:
        yield from self._latest

    def customer(self, subject: str) -> Customer | None:
        found = self._latest.get(subject)
        return None if found is None else self._snapshots.decode(found[1])

    def find(self, customer_id: str, exchange: str = "") -> list[str]:
        """Known subjects of that id; without an exchange, on any of them. A whole subject is taken as it is."""
        exchanges = [exchange] if exchange else self.exchanges()
        wanted = [customer_id, *(customer_subject(one, customer_id) for one in exchanges)]
        return [subject for subject in wanted if subject in self._latest or subject in self._about]

    def exchanges(self) -> list[str]:
        """In the order they were first met."""
        return list(self._exchanges)

    def holders(self, identifier: str) -> tuple[str, ...]:
        """The first 64 customers who gave it."""
        return self._holders.get(identifier, ())

    def standing(self, subject: str, *, restricted: bool = False) -> list[Alert]:
        """Neither withdrawn nor muted whole, latest first; unless `restricted`, nothing of minors or of protection."""
        if not restricted and self.is_of_minor(subject):
            return []
        kept = [self._alerts[alert_id] for alert_id in self._about.get(subject, ())]
        asked = [one for one in kept if restricted or one.nature != PROTECTION]
        latest = sorted((one for one in asked if one.stands), key=lambda one: (-one.last_us, one.packed))
        return [self._rows.decode(one.packed) for one in latest]

    def bounds(self, at_us: int) -> Iterator[tuple[str, int, Weight]]:
        """Each customer's gap in points, as `gaps` would add them up, and their weight; nothing is unpacked."""
        for subject, weight in self._weights.items():
            kept = (self._alerts[alert_id] for alert_id in self._about.get(subject, ()))
            control = {one.detector: one for one in sorted(kept, key=lambda one: one.last_us) if self._is_control(one)}
            expired = EXPIRED if 0 < weight.expires_us < at_us else 0
            points = weight.points + expired + sum(CONTROL_POINTS[one.severity] for one in control.values())
            yield subject, min(WHOLE, points), weight

    @property
    def advertised(self) -> bool:
        """Some alert is about adverts."""
        return self._advertised

    def _is_control(self, one: Kept) -> bool:
        return one.stands and one.nature == CONTROL

    def is_of_minor(self, subject: str) -> bool:
        """A minor, or an identifier or wallet that a minor gave."""
        names = (subject, prefixed("wallet", subject))
        gave = (other for name in names for other in (*self.holders(name), *self._minors_gave.get(name, ())))
        return subject in self._minors or any(other in self._minors for other in gave)

    def is_restricted(self, subject: str) -> bool:
        """A minor's, or something about the customer is for restricted eyes only."""
        about = (self._alerts[alert_id] for alert_id in self._about.get(subject, ()))
        return subject in self._minors or any(one.stands and one.nature == PROTECTION for one in about)
