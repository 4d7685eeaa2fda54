"""The arrays an engine is made of: few, wide rows, so one subject is one or two cache lines.

Sizes grow fourfold between blocks: pages nobody has touched cost no memory, copying does cost time.
Everything is plain numpy.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from manumit.detectors.windows.interner import LINE, Keys, grown_keys, line_rows, new_keys, rehash
from manumit.schemas.block import Int32s, Int64s

GROWTH = 4

# columns of one log entry: exactly one cache line
AT, USD, ENDS, PAIR, FLAGS, PREV_IN, PREV_OUT, PREV_PAIR = range(8)
# columns before the aggregates of an account; HELD is label key + 1 << 32 | log entries that name the account
LAST_IN, LAST_OUT, HELD, FIRST_TOTAL = range(4)
LOW_32 = 0xFFFFFFFF
# columns before the counts of a pair
PAIR_KEY, PAIR_LAST, PAIR_REFS, FIRST_COUNT = range(4)
# columns of a label span
SPAN_START, SPAN_STOP, SPAN_BITS, SPAN_NEXT = range(4)
# state.progress
NEXT, FIRST, SPANS, FLOOR = 0, 1, 2, 3


class State(NamedTuple):
    """log int64[2^k, 8]: a ring addressed by sequence number & (2^k - 1); `ENDS` is sender id << 32 | receiver
    id, `FLAGS` bit f says filter f held at the event, `PREV_…` are sequence numbers of the receiver's previous
    inflow, the sender's previous outflow and the pair's previous transfer, -1 none.

    accounts int64[capacity, 3 + totals, padded to whole cache lines]; pairs int64[capacity, 3 + counts];
    pair_slots, pair_free, pair_used as in `interner.Keys`; spans int64[capacity, 4] chained per label key
    from label_head int32[capacity]; tails int64[windows]; progress int64[4] = next sequence number, first
    sequence still in memory, label spans used, lowest next sequence number an undo may go back to.
    """

    log: Int64s
    key_slots: Int64s
    key_rows: Int64s
    key_free: Int32s
    key_used: Int64s
    accounts: Int64s
    pair_slots: Int64s
    pairs: Int64s
    pair_free: Int32s
    pair_used: Int64s
    label_slots: Int64s
    label_rows: Int64s
    label_free: Int32s
    label_used: Int64s
    label_head: Int32s
    spans: Int64s
    tails: Int64s
    progress: Int64s

    @property
    def keys(self) -> Keys:
        return Keys(self.key_slots, self.key_rows, self.key_free, self.key_used)

    @property
    def label_keys(self) -> Keys:
        return Keys(self.label_slots, self.label_rows, self.label_free, self.label_used)


class Work(NamedTuple):
    """Scratch of one chunk: rows int64[2 * CHUNK, 8] and tags of its senders, then its receivers; their ids;
    ends, pair_tags, pairs int64[CHUNK]."""

    rows: Int64s
    tags: Int64s
    ids: Int64s
    ends: Int64s
    pair_tags: Int64s
    pairs: Int64s


CHUNK = 128


def new_work() -> Work:
    return Work(
        rows=np.zeros((2 * CHUNK, LINE), np.int64),
        tags=np.zeros(2 * CHUNK, np.int64),
        ids=np.zeros(2 * CHUNK, np.int64),
        ends=np.zeros(CHUNK, np.int64),
        pair_tags=np.zeros(CHUNK, np.int64),
        pairs=np.zeros(CHUNK, np.int64),
    )


def new_state(*, total_columns: int, pair_columns: int, windows: int, seed: int, capacity: int = 1024) -> State:
    keys, labels = new_keys(capacity, seed), new_keys(capacity, seed + 2)
    width = -(-(FIRST_TOTAL + total_columns) // LINE) * LINE
    return State(
        log=line_rows(capacity, LINE),
        key_slots=keys.slots,
        key_rows=keys.rows,
        key_free=keys.free,
        key_used=keys.used,
        accounts=line_rows(capacity, width),
        pair_slots=np.zeros(_slots(capacity), np.int64),
        pairs=line_rows(capacity, FIRST_COUNT + pair_columns),
        pair_free=np.zeros(capacity, np.int32),
        pair_used=np.array([0, 0, seed + 1], np.int64),
        label_slots=labels.slots,
        label_rows=labels.rows,
        label_free=labels.free,
        label_used=labels.used,
        label_head=np.full(capacity, -1, np.int32),
        spans=np.zeros((capacity, 4), np.int64),
        tails=np.zeros(windows, np.int64),
        progress=np.zeros(4, np.int64),
    )


def roomy(state: State, events: int) -> State:
    """The same state with room for `events` more transfers between accounts never seen."""
    first, stop = int(state.progress[FIRST]), int(state.progress[NEXT])
    if stop - first + events > len(state.log):
        state = state._replace(log=_grown_log(state.log, first, stop, _larger(state.log, stop - first + events)))
    if state.key_used[0] - state.key_used[1] + 2 * events > len(state.accounts):
        state = _with_keys(state, _larger(state.accounts, int(state.key_used[0] - state.key_used[1]) + 2 * events))
    if state.pair_used[0] - state.pair_used[1] + events > len(state.pairs):
        state = _with_pairs(state, _larger(state.pairs, int(state.pair_used[0] - state.pair_used[1]) + events))
    return state


def with_label_room(state: State) -> State:
    """Room for one more label key and one more span."""
    if state.label_used[0] + 1 >= len(state.label_rows):
        keys = grown_keys(state.label_keys, 2 * len(state.label_rows))
        head = np.full(len(keys.rows), -1, np.int32)
        head[: len(state.label_head)] = state.label_head
        state = state._replace(
            label_slots=keys.slots, label_rows=keys.rows, label_free=keys.free, label_used=keys.used, label_head=head
        )
    if state.progress[SPANS] + 1 >= len(state.spans):
        state = state._replace(spans=_grown(state.spans, 2 * len(state.spans)))
    return state


def _with_keys(state: State, capacity: int) -> State:
    keys = grown_keys(state.keys, capacity)
    return state._replace(
        key_slots=keys.slots,
        key_rows=keys.rows,
        key_free=keys.free,
        key_used=keys.used,
        accounts=_grown(state.accounts, capacity),
    )


def _with_pairs(state: State, capacity: int) -> State:
    slots = np.zeros(_slots(capacity), np.int64)
    rehash(state.pair_slots, slots)
    free = np.zeros(capacity, np.int32)
    free[: len(state.pair_free)] = state.pair_free
    return state._replace(pair_slots=slots, pairs=_grown(state.pairs, capacity), pair_free=free)


def _grown_log(log: Int64s, first: int, stop: int, capacity: int) -> Int64s:
    grown = line_rows(capacity, LINE)
    sequence = np.arange(first, stop)
    grown[sequence & (capacity - 1)] = log[sequence & (len(log) - 1)]
    return grown


def _grown(rows: Int64s, capacity: int) -> Int64s:
    grown = line_rows(capacity, rows.shape[1])
    grown[: len(rows)] = rows
    return grown


def _slots(capacity: int) -> int:
    return 1 << max(4, (2 * capacity - 1).bit_length())


def _larger(rows: Int64s, wanted: int) -> int:
    """A power of two with room for `wanted` rows."""
    return max(GROWTH * len(rows), 1 << (wanted - 1).bit_length())
