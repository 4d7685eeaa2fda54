"""Where the adverts of a campaign or contact stood, and when: its movement over coarse cells, as evidence."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta

import msgspec

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MOST_STOPS = 24  # remembered of one group: the latest, as many as adverts
FEWEST_PLACES = 2  # of what stands in one place nothing moved
DAY_US = 86_400_000_000


class Stop(msgspec.Struct, frozen=True, array_like=True):
    """An advert of one kind named a coarse cell on one day."""

    at_us: int
    place: str
    kind: str


def with_stop(stops: Sequence[Stop], stop: Stop) -> list[Stop]:
    """The latest stops with one more; several adverts of a day and kind in one place are one stop."""
    day = stop.at_us // DAY_US
    known = any((one.at_us // DAY_US, one.place, one.kind) == (day, stop.place, stop.kind) for one in stops)
    return list(stops) if known or not stop.place else [*stops, stop][-MOST_STOPS:]


def folded(stops: Iterable[Stop], others: Iterable[Stop]) -> list[Stop]:
    """Those of two groups that turned out to be one."""
    return sorted(set(stops) | set(others), key=lambda one: (one.at_us, one.place, one.kind))[-MOST_STOPS:]


def told(stops: Iterable[Stop], kinds: Sequence[str], after_us: int) -> tuple[str, ...]:
    """`in XA-01 on 2026-11-02` in the order of time, of stops later than `after_us`; nothing for a single place.

    `kinds`: only adverts of these count, empty for all.
    """
    seen = [one for one in stops if one.at_us > after_us and (not kinds or one.kind in kinds)]
    if len({one.place for one in seen}) < FEWEST_PLACES:
        return ()
    return tuple(dict.fromkeys(f"in {one.place} on {_date(one.at_us)}" for one in seen))


def _date(at_us: int) -> str:
    return (EPOCH + timedelta(microseconds=at_us)).date().isoformat()
