"""Alerts that rest on labels which no longer hold are withdrawn, with the reason."""

from __future__ import annotations

from manumit.detectors.episodes import Episodes
from manumit.detectors.folding import Need
from manumit.streams.label_book import LabelBook

LABEL_WITHDRAWN = "a label it rests on was withdrawn"
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
