"""The windows of customer rules as somebody would write them in plain Python: a deque for each key and question.

Unlike the oracle, which looks back through everything and is the definition, this is meant to be quick.
"""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from manumit.detectors.customers.coded import Bools
from manumit.detectors.customers.columns import KEYS, EventColumns
from manumit.detectors.customers.features import NEVER, Ask, Last, Window
from manumit.detectors.customers.oracle import Oracle
from manumit.schemas.block import Int64s


@dataclass(slots=True)
class Held:
    """What one question holds of one key."""

    rows: deque[tuple[int, int, str]] = field(default_factory=deque)
    count: int = 0
    total: int = 0
    names: Counter[str] = field(default_factory=Counter)
    enough: int = 0


class PlainWindows(Oracle):
    """Answers as the oracle does."""

    def __init__(self, asks: tuple[Ask, ...]) -> None:
        super().__init__(asks)
        self._held: list[defaultdict[str, Held]] = [defaultdict(Held) for _ in asks]
        self._latest: dict[tuple[str, str, str], int] = {}
        self._seen: dict[tuple[str, str, str, str, str], int] = {}

    def push(self, columns: EventColumns, classes: Mapping[str, Bools]) -> Int64s:
        out = np.zeros((len(self.asks), len(columns)), np.int64)
        coded = {name: columns.key(name) for name in KEYS}
        for i in range(len(columns)):
            keys: dict[str, str] = {n: c.names[c.codes[i]] if c.codes[i] >= 0 else "" for n, c in coded.items()}
            held = {name for name, mask in classes.items() if mask[i]}
            at_us, usd = int(columns.at_us[i]), int(columns.usd_micro[i])
            for a, ask in enumerate(self.asks):
                out[a, i] = self._answer(a, ask, keys, held, at_us, usd)
            self._remember(keys, held, at_us)
        return out

    def _answer(self, a: int, ask: Ask, keys: Mapping[str, str], held: set[str], at_us: int, usd: int) -> int:
        own = keys[ask.key]
        if isinstance(ask, Last):
            last = self._latest.get((ask.key, own, ask.of)) if own else None
            return NEVER if last is None else at_us - last
        if not own:
            return 0
        state = self._held[a][own]
        what = keys[ask.what] if ask.what else ""
        if ask.of in held and self._counted(ask, keys, at_us, what):
            self._add(ask, state, at_us, max(0, usd), what)
        while state.rows and state.rows[0][0] <= at_us - ask.window_us:
            self._drop(ask, state)
        if ask.measure == "pair":
            return state.names[what] if what else 0
        return {"count": state.count, "sum": state.total, "distinct": state.enough}[ask.measure]

    def _counted(self, ask: Window, keys: Mapping[str, str], at_us: int, what: str) -> bool:
        if ask.what and not what:
            return False
        if ask.after:
            key = ask.after_key or ask.key
            last = self._latest.get((key, keys[key], ask.after)) if keys[key] else None
            if last is None or at_us - last > ask.after_us:
                return False
        if not ask.fresh_us:
            return True
        seen = self._seen.get((ask.key, keys[ask.key], ask.what, what, ask.of))
        return seen is None or seen <= at_us - ask.fresh_us

    def _add(self, ask: Window, state: Held, at_us: int, usd: int, what: str) -> None:
        state.rows.append((at_us, usd, what))
        state.count += 1
        state.total += usd
        if ask.what:
            state.names[what] += 1
            state.enough += state.names[what] == ask.at_least

    def _drop(self, ask: Window, state: Held) -> None:
        _, usd, what = state.rows.popleft()
        state.count -= 1
        state.total -= usd
        if ask.what:
            state.enough -= state.names[what] == ask.at_least
            state.names[what] -= 1

    def _remember(self, keys: Mapping[str, str], held: set[str], at_us: int) -> None:
        for ask in self.asks:
            if isinstance(ask, Last):
                self._note(ask.key, ask.of, keys, held, at_us)
                continue
            if ask.after:
                self._note(ask.after_key or ask.key, ask.after, keys, held, at_us)
            if ask.fresh_us and ask.of in held and keys[ask.key] and keys[ask.what]:
                self._seen[ask.key, keys[ask.key], ask.what, keys[ask.what], ask.of] = at_us

    def _note(self, key: str, of: str, keys: Mapping[str, str], held: set[str], at_us: int) -> None:
        if of in held and keys[key]:
            self._latest[key, keys[key], of] = at_us
