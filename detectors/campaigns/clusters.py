"""Campaigns of near-duplicate adverts, as of each advert: the class the rest of manumit uses.

The same adverts give the same campaigns however they are batched. A removed or expired advert is in no count
and in no posting from then on; what it taught while it lived, that two campaigns are one, stays.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import msgspec
import numpy as np

from manumit.detectors.campaigns import kernel
from manumit.detectors.campaigns.letters import letter_table
from manumit.detectors.campaigns.phrases import packed
from manumit.detectors.campaigns.state import ADVERTS, LIVE, TAIL, Written, new_state, roomier, root, state_of, written
from manumit.schemas.block import Int64s

MANY = 4096  # adverts the kernel sees at once


@dataclass(frozen=True, slots=True, kw_only=True)
class Assigned:
    """int64[n] each: `advert` its number here, `campaign` its campaign's, `size` live adverts of it with this one,
    `first_us` when its campaign began. `merges` int64[m, 3]: row, campaign that stays, campaign that ended in it."""

    advert: Int64s
    campaign: Int64s
    size: Int64s
    first_us: Int64s
    merges: Int64s


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """A dump: `first` is the number of the oldest advert in `state`."""

    first: int
    latest_us: int
    window_us: int
    state: Written


class Clusters:
    """An advert lives until it is removed or `window_us` old; one exactly as old as the window is gone."""

    def __init__(self, window_us: int) -> None:
        self._window_us = window_us
        self._state = new_state()
        self._work = kernel.new_work()
        self._first = 0
        self._latest_us = 0

    def __len__(self) -> int:
        """Live adverts."""
        return int(self._state.counts[LIVE])

    @property
    def nbytes(self) -> int:
        """Of all that is remembered."""
        return sum(part.nbytes for part in self._state)

    def take(self, texts: Sequence[str], at_us: Sequence[int] | Int64s) -> Assigned:
        """Texts in event order; one with an older time than the one before it counts as of then."""
        parts = [self._some(texts[i : i + MANY], at_us[i : i + MANY], i) for i in range(0, len(texts), MANY)]
        if len(parts) == 1:
            return parts[0]
        none = np.zeros(0, np.int64)
        whole = {
            name: np.concatenate([none, *(getattr(part, name) for part in parts)])
            for name in ("advert", "campaign", "size", "first_us")
        }
        merges = np.concatenate([np.zeros((0, 3), np.int64), *(part.merges for part in parts)])
        return Assigned(merges=merges, **whole)

    def remove(self, advert: int) -> bool:
        """Take one advert out by its number; False when it is gone already."""
        place = advert - self._first
        if place < self._state.counts[TAIL] or self._state.node[place] < 0:
            return False
        kernel.remove(self._state, place)
        return True

    def size(self, advert: int) -> int:
        """Live adverts in the campaign of a live advert, now."""
        node = self._state.node[advert - self._first]
        return int(self._state.live[root(self._state.parent, node)])

    def expire(self, now_us: int) -> None:
        """Forget what is out of the window at `now_us`; `take` does so by itself."""
        kernel.forget(self._state, now_us - self._window_us)

    def dump(self) -> bytes:
        """Everything remembered; the same history always gives the same bytes."""
        first = self._first + int(self._state.counts[TAIL])
        kept = Kept(first=first, latest_us=self._latest_us, window_us=self._window_us, state=written(self._state))
        return msgspec.msgpack.encode(kept)

    @classmethod
    def of(cls, data: bytes) -> Clusters:
        """From `dump`."""
        kept = msgspec.msgpack.decode(data, type=Kept)
        clusters = cls(kept.window_us)
        clusters._state = state_of(kept.state)
        clusters._first, clusters._latest_us = kept.first, kept.latest_us
        return clusters

    def _some(self, texts: Sequence[str], at_us: Sequence[int] | Int64s, start: int) -> Assigned:
        codes, offsets = packed(texts)
        times = np.maximum.accumulate(np.maximum(np.asarray(at_us, np.int64), self._latest_us))
        self._latest_us = int(times[-1])
        found = kernel.new_found(len(texts))
        merges = []
        advert = np.zeros(len(texts), np.int64)
        done = 0
        while done < len(texts):
            base = self._first + int(self._state.counts[ADVERTS]) - done
            kernel.take(letter_table(), self._state, self._work, codes, offsets, times, self._window_us, found)
            now = int(found.progress[0])
            advert[done:now] = base + np.arange(done, now)
            merges.append(found.merges[: found.progress[1]].copy())
            found.progress[1] = 0
            done = now
            if done < len(texts):
                self._make_room()
        joined = np.concatenate(merges)
        joined[:, 0] += start
        return Assigned(advert=advert, campaign=found.campaign, size=found.size, first_us=found.first_us, merges=joined)

    def _make_room(self) -> None:
        self._first += int(self._state.counts[TAIL])
        self._state = roomier(self._state)
