"""Alerts that rest on what no longer holds, labels or words of an advert, are withdrawn, with the reason."""

from __future__ import annotations

from collections.abc import Iterable

from manumit.detectors.episodes import Episodes
from manumit.detectors.folding import Need
from manumit.detectors.live_episodes import Unsaid
from manumit.schemas.signal import Signal
from manumit.streams.label_book import LabelBook

LABEL_WITHDRAWN = "a label it rests on was withdrawn"
REORG = "the chain replaced the block that held this event"
REVISED = "the advert it rests on was revised and no longer says so"
LABEL_GONE = "a label it rests on is no longer in the list that gave it"


def end_labels(episodes: Episodes, labels: LabelBook, now_us: int) -> None:
    """After labels were withdrawn in the stream."""
    episodes.end_labels(lambda need, at_us: _holds(labels, need, at_us), now_us, LABEL_WITHDRAWN)


def end_listings(episodes: Episodes, labels: LabelBook, now_us: int) -> None:
    """After a restart with the lists of now. A list none of whose labels was read is taken as not given."""
    lists = {label.source for label in labels.all()}
    episodes.end_labels(
        lambda need, at_us: _holds(labels, need, at_us) or not lists.issuperset(need.sources), now_us, LABEL_GONE
    )


def _holds(labels: LabelBook, need: Need, at_us: int) -> bool:
    return any(labels.supports(account, category, at_us) for account, category in need.any_of)


def only_signals(found: Iterable[Signal | Unsaid]) -> tuple[Signal, ...]:
    return tuple(one for one in found if isinstance(one, Signal))
