"""Everything that is judged of adverts: text flags one by one, listing rules together, and how their signs add up."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import msgspec

from manumit.detectors.combining import Combination
from manumit.detectors.contract import Detector, TextFlag, Values
from manumit.schemas.listing import Listing
from manumit.schemas.signal import Signal
from manumit.streams.repetition import Repetition
from manumit.streams.watching import listing_signals


class Adverts:
    """A guard among the flags is not asked here: what it holds back never comes so far (`protecting`)."""

    def __init__(self, detectors: Sequence[Detector], values: Mapping[str, Values]) -> None:
        self._flags = [one for one in detectors if isinstance(one, TextFlag) and not one.guard]
        self._values = values
        self._repetition = Repetition(detectors, values)
        self._combination = Combination(detectors)

    def signals(self, listings: Sequence[Listing]) -> list[Signal]:
        """Every sign, whether or not it may be told: flags in event order, then listing rules."""
        found = [signal for row in listings for signal in listing_signals(row, self._flags, self._values)]
        return found + self._repetition.take(listings)

    def told(self, signals: Sequence[Signal]) -> Iterable[Signal]:
        """Of all signals of a bundle, in event order, those that may be folded into alerts by now."""
        return self._combination.told(signals)

    def dump(self) -> bytes:
        return msgspec.msgpack.encode((self._repetition.dump(), self._combination.dump()))

    def load(self, data: bytes) -> None:
        """Into a fresh one with the same detectors."""
        repetition, combination = msgspec.msgpack.decode(data, type=tuple[bytes, bytes])
        self._repetition.load(repetition)
        self._combination.load(combination)
