"""`python -m bench.rushes`: rushes of short stays planted among the real reviews of Oslo's lets, by size.

Each planted dwelling is a real one: to its real reviews come as many stays as the table says, spread over thirty days
from a day on which it really was reviewed. A rush is found when an alert is about its dwelling at that time.
Beside recall the table counts the alerts about dwellings in which nothing was planted. Skips where the reviews are not.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec
import numpy as np
from rich.console import Console
from rich.table import Table

from bench.listing_pack import folder, parts
from bench.ordinary import Ordinary, sets
from manumit.detectors.catalogue import detector
from manumit.schemas.account_event import AccountEvent
from manumit.schemas.alert import Alert
from manumit.streams.pipeline import Pipeline
from manumit.streams.rule_pack import Configured

SEED = 2031
DAY_US = 86_400_000_000
RULE = "li-rental-turnover-burst"
SIZES = (15, 22, 30, 60, 120)  # stays in thirty days: whole nights fit thirty, hours more
EACH = 40
EVERY = 4  # of the dwellings, one in so many is read


@dataclass(frozen=True, slots=True, kw_only=True)
class Rush:
    """What was planted: `unit` is the subject's name."""

    unit: str
    size: int
    from_us: int


def planted(
    stays: Sequence[AccountEvent], sizes: Sequence[int], each: int, seed: int
) -> tuple[list[AccountEvent], list[Rush]]:
    """All stays in the order of time, and what was planted: `each` rushes of every size, in different dwellings."""
    dice = np.random.default_rng(seed)
    units = sorted({stay.counterparty for stay in stays})
    chosen = dice.choice(len(units), len(sizes) * each, replace=False)
    dates: dict[str, list[int]] = {}
    for stay in stays:
        dates.setdefault(stay.counterparty, []).append(stay.at_us)
    rushes = [
        Rush(unit=units[place], size=sizes[i // each], from_us=int(dice.choice(dates[units[place]])))
        for i, place in enumerate(chosen.tolist())
    ]
    more = [
        msgspec.structs.replace(
            stays[0],
            account_event_id=f"planted-{i}-{k}",
            customer_id=f"planted-guest-{i}-{k}",
            at_us=rush.from_us + int(at_us),
            counterparty=rush.unit,
        )
        for i, rush in enumerate(rushes)
        for k, at_us in enumerate(np.sort(dice.integers(0, 30 * DAY_US, rush.size)))
    ]
    return sorted((*stays, *more), key=lambda stay: stay.at_us), rushes


def alerts_of(stays: Sequence[AccountEvent]) -> list[Alert]:
    """The latest revision of each alert of the rule, with its own thresholds."""
    pipeline = Pipeline(Configured(detectors=(detector(RULE),), overrides={}))
    made = Ordinary(name="lets", adverts=(), stays=tuple(stays))
    latest = {alert.alert_id: alert for part in parts(made) for alert in pipeline.take(part).alerts}
    return list(latest.values())


def show(stays: Sequence[AccountEvent], each: int, screen: Console) -> bool:
    """Prints the table; False when a rush of 60 stays or more is missed."""
    every, rushes = planted(stays, SIZES, each, SEED)
    alerts = alerts_of(every)
    found = [
        any(one.subject.endswith(rush.unit) and 0 <= one.last_us - rush.from_us <= 60 * DAY_US for one in alerts)
        for rush in rushes
    ]
    table = Table(
        "stays in 30 days", "planted", "found", title=f"{len(stays):,} real stays, {len(every):,} with rushes"
    )
    shares = {}
    for size in SIZES:
        hits = [hit for rush, hit in zip(rushes, found, strict=True) if rush.size == size]
        shares[size] = sum(hits) / len(hits)
        table.add_row(str(size), str(len(hits)), f"{sum(hits)}")
    screen.print(table)
    units = {rush.unit for rush in rushes}
    others = [one for one in alerts if not any(one.subject.endswith(unit) for unit in units)]
    screen.print(f"alerts about dwellings in which nothing was planted: {len(others)}")
    return all(share == 1.0 for size, share in shares.items() if size >= 60)


def main(place: Callable[[], Path] = folder) -> int:
    if not place().is_dir():
        print(f"skipped: real lets are not here: {place()} does not exist; set MANUMIT_SHARED_DATA")
        return 0
    oslo = next(one for one in sets(place(), EVERY) if one.stays)
    return 0 if show(oslo.stays, EACH, Console(width=100)) else 1


if __name__ == "__main__":
    sys.exit(main())
