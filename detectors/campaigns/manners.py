"""The manners of writing of the campaigns seen last, and which of them resemble one another's. Pure.

A campaign's manner is that of its second advert: one alone is no campaign, and further copies add nothing. Compared are
campaigns of one language. A bounded number is remembered, the ones seen longest ago go first. A hint only ever stands
as evidence in an alert that something else gave.
"""

from __future__ import annotations

from collections.abc import Callable

import msgspec
import numpy as np

from manumit.detectors.campaigns.style import LEAST_ODDS, Profile, profile, weights

MOST_CAMPAIGNS = 1_024  # ours: about 0.7 kB each
MOST_HINTS = 3


class Manner(msgspec.Struct, frozen=True, array_like=True):
    """How a campaign is written; `profile` None where its text says too little."""

    language: str
    at_us: int
    profile: Profile | None


class Manners:
    """Adverts come in the order of time."""

    def __init__(self, window_us: int) -> None:
        self._window_us = window_us
        self._of: dict[str, Manner] = {}

    def __len__(self) -> int:
        """Campaigns remembered."""
        return len(self._of)

    def see(self, campaign: str, language: str, text: Callable[[], str], now_us: int) -> None:
        """An advert of a campaign that has two or more. `text` is asked for only where the manner is not known yet."""
        before = self._of.pop(campaign, None)
        manner = profile(text()) if before is None else before.profile
        self._of[campaign] = Manner(before.language if before else language, now_us, manner)
        self._forget(now_us)

    def merge(self, stays: str, ends: str) -> None:
        """The manner of a campaign that turned out to be another is given up, unless the other has none."""
        gone = self._of.pop(ends, None)
        if gone is not None:
            self._of.setdefault(stays, gone)

    def alike(self, campaign: str) -> tuple[str, ...]:
        """At most MOST_HINTS other campaigns in the same manner, the most alike first."""
        own = self._of.get(campaign)
        if own is None or own.profile is None:
            return ()
        others = [
            (name, manner.profile)
            for name, manner in sorted(self._of.items())
            if name != campaign and manner.language == own.language and manner.profile is not None
        ]
        odds = weights(own.profile, [other for _, other in others])
        first = np.argsort(-odds, kind="stable")[:MOST_HINTS]
        return tuple(others[place][0] for place in first.tolist() if odds[place] >= LEAST_ODDS)

    def _forget(self, now_us: int) -> None:
        while self._of:
            oldest = next(iter(self._of))
            if len(self._of) <= MOST_CAMPAIGNS and self._of[oldest].at_us > now_us - self._window_us:
                return
            del self._of[oldest]

    def dump(self) -> list[tuple[str, Manner]]:
        return list(self._of.items())

    def load(self, dump: list[tuple[str, Manner]]) -> None:
        """Into fresh manners of the same window."""
        self._of = dict(dump)
