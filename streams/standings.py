"""Every standing that the listing rules ask for, as of the latest advert."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from manumit.detectors.campaigns.features import Number, Standing
from manumit.detectors.campaigns.peers import MILLIONTH, Dump, Peers, Stood, millionths
from manumit.schemas.listing import Listing

StandingsDump = list[Dump]
Key = tuple[Callable[[Listing], Number | None], int, float]
NOWHERE = Stood(peers=0, deviations=0, ratio=0)


class Standings:
    """Features that differ only in what they show share one model."""

    def __init__(self, features: Iterable[Standing]) -> None:
        self._peers: dict[Key, Peers] = {}
        for feature in features:
            self._peers.setdefault(_key(feature), Peers(feature.window_us))
        self._stood: dict[Key, Stood] = {}

    def see(self, listing: Listing, voice: str, now_us: int) -> None:
        """`voice` says the advert's number; it stands as of what others said before."""
        for key, peers in self._peers.items():
            of, _, least_spread = key
            number = of(listing)
            if number is None:
                self._stood[key] = NOWHERE
                continue
            self._stood[key] = peers.see(
                number.group, voice, millionths(number.amount), now_us, round(least_spread * MILLIONTH)
            )

    def shows(self, feature: Standing) -> int:
        """Of the advert just seen."""
        stood: int = getattr(self._stood.get(_key(feature), NOWHERE), feature.show)
        return stood

    def merge(self, stays: str, ends: str) -> None:
        """Two voices are one."""
        for peers in self._peers.values():
            peers.merge(stays, ends)

    def dump(self) -> StandingsDump:
        return [peers.dump() for peers in self._peers.values()]

    def load(self, dump: StandingsDump) -> None:
        """Into fresh standings of the same features."""
        for peers, known in zip(self._peers.values(), dump, strict=True):
            peers.load(known)


def _key(feature: Standing) -> Key:
    return feature.of, feature.window_us, feature.least_spread
