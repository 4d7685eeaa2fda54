"""From account names to ids, a chunk at a time.

Looking one key up is three dependent cache misses (slot, key row, account row). A chunk's keys are
independent, so each pass touches one of the three for the whole chunk before the next pass needs it:
the misses overlap instead of adding up (about x3 at 300,000 live accounts).
"""

from __future__ import annotations

import numpy as np

from manumit.detectors.windows.interner import (
    KEY_WORDS,
    displace,
    find,
    njit,
    row_tag,
)
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
def read_rows(
    rows: Int64s, tags: Int64s, seed: int, base: int, chain: Int32s, data: Bytes, offsets: Int64s, lo: int, hi: int
) -> None:
    """Key rows and hash tags (as `interner.write_row`, `row_tag`) of one side of transfers lo to hi."""
    for i in range(lo, hi):
        at, start, size = base + i - lo, offsets[i], offsets[i + 1] - offsets[i]
        whole = size >> 3
        for k in range(whole):
            word = np.uint64(0)
            for byte in range(8):
                word |= np.uint64(data[start + 8 * k + byte]) << np.uint64(8 * byte)
            rows[at, k] = np.int64(word)
        rest = np.uint64(0)
        for byte in range(size & 7):
            rest |= np.uint64(data[start + 8 * whole + byte]) << np.uint64(8 * byte)
        for k in range(whole, KEY_WORDS):
            rows[at, k] = 0
        rows[at, whole] = np.int64(rest)
        rows[at, KEY_WORDS - 1] |= (np.int64(size) << 48) | (np.int64(chain[i]) << 56)
        h = np.uint64(seed) ^ np.uint64(0x9E3779B97F4A7C15)
        for k in range(KEY_WORDS):
            h = (h ^ np.uint64(rows[at, k])) * np.uint64(0xFF51AFD7ED558CCD)
            h ^= h >> np.uint64(32)
        tags[at] = np.int64((h * np.uint64(0xC4CEB9FE1A85EC53)) >> np.uint64(32))


@njit
def resolve_accounts(
    slots: Int64s,
    rows: Int64s,
    free: Int32s,
    used: Int64s,
    accounts: Int64s,
    label_slots: Int64s,
    label_rows: Int64s,
    label_used: Int64s,
    wanted: Int64s,
    tags: Int64s,
    ids: Int64s,
    sink: Int64s,
    base: int,
    n: int,
) -> None:
    """Ids of n rows of the work space from `base` on, new where need be, each held once more."""
    mask = len(slots) - 1
    for i in range(base, base + n):
        ids[i] = max((slots[tags[i] & mask] & LOW_32) - 1, 0)
    touched = 0
    for i in range(base, base + n):
        touched += rows[ids[i], 0] + accounts[ids[i], REFS]
    sink[0] += touched
    for i in range(base, base + n):
        tag, key = tags[i], np.int64(-1)
        probe = tag & mask
        while slots[probe] != 0:
            if (slots[probe] >> 32) & LOW_32 == tag:
                found = (slots[probe] & LOW_32) - 1
                differs = 0
                for k in range(KEY_WORDS):
                    differs |= rows[found, k] ^ wanted[i, k]
                if differs == 0:
                    key = found
                    break
            probe = (probe + 1) & mask
        if key < 0:
            if used[1] > 0:
                used[1] -= 1
                key = np.int64(free[used[1]])
            else:
                key = used[0]
                used[0] += 1
            slots[probe] = (tag << 32) | (key + 1)
            for k in range(KEY_WORDS):
                rows[key, k] = wanted[i, k]
            accounts[key, LAST_IN] = -1
            accounts[key, LAST_OUT] = -1
            accounts[key, REFS] = tag << 32
            accounts[key, LABEL] = -1
            if label_used[0] > 0:
                accounts[key, LABEL] = find(label_slots, label_rows, wanted, i, row_tag(wanted, i, label_used[2]))
        accounts[key, REFS] += 1
        ids[i] = key


@njit
def resolve_pairs(
    slots: Int64s,
    pairs: Int64s,
    free: Int32s,
    used: Int64s,
    ids: Int64s,
    ends: Int64s,
    tags: Int64s,
    found: Int64s,
    sink: Int64s,
    n: int,
) -> None:
    """Ids of the chunk's ordered pairs, new where need be, each held once more."""
    mask = len(slots) - 1
    for i in range(n):
        ends[i] = (ids[i] << 32) | ids[CHUNK + i]
        tags[i] = pair_tag(ends[i], used[2])
    for i in range(n):
        found[i] = max((slots[tags[i] & mask] & LOW_32) - 1, 0)
    touched = 0
    for i in range(n):
        touched += pairs[found[i], PAIR_KEY]
    sink[0] += touched
    for i in range(n):
        tag, pair = tags[i], np.int64(-1)
        probe = tag & mask
        while slots[probe] != 0:
            candidate = (slots[probe] & LOW_32) - 1
            if (slots[probe] >> 32) & LOW_32 == tag and pairs[candidate, PAIR_KEY] == ends[i]:
                pair = candidate
                break
            probe = (probe + 1) & mask
        if pair < 0:
            if used[1] > 0:
                used[1] -= 1
                pair = np.int64(free[used[1]])
            else:
                pair = used[0]
                used[0] += 1
            slots[probe] = (tag << 32) | (pair + 1)
            pairs[pair, PAIR_KEY] = ends[i]
            pairs[pair, PAIR_LAST] = -1
            pairs[pair, PAIR_REFS] = 0
        pairs[pair, PAIR_REFS] += 1
        found[i] = pair


@njit
def touch_releasing(
    log: Int64s,
    accounts: Int64s,
    pairs: Int64s,
    key_slots: Int64s,
    pair_slots: Int64s,
    pair_seed: int,
    sink: Int64s,
    first: int,
    stop: int,
) -> None:
    """Bring into cache what releasing the log entries first to stop will change."""
    mask, key_mask, pair_mask = len(log) - 1, len(key_slots) - 1, len(pair_slots) - 1
    touched = 0
    for sequence in range(first, stop):
        ends = log[sequence & mask, ENDS]
        touched += accounts[ends >> 32, REFS] + accounts[ends & LOW_32, REFS]
        touched += pairs[log[sequence & mask, PAIR], PAIR_REFS]
        touched += pair_slots[pair_tag(ends, pair_seed) & pair_mask]
    for sequence in range(first, stop):
        ends = log[sequence & mask, ENDS]
        touched += key_slots[(accounts[ends >> 32, REFS] >> 32) & key_mask]
        touched += key_slots[(accounts[ends & LOW_32, REFS] >> 32) & key_mask]
    sink[0] += touched


@njit
def release(
    log: Int64s,
    accounts: Int64s,
    key_slots: Int64s,
    key_free: Int32s,
    key_used: Int64s,
    pairs: Int64s,
    pair_slots: Int64s,
    pair_free: Int32s,
    pair_used: Int64s,
    first: int,
    stop: int,
) -> None:
    """Drop the hold of log entries first to stop on their accounts and pairs; forget those nobody holds."""
    mask = len(log) - 1
    for sequence in range(first, stop):
        ends, pair = log[sequence & mask, ENDS], log[sequence & mask, PAIR]
        for side in range(2):
            key = (ends >> 32) if side == 0 else (ends & LOW_32)
            accounts[key, REFS] -= 1
            if accounts[key, REFS] & LOW_32 == 0:
                displace(key_slots, accounts[key, REFS] >> 32 & LOW_32, key)
                key_free[key_used[1]] = key
                key_used[1] += 1
        pairs[pair, PAIR_REFS] -= 1
        if pairs[pair, PAIR_REFS] == 0:
            displace(pair_slots, pair_tag(ends, pair_used[2]), pair)
            pair_free[pair_used[1]] = pair
            pair_used[1] += 1
