"""Many texts in two arrays, and names as small whole numbers: compiled, no row becomes a Python object. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple, TypeAlias, overload

import numba
import numpy as np
import numpy.typing as npt

from manumit.schemas.block import Int32s, Int64s

Bytes: TypeAlias = npt.NDArray[np.uint8]
FEWEST = 1024
AT_ONCE = 65_536  # names interned before the table is grown again


class Texts(Sequence[str]):
    """n texts: text i is UTF-8 in `raw[starts[i] : starts[i + 1]]`. uint8[m], int64[n + 1]."""

    __slots__ = ("raw", "starts")

    def __init__(self, raw: Bytes, starts: Int64s) -> None:
        self.raw = raw
        self.starts = starts

    @classmethod
    def of(cls, texts: Iterable[str]) -> Texts:
        encoded = [text.encode("utf-8", "surrogatepass") for text in texts]
        starts = np.zeros(len(encoded) + 1, np.int64)
        np.cumsum([len(one) for one in encoded], out=starts[1:])
        return cls(np.frombuffer(b"".join(encoded), np.uint8), starts)

    @classmethod
    def joined(cls, first: Sequence[str], second: Sequence[str]) -> Texts:
        one, two = (part if isinstance(part, Texts) else cls.of(part) for part in (first, second))
        base, end = int(one.starts[0]), int(one.starts[-1])
        starts = np.concatenate([one.starts - base, two.starts[1:] - two.starts[0] + (end - base)])
        return cls(np.concatenate([one.raw[base:end], two.raw[two.starts[0] : two.starts[-1]]]), starts)

    def picked(self, places: Int64s | Int32s) -> Texts:
        """These texts, in this order."""
        first = self.starts[places]
        lengths = self.starts[np.asarray(places) + 1] - first
        starts = np.concatenate([np.zeros(1, np.int64), np.cumsum(lengths)])
        letters = np.arange(starts[-1]) + np.repeat(first - starts[:-1], lengths)
        return Texts(self.raw[letters], starts)

    def begin(self, places: Int32s, prefix: str) -> npt.NDArray[np.bool_]:
        """bool[n]: the text at each place begins so; a place below 0 is no text."""
        letters = prefix.encode()
        rows = np.flatnonzero(places >= 0)
        first = self.starts[places[rows]]
        rows = rows[self.starts[places[rows] + 1] - first >= len(letters)]
        first = self.starts[places[rows]]
        same = np.ones(len(rows), np.bool_)
        for offset, letter in enumerate(letters):
            same &= self.raw[first + offset] == letter
        found = np.zeros(len(places), np.bool_)
        found[rows[same]] = True
        return found

    def __len__(self) -> int:
        return len(self.starts) - 1

    @overload
    def __getitem__(self, place: int) -> str: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[str]: ...
    def __getitem__(self, place: int | slice) -> str | Sequence[str]:
        if isinstance(place, slice):
            return [self[i] for i in range(*place.indices(len(self)))]
        return bytes(self.raw[self.starts[place] : self.starts[place + 1]]).decode("utf-8", "surrogatepass")

    def __iter__(self) -> Iterator[str]:
        return (self[i] for i in range(len(self)))


class Table(NamedTuple):
    """slots int32[2^k], a name's number + 1 or 0; starts int64[names + 1]; raw uint8[]; used int64[1]: the names."""

    slots: Int32s
    starts: Int64s
    raw: Bytes
    used: Int64s


@numba.njit(cache=True)
def _hash(raw: Bytes, start: int, stop: int) -> np.uint64:
    """FNV-1a over eight bytes at a time, mixed at the end."""
    h = np.uint64(0xCBF29CE484222325)
    i = start
    while i + 8 <= stop:
        word = np.uint64(0)
        for j in range(8):
            word |= np.uint64(raw[i + j]) << np.uint64(8 * j)
        h = (h ^ word) * np.uint64(0x9E3779B97F4A7C15)
        h ^= h >> np.uint64(29)
        i += 8
    while i < stop:
        h = (h ^ np.uint64(raw[i])) * np.uint64(0x100000001B3)
        i += 1
    h = (h ^ (h >> np.uint64(32))) * np.uint64(0xBF58476D1CE4E5B9)
    return h ^ (h >> np.uint64(31))


@numba.njit(cache=True)
def _same(a: Bytes, start: int, stop: int, b: Bytes, other: int, end: int) -> bool:
    if stop - start != end - other:
        return False
    for i in range(stop - start):  # noqa: SIM110 - a compiled function knows no generators
        if a[start + i] != b[other + i]:
            return False
    return True


@numba.njit(cache=True)
def _find(table: Table, raw: Bytes, start: int, stop: int) -> int:
    """The slot where the text stands or would stand."""
    mask = np.uint64(len(table.slots) - 1)
    slot = _hash(raw, start, stop) & mask
    while table.slots[slot] != 0:
        known = table.slots[slot] - 1
        if _same(raw, start, stop, table.raw, table.starts[known], table.starts[known + 1]):
            break
        slot = (slot + np.uint64(1)) & mask
    return np.int64(slot)


@numba.njit(cache=True)
def _intern(table: Table, raw: Bytes, starts: Int64s, first: int, stop: int, out: Int32s) -> None:
    for i in range(first, stop):
        a, b = starts[i], starts[i + 1]
        slot = _find(table, raw, a, b)
        if table.slots[slot] == 0:
            number = table.used[0]
            place = table.starts[number]
            table.raw[place : place + b - a] = raw[a:b]
            table.starts[number + 1] = place + b - a
            table.slots[slot] = number + 1
            table.used[0] = number + 1
        out[i] = table.slots[slot] - 1


@numba.njit(cache=True)
def _rehash(table: Table, slots: Int32s) -> None:
    mask = np.uint64(len(slots) - 1)
    for number in range(table.used[0]):
        slot = _hash(table.raw, table.starts[number], table.starts[number + 1]) & mask
        while slots[slot] != 0:
            slot = (slot + np.uint64(1)) & mask
        slots[slot] = number + 1


class Interner:
    """Texts to numbers from 0 on, in the order they were first seen."""

    def __init__(self) -> None:
        self.table = Table(
            np.zeros(2 * FEWEST, np.int32),
            np.zeros(FEWEST + 1, np.int64),
            np.zeros(FEWEST, np.uint8),
            np.zeros(1, np.int64),
        )

    def __len__(self) -> int:
        return int(self.table.used[0])

    def ids(self, texts: Texts) -> Int32s:
        """int32[n]; new texts get a number."""
        out = np.zeros(len(texts), np.int32)
        for first in range(0, len(texts), AT_ONCE):
            stop = min(first + AT_ONCE, len(texts))
            self._make_room(stop - first, int(texts.starts[stop] - texts.starts[first]))
            _intern(self.table, texts.raw, texts.starts, first, stop, out)
        return out

    def find(self, text: str) -> int:
        """-1 for a text never seen."""
        one = Texts.of((text,))
        slot = _find(self.table, one.raw, 0, int(one.starts[1]))
        return int(self.table.slots[slot]) - 1

    def _make_room(self, names: int, size: int) -> None:
        table, used = self.table, int(self.table.used[0])
        held = int(table.starts[used])
        slots, starts, raw = table.slots, table.starts, table.raw
        if used + names + 1 > len(starts):
            starts = np.concatenate([starts, np.zeros(used + names + 1, np.int64)])
        if held + size > len(raw):
            raw = np.concatenate([raw[:held], np.zeros(held + size, np.uint8)])
        if 2 * (used + names) > len(slots):
            slots = np.zeros(1 << (2 * (used + names)).bit_length(), np.int32)
            _rehash(table, slots)
        self.table = Table(slots, starts, raw, table.used)

    def dump(self) -> tuple[bytes, bytes]:
        used = len(self)
        return self.table.starts[: used + 1].tobytes(), self.table.raw[: self.table.starts[used]].tobytes()

    @classmethod
    def load(cls, starts: bytes, raw: bytes) -> Interner:
        made = cls()
        made.ids(Texts(np.frombuffer(raw, np.uint8), np.frombuffer(starts, np.int64)))
        return made


@numba.njit(cache=True)
def _mixed(key: np.uint64) -> np.uint64:
    h = (key ^ (key >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    h = (h ^ (h >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return h ^ (h >> np.uint64(31))


@numba.njit(cache=True)
def _pair_ids(
    keys: npt.NDArray[np.uint64], numbers: Int32s, used: Int64s, one: Int32s, two: Int32s, out: Int32s
) -> None:
    mask = np.uint64(len(keys) - 1)
    for i in range(len(one)):
        if one[i] < 0 or two[i] < 0:
            out[i] = -1
            continue
        key = (np.uint64(one[i] + 1) << np.uint64(32)) | np.uint64(two[i])
        slot = _mixed(key) & mask
        while keys[slot] != 0 and keys[slot] != key:
            slot = (slot + np.uint64(1)) & mask
        if keys[slot] == 0:
            keys[slot] = key
            numbers[slot] = used[0]
            used[0] += 1
        out[i] = numbers[slot]


@numba.njit(cache=True)
def _pairs_moved(keys: npt.NDArray[np.uint64], numbers: Int32s, larger: npt.NDArray[np.uint64], moved: Int32s) -> None:
    mask = np.uint64(len(larger) - 1)
    for i in range(len(keys)):
        if keys[i] != 0:
            slot = _mixed(keys[i]) & mask
            while larger[slot] != 0:
                slot = (slot + np.uint64(1)) & mask
            larger[slot] = keys[i]
            moved[slot] = numbers[i]


class PairInterner:
    """Pairs of numbers to numbers: a customer at a place, a customer and a counterparty."""

    def __init__(self) -> None:
        self.keys = np.zeros(2 * FEWEST, np.uint64)
        self.numbers = np.zeros(2 * FEWEST, np.int32)
        self.used = np.zeros(1, np.int64)

    def __len__(self) -> int:
        return int(self.used[0])

    def ids(self, one: Int32s, two: Int32s) -> Int32s:
        """int32[n], -1 where either is -1."""
        most = 2 * (len(self) + len(one))
        if most > len(self.keys):
            larger = np.zeros(1 << most.bit_length(), np.uint64)
            moved = np.zeros(len(larger), np.int32)
            _pairs_moved(self.keys, self.numbers, larger, moved)
            self.keys, self.numbers = larger, moved
        out = np.zeros(len(one), np.int32)
        _pair_ids(self.keys, self.numbers, self.used, one, two, out)
        return out
