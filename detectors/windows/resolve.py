"""From account names to ids, a chunk at a time.

Looking one key up is three dependent cache misses (slot, key row, account row). A chunk's keys are
independent, so each pass touches one of the three for the whole chunk before the next pass needs it:
the misses overlap instead of adding up (about x3 at 300,000 live accounts).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from manumit.detectors.windows.interner import (
    KEY_BYTES,
    KEY_WORDS,
    displace,
    find,
    hash_end,
    hash_start,
    hash_step,
    inlined,
    njit,
    row_tag,
)
from manumit.detectors.windows.memory import WORD_BYTES as WORD
from manumit.detectors.windows.memory import add, get, get_byte, put, soon
from manumit.detectors.windows.state import (
    CHUNK,
    ENDS,
    HELD,
    LAST_IN,
    LAST_OUT,
    LOW_32,
    PAIR,
    PAIR_KEY,
    PAIR_LAST,
    PAIR_REFS,
)
from manumit.schemas.block import Bytes, Int32s, Int64s

LINE_BYTES = 64


@njit
def pair_tag(ends: int, seed: int) -> int:
    h = (np.uint64(ends) ^ np.uint64(seed)) * np.uint64(0x9E3779B97F4A7C15)
    h ^= h >> np.uint64(29)
    h *= np.uint64(0xFF51AFD7ED558CCD)
    return np.int64(h >> np.uint64(32))


@inlined
def _tail_word(text: int, size: int) -> Any:
    """The last size % 8 bytes as one little-endian word, without reading beyond the text."""
    rest = size & 7
    if rest == 0:
        return 0
    if size >= WORD:
        last = np.uint64(get(text + size - WORD, 0))
        return np.int64(last >> np.uint64(8 * (WORD - rest)))
    word = 0
    for byte in range(rest):
        word |= get_byte(text + byte) << (8 * byte)
    return word


@njit
def read_rows(
    rows: int, tags: int, seed: int, codes: Int32s, chain: Int32s, data: Bytes, offsets: Int64s, lo: int, hi: int
) -> None:
    """Key rows and hash tags (as `interner.write_row`, `row_tag`) of one side of transfers lo to hi.

    rows and tags are addresses of the first of them.
    """
    texts = data.ctypes.data
    for i in range(lo, hi):
        row, text, size = rows + (i - lo) * KEY_BYTES, texts + offsets[i], offsets[i + 1] - offsets[i]
        whole = size >> 3
        for k in range(whole):
            put(row, k, get(text, k))
        for k in range(whole + 1, KEY_WORDS):
            put(row, k, 0)
        put(row, whole, _tail_word(text, size))
        put(row, KEY_WORDS - 1, get(row, KEY_WORDS - 1) | (size << 48) | (np.int64(codes[chain[i]]) << 56))
        one, other = hash_start(seed)
        for k in range(0, KEY_WORDS, 2):
            one, other = hash_step(one, get(row, k)), hash_step(other, get(row, k + 1))
        put(tags, i - lo, hash_end(one, other))


@inlined
def _differs(one: int, other: int) -> Any:
    """0 when two key rows are the same."""
    found = 0
    for k in range(KEY_WORDS):
        found |= get(one, k) ^ get(other, k)
    return found


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
    base: int,
    n: int,
) -> None:
    """Ids of n rows of the work space from `base` on, new where need be, each held once more."""
    mask, slots_at, rows_at, wanted_at = len(slots) - 1, slots.ctypes.data, rows.ctypes.data, wanted.ctypes.data
    accounts_at, account_bytes = accounts.ctypes.data, accounts.shape[1] * WORD
    for i in range(base, base + n):
        soon(slots_at + (tags[i] & mask) * WORD)
    for i in range(base, base + n):
        key = (get(slots_at, tags[i] & mask) & LOW_32) - 1
        soon(rows_at + key * KEY_BYTES)
        for line in range(0, account_bytes, LINE_BYTES):
            soon(accounts_at + key * account_bytes + line)
    for i in range(base, base + n):
        tag, key = tags[i], np.int64(-1)
        probe = tag & mask
        slot = get(slots_at, probe)
        while slot != 0:
            found = (slot & LOW_32) - 1
            if (slot >> 32) & LOW_32 == tag and _differs(rows_at + found * KEY_BYTES, wanted_at + i * KEY_BYTES) == 0:
                key = found
                break
            probe = (probe + 1) & mask
            slot = get(slots_at, probe)
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
            accounts[key, HELD] = 0
            if label_used[0] > 0:
                label = find(label_slots, label_rows, wanted, i, row_tag(wanted, i, label_used[2]))
                accounts[key, HELD] = (label + 1) << 32
        add(accounts_at + key * account_bytes, HELD, 1)
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
    n: int,
) -> None:
    """Ids of the chunk's ordered pairs, new where need be, each held once more."""
    mask, slots_at = len(slots) - 1, slots.ctypes.data
    pairs_at, pair_bytes = pairs.ctypes.data, pairs.shape[1] * WORD
    for i in range(n):
        ends[i] = (ids[i] << 32) | ids[CHUNK + i]
        tags[i] = pair_tag(ends[i], used[2])
        soon(slots_at + (tags[i] & mask) * WORD)
    for i in range(n):
        soon(pairs_at + ((get(slots_at, tags[i] & mask) & LOW_32) - 1) * pair_bytes)
    for i in range(n):
        tag, pair = tags[i], np.int64(-1)
        probe = tag & mask
        slot = get(slots_at, probe)
        while slot != 0:
            candidate = (slot & LOW_32) - 1
            if (slot >> 32) & LOW_32 == tag and get(pairs_at + candidate * pair_bytes, PAIR_KEY) == ends[i]:
                pair = candidate
                break
            probe = (probe + 1) & mask
            slot = get(slots_at, probe)
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
        add(pairs_at + pair * pair_bytes, PAIR_REFS, 1)
        found[i] = pair


@njit
def fetch_releasing(
    log: Int64s,
    accounts: Int64s,
    pairs: Int64s,
    key_rows: Int64s,
    pair_slots: Int64s,
    pair_seed: int,
    first: int,
    stop: int,
) -> None:
    """Begin to bring into cache what releasing the log entries first to stop will change."""
    mask, pair_mask, rows_at = len(log) - 1, len(pair_slots) - 1, key_rows.ctypes.data
    accounts_at, account_bytes = accounts.ctypes.data, accounts.shape[1] * WORD
    pairs_at, pair_bytes = pairs.ctypes.data, pairs.shape[1] * WORD
    for sequence in range(first, stop):
        ends = log[sequence & mask, ENDS]
        for key in (ends >> 32, ends & LOW_32):
            soon(accounts_at + key * account_bytes)
            soon(rows_at + key * KEY_BYTES)
        soon(pairs_at + log[sequence & mask, PAIR] * pair_bytes)
        soon(pair_slots.ctypes.data + (pair_tag(ends, pair_seed) & pair_mask) * WORD)


@njit
def release(
    log: Int64s,
    accounts: Int64s,
    key_slots: Int64s,
    key_rows: Int64s,
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
            accounts[key, HELD] -= 1
            if accounts[key, HELD] & LOW_32 == 0:
                displace(key_slots, row_tag(key_rows, key, key_used[2]), key)
                key_free[key_used[1]] = key
                key_used[1] += 1
        pairs[pair, PAIR_REFS] -= 1
        if pairs[pair, PAIR_REFS] == 0:
            displace(pair_slots, pair_tag(ends, pair_used[2]), pair)
            pair_free[pair_used[1]] = pair
            pair_used[1] += 1
