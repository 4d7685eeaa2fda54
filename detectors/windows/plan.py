"""The union of all features the rules ask for, laid out as small integer tables the kernel reads.

Equal requests share one column; every window length has one tail pointer, however many
aggregates use it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import NamedTuple

import numpy as np

from manumit.detectors.windows.features import EVERY, Aggregate, Direction, Feature, Filter, PairCount, Side, Since
from manumit.schemas.block import Int64s

Request = tuple[Side, Feature]

OUT, IN = 0, 1
COUNT, SUM = 0, 1
EMIT_TOTAL, EMIT_PAIR, EMIT_SINCE = 0, 1, 2
SINCE_IN, SINCE_OUT, SINCE_PAIR = 0, 1, 2
NO_FILTER = -1
MAX_FILTERS = 62


class PlanTables(NamedTuple):
    """Everything the compiled kernel knows of the plan, all int64.

    windows [w, 8] = length, first and end row in `totals`, first and end row in `pairs`, filter bits
    (-1 when some aggregate of the window counts every transfer), first and end total column;
    filters [f, 13] = direction, low, high, labels, held, empty in/out columns, per mille, new pair, clock shift,
    clock, step, slack;
    totals [a, 4] = direction, measure, column, filter; pairs [p, 4] = column, filter, first and end row in
    `crossings`; crossings [c, 3] = direction, at_least, total column; emits [e, 4] = kind, side, column, horizon.
    """

    windows: Int64s
    filters: Int64s
    totals: Int64s
    pairs: Int64s
    crossings: Int64s
    emits: Int64s


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """`requests` in a defined order: output column e of the engine is requests[e]."""

    requests: tuple[Request, ...]
    places: Mapping[Request, int]
    tables: PlanTables
    total_columns: int
    pair_columns: int
    horizon_us: int
    digest: str

    def column(self, side: Side, feature: Feature) -> int:
        return self.places[side, feature]


def plan(requests: Iterable[Request], *, remember_us: int = 0) -> Plan:
    """Lay out the union of `requests`. Raises ValueError for a window or filter that cannot be used that way.

    The log is kept for the longest window, and for `remember_us` at least.
    """
    ordered = tuple(sorted(set(requests), key=repr))
    return _Layout(ordered).plan(remember_us)


def filter_of(direction: Direction, where: Filter) -> tuple[int, Filter] | None:
    """A filter that reads no direction is shared by both; EVERY needs none."""
    if where == EVERY:
        return None
    if where.held_us and direction == "in":
        raise ValueError("`held` filters outflows only")
    if where.empty_window_us and direction == "out":
        raise ValueError("`emptied` filters inflows only")
    directed = bool(where.labels or where.held_us or where.empty_window_us)
    return (_code(direction) if directed else -1, where)


class _Layout:
    """Collects columns while walking the requests; used once per plan."""

    def __init__(self, requests: tuple[Request, ...]) -> None:
        self.requests = requests
        self.aggregates: dict[Aggregate, int] = {}
        self.filters: dict[tuple[int, Filter], int] = {}
        self.pairs: dict[tuple[int, int], int] = {}
        for _, feature in requests:
            self._collect(feature)
        # what one window changes stands side by side: fewer cache lines for each expiry
        by_window = sorted(self.aggregates, key=lambda aggregate: aggregate.window_us)
        self.aggregates = {aggregate: column for column, aggregate in enumerate(by_window)}

    def _collect(self, feature: Feature) -> None:
        if isinstance(feature, Aggregate):
            self._aggregate(feature)
        elif isinstance(feature, PairCount):
            self._pair_count(feature)
        elif feature.within_us <= 0:
            raise ValueError(f"not a usable horizon: {feature}")

    def _aggregate(self, wanted: Aggregate) -> None:
        if wanted in self.aggregates:
            return
        if wanted.window_us <= 0 or wanted.at_least < 1:
            raise ValueError(f"not a usable window or count: {wanted}")
        bit = self._filter(wanted.direction, wanted.where)
        if wanted.measure == "counterparties":
            self.pairs.setdefault((wanted.window_us, bit), len(self.pairs))
        self.aggregates[wanted] = len(self.aggregates)

    def _pair_count(self, wanted: PairCount) -> None:
        if wanted.where.labels or wanted.where.held_us or wanted.where.empty_window_us:
            raise ValueError("pair_count filters by amount or first payment only")
        if wanted.window_us <= 0:
            raise ValueError(f"not a usable window: {wanted}")
        self.pairs.setdefault((wanted.window_us, self._filter("in", wanted.where)), len(self.pairs))

    def _filter(self, direction: Direction, where: Filter) -> int:
        key = filter_of(direction, where)
        if key is None:
            return NO_FILTER
        if where.empty_window_us:
            base = Aggregate(measure="sum", direction="in", window_us=where.empty_window_us)
            self._aggregate(base)
            self._aggregate(replace(base, direction="out"))
        if key not in self.filters and len(self.filters) >= MAX_FILTERS:
            raise ValueError(f"more than {MAX_FILTERS} different filters in one plan")
        return self.filters.setdefault(key, len(self.filters))

    def _bit(self, direction: Direction, where: Filter) -> int:
        key = filter_of(direction, where)
        return NO_FILTER if key is None else self.filters[key]

    def plan(self, remember_us: int) -> Plan:
        lengths = sorted({a.window_us for a in self.aggregates} | {w for w, _ in self.pairs})
        moments = [f.within_us for _, f in self.requests if isinstance(f, Since)]
        firsts = [where.new_pair_us for _, where in self.filters]
        held = [where.held_us + 1 for _, where in self.filters]  # an inflow exactly that old still counts
        return Plan(
            requests=self.requests,
            places={request: place for place, request in enumerate(self.requests)},
            tables=self._tables(lengths),
            total_columns=len(self.aggregates),
            pair_columns=len(self.pairs),
            horizon_us=max([remember_us, *lengths, *moments, *firsts, *held]),
            digest=sha256(f"{self.requests!r} {remember_us}".encode()).hexdigest(),
        )

    def _tables(self, lengths: list[int]) -> PlanTables:
        windows: list[tuple[int, ...]] = []
        totals: list[tuple[int, ...]] = []
        pairs: list[tuple[int, ...]] = []
        crossings: list[tuple[int, ...]] = []
        for length in lengths:
            first_total, first_pair = len(totals), len(pairs)
            totals += self._total_rows(length)
            for bit, column in self._pair_columns(length):
                first_crossing = len(crossings)
                crossings += self._crossing_rows(length, bit)
                pairs.append((column, bit, first_crossing, len(crossings)))
            rows = (first_total, len(totals), first_pair, len(pairs))
            windows.append((length, *rows, self._window_bits(length), *self._columns(length)))
        return PlanTables(
            windows=_rows(windows, 8),
            filters=_rows([self._filter_row(direction, where) for direction, where in self.filters], 13),
            totals=_rows(totals, 4),
            pairs=_rows(pairs, 4),
            crossings=_rows(crossings, 3),
            emits=_rows([self._emit(side, feature) for side, feature in self.requests], 4),
        )

    def _columns(self, length: int) -> tuple[int, int]:
        columns = [column for aggregate, column in self.aggregates.items() if aggregate.window_us == length]
        return min(columns, default=0), max(columns, default=-1) + 1

    def _total_rows(self, length: int) -> list[tuple[int, ...]]:
        return [
            (_code(a.direction), COUNT if a.measure == "count" else SUM, column, self._bit(a.direction, a.where))
            for a, column in self.aggregates.items()
            if a.window_us == length and a.measure != "counterparties"
        ]

    def _pair_columns(self, length: int) -> list[tuple[int, int]]:
        return [(bit, column) for (window, bit), column in self.pairs.items() if window == length]

    def _crossing_rows(self, length: int, bit: int) -> list[tuple[int, ...]]:
        return [
            (_code(a.direction), a.at_least, column)
            for a, column in self.aggregates.items()
            if a.measure == "counterparties" and a.window_us == length and self._bit(a.direction, a.where) == bit
        ]

    def _filter_row(self, direction: int, where: Filter) -> tuple[int, ...]:
        columns = (-1, -1)
        if where.empty_window_us:
            base = Aggregate(measure="sum", direction="in", window_us=where.empty_window_us)
            columns = (self.aggregates[base], self.aggregates[replace(base, direction="out")])
        return (
            direction,
            where.low,
            where.high,
            where.labels,
            where.held_us,
            *columns,
            where.empty_per_mille,
            where.new_pair_us,
            where.clock_shift_us,
            where.clock_us,
            where.step,
            where.slack,
        )

    def _window_bits(self, window: int) -> int:
        bits = [self._bit(a.direction, a.where) for a in self.aggregates if a.window_us == window]
        bits += [bit for length, bit in self.pairs if length == window]
        return -1 if NO_FILTER in bits else sum(1 << bit for bit in set(bits))

    def _emit(self, side: Side, feature: Feature) -> tuple[int, ...]:
        whose = OUT if side == "sender" else IN
        if isinstance(feature, Aggregate):
            return (EMIT_TOTAL, whose, self.aggregates[feature], 0)
        if isinstance(feature, PairCount):
            return (EMIT_PAIR, whose, self.pairs[(feature.window_us, self._bit("in", feature.where))], 0)
        code = {"last-in": SINCE_IN, "last-out": SINCE_OUT, "pair": SINCE_PAIR}[feature.moment]
        return (EMIT_SINCE, whose, code, feature.within_us)


def _code(direction: Direction) -> int:
    return IN if direction == "in" else OUT


def _rows(rows: list[tuple[int, ...]], width: int) -> Int64s:
    return np.array(rows, np.int64).reshape(len(rows), width)
