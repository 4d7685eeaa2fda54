"""The compiled loop over rows: expire, decide what a row counts for, add, answer, remember.

A row's cost depends on how many windows the rules ask for, never on how long a window is or how busy a customer.
Counts of pairs stand in one open-addressing table whose key packs aggregate, key and what exactly; deletion
shifts back (Knuth 6.4, algorithm R), so that it never fills with the dead.
"""

from __future__ import annotations

from typing import NamedTuple

import numba
import numpy as np
import numpy.typing as npt

from manumit.detectors.customers.features import NEVER
from manumit.detectors.customers.plan import (
    AFTER,
    AFTER_US,
    AT_LEAST,
    BITS,
    COLUMN,
    COUNT,
    DISTINCT,
    FRESH,
    KEY,
    LAST_COLUMN,
    LAST_KEY,
    LAST_OF,
    MEASURE,
    NONE,
    PAIR,
    SUM,
    WHAT,
    Tables,
)
from manumit.schemas.block import Int32s, Int64s

UInt64s = npt.NDArray[np.uint64]
UInt8s = npt.NDArray[np.uint8]
KEY_BITS = 28  # 268 million names of one kind
LONG_AGO = -(2**62)


class Pairs(NamedTuple):
    """keys uint64[2^k], 0 is empty; counts int32[2^k]; used int64[1]."""

    keys: UInt64s
    counts: Int32s
    used: Int64s


class Cells(NamedTuple):
    """One number for each key of each kind and column, in one array: kind k's key i has its columns from
    base[k] + i * width[k] on. A tuple of arrays would cost the loop a count of references at each look."""

    cells: Int64s
    base: Int64s
    width: Int64s


class Log(NamedTuple):
    """Counted rows that some window still holds: at_us, usd int64[m]; keys int32[m, kinds]; bits int64[m, words].
    place int64[1 + windows]: rows used, then where each window's tail stands."""

    at_us: Int64s
    usd: Int64s
    keys: Int32s
    bits: Int64s
    place: Int64s


@numba.njit(cache=True)
def _slot(keys: UInt64s, key: np.uint64) -> int:
    """Where `key` stands or would stand."""
    mask = np.uint64(len(keys) - 1)
    h = key
    h = (h ^ (h >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    h = (h ^ (h >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    slot = (h ^ (h >> np.uint64(31))) & mask
    while keys[slot] != 0 and keys[slot] != key:
        slot = (slot + np.uint64(1)) & mask
    return slot


@numba.njit(cache=True)
def _home(keys: UInt64s, key: np.uint64) -> np.uint64:
    h = key
    h = (h ^ (h >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    h = (h ^ (h >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return (h ^ (h >> np.uint64(31))) & np.uint64(len(keys) - 1)


@numba.njit(cache=True)
def _delete(keys: UInt64s, counts: Int32s, slot: int) -> None:
    mask = np.uint64(len(keys) - 1)
    hole = np.uint64(slot)
    probe = hole
    while True:
        probe = (probe + np.uint64(1)) & mask
        if keys[probe] == 0:
            break
        home = _home(keys, keys[probe])
        if ((probe - home) & mask) >= ((probe - hole) & mask):
            keys[hole] = keys[probe]
            counts[hole] = counts[probe]
            hole = probe
    keys[hole] = np.uint64(0)
    counts[hole] = 0


@numba.njit(cache=True)
def _packed(aggregate: int, key: int, what: int) -> np.uint64:
    return (
        (np.uint64(aggregate + 1) << np.uint64(2 * KEY_BITS))
        | (np.uint64(key) << np.uint64(KEY_BITS))
        | np.uint64(what)
    )


@numba.njit(cache=True)
def _count_pair(keys: UInt64s, counts: Int32s, used: Int64s, packed: np.uint64, by: int) -> int:
    """The count after the change."""
    slot = _slot(keys, packed)
    if keys[slot] == 0:
        keys[slot] = packed
        used[0] += 1
    counts[slot] += by
    left = counts[slot]
    if left == 0:
        used[0] -= 1
        _delete(keys, counts, slot)
    return left


@numba.njit(cache=True)
def _pair_count(keys: UInt64s, counts: Int32s, packed: np.uint64) -> int:
    slot = _slot(keys, packed)
    return counts[slot] if keys[slot] != 0 else 0


@numba.njit(cache=True)
def rehashed(old: Pairs, keys: UInt64s, counts: Int32s) -> None:
    """Copy every pair into larger arrays."""
    for i in range(len(old.keys)):
        if old.keys[i] != 0:
            slot = _slot(keys, old.keys[i])
            keys[slot] = old.keys[i]
            counts[slot] = old.counts[i]


@numba.njit(cache=True)
def advance(
    tables: Tables,
    log: Log,
    at_us: Int64s,
    usd: Int64s,
    ids: Int32s,
    classes: UInt8s,
    values: Cells,
    lasts: Cells,
    pairs: Pairs,
    out: Int64s,
    since: Int64s,
) -> None:
    """Take n rows. ids int32[kinds, n], classes uint8[classes, n]; out int64[aggregates, n], since int64[lasts, n].

    The log must have room for n rows more. A row that counts for nothing leaves no trace but in the lasts. One long
    function on purpose: the arrays are taken out of their tuples once, and no call hands on a dozen of them for each
    row, which took half of the time.
    """
    t, own, length_us, words, of_starts, of_aggregate = tables
    log_at, log_usd, keys, bits, place = log
    cells, base, width = values
    last, last_base, last_width = lasts
    packed, counts, used = pairs
    for i in range(len(at_us)):
        row, now = place[0], at_us[i]
        log_at[row], log_usd[row], counted = now, usd[i], False
        for kind in range(ids.shape[0]):
            keys[row, kind] = ids[kind, i]
        bits[row] = 0
        for w in range(len(length_us) + 1):
            # the row itself comes after all that leave the windows
            entering = w == len(length_us)
            tail = row if entering else place[1 + w]
            edge = now if entering else now - length_us[w]
            if entering:
                for c in range(len(of_starts) - 1):
                    if classes[c, i] == 0:
                        continue
                    for k in range(of_starts[c], of_starts[c + 1]):
                        a = of_aggregate[k]
                        kind, what, after, fresh = t[a, KEY], t[a, WHAT], t[a, AFTER], t[a, FRESH]
                        key = keys[row, kind]
                        counts_it = key >= 0 and (what == NONE or keys[row, what] >= 0)
                        if counts_it and after != NONE:
                            other = own[after, LAST_KEY]
                            who = keys[row, other]
                            cell = last_base[other] + who * last_width[other] + own[after, LAST_COLUMN]
                            counts_it = who >= 0 and now - last[cell] <= t[a, AFTER_US]
                        if counts_it and fresh != NONE:
                            slot = _slot(packed, _packed(fresh, key, keys[row, what]))
                            counts_it = packed[slot] == 0 or counts[slot] == 0
                        if counts_it:
                            bits[row, a // BITS] |= 1 << (a % BITS)
                            counted = True
            by = 1 if entering else -1
            while tail <= row and log_at[tail] <= edge and (entering or tail < row):
                for word in range(bits.shape[1]):
                    left = bits[tail, word] if entering else bits[tail, word] & words[w, word]
                    a = word * BITS
                    while left:
                        if left & 1:
                            kind, measure = t[a, KEY], t[a, MEASURE]
                            key = keys[tail, kind]
                            cell = base[kind] + key * width[kind] + t[a, COLUMN]
                            if measure == COUNT:
                                cells[cell] += by
                            elif measure == SUM:
                                cells[cell] += by * max(0, log_usd[tail])
                            else:
                                told = _packed(a, key, keys[tail, t[a, WHAT]])
                                now_held = _count_pair(packed, counts, used, told, by)
                                if measure == DISTINCT and now_held == t[a, AT_LEAST] - (by < 0):
                                    cells[cell] += by
                        left >>= 1
                        a += 1
                tail += 1
            if not entering:
                place[1 + w] = tail
        place[0] = row + counted
        for a in range(len(t)):
            kind = t[a, KEY]
            key = keys[row, kind]
            if key < 0:
                out[a, i] = 0
            elif t[a, MEASURE] == PAIR:
                what = keys[row, t[a, WHAT]]
                out[a, i] = _pair_count(packed, counts, _packed(a, key, what)) if what >= 0 else 0
            else:
                out[a, i] = cells[base[kind] + key * width[kind] + t[a, COLUMN]]
        for one in range(len(own)):
            kind = own[one, LAST_KEY]
            key = keys[row, kind]
            since[one, i] = NEVER
            if key >= 0:
                cell = last_base[kind] + key * last_width[kind] + own[one, LAST_COLUMN]
                if last[cell] != LONG_AGO:
                    since[one, i] = now - last[cell]
                if classes[own[one, LAST_OF], i]:
                    last[cell] = now


@numba.njit(cache=True)
def as_of(customer: Int32s, snapshot: Int32s, base: int, latest: Int32s, now: Int32s, before: Int32s) -> None:
    """Which snapshot holds at each row, and which held just before it. -1: none yet."""
    for i in range(len(customer)):
        who = customer[i]
        before[i] = latest[who]
        if snapshot[i] >= 0:
            latest[who] = base + snapshot[i]
        now[i] = latest[who]
