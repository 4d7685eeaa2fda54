"""Distinct values by group over one sliding window: counted up when an advert comes, down when it leaves."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence

import msgspec

Values = tuple[tuple[str, ...], ...]


class Sighting(msgspec.Struct, frozen=True, array_like=True):
    """One advert in one group: `values[i]` are those of the tally's i-th column."""

    at_us: int
    group: str
    values: Values


class Tally:
    """`root(group)` tells which group a merged one belongs to. Sightings come in the order of time."""

    def __init__(self, window_us: int, columns: int, root: Callable[[str], str]) -> None:
        self._window_us = window_us
        self._columns = columns
        self._root = root
        self._sightings: deque[Sighting] = deque()
        self._groups: dict[str, list[dict[str, int]]] = {}

    def add(self, sighting: Sighting) -> None:
        """One without any value is nothing to remember."""
        if not any(sighting.values):
            return
        self._sightings.append(sighting)
        group = self._groups.get(sighting.group)
        if group is None:
            group = self._groups[sighting.group] = [{} for _ in range(self._columns)]
        for counts, values in zip(group, sighting.values, strict=True):
            for value in values:
                counts[value] = counts.get(value, 0) + 1

    def forget(self, now_us: int) -> None:
        """A sighting exactly as old as the window is gone."""
        while self._sightings and self._sightings[0].at_us <= now_us - self._window_us:
            self._take_back(self._sightings.popleft())

    def _take_back(self, sighting: Sighting) -> None:
        name = self._root(sighting.group)
        group = self._groups[name]
        for counts, values in zip(group, sighting.values, strict=True):
            for value in values:
                counts[value] -= 1
                if not counts[value]:
                    del counts[value]
        if not any(group):
            del self._groups[name]

    def merge(self, stays: str, ends: str) -> None:
        """All that was counted for `ends` counts for `stays`."""
        gone = self._groups.pop(ends, None)
        kept = self._groups.get(stays)
        if gone is None or kept is None:
            if gone is not None:
                self._groups[stays] = gone
            return
        for counts, others in zip(kept, gone, strict=True):
            for value, count in others.items():
                counts[value] = counts.get(value, 0) + count

    def values(self, group: str, column: int) -> Sequence[str]:
        """The distinct values of one column."""
        found = self._groups.get(group)
        return list(found[column]) if found else ()

    def dump(self) -> list[Sighting]:
        return [msgspec.structs.replace(one, group=self._root(one.group)) for one in self._sightings]

    def load(self, sightings: Sequence[Sighting]) -> None:
        for sighting in sightings:
            self.add(sighting)
