"""The compiled engine: append a block, take entries back, forget what nothing can reach.

Cost per event is a few table walks of fixed length: it depends on how many aggregates the plan
has, not on how long a window is or how many transfers an account has had.
"""

from __future__ import annotations

import numpy as np

from manumit.detectors.windows.counting import (
    NEVER,
    WINDOW_BYTES,
    WORD,
    Places,
    concerns,
    count_chunk,
    entry_of,
    fetch_expiring,
    places_of,
    shift,
)
from manumit.detectors.windows.interner import KEY_BYTES, njit
from manumit.detectors.windows.plan import PlanTables
from manumit.detectors.windows.resolve import (
    fetch_releasing,
    read_rows,
    release,
    resolve_accounts,
    resolve_pairs,
)
from manumit.detectors.windows.state import (
    AT,
    CHUNK,
    ENDS,
    FLOOR,
    LAST_IN,
    LAST_OUT,
    LOW_32,
    PAIR,
    PAIR_LAST,
    PREV_IN,
    PREV_OUT,
    PREV_PAIR,
    State,
    Work,
)
from manumit.schemas.block import Bytes, Int32s, Int64s


@njit
def push(
    plan: PlanTables,
    state: State,
    work: Work,
    at_us: Int64s,
    usd: Int64s,
    codes: Int32s,
    chain: Int32s,
    sender_data: Bytes,
    sender_offsets: Int64s,
    receiver_data: Bytes,
    receiver_offsets: Int64s,
    known: Int64s,
    undo_depth: int,
    horizon: int,
    start: int,
    out: Int64s,
    out_labels: Int64s,
) -> None:
    """Append n transfers; their features go to out[:, start:start + n], int64[emits, …], and the label bits
    of sender and receiver to out_labels[0:2, start:start + n]. `known` as in TransferBlock, int64[n] or int64[0]."""
    rows, tags, ids, ends, pair_tags, pair_ids = work
    (_, slots, key_rows, free, used, accounts, pair_slots, pairs, pair_free, pair_used) = state[:10]
    (label_slots, label_rows, _, label_used, _, _, _, progress) = state[10:]
    places = places_of(plan, state)
    for lo in range(0, len(at_us), CHUNK):
        hi = min(lo + CHUNK, len(at_us))
        rows_at, tags_at = rows.ctypes.data, tags.ctypes.data
        read_rows(rows_at, tags_at, used[2], codes, chain, sender_data, sender_offsets, lo, hi)
        rows_at, tags_at = rows_at + CHUNK * KEY_BYTES, tags_at + CHUNK * WORD
        read_rows(rows_at, tags_at, used[2], codes, chain, receiver_data, receiver_offsets, lo, hi)
        for base in (0, CHUNK):
            resolve_accounts(
                slots, key_rows, free, used, accounts, label_slots, label_rows, label_used, rows, tags, ids,
                base, hi - lo,
            )  # fmt: skip
        resolve_pairs(pair_slots, pairs, pair_free, pair_used, ids, ends, pair_tags, pair_ids, hi - lo)
        fetch_expiring(places, progress[0], at_us[hi - 1])
        count_chunk(
            places, progress[1], progress[0], hi - lo, at_us.ctypes.data + lo * WORD, usd.ctypes.data + lo * WORD,
            ends.ctypes.data, pair_ids.ctypes.data, out.ctypes.data + (start + lo) * WORD, out.shape[1],
            out_labels.ctypes.data + (start + lo) * WORD, out_labels.shape[1],
            known.ctypes.data + lo * WORD if len(known) else 0,
        )  # fmt: skip
        progress[0] += hi - lo
        _forget(state, undo_depth, horizon)


@njit
def first_out_of_order(at_us: Int64s, latest: int) -> int:
    """The first row older than the one before it, -1 when there is none."""
    for i in range(len(at_us)):
        if at_us[i] < latest:
            return i
        latest = at_us[i]
    return -1


@njit
def longest(offsets: Int64s) -> int:
    """Bytes of the longest text."""
    most = 0
    for i in range(len(offsets) - 1):
        most = max(most, offsets[i + 1] - offsets[i])
    return most


@njit
def _forget(state: State, undo_depth: int, horizon: int) -> None:
    """Release what no window and no undo can reach: age counts from the oldest entry an undo leaves."""
    log, progress, mask = state.log, state.progress, len(state.log) - 1
    last = progress[0] - undo_depth
    progress[FLOOR] = max(progress[FLOOR], last)
    while last > progress[1]:
        limit = log[(last - 1) & mask, AT] - horizon
        stop = progress[1]
        while stop < min(last, progress[1] + 2 * CHUNK) and log[stop & mask, AT] <= limit:
            stop += 1
        if stop == progress[1]:
            break
        fetch_releasing(
            log, state.accounts, state.pairs, state.key_rows, state.pair_slots, state.pair_used[2],
            progress[1], stop,
        )  # fmt: skip
        _release(state, progress[1], stop)
        progress[1] = stop


@njit
def _release(state: State, first: int, stop: int) -> None:
    release(
        state.log, state.accounts, state.key_slots, state.key_rows, state.key_free, state.key_used,
        state.pairs, state.pair_slots, state.pair_free, state.pair_used, first, stop,
    )  # fmt: skip


@njit
def _shift(places: Places, window: int, sequence: int, sign: int) -> None:
    row, entry = places.windows + window * WINDOW_BYTES, entry_of(places, sequence)
    if concerns(row, entry):
        shift(places, row, entry, sign)


@njit
def undo(plan: PlanTables, state: State, count: int) -> None:
    """Take back the last `count` log entries as if they had never been pushed."""
    log, accounts, pairs, tails, progress = state.log, state.accounts, state.pairs, state.tails, state.progress
    mask, places = len(log) - 1, places_of(plan, state)
    for _ in range(count):
        sequence = progress[0] - 1
        slot = sequence & mask
        for w in range(len(plan.windows)):
            _shift(places, w, sequence, -1)
        accounts[log[slot, ENDS] & LOW_32, LAST_IN] = log[slot, PREV_IN]
        accounts[log[slot, ENDS] >> 32, LAST_OUT] = log[slot, PREV_OUT]
        pairs[log[slot, PAIR], PAIR_LAST] = log[slot, PREV_PAIR]
        _release(state, sequence, sequence + 1)
        progress[0] = sequence
        now = log[(sequence - 1) & mask, AT] if sequence > progress[1] else -NEVER
        for w in range(len(plan.windows)):
            tail = min(tails[w], sequence)
            while tail > progress[1] and log[(tail - 1) & mask, AT] > now - plan.windows[w, 0]:
                tail -= 1
                _shift(places, w, tail, 1)
            tails[w] = tail


@njit
def recent(state: State, key: int, limit: int, last: int, until_us: int, after_us: int) -> Int64s:
    """Sequence numbers of the account's latest transfers either way, newest first, within the bounds."""
    log, first, mask = state.log, state.progress[1], len(state.log) - 1
    came, went = state.accounts[key, LAST_IN], state.accounts[key, LAST_OUT]
    found = np.empty(limit, np.int64)
    n = 0
    while n < limit and max(came, went) >= first:
        sequence = max(came, went)
        if log[sequence & mask, AT] <= after_us:
            break
        if sequence <= last and log[sequence & mask, AT] <= until_us:
            found[n] = sequence
            n += 1
        if came == sequence:
            came = log[sequence & mask, PREV_IN]
        if went == sequence:
            went = log[sequence & mask, PREV_OUT]
    return found[:n]
