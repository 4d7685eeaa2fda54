"""`python -m bench.listing_pack`: how rarely the listing pack speaks about ordinary adverts.

Three sets of real adverts and messages go through the real pipeline with every listing detector. One table of signals
and alerts for each 10,000 adverts, then every alert with what it quotes. A second table reads the same texts as if they
were of each kind a text flag watches, which is harder than any stream. Skips where the shared data are not.
"""

from __future__ import annotations

import os
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import msgspec
from rich.console import Console
from rich.table import Table

from bench.ordinary import Ordinary, sets
from manumit.detectors.catalogue import detectors
from manumit.detectors.contract import CustomerRule, Detector, TextFlag
from manumit.schemas.alert import Alert
from manumit.schemas.listing import Listing, ListingKind
from manumit.schemas.redflag import catalogue
from manumit.streams.merging import Bundle
from manumit.streams.pipeline import Pipeline
from manumit.streams.rule_pack import Configured

MOST = 10  # alerts for each 10,000 ordinary adverts, over the whole pack
TEN_THOUSAND = 10_000
REPOSITORY = Path(__file__).resolve().parents[1]


@dataclass(frozen=True, slots=True, kw_only=True)
class Spoken:
    """What the pack said of one set: signals by detector, and alerts."""

    adverts: int
    signals: Mapping[str, int]
    alerts: tuple[Alert, ...]

    def per_10_000(self, alerts: int) -> float:
        return alerts * TEN_THOUSAND / self.adverts


def pack() -> tuple[Detector, ...]:
    """Every detector that rests on a listing entry of the catalogue."""
    listing = {flag.id for flag in catalogue().values() if flag.domain == "listing"}
    return tuple(one for one in detectors() if listing & set(one.about.entries))


def spoken(ordinary: Ordinary, wanted: Sequence[Detector]) -> Spoken:
    """Adverts and stays through one pipeline; the latest revision of each alert."""
    pipeline = Pipeline(Configured(detectors=tuple(wanted), overrides={}))
    signals: Counter[str] = Counter()
    alerts: dict[str, Alert] = {}
    for part in parts(ordinary):
        changes = pipeline.take(part)
        signals.update(signal.detector for signal in changes.signals)
        alerts |= {alert.alert_id: alert for alert in changes.alerts}
    return Spoken(adverts=len(ordinary.adverts), signals=signals, alerts=tuple(alerts.values()))


def parts(ordinary: Ordinary) -> list[Bundle]:
    """Stays, then adverts: neither knows of the other here."""
    size, bundles = 5_000, []
    for start in range(0, len(ordinary.stays), size):
        rows = ordinary.stays[start : start + size]
        bundles.append(Bundle(until_us=rows[-1].at_us, account_events=rows))
    for start in range(0, len(ordinary.adverts), size):
        adverts = ordinary.adverts[start : start + size]
        bundles.append(
            Bundle(until_us=max(adverts[-1].at_us, bundles[-1].until_us if bundles else 0), listings=adverts)
        )
    return bundles


def as_every_kind(adverts: Sequence[Listing], flag: TextFlag) -> int:
    """How many of the texts carry the flag when each is read as of the kind that the flag watches first."""
    kind, values = cast(ListingKind, flag.kinds[0]), flag.about.values()
    return sum(bool(flag.find(msgspec.structs.replace(row, kind=kind), values)) for row in adverts)


def folder() -> Path:
    return Path(os.environ.get("MANUMIT_SHARED_DATA") or REPOSITORY.parent / "shared" / "data") / "listings"


def show(known: Sequence[Ordinary], screen: Console) -> float:
    """Prints both tables and every alert; returns the worst set's alerts for each 10,000 adverts."""
    wanted = pack()
    said = [spoken(one, wanted) for one in known]
    for one, told in zip(known, said, strict=True):
        screen.print(_table(one, told, wanted))
        for alert in told.alerts:
            screen.print(f"  {alert.detector} on {alert.subject}: {alert.reason}", markup=False)
            screen.print(f"    innocent: {'; '.join(_innocent(wanted, alert.detector))}", markup=False)
    screen.print(_as_every_kind(known, wanted))
    return max(told.per_10_000(len(told.alerts)) for told in said)


def _table(one: Ordinary, told: Spoken, wanted: Sequence[Detector]) -> Table:
    title = f"{one.name}: {told.adverts:,} adverts, {len(one.stays):,} stays"
    table = Table("flag", "signals", "alerts", "alerts per 10,000 adverts", title=title)
    by_flag = Counter(alert.detector for alert in told.alerts)
    for detector in wanted:
        name = detector.about.id
        if isinstance(detector, CustomerRule) and not one.stays:
            table.add_row(name, "no stays here", "", "")
            continue
        table.add_row(name, str(told.signals.get(name, 0)), str(by_flag[name]), f"{told.per_10_000(by_flag[name]):.2f}")
    table.add_row(
        "all", str(sum(told.signals.values())), str(by_flag.total()), f"{told.per_10_000(by_flag.total()):.2f}"
    )
    return table


def _as_every_kind(known: Sequence[Ordinary], wanted: Sequence[Detector]) -> Table:
    flags = [one for one in wanted if isinstance(one, TextFlag) and not one.guard]
    title = "texts that carry a flag, of 10,000, read as of the kind it watches"
    table = Table("flag", *(one.name for one in known), title=title)
    for flag in flags:
        counts = [as_every_kind(one.adverts, flag) * TEN_THOUSAND / len(one.adverts) for one in known]
        table.add_row(flag.about.id, *(f"{count:.2f}" for count in counts))
    return table


def _innocent(wanted: Sequence[Detector], name: str) -> tuple[str, ...]:
    return next(one.about.innocent for one in wanted if one.about.id == name)


def main() -> int:
    if not folder().is_dir():
        print(f"skipped: real adverts are not here: {folder()} does not exist; set MANUMIT_SHARED_DATA")
        return 0
    worst = show(list(sets(folder())), Console(width=140))
    print(f"worst set: {worst:.2f} alerts for each 10,000 ordinary adverts; the pack may give fewer than {MOST}")
    return 0 if worst < MOST else 1


if __name__ == "__main__":
    sys.exit(main())
