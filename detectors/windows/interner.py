"""Account keys to dense int32 ids: open addressing over the whole key, ids recycled.

A key is one 64-byte row (eight int64): at most 62 bytes of text, zero padded, then its length and the
chain's code, so two keys are equal exactly when their rows are. The slot holds
32 bits of a seeded hash above the id, so a miss rarely touches a row. Deletion shifts back
(Knuth 6.4, algorithm R): no tombstones, so lookups stay short however many keys die.
"""

from __future__ import annotations

import mmap
import sys
from typing import Any, NamedTuple

import numba
import numpy as np

from manumit.schemas.block import Bytes, Int32s, Int64s

LINE = 8  # int64 in one cache line
KEY_BYTES = 64
KEY_WORDS = LINE
MAX_KEY_TEXT = 62
MAX_CHAINS = 255
MANY_WORDS = 1 << 19  # ours: two large pages


class Keys(NamedTuple):
    """slots int64[2^k] = hash tag << 32 | id + 1, 0 empty; rows int64[capacity, 8]; free int32[capacity]:
    a stack of released ids; used int64[3] = ids ever given, released ids on the stack, hash seed."""

    slots: Int64s
    rows: Int64s
    free: Int32s
    used: Int64s


USED, FREE, SEED = 0, 1, 2


def line_rows(count: int, width: int) -> Int64s:
    """Zeros that begin on a cache line, so that a row of one line touches one.

    Many rows come straight from the system: memory of the allocator that was used before would be cleared at
    once, whether or not it is ever touched.
    """
    if count * width >= MANY_WORDS:
        pages = mmap.mmap(-1, count * width * 8, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
        if sys.platform == "linux":
            pages.madvise(mmap.MADV_HUGEPAGE)
        return np.frombuffer(pages, np.int64).reshape(count, width)
    room = np.zeros(count * width + LINE, np.int64)
    start = -room.ctypes.data % KEY_BYTES // room.itemsize
    return room[start : start + count * width].reshape(count, width)


def new_slots(keys: int) -> Int64s:
    """Empty slots, at most half of which `keys` keys fill."""
    return line_rows(1 << max(4, (2 * keys - 1).bit_length()), 1).reshape(-1)


def new_keys(capacity: int, seed: int) -> Keys:
    return Keys(
        slots=new_slots(capacity),
        rows=line_rows(capacity, KEY_WORDS),
        free=np.zeros(capacity, np.int32),
        used=np.array([0, 0, seed], np.int64),
    )


njit: Any = numba.njit(cache=True, nogil=True, boundscheck=False, error_model="numpy")
inlined: Any = numba.njit(cache=True, nogil=True, boundscheck=False, error_model="numpy", forceinline=True)


@inlined
def _word(data: Bytes, start: int) -> int:
    """Eight bytes as one little-endian word; the compiler makes it a single load."""
    word = np.uint64(0)
    for k in range(8):
        word |= np.uint64(data[start + k]) << np.uint64(8 * k)
    return np.int64(word)


@njit
def write_row(rows: Int64s, at: int, chain: int, data: Bytes, start: int, stop: int) -> None:
    """Fill rows[at] with one key: the text's words, then in the last word the length and the chain.

    Byte 62 is the length and byte 63 the chain, so 62 bytes of text fit.
    """
    size = stop - start
    whole = size >> 3
    for k in range(whole):
        rows[at, k] = _word(data, start + 8 * k)
    rest = np.uint64(0)
    for k in range(size & 7):
        rest |= np.uint64(data[start + 8 * whole + k]) << np.uint64(8 * k)
    for k in range(whole, KEY_WORDS):
        rows[at, k] = 0
    rows[at, whole] = np.int64(rest)
    rows[at, KEY_WORDS - 1] |= (np.int64(size) << 48) | (np.int64(chain) << 56)


@inlined
def hash_start(seed: int) -> Any:
    """Two halves, so that the processor works on both at once."""
    return np.uint64(seed) ^ np.uint64(0x9E3779B97F4A7C15), np.uint64(seed) ^ np.uint64(0xC2B2AE3D27D4EB4F)


@inlined
def hash_step(half: Any, word: int) -> Any:
    half = (half ^ np.uint64(word)) * np.uint64(0xFF51AFD7ED558CCD)
    return half ^ (half >> np.uint64(32))


@inlined
def hash_end(one: Any, other: Any) -> Any:
    whole = (one ^ (other * np.uint64(0x9E3779B97F4A7C15))) * np.uint64(0xC4CEB9FE1A85EC53)
    return np.int64(whole >> np.uint64(32))


@njit
def row_tag(rows: Int64s, at: int, seed: int) -> int:
    """32 bits of a seeded multiply-xor hash of the whole row."""
    one, other = hash_start(seed)
    for k in range(0, KEY_WORDS, 2):
        one, other = hash_step(one, rows[at, k]), hash_step(other, rows[at, k + 1])
    return hash_end(one, other)


@njit
def find(slots: Int64s, rows: Int64s, wanted: Int64s, at: int, tag: int) -> int:
    """The id of the key wanted[at], -1 when it has none."""
    mask = len(slots) - 1
    i = tag & mask
    while slots[i] != 0:
        if (slots[i] >> 32) & 0xFFFFFFFF == tag:
            found = (slots[i] & 0xFFFFFFFF) - 1
            differs = 0
            for k in range(KEY_WORDS):
                differs |= rows[found, k] ^ wanted[at, k]
            if differs == 0:
                return found
        i = (i + 1) & mask
    return -1


@njit
def place(slots: Int64s, tag: int, key: int) -> None:
    mask = len(slots) - 1
    i = tag & mask
    while slots[i] != 0:
        i = (i + 1) & mask
    slots[i] = (tag << 32) | (key + 1)


@njit
def displace(slots: Int64s, tag: int, key: int) -> None:
    """Take the slot of `key` out and shift later ones back into the gap."""
    mask = len(slots) - 1
    gap = tag & mask
    while (slots[gap] & 0xFFFFFFFF) != key + 1:
        gap = (gap + 1) & mask
    i = gap
    while True:
        i = (i + 1) & mask
        slot = slots[i]
        if slot == 0:
            break
        home = ((slot >> 32) & 0xFFFFFFFF) & mask
        if ((i - home) & mask) >= ((i - gap) & mask):
            slots[gap] = slot
            gap = i
    slots[gap] = 0


@njit
def take_id(free: Int32s, used: Int64s) -> int:
    """A recycled id, or the next new one."""
    if used[1] > 0:
        used[1] -= 1
        return np.int64(free[used[1]])
    used[0] += 1
    return used[0] - 1


@njit
def rehash(old: Int64s, new: Int64s) -> None:
    for i in range(len(old)):
        slot = old[i]
        if slot != 0:
            place(new, (slot >> 32) & 0xFFFFFFFF, (slot & 0xFFFFFFFF) - 1)


def live_ids(used: Int64s) -> int:
    return int(used[USED] - used[FREE])
