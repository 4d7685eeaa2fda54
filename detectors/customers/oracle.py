"""The windows in plain Python: the definition. Slow; the compiled engine must agree with it on every stream."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from manumit.detectors.customers.coded import Bools
from manumit.detectors.customers.columns import KEYS, EventColumns
from manumit.detectors.customers.features import NEVER, Ask, Last, Window
from manumit.schemas.block import Int64s


@dataclass(frozen=True, slots=True)
class Row:
    at_us: int
    usd: int
    keys: Mapping[str, str]
    classes: frozenset[str]


class Oracle:
    """Keeps every row it has seen."""

    def __init__(self, asks: tuple[Ask, ...]) -> None:
        self.asks = asks
        self.rows: list[Row] = []

    def push(self, columns: EventColumns, classes: Mapping[str, Bools]) -> Int64s:
        """int64[asks, n]."""
        out = np.zeros((len(self.asks), len(columns)), np.int64)
        coded = {name: columns.key(name) for name in KEYS}
        for i in range(len(columns)):
            keys: dict[str, str] = {n: c.names[c.codes[i]] if c.codes[i] >= 0 else "" for n, c in coded.items()}
            held = frozenset(name for name, mask in classes.items() if mask[i])
            row = Row(int(columns.at_us[i]), int(columns.usd_micro[i]), keys, held)
            self.rows.append(row)
            for a, ask in enumerate(self.asks):
                out[a, i] = self._last(ask, row) if isinstance(ask, Last) else self._window(ask, row)
        return out

    def _last(self, ask: Last, row: Row) -> int:
        own = row.keys[ask.key]
        found = [e for e in self.rows[:-1] if own and e.keys[ask.key] == own and ask.of in e.classes]
        return row.at_us - found[-1].at_us if found else NEVER

    def _window(self, ask: Window, row: Row) -> int:
        own = row.keys[ask.key]
        numbers = [n for n, e in enumerate(self.rows) if own and e.keys[ask.key] == own]
        inside = [
            self.rows[n] for n in numbers if self.rows[n].at_us > row.at_us - ask.window_us and self._counts(ask, n)
        ]
        if ask.measure == "count":
            return len(inside)
        if ask.measure == "sum":
            return sum(max(0, one.usd) for one in inside)
        counted = Counter(one.keys[ask.what] for one in inside)
        if ask.measure == "pair":
            return counted[row.keys[ask.what]] if row.keys[ask.what] else 0
        return sum(times >= ask.at_least for times in counted.values())

    def _counts(self, ask: Window, number: int) -> bool:
        row = self.rows[number]
        if ask.of not in row.classes or (ask.what and not row.keys[ask.what]):
            return False
        before = [e for e in self.rows[:number] if e.keys[ask.key] == row.keys[ask.key]]
        if ask.after and not self._follows(ask, number):
            return False
        if not ask.fresh_us:
            return True
        same = [e for e in before if ask.of in e.classes and e.keys[ask.what] == row.keys[ask.what]]
        return all(e.at_us <= row.at_us - ask.fresh_us for e in same)

    def _follows(self, ask: Window, number: int) -> bool:
        row, key = self.rows[number], ask.after_key or ask.key
        own = row.keys[key]
        earlier = [e for e in self.rows[:number] if own and e.keys[key] == own and ask.after in e.classes]
        return any(row.at_us - e.at_us <= ask.after_us for e in earlier)
