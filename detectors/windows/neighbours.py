"""The compiled engine's log read by account: each entry names the account's previous inflow or outflow.

Reading costs one step for each transfer given out, and one for each of the account's transfers after `last`:
those that came with the same push.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from manumit.detectors.windows.features import Direction
from manumit.detectors.windows.interner import KEY_BYTES, njit
from manumit.detectors.windows.state import (
    AT,
    ENDS,
    FIRST,
    HELD,
    LAST_IN,
    LAST_OUT,
    LOW_32,
    PREV_IN,
    PREV_OUT,
    PREV_PAIR,
    SPAN_BITS,
    SPAN_NEXT,
    SPAN_START,
    SPAN_STOP,
    USD,
    State,
)
from manumit.detectors.windows.view import Leg
from manumit.schemas.block import Int32s, Int64s

WHOSE = {"in": (LAST_IN, PREV_IN, 32), "out": (LAST_OUT, PREV_OUT, 0)}


@dataclass(frozen=True, slots=True)
class LogMemory:
    """See `view.Memory`. Good until the engine is pushed to, undone or given labels."""

    state: State
    chains: tuple[str, ...]
    names: dict[int, str] = field(default_factory=dict)

    def transfer(self, sequence: int) -> tuple[Leg, int]:
        log = self.state.log
        at_us, usd_micro, ends = log[sequence & (len(log) - 1), AT : ENDS + 1].tolist()
        return Leg(sequence, at_us, usd_micro, ends >> 32), ends & LOW_32

    def legs(self, account: int, direction: Direction, *, last: int, after_us: int, limit: int) -> list[Leg]:
        state = self.state
        first, (latest, previous, shift) = state.progress[FIRST], WHOSE[direction]
        start = state.accounts[account, latest]
        found = _legs(state.log, first, start, previous, shift, last, after_us, limit)
        return list(map(Leg._make, found.tolist()))

    def payers(self, account: int, band: tuple[int, int], *, last: int, after_us: int, limit: int) -> list[Leg]:
        state = self.state
        start, first = state.accounts[account, LAST_IN], state.progress[FIRST]
        found = _legs(state.log, first, start, PREV_IN, 32, last, after_us, limit)
        return list(map(Leg._make, _latest(found, band[0], band[1]).tolist())) if len(found) < limit else []

    def payments(self, sequence: int, *, after_us: int, limit: int) -> list[Leg]:
        state = self.state
        found = _legs(state.log, state.progress[FIRST], sequence, PREV_PAIR, 32, sequence, after_us, limit)
        return list(map(Leg._make, found.tolist()))

    def labels(self, account: int, at_us: int) -> int:
        state = self.state
        label = (state.accounts.item(account, HELD) >> 32) - 1
        return int(_bits(state.label_head, state.spans, label, at_us)) if label >= 0 else 0

    def name(self, account: int) -> str:
        known = self.names.get(account)
        if known is None:
            raw = self.state.key_rows[account].tobytes()
            known = self.names[account] = f"{self.chains[raw[KEY_BYTES - 1]]}:{raw[: raw[KEY_BYTES - 2]].decode()}"
        return known


@njit
def _legs(
    log: Int64s, first: int, start: int, previous: int, shift: int, last: int, after_us: int, limit: int
) -> Int64s:
    """int64[k, 4]: sequence, time, micro-USD and the account at the far end."""
    mask, sequence, n = len(log) - 1, start, 0
    found = np.empty((limit, 4), np.int64)
    while sequence > last and sequence >= first:
        sequence = log[sequence & mask, previous]
    while n < limit and sequence >= first:
        slot = sequence & mask
        if log[slot, AT] <= after_us:
            break
        found[n, 0] = sequence
        found[n, 1] = log[slot, AT]
        found[n, 2] = log[slot, USD]
        found[n, 3] = (log[slot, ENDS] >> shift) & LOW_32
        n += 1
        sequence = log[slot, previous]
    return found[:n]


@njit
def _bits(label_head: Int32s, spans: Int64s, label: int, at_us: int) -> int:
    bits, at = 0, np.int64(label_head[label])
    while at >= 0:
        if spans[at, SPAN_START] <= at_us < spans[at, SPAN_STOP]:
            bits |= spans[at, SPAN_BITS]
        at = spans[at, SPAN_NEXT]
    return bits


@njit
def _latest(legs: Int64s, low: int, high: int) -> Int64s:
    """Of those in the band the first of each account at the far end."""
    found, n = np.empty_like(legs), 0
    for i in range(len(legs)):
        known = not low <= legs[i, 2] <= high
        for j in range(n):
            known |= found[j, 3] == legs[i, 3]
        if not known:
            found[n] = legs[i]
            n += 1
    return found[:n]
