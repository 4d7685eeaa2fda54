"""The docstrings of `features` read to the letter: for each transfer, look at every earlier one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from manumit.detectors.windows.contract import LabelSpan
from manumit.detectors.windows.features import NEVER, Aggregate, Direction, Feature, Filter, PairCount, Side, Since
from tests.detectors.windows.streams import DAY, Account, Row


@dataclass(frozen=True)
class Brute:
    """Features of `rows`, all pushed after `spans` were known."""

    rows: Sequence[Row]
    spans: Sequence[LabelSpan] = ()
    judged: dict[tuple[int, Direction, Filter], bool] = field(default_factory=dict)

    def column(self, side: Side, feature: Feature) -> list[int]:
        return [self.value(side, feature, i) for i in range(len(self.rows))]

    def labels(self, account: Account, at_us: int) -> int:
        bits = 0
        for span in self.spans:
            if (span.chain, span.address) == account and span.valid_from_us <= at_us < span.valid_to_us:
                bits |= span.bits
        return bits

    def value(self, side: Side, feature: Feature, i: int) -> int:
        now = self.rows[i]
        subject = now.end("out" if side == "sender" else "in")
        if isinstance(feature, Since):
            ages = [now.at_us - row.at_us for row in self.rows[:i] if _moved(row, feature, subject, now)]
            return min((age for age in ages if age < feature.within_us), default=NEVER)
        window = [j for j in range(i + 1) if self.rows[j].at_us > now.at_us - feature.window_us]
        if isinstance(feature, PairCount):
            return sum(self.rows[j].pair == now.pair and self.counts(j, "in", feature.where) for j in window)
        way = feature.direction
        mine = [self.rows[j] for j in window if self.rows[j].end(way) == subject and self.counts(j, way, feature.where)]
        return _measured(feature, mine)

    def counts(self, j: int, way: Direction, where: Filter) -> bool:
        """Whether transfer j passes the filter, by what was known when it happened."""
        key = (j, way, where)
        if key not in self.judged:
            self.judged[key] = self._counts(self.rows[j], self.rows[:j], way, where)
        return self.judged[key]

    def _counts(self, row: Row, before: Sequence[Row], way: Direction, where: Filter) -> bool:
        inflow_ages = [row.at_us - old.at_us for old in before if old.end("in") == row.end("out")]
        pair_ages = [row.at_us - old.at_us for old in before if old.pair == row.pair]
        labels = self.labels(row.end("out" if way == "in" else "in"), row.at_us)
        labels |= row.known >> 32 if way == "in" else row.known % 2**32
        return (
            where.low <= row.usd_micro < where.high
            and (where.labels == 0 or labels & where.labels != 0)
            and (where.held_us == 0 or any(age <= where.held_us for age in inflow_ages))
            and (where.empty_window_us == 0 or _emptied(row, before, where))
            and (where.new_pair_us == 0 or not any(age < where.new_pair_us for age in pair_ages))
            and (where.clock_us == 0 or _in_hours(row.at_us, where))
            and (where.step == 0 or any(abs(row.usd_micro - n * where.step) <= where.slack for n in _near(row, where)))
        )


def _in_hours(at_us: int, where: Filter) -> bool:
    """Whether the moment lies in that part of the day before, of its own, or of the next."""
    day = at_us // DAY * DAY
    begins = [day + n * DAY - where.clock_shift_us for n in (-1, 0, 1)]
    return any(begin <= at_us < begin + where.clock_us for begin in begins)


def _near(row: Row, where: Filter) -> list[int]:
    return [n for n in range(row.usd_micro // where.step - 1, row.usd_micro // where.step + 3) if n >= 1]


def _emptied(row: Row, before: Sequence[Row], where: Filter) -> bool:
    young = [old for old in before if old.at_us > row.at_us - where.empty_window_us]
    came = sum(max(old.usd_micro, 0) for old in young if old.end("in") == row.end("in"))
    went = sum(max(old.usd_micro, 0) for old in young if old.end("out") == row.end("in"))
    return came > 0 and 1000 * (came - went) <= where.empty_per_mille * came


def _moved(row: Row, feature: Since, subject: Account, now: Row) -> bool:
    if feature.moment == "pair":
        return row.pair == now.pair
    return row.end("in" if feature.moment == "last-in" else "out") == subject


def _measured(feature: Aggregate, mine: Sequence[Row]) -> int:
    if feature.measure == "count":
        return len(mine)
    if feature.measure == "sum":
        return sum(max(row.usd_micro, 0) for row in mine)
    others = [row.end("out" if feature.direction == "in" else "in") for row in mine]
    return sum(others.count(other) >= feature.at_least for other in set(others))
