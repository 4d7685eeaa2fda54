"""The union of what all customer rules ask, as integer tables for the compiled loop."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from hashlib import sha256
from itertools import accumulate
from typing import NamedTuple

import numpy as np

from manumit.detectors.customers.columns import KEYS
from manumit.detectors.customers.features import Ask, Last, Window
from manumit.schemas.block import Int64s
from manumit.schemas.errors import Broken

MEASURES = ("count", "sum", "distinct", "pair")
COUNT, SUM, DISTINCT, PAIR = range(4)
BITS = 63  # of a word that says which aggregates a row was added to
MAX_ASKS = 255  # a pair's packed key holds the aggregate in eight bits
NONE = -1


KEY, COLUMN, MEASURE, WHAT, AT_LEAST, AFTER, AFTER_US, FRESH = range(8)
LAST_KEY, LAST_COLUMN, LAST_OF = range(3)


class Tables(NamedTuple):
    """`aggregates` int64[a, 8] by rising window: key, column in its key's values, measure, what, at_least, the last and
    time of `after`, the aggregate that remembers for `fresh`. `lasts` int64[l, 3]: key, column, class. `length_us`: the
    windows; `words` int64[windows, w]: the bits of each window's own aggregates. `of_aggregate`: the aggregates of each
    class one after the other, from `of_starts` on."""

    aggregates: Int64s
    lasts: Int64s
    length_us: Int64s
    words: Int64s
    of_starts: Int64s
    of_aggregate: Int64s


@dataclass(frozen=True, slots=True)
class Plan:
    """`classes` in the order of the class matrix; `value_columns` and `last_columns` count columns for each key."""

    asks: tuple[Ask, ...]
    classes: tuple[str, ...]
    windows: tuple[Window, ...]
    lasts: tuple[Last, ...]
    tables: Tables
    value_columns: tuple[int, ...]
    last_columns: tuple[int, ...]

    @property
    def digest(self) -> str:
        return sha256(repr((self.asks, self.classes)).encode()).hexdigest()

    @property
    def longest_us(self) -> int:
        return max((window.window_us for window in self.windows), default=0)


def plan(asks: Iterable[Ask]) -> Plan:
    """The same asks give the same plan, in whatever order they come. Raises Broken for more than 255 windows."""
    wanted = tuple(sorted(set(asks), key=repr))
    own = [ask for ask in wanted if isinstance(ask, Window)]
    memories = [_memory(window) for window in own if window.fresh_us]
    windows = tuple(sorted({*own, *memories}, key=lambda window: (window.window_us, repr(window))))
    if len(windows) > MAX_ASKS:
        raise Broken(f"customer rules ask for {len(windows)} windows; at most {MAX_ASKS} can be kept")
    afters = [_after(window) for window in windows if window.after]
    lasts = tuple(sorted({*(ask for ask in wanted if isinstance(ask, Last)), *afters}, key=repr))
    classes = tuple(sorted({*(w.of for w in windows), *(one.of for one in lasts)}))
    lengths = sorted({window.window_us for window in windows})
    value_columns, columns = _numbered([None if w.measure == "pair" else w.key for w in windows])
    last_columns, last_column = _numbered([one.key for one in lasts])
    aggregates = [
        (
            KEYS.index(window.key),
            column,
            MEASURES.index(window.measure),
            KEYS.index(window.what) if window.what else NONE,
            window.at_least,
            lasts.index(_after(window)) if window.after else NONE,
            window.after_us,
            windows.index(_memory(window)) if window.fresh_us else NONE,
        )
        for window, column in zip(windows, columns, strict=True)
    ]
    rows = [
        (KEYS.index(one.key), column, classes.index(one.of)) for one, column in zip(lasts, last_column, strict=True)
    ]
    tables = Tables(
        aggregates=np.array(aggregates, np.int64).reshape(len(windows), 8),
        lasts=np.array(rows, np.int64).reshape(len(lasts), 3),
        length_us=_table(lengths),
        words=_words(windows, lengths),
        of_starts=_table([0, *accumulate(sum(w.of == name for w in windows) for name in classes)]),
        of_aggregate=_table(a for name in classes for a, w in enumerate(windows) if w.of == name),
    )
    return Plan(wanted, classes, windows, lasts, tables, value_columns, last_columns)


def _words(windows: tuple[Window, ...], lengths: list[int]) -> Int64s:
    found = np.zeros((len(lengths), max(1, -(-len(windows) // BITS))), np.int64)
    for a, window in enumerate(windows):
        found[lengths.index(window.window_us), a // BITS] |= 1 << (a % BITS)
    return found


def _after(window: Window) -> Last:
    return Last(key=window.after_key or window.key, of=window.after)


def _memory(window: Window) -> Window:
    """The pairs of the class, remembered as long as `fresh` asks."""
    return replace(
        window, measure="pair", window_us=window.fresh_us, at_least=1, after="", after_us=0, after_key="", fresh_us=0
    )


def _numbered(keys: list[str | None]) -> tuple[tuple[int, ...], list[int]]:
    """How many columns each key has, and each entry's own."""
    counts = dict.fromkeys(KEYS, 0)
    columns = []
    for key in keys:
        columns.append(NONE if key is None else counts[key])  # type: ignore[index]  # a name of KEYS
        if key is not None:
            counts[key] += 1  # type: ignore[index]  # the same
    return tuple(counts.values()), columns


def _table(numbers: Iterable[int]) -> Int64s:
    return np.array(list(numbers), np.int64)
