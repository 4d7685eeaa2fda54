"""How far a number that an advert tells stands above those of its peers: a robust model learned from the stream.

Location is the median, scale the median absolute deviation of logarithms, over the latest number of each other voice
of the group within the window; a voice is who is to be contacted, else the text, so that nobody makes a market by
posting often. Everything is whole numbers of a millionth, so the same adverts give the same answer on every machine.
Method: median and MAD as in F. R. Hampel, The influence curve and its role in robust estimation, JASA 69 (1974); of an
even number of values the lower middle one is the median. An advert is never taken back, so there is nothing to undo.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, log

import msgspec

MOST_VOICES = 5_000  # ours: of one group; the ones heard longest ago go first
CONSISTENT = 6_745  # in ten-thousandths: a normal deviation is the MAD over 0.6745
MILLIONTH = 1_000_000


class Spoken(msgspec.Struct, frozen=True, array_like=True):
    """The latest number of a voice, as the logarithm's millionths."""

    voice: str
    at_us: int
    number: int


Dump = list[tuple[str, list[Spoken]]]


@dataclass(frozen=True, slots=True)
class Stood:
    """`deviations` and `ratio` to the median in thousandths, both 0 without peers."""

    peers: int
    deviations: int
    ratio: int


def millionths(number: float) -> int:
    """The natural logarithm of a positive number. Raises ValueError for others."""
    return round(log(number) * MILLIONTH)


def median(ordered: Sequence[int]) -> int:
    return ordered[(len(ordered) - 1) // 2]


def median_deviation(ordered: Sequence[int], middle: int) -> int:
    """The median distance from `middle`. The nearest k of an ordered sequence stand together: O(log n)."""
    k = (len(ordered) + 1) // 2
    low, high = 0, len(ordered) - k
    while low < high:
        at = (low + high) // 2
        if middle - ordered[at] > ordered[at + k] - middle:
            low = at + 1
        else:
            high = at
    return max(abs(middle - ordered[low]), abs(ordered[low + k - 1] - middle))


class Group:
    """One group's voices, the longest silent first, and their numbers in order."""

    def __init__(self, spoken: Sequence[Spoken] = ()) -> None:
        self.of = {one.voice: one for one in spoken}
        self.ordered = sorted(one.number for one in spoken)

    def put(self, one: Spoken) -> list[str]:
        """Returns voices that had to go for it."""
        self.drop(one.voice)
        self.of[one.voice] = one
        insort(self.ordered, one.number)
        return self._oldest() if len(self.of) > MOST_VOICES else []

    def drop(self, voice: str) -> Spoken | None:
        gone = self.of.pop(voice, None)
        if gone is not None:
            del self.ordered[bisect_left(self.ordered, gone.number)]
        return gone

    def _oldest(self) -> list[str]:
        voice = next(iter(self.of))
        self.drop(voice)
        return [voice]

    def forget(self, until_us: int) -> list[str]:
        """Returns voices last heard at `until_us` or before."""
        gone: list[str] = []
        while self.of and self.of[next(iter(self.of))].at_us <= until_us:
            gone += self._oldest()
        return gone

    def stood(self, number: int, least_spread: int) -> Stood:
        if not self.ordered:
            return Stood(0, 0, 0)
        middle = median(self.ordered)
        spread = max(median_deviation(self.ordered, middle), least_spread, 1)
        deviations = (number - middle) * CONSISTENT // (10 * spread)
        return Stood(len(self.ordered), deviations, round(exp((number - middle) / MILLIONTH) * 1_000))


class Peers:
    """The groups of one number within one window."""

    def __init__(self, window_us: int) -> None:
        self.window_us = window_us
        self._groups: dict[str, Group] = {}
        self._spoken_in: dict[str, set[str]] = {}

    @property
    def voices(self) -> int:
        """How many are remembered."""
        return len(self._spoken_in)

    def see(self, group: str, voice: str, number: int, now_us: int, least_spread: int) -> Stood:
        """As of this advert and without what its voice said before; then it is heard itself."""
        self.forget(now_us)
        known = self._groups.pop(group, None) or Group()
        self._groups[group] = known
        gone = known.forget(now_us - self.window_us)
        known.drop(voice)
        stood = known.stood(number, least_spread)
        gone += known.put(Spoken(voice, now_us, number))
        for silent in gone:
            self._leave(silent, group)
        self._spoken_in.setdefault(voice, set()).add(group)
        return stood

    def merge(self, stays: str, ends: str) -> None:
        """Two voices are one from now on: the later number of each group counts."""
        for name in sorted(self._spoken_in.pop(ends, ())):
            group = self._groups.get(name)
            moved = None if group is None else group.of.get(ends)
            if group is None or moved is None:
                continue
            there = group.of.get(stays)
            kept = moved if there is None or moved.at_us >= there.at_us else there
            spoken = [one for one in group.of.values() if one.voice not in (stays, ends)]
            spoken.append(msgspec.structs.replace(kept, voice=stays))
            self._groups[name] = Group(sorted(spoken, key=lambda one: one.at_us))
            self._spoken_in.setdefault(stays, set()).add(name)

    def forget(self, now_us: int) -> None:
        """Groups that nobody spoke in within the window, the longest silent first."""
        until_us = now_us - self.window_us
        while self._groups:
            name = next(iter(self._groups))
            group = self._groups[name]
            last = next(reversed(group.of.values()), None)
            if last is not None and last.at_us > until_us:
                return
            for voice in group.of:
                self._leave(voice, name)
            del self._groups[name]

    def _leave(self, voice: str, group: str) -> None:
        groups = self._spoken_in.get(voice, set())
        groups.discard(group)
        if not groups:
            self._spoken_in.pop(voice, None)

    def dump(self) -> Dump:
        return [(name, list(group.of.values())) for name, group in self._groups.items()]

    def load(self, dump: Dump) -> None:
        """Into a fresh one."""
        self._groups = {name: Group(spoken) for name, spoken in dump}
        for name, group in self._groups.items():
            for voice in group.of:
                self._spoken_in.setdefault(voice, set()).add(name)
