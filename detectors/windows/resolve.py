"""From account names to ids, a chunk at a time.

Looking one key up is three dependent cache misses (slot, key row, account row). A chunk's keys are
independent, so each pass touches one of the three for the whole chunk before the next pass needs it:
the misses overlap instead of adding up (about x3 at 300,000 live accounts).
"""

from __future__ import annotations

import numpy as np

from manumit.detectors.windows.interner import displace, find, give_back, njit, place, row_tag, take_id, write_row
from manumit.detectors.windows.state import (
    CHUNK,
    ENDS,
    LABEL,
    LAST_IN,
    LAST_OUT,
    PAIR,
    PAIR_KEY,
    PAIR_LAST,
    PAIR_REFS,
    REFS,
    State,
    Work,
)
from manumit.schemas.block import Bytes, Int32s, Int64s

LOW_32 = 0xFFFFFFFF


@njit
def pair_tag(ends: int, seed: int) -> int:
    h = (np.uint64(ends) ^ np.uint64(seed)) * np.uint64(0x9E3779B97F4A7C15)
    h ^= h >> np.uint64(29)
    h *= np.uint64(0xFF51AFD7ED558CCD)
    return np.int64(h >> np.uint64(32))


@njit
def read_rows(work: Work, seed: int, base: int, chain: Int32s, data: Bytes, offsets: Int64s, lo: int, hi: int) -> None:
    """Key rows and hash tags of one side of transfers lo to hi, from row `base` of the work space on."""
    rows, tags = work.rows, work.tags
    for i in range(hi - lo):
        write_row(rows[base + i], chain[lo + i], data, offsets[lo + i], offsets[lo + i + 1])
        tags[base + i] = row_tag(rows[base + i], seed)


@njit
def resolve_accounts(state: State, work: Work, base: int, n: int) -> None:
    """Ids of n rows of the work space from `base` on, new where need be, each held once more."""
    slots, rows, accounts = state.key_slots, state.key_rows, state.accounts
    tags, ids, wanted = work.tags, work.ids, work.rows
    mask = len(slots) - 1
    for i in range(base, base + n):
        ids[i] = slots[tags[i] & mask] & LOW_32
    touched = 0
    for i in range(base, base + n):
        touched += rows[ids[i] - 1, 0] + accounts[ids[i] - 1, REFS]
    work.sink[0] += touched
    for i in range(base, base + n):
        key = find(slots, rows, wanted[i], tags[i])
        if key < 0:
            key = _new_account(state, wanted[i], tags[i])
        accounts[key, REFS] += 1
        ids[i] = key


@njit
def _new_account(state: State, row: Int64s, tag: int) -> int:
    accounts = state.accounts
    key = take_id(state.key_free, state.key_used)
    for k in range(8):
        state.key_rows[key, k] = row[k]
    place(state.key_slots, tag, key)
    accounts[key, LAST_IN] = -1
    accounts[key, LAST_OUT] = -1
    accounts[key, REFS] = tag << 32
    accounts[key, LABEL] = -1
    if state.label_used[0] > 0:
        label_tag = row_tag(row, state.label_used[2])
        accounts[key, LABEL] = find(state.label_slots, state.label_rows, row, label_tag)
    return key


@njit
def resolve_pairs(state: State, work: Work, n: int) -> None:
    """Ids of the chunk's ordered pairs, new where need be, each held once more."""
    slots, pairs, free, used = state.pair_slots, state.pairs, state.pair_free, state.pair_used
    ids, ends, tags, found = work.ids, work.ends, work.pair_tags, work.pairs
    mask = len(slots) - 1
    for i in range(n):
        ends[i] = (ids[i] << 32) | ids[CHUNK + i]
        tags[i] = pair_tag(ends[i], used[2])
    for i in range(n):
        found[i] = slots[tags[i] & mask] & LOW_32
    touched = 0
    for i in range(n):
        touched += pairs[found[i] - 1, PAIR_KEY]
    work.sink[0] += touched
    for i in range(n):
        found[i] = _pair(ends[i], tags[i], slots, pairs, free, used)


@njit
def _pair(ends: int, tag: int, slots: Int64s, pairs: Int64s, free: Int32s, used: Int64s) -> int:
    mask = len(slots) - 1
    i = tag & mask
    while slots[i] != 0:
        pair = (slots[i] & LOW_32) - 1
        if (slots[i] >> 32) & LOW_32 == tag and pairs[pair, PAIR_KEY] == ends:
            pairs[pair, PAIR_REFS] += 1
            return pair
        i = (i + 1) & mask
    pair = take_id(free, used)
    pairs[pair, PAIR_KEY] = ends
    pairs[pair, PAIR_LAST] = -1
    pairs[pair, PAIR_REFS] = 1
    slots[i] = (tag << 32) | (pair + 1)
    return pair


@njit
def touch_releasing(state: State, work: Work, stop: int) -> None:
    """Bring into cache what releasing the log entries up to `stop` will change."""
    log, accounts, pairs = state.log, state.accounts, state.pairs
    mask, key_mask, pair_mask = len(log) - 1, len(state.key_slots) - 1, len(state.pair_slots) - 1
    touched = 0
    for sequence in range(state.progress[1], stop):
        ends = log[sequence & mask, ENDS]
        touched += accounts[ends >> 32, REFS] + accounts[ends & LOW_32, REFS]
        touched += pairs[log[sequence & mask, PAIR], PAIR_REFS]
        touched += state.pair_slots[pair_tag(ends, state.pair_used[2]) & pair_mask]
    for sequence in range(state.progress[1], stop):
        ends = log[sequence & mask, ENDS]
        touched += state.key_slots[(accounts[ends >> 32, REFS] >> 32) & key_mask]
        touched += state.key_slots[(accounts[ends & LOW_32, REFS] >> 32) & key_mask]
    work.sink[0] += touched


@njit
def release(state: State, stop: int) -> None:
    """Drop the hold of the oldest log entries up to `stop` on accounts and pairs; forget those nobody holds."""
    log, mask = state.log, len(state.log) - 1
    for sequence in range(state.progress[1], stop):
        _drop(
            log[sequence & mask, ENDS], log[sequence & mask, PAIR], state.accounts, state.key_slots, state.key_free,
            state.key_used, state.pairs, state.pair_slots, state.pair_free, state.pair_used,
        )  # fmt: skip
    state.progress[1] = stop


@njit
def release_newest(state: State) -> None:
    """The same for the newest entry, which is being undone."""
    slot = (state.progress[0] - 1) & (len(state.log) - 1)
    _drop(
        state.log[slot, ENDS], state.log[slot, PAIR], state.accounts, state.key_slots, state.key_free,
        state.key_used, state.pairs, state.pair_slots, state.pair_free, state.pair_used,
    )  # fmt: skip


@njit
def _drop(
    ends: int,
    pair: int,
    accounts: Int64s,
    key_slots: Int64s,
    key_free: Int32s,
    key_used: Int64s,
    pairs: Int64s,
    pair_slots: Int64s,
    pair_free: Int32s,
    pair_used: Int64s,
) -> None:
    for side in range(2):
        key = (ends >> 32) if side == 0 else (ends & LOW_32)
        accounts[key, REFS] -= 1
        if accounts[key, REFS] & LOW_32 == 0:
            displace(key_slots, accounts[key, REFS] >> 32 & LOW_32, key)
            give_back(key_free, key_used, key)
    pairs[pair, PAIR_REFS] -= 1
    if pairs[pair, PAIR_REFS] == 0:
        displace(pair_slots, pair_tag(ends, pair_used[2]), pair)
        give_back(pair_free, pair_used, pair)
