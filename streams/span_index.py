"""Spans of time in the order they were added, found by a moment without looking at each."""

from __future__ import annotations

from collections.abc import Iterator
from functools import reduce

FAN = 8
Span = tuple[int, int, int]


class SpanIndex:
    """A tree over half-open spans with label bits: a node holds the earliest start, the latest stop and all bits below.

    Spans that come about in order of time, as those of adverts do, are found in logarithmic time.
    """

    __slots__ = ("_levels",)

    def __init__(self) -> None:
        self._levels: list[list[Span]] = [[]]

    def append(self, start_us: int, stop_us: int, bits: int) -> None:
        span = (start_us, stop_us, bits)
        place = len(self._levels[0])
        for level in self._levels:
            if place == len(level):
                level.append(span)
            else:
                level[place] = _both(level[place], span)
            place //= FAN
        top = self._levels[-1]
        if len(top) > FAN:
            self._levels.append([reduce(_both, top[i : i + FAN]) for i in range(0, len(top), FAN)])

    def at(self, at_us: int) -> Iterator[int]:
        """Places of the spans that hold a moment, in the order they were added."""
        return self._under(len(self._levels) - 1, 0, at_us)

    def _under(self, depth: int, first: int, at_us: int) -> Iterator[int]:
        for place, (start_us, stop_us, _) in enumerate(self._levels[depth][first : first + FAN], first):
            if start_us <= at_us < stop_us:
                if depth:
                    yield from self._under(depth - 1, place * FAN, at_us)
                else:
                    yield place

    def bits(self, at_us: int) -> int:
        """Those of all spans that hold a moment."""
        return self._bits(len(self._levels) - 1, 0, at_us, 0)

    def _bits(self, depth: int, first: int, at_us: int, found: int) -> int:
        for place, (start_us, stop_us, bits) in enumerate(self._levels[depth][first : first + FAN], first):
            if start_us <= at_us < stop_us and bits & ~found:
                found = self._bits(depth - 1, place * FAN, at_us, found) if depth else found | bits
        return found


def _both(one: Span, other: Span) -> Span:
    return min(one[0], other[0]), max(one[1], other[1]), one[2] | other[2]
