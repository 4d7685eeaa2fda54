"""The arrays an engine is made of: few, wide rows, so one subject is one or two cache lines.

Rows nobody has touched cost no memory, but copying them as they grow costs time: so once a state outgrows its
first rows it reserves many at once. Everything is plain numpy.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from manumit.detectors.windows.interner import FREE, LINE, USED, Keys, line_rows, new_keys, new_slots, rehash
from manumit.schemas.block import Int32s, Int64s

GROWTH = 4
RESERVED_ROWS = 1 << 18
RESERVED_SLOTS = 1 << 19

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
        pair_slots=new_slots(capacity),
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
    keys = int(state.key_used[0] - state.key_used[1]) + 2 * events
    if keys > len(state.accounts):
        state = _with_keys(state, _larger(state.accounts, keys))
    pairs = int(state.pair_used[0] - state.pair_used[1]) + events
    if pairs > len(state.pairs):
        state = _with_pairs(state, _larger(state.pairs, pairs))
    return state._replace(
        key_slots=_roomy_slots(state.key_slots, keys), pair_slots=_roomy_slots(state.pair_slots, pairs)
    )


def _roomy_slots(slots: Int64s, keys: int) -> Int64s:
    """Grown as needed, not with the rows: hashing touches every page of them, and must be done again."""
    if 2 * keys <= len(slots):
        return slots
    grown = new_slots(max(keys, len(slots), RESERVED_SLOTS // 2))
    rehash(slots, grown)
    return grown


def with_label_room(state: State) -> State:
    """Room for one more label key and one more span."""
    if state.label_used[0] + 1 >= len(state.label_rows):
        used, capacity = len(state.label_rows), 2 * len(state.label_rows)
        state = state._replace(
            label_slots=_roomy_slots(state.label_slots, capacity),
            label_rows=_grown(state.label_rows, used, capacity),
            label_free=_longer(state.label_free, used, capacity),
            label_head=_longer(state.label_head, used, capacity, filler=-1),
        )
    if state.progress[SPANS] + 1 >= len(state.spans):
        state = state._replace(spans=_grown(state.spans, len(state.spans), 2 * len(state.spans)))
    return state


def _with_keys(state: State, capacity: int) -> State:
    used = int(state.key_used[USED])
    return state._replace(
        key_rows=_grown(state.key_rows, used, capacity),
        key_free=_longer(state.key_free, int(state.key_used[FREE]), capacity),
        accounts=_grown(state.accounts, used, capacity),
    )


def _with_pairs(state: State, capacity: int) -> State:
    return state._replace(
        pairs=_grown(state.pairs, int(state.pair_used[USED]), capacity),
        pair_free=_longer(state.pair_free, int(state.pair_used[FREE]), capacity),
    )


def _grown_log(log: Int64s, first: int, stop: int, capacity: int) -> Int64s:
    grown = line_rows(capacity, LINE)
    sequence = np.arange(first, stop)
    grown[sequence & (capacity - 1)] = log[sequence & (len(log) - 1)]
    return grown


def _grown(rows: Int64s, used: int, capacity: int) -> Int64s:
    """The first `used` rows with room for more."""
    grown = line_rows(capacity, rows.shape[1])
    grown[:used] = rows[:used]
    return grown


def _longer(ids: Int32s, used: int, capacity: int, filler: int = 0) -> Int32s:
    longer = np.full(capacity, filler, np.int32) if filler else np.zeros(capacity, np.int32)
    longer[:used] = ids[:used]
    return longer


def _larger(rows: Int64s, wanted: int) -> int:
    """A power of two with room for `wanted` rows."""
    return max(GROWTH * len(rows), RESERVED_ROWS, 1 << (wanted - 1).bit_length())
