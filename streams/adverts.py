"""Everything that is judged of adverts: text flags one by one, listing rules together, and how their signs add up.

A revision takes the place of what the advert said before: signs it no longer bears are unsaid. An advert that its
source took down said what it said: it leaves the live ones of its campaign, and nothing is unsaid.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import msgspec

from manumit.detectors.campaigns.rooms import Rooms, Shown
from manumit.detectors.combining import Combination, words_mark
from manumit.detectors.contract import Detector, TextFlag, Values
from manumit.detectors.episodes import REVISED_US
from manumit.detectors.live_episodes import Unsaid
from manumit.schemas.listing import Listing
from manumit.schemas.signal import Signal
from manumit.streams.repetition import Repetition
from manumit.streams.watching import listing_signals, listing_subject

Sign = tuple[str, str]  # detector and subject


class Adverts:
    """A guard among the flags is not asked here: what it holds back never comes so far (`protecting`)."""

    def __init__(self, detectors: Sequence[Detector], values: Mapping[str, Values]) -> None:
        self._flags = [one for one in detectors if isinstance(one, TextFlag) and not one.guard]
        self._values = values
        self._repetition = Repetition(detectors, values)
        self._combination = Combination(detectors)
        self._said: dict[str, dict[Sign, int]] = {}  # advert, the one longest silent first -> its signs, and when
        self._latest_us = 0
        self._words: dict[str, str] = {}  # of the bundle that is being judged: event -> mark of its words
        self._rooms = Rooms()

    def signals(self, listings: Sequence[Listing]) -> list[Signal | Unsaid]:
        """Every sign, whether or not it may be told: flags in event order, then listing rules."""
        found: list[Signal | Unsaid] = []
        self._words = {row.event_id: mark for row in listings if (mark := words_mark(row))}
        for row in listings:
            found += self._one(row) if row.op > 0 else ()
        rooms = {row.event_id: self._rooms.see(row, listing_subject(row)) for row in listings if row.photos}
        return [_beside(one, rooms) for one in (*found, *self._repetition.take(listings))]

    def told(self, signals: Sequence[Signal | Unsaid]) -> Iterable[Signal | Unsaid]:
        """Of all signals of a bundle, in event order, those that may be folded into alerts by now."""
        return self._combination.told(signals, self._words)

    def _one(self, row: Listing) -> list[Signal | Unsaid]:
        """What the advert says, behind what it says no more."""
        said = listing_signals(row, self._flags, self._values)
        advert = row.event_id.rpartition(":")[0]
        before = self._said.pop(advert, {})
        now = {(signal.detector, signal.subject): row.at_us for signal in said}
        gone = [sign for sign, at_us in before.items() if sign not in now and at_us > row.at_us - REVISED_US]
        if now:
            self._said[advert] = now
        self._forget(row.at_us)
        return [*(Unsaid(detector=d, subject=s, advert=advert, at_us=row.at_us) for d, s in gone), *said]

    def _forget(self, at_us: int) -> None:
        self._latest_us = max(self._latest_us, at_us)
        while self._said:
            oldest = next(iter(self._said))
            if max(self._said[oldest].values()) > self._latest_us - REVISED_US:
                return
            del self._said[oldest]

    def dump(self) -> bytes:
        said = [(advert, list(signs.items())) for advert, signs in self._said.items()]
        parts = self._repetition.dump(), self._combination.dump(), said, self._latest_us
        return msgspec.msgpack.encode(Dumped(*parts, self._rooms.dump()))

    def load(self, data: bytes) -> None:
        """Into a fresh one with the same detectors."""
        kept = msgspec.msgpack.decode(data, type=Dumped)
        self._repetition.load(kept.repetition)
        self._combination.load(kept.combination)
        self._said = {advert: dict(signs) for advert, signs in kept.said}
        self._latest_us = kept.latest_us
        self._rooms.load(kept.rooms)


class Dumped(msgspec.Struct, frozen=True, array_like=True):
    """Written as an array: one of before `rooms` is read too."""

    repetition: bytes
    combination: bytes
    said: list[tuple[str, list[tuple[Sign, int]]]]
    latest_us: int
    rooms: list[Shown] = []


def _beside(said: Signal | Unsaid, rooms: Mapping[str, tuple[str, ...]]) -> Signal | Unsaid:
    """A signal of an advert, with where else the photographs of its rooms stand: evidence, never a reason."""
    told = rooms.get(said.event_id, ()) if isinstance(said, Signal) else ()
    return msgspec.structs.replace(said, spans=(*said.spans, *told)) if told else said  # type: ignore[union-attr]  # told
