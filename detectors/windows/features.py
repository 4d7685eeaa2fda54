"""The features a rule may ask the window engine for.

Every feature is *as of the event*: it counts events j at or before event i in log order with
at_us[j] > at_us[i] - window_us, the event itself included. Sides: a rule is judged either for
the sender or for the receiver of each transfer, and all its features are that subject's.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from manumit.schemas.block import MICRO_USD
from manumit.schemas.label import label_bit

Direction = Literal["in", "out"]
Side = Literal["sender", "receiver"]
Moment = Literal["last-in", "last-out", "pair"]
Measure = Literal["count", "sum", "counterparties"]
MAX_OFFSET_HOURS = 14
UNITS_US = {"s": 1_000_000, "m": 60_000_000, "h": 3_600_000_000, "d": 86_400_000_000}
NO_LIMIT = 2**62


def duration_us(text: str) -> int:
    """`24h`, `7d`, `90m`, `30s` as microseconds. Raises ValueError."""
    match = re.fullmatch(r"([1-9][0-9]{0,8})([smhd])", text)
    if match is None:
        raise ValueError(f"not a duration: {text!r} (want for example 24h or 7d)")
    return int(match[1]) * UNITS_US[match[2]]


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Filter:
    """Which transfers count. Amounts in micro-USD, half-open [low, high); unknown USD (-1) is below 0.

    `labels`: the counterparty carries one of these label bits (0: any counterparty).
    `held_us`: only outflows at most this long after the subject's latest inflow (0: any).
    `emptied`: only inflows that found the subject's net balance over `empty_window_us`, themselves not
    counted, at most `empty_per_mille` of its inflow over that window, when anything had come in at all.
    `new_pair_us`: only transfers whose ordered pair had none in that long before (0: any).
    `clock_us` long, counted from `clock_shift_us` before midnight UTC: only transfers in that part of every day
    (0: any). `step`: only amounts at most `slack` from a whole multiple of it, one or more (0: any).
    """

    low: int = -NO_LIMIT
    high: int = NO_LIMIT
    labels: int = 0
    held_us: int = 0
    empty_window_us: int = 0
    empty_per_mille: int = 0
    new_pair_us: int = 0
    clock_shift_us: int = 0
    clock_us: int = 0
    step: int = 0
    slack: int = 0


EVERY = Filter()


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Aggregate:
    """count, sum (micro-USD, unknown adds 0) or number of counterparties with at least `at_least` transfers."""

    measure: Measure
    direction: Direction
    window_us: int
    where: Filter = EVERY
    at_least: int = 1


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class PairCount:
    """Transfers of this event's ordered pair (sender -> receiver) in the window, this one included."""

    window_us: int
    where: Filter = EVERY


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Since:
    """Microseconds since an earlier transfer, this event not counted; NEVER when none is younger than `within_us`.

    `last-in`, `last-out`: the subject's previous transfer that way. `pair`: the previous transfer of the
    same ordered pair.
    """

    moment: Moment
    within_us: int


NEVER = 2**62

Feature = Aggregate | PairCount | Since


def where(
    *,
    low_usd: float | None = None,
    high_usd: float | None = None,
    counterparty: tuple[str, ...] = (),
    held: str | None = None,
    emptied: tuple[str, float] | None = None,
    new_pair: str | None = None,
    hours: tuple[float, float] | None = None,
    utc_offset: float = 0,
    multiple_of: tuple[float, float] | None = None,
) -> Filter:
    """A filter in human units: USD, label categories, durations, (window, share) for `emptied`.

    `new_pair="90d"` keeps only first payments: no earlier one of the same pair within 90 days. `hours=(22, 6)` keeps
    those from 22:00 until before 6:00 in the zone `utc_offset` hours east of UTC. `multiple_of=(3, 0.1)` keeps
    amounts within 0.1 USD of 3, 6, 9, … USD. Raises ValueError for hours or an offset that no day has.
    """
    shift_us, clock_us = (0, 0) if hours is None else _clock(*hours, utc_offset)
    step, slack = multiple_of or (0, 0)
    bits = 0
    for category in counterparty:
        bits |= label_bit(category)
    return Filter(
        low=-NO_LIMIT if low_usd is None else round(low_usd * MICRO_USD),
        high=NO_LIMIT if high_usd is None else round(high_usd * MICRO_USD),
        labels=bits,
        held_us=0 if held is None else duration_us(held),
        empty_window_us=0 if emptied is None else duration_us(emptied[0]),
        empty_per_mille=0 if emptied is None else round(emptied[1] * 1000),
        new_pair_us=0 if new_pair is None else duration_us(new_pair),
        clock_shift_us=shift_us,
        clock_us=clock_us,
        step=round(step * MICRO_USD),
        slack=round(slack * MICRO_USD),
    )


def _clock(start: float, stop: float, utc_offset: float) -> tuple[int, int]:
    """How long before midnight UTC a part of the day begins, and how long it is, in microseconds."""
    day = UNITS_US["d"]
    if not (0 <= start < 24 and 0 <= stop < 24 and start != stop and abs(utc_offset) <= MAX_OFFSET_HOURS):
        raise ValueError(f"not hours of a day: {start} to {stop}, {utc_offset} h east of UTC")
    begins = round(start * UNITS_US["h"])
    return (round(utc_offset * UNITS_US["h"]) - begins) % day, (round(stop * UNITS_US["h"]) - begins) % day


def count_in(window: str, only: Filter = EVERY) -> Aggregate:
    return Aggregate(measure="count", direction="in", window_us=duration_us(window), where=only)


def count_out(window: str, only: Filter = EVERY) -> Aggregate:
    return Aggregate(measure="count", direction="out", window_us=duration_us(window), where=only)


def sum_in(window: str, only: Filter = EVERY) -> Aggregate:
    return Aggregate(measure="sum", direction="in", window_us=duration_us(window), where=only)


def sum_out(window: str, only: Filter = EVERY) -> Aggregate:
    return Aggregate(measure="sum", direction="out", window_us=duration_us(window), where=only)


def senders(window: str, only: Filter = EVERY, at_least: int = 1) -> Aggregate:
    """Distinct senders that paid the subject at least `at_least` times in the window."""
    return Aggregate(
        measure="counterparties", direction="in", window_us=duration_us(window), where=only, at_least=at_least
    )


def receivers(window: str, only: Filter = EVERY, at_least: int = 1) -> Aggregate:
    """Distinct receivers the subject paid at least `at_least` times in the window."""
    return Aggregate(
        measure="counterparties", direction="out", window_us=duration_us(window), where=only, at_least=at_least
    )


def pair_count(window: str, only: Filter = EVERY) -> PairCount:
    return PairCount(window_us=duration_us(window), where=only)


def since(moment: Moment, within: str = "180d") -> Since:
    return Since(moment=moment, within_us=duration_us(within))
