"""A column of texts as codes into names. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias, overload

import numpy as np
import numpy.typing as npt

from manumit.detectors.customers.texts import Texts
from manumit.schemas.block import Int32s, Int64s

Bools: TypeAlias = npt.NDArray[np.bool_]
NOBODY = -1
PARTED = "\x1f"  # between the two halves of a key


@dataclass(frozen=True, slots=True, kw_only=True)
class Coded:
    """n texts as codes into `names`, which may hold a text twice; -1 where there is none."""

    codes: Int32s
    names: Sequence[str]

    def is_one_of(self, *names: str) -> Bools:
        """bool[n]; an empty name is no name."""
        return self._holding([name in names for name in self.names])

    def starts(self, *prefixes: str) -> Bools:
        """bool[n]: the row's text begins with one of these."""
        if isinstance(self.names, Texts):
            return np.logical_or.reduce([self.names.begin(self.codes, prefix) for prefix in prefixes])
        return self._holding([name.startswith(prefixes) for name in self.names])

    def _holding(self, wanted: list[bool]) -> Bools:
        found: Bools = np.array([*wanted, False], np.bool_)[self.codes]
        return found

    def part(self, start: int, stop: int) -> Coded:
        return replace(self, codes=self.codes[start:stop])

    def taken(self, rows: Int64s) -> Coded:
        return replace(self, codes=self.codes[rows])

    def compacted(self) -> Coded:
        """With no other names than these rows have."""
        used = np.unique(self.codes[self.codes >= 0])
        codes = np.where(self.codes >= 0, np.searchsorted(used, self.codes), NOBODY).astype(np.int32)
        if isinstance(self.names, Texts):
            return Coded(codes=codes, names=self.names.picked(used))
        return Coded(codes=codes, names=tuple(self.names[code] for code in used.tolist()))

    def joined(self, other: Coded) -> Coded:
        """The rows of both, one after the other."""
        if isinstance(self.names, tuple) and isinstance(other.names, tuple):
            names: Sequence[str] = (*self.names, *other.names)
        else:
            names = Texts.joined(self.names, other.names)
        moved = np.where(other.codes >= 0, other.codes + len(self.names), NOBODY).astype(np.int32)
        return Coded(codes=np.concatenate([self.codes, moved]), names=names)


class Halves(Sequence[str]):
    """The names of a key of two halves, one a row, made when asked for."""

    def __init__(self, one: Coded, two: Coded) -> None:
        self._one, self._two = one, two

    def __len__(self) -> int:
        return len(self._one.codes)

    @overload
    def __getitem__(self, place: int) -> str: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[str]: ...
    def __getitem__(self, place: int | slice) -> str | Sequence[str]:
        if isinstance(place, slice):
            return [self[i] for i in range(*place.indices(len(self)))]
        one, two = self._one, self._two
        return f"{one.names[int(one.codes[place])]}{PARTED}{two.names[int(two.codes[place])]}"


def parted(one: Coded, two: Coded) -> Coded:
    """The key of both, where a row has both."""
    rows = np.arange(len(one.codes), dtype=np.int32)
    both = (one.codes >= 0) & (two.codes >= 0)
    return Coded(codes=np.where(both, rows, NOBODY).astype(np.int32), names=Halves(one, two))


class Chained(Sequence[str]):
    """One sequence after another, without copying either."""

    def __init__(self, one: Sequence[str], two: Sequence[str]) -> None:
        self._one, self._two = one, two

    def __len__(self) -> int:
        return len(self._one) + len(self._two)

    @overload
    def __getitem__(self, place: int) -> str: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[str]: ...
    def __getitem__(self, place: int | slice) -> str | Sequence[str]:
        if isinstance(place, slice):
            return [self[i] for i in range(*place.indices(len(self)))]
        return self._one[place] if place < len(self._one) else self._two[place - len(self._one)]
