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
from manumit.detectors.customers.plan import BITS, COUNT, DISTINCT, NONE, PAIR, SUM, Tables
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
def _delete(pairs: Pairs, slot: int) -> None:
    mask = np.uint64(len(pairs.keys) - 1)
    hole = np.uint64(slot)
    probe = hole
    pairs.used[0] -= 1
    while True:
        probe = (probe + np.uint64(1)) & mask
        if pairs.keys[probe] == 0:
            break
        home = _home(pairs.keys, pairs.keys[probe])
        if ((probe - home) & mask) >= ((probe - hole) & mask):
            pairs.keys[hole] = pairs.keys[probe]
            pairs.counts[hole] = pairs.counts[probe]
            hole = probe
    pairs.keys[hole] = np.uint64(0)
    pairs.counts[hole] = 0


@numba.njit(cache=True)
def _packed(aggregate: int, key: int, what: int) -> np.uint64:
    return (
        (np.uint64(aggregate + 1) << np.uint64(2 * KEY_BITS))
        | (np.uint64(key) << np.uint64(KEY_BITS))
        | np.uint64(what)
    )


@numba.njit(cache=True)
def _count_pair(pairs: Pairs, packed: np.uint64, by: int) -> int:
    """The count after the change."""
    slot = _slot(pairs.keys, packed)
    if pairs.keys[slot] == 0:
        pairs.keys[slot] = packed
        pairs.used[0] += 1
    pairs.counts[slot] += by
    left = pairs.counts[slot]
    if left == 0:
        _delete(pairs, slot)
    return left


@numba.njit(cache=True)
def _pair_count(pairs: Pairs, packed: np.uint64) -> int:
    slot = _slot(pairs.keys, packed)
    return pairs.counts[slot] if pairs.keys[slot] != 0 else 0


@numba.njit(cache=True)
def rehashed(old: Pairs, keys: UInt64s, counts: Int32s) -> None:
    """Copy every pair into larger arrays."""
    for i in range(len(old.keys)):
        if old.keys[i] != 0:
            slot = _slot(keys, old.keys[i])
            keys[slot] = old.keys[i]
            counts[slot] = old.counts[i]


@numba.njit(cache=True, inline="always")
def _change(t: Tables, a: int, log: Log, row: int, values: Cells, pairs: Pairs, by: int) -> None:
    """Add a logged row to an aggregate (by 1) or take it away (by -1)."""
    kind = t.key[a]
    key = log.keys[row, kind]
    measure = t.measure[a]
    if measure == COUNT:
        values.cells[values.base[kind] + key * values.width[kind] + t.column[a]] += by
    elif measure == SUM:
        if log.usd[row] > 0:
            values.cells[values.base[kind] + key * values.width[kind] + t.column[a]] += by * log.usd[row]
    else:
        now = _count_pair(pairs, _packed(a, key, log.keys[row, t.what[a]]), by)
        if measure == DISTINCT:
            edge = t.at_least[a] if by > 0 else t.at_least[a] - 1
            if now == edge:
                values.cells[values.base[kind] + key * values.width[kind] + t.column[a]] += by


@numba.njit(cache=True, inline="always")
def _expire(t: Tables, log: Log, now: int, values: Cells, pairs: Pairs) -> None:
    """The word of a window's own aggregates says at once whether a row was added to any of them."""
    for w in range(len(t.length_us)):
        tail = log.place[1 + w]
        while tail < log.place[0] and log.at_us[tail] <= now - t.length_us[w]:
            for word in range(log.bits.shape[1]):
                if log.bits[tail, word] & t.words[w, word]:
                    for a in range(max(t.starts[w], word * BITS), min(t.starts[w + 1], (word + 1) * BITS)):
                        if (log.bits[tail, word] >> (a % BITS)) & 1:
                            _change(t, a, log, tail, values, pairs, -1)
            tail += 1
        log.place[1 + w] = tail


@numba.njit(cache=True, inline="always")
def _applies(t: Tables, a: int, log: Log, row: int, lasts: Cells, pairs: Pairs) -> bool:
    """The row, which is of the aggregate's class, counts. Asked only then: a call hands on two dozen arrays."""
    key = log.keys[row, t.key[a]]
    if key < 0 or (t.what[a] != NONE and log.keys[row, t.what[a]] < 0):
        return False
    if t.after[a] != NONE:
        other = t.last_key[t.after[a]]
        follower = log.keys[row, other]
        cell = lasts.base[other] + follower * lasts.width[other] + t.last_column[t.after[a]]
        if follower < 0 or log.at_us[row] - lasts.cells[cell] > t.after_us[a]:
            return False
    return not (t.fresh[a] != NONE and _pair_count(pairs, _packed(t.fresh[a], key, log.keys[row, t.what[a]])) > 0)


@numba.njit(cache=True, inline="always")
def _take(t: Tables, log: Log, classes: UInt8s, i: int, values: Cells, lasts: Cells, pairs: Pairs) -> None:
    """Count the row that stands behind the log's end; it stays there if it counts for anything."""
    row = log.place[0]
    counts = False
    log.bits[row] = 0
    for c in range(len(t.of_starts) - 1):
        if classes[c, i]:
            for k in range(t.of_starts[c], t.of_starts[c + 1]):
                a = t.of_aggregate[k]
                if _applies(t, a, log, row, lasts, pairs):
                    log.bits[row, a // BITS] |= 1 << (a % BITS)
                    counts = True
    if counts:
        for word in range(log.bits.shape[1]):
            left = log.bits[row, word]
            a = word * BITS
            while left:
                if left & 1:
                    _change(t, a, log, row, values, pairs, 1)
                left >>= 1
                a += 1
        log.place[0] = row + 1


@numba.njit(cache=True, inline="always")
def _answer(t: Tables, log: Log, row: int, i: int, values: Cells, pairs: Pairs, out: Int64s) -> None:
    for a in range(len(t.key)):
        kind = t.key[a]
        key = log.keys[row, kind]
        if key < 0:
            out[a, i] = 0
        elif t.measure[a] == PAIR:
            what = log.keys[row, t.what[a]]
            out[a, i] = _pair_count(pairs, _packed(a, key, what)) if what >= 0 else 0
        else:
            out[a, i] = values.cells[values.base[kind] + key * values.width[kind] + t.column[a]]


@numba.njit(cache=True)
def advance(
    t: Tables,
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

    The log must have room for n rows more. A row that counts for nothing leaves no trace but in the lasts.
    """
    for i in range(len(at_us)):
        row = log.place[0]
        now = at_us[i]
        _expire(t, log, now, values, pairs)
        log.at_us[row] = now
        log.usd[row] = usd[i]
        for kind in range(ids.shape[0]):
            log.keys[row, kind] = ids[kind, i]
        _take(t, log, classes, i, values, lasts, pairs)
        _answer(t, log, row, i, values, pairs, out)
        for one in range(len(t.last_key)):
            key = ids[t.last_key[one], i]
            since[one, i] = NEVER
            if key >= 0:
                cell = lasts.base[t.last_key[one]] + key * lasts.width[t.last_key[one]] + t.last_column[one]
                at = lasts.cells[cell]
                if at != LONG_AGO:
                    since[one, i] = now - at
                if classes[t.last_of[one], i]:
                    lasts.cells[cell] = now


@numba.njit(cache=True)
def as_of(customer: Int32s, snapshot: Int32s, base: int, latest: Int32s, now: Int32s, before: Int32s) -> None:
    """Which snapshot holds at each row, and which held just before it. -1: none yet."""
    for i in range(len(customer)):
        who = customer[i]
        before[i] = latest[who]
        if snapshot[i] >= 0:
            latest[who] = base + snapshot[i]
        now[i] = latest[who]
