"""What is kept of an open episode, and what is said of one that changed."""

from __future__ import annotations

import msgspec

from manumit.detectors.folding import Episode, Need
from manumit.schemas.signal import Signal


class Taken(msgspec.Struct, frozen=True, kw_only=True):
    """A signal that may have to be folded again. `provisional`: its chain may still take its event back."""

    signal: Signal
    muted_by: str
    provisional: bool
    needs: tuple[Need, ...] = ()


class Live(msgspec.Struct, kw_only=True):
    """An open episode: `base` with the signals of `tail` folded in.

    `base` is None where the tail opened the episode. `provisional` counts such signals of the tail.
    `revision` rises with every change that an alert row would show.
    """

    episode: Episode
    revision: int = 0
    base: Episode | None = None
    tail: list[Taken] = []
    provisional: int = 0
    shown: bool = False


class Unsaid(msgspec.Struct, frozen=True, kw_only=True):
    """A revision of `advert` (its event id without the revision) no longer says what `detector` told of `subject`."""

    detector: str
    subject: str
    advert: str
    at_us: int


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """An episode to write as an alert now. `withdrawn` names why it no longer stands, empty if it does."""

    episode: Episode
    revision: int
    provisional: bool
    withdrawn: str = ""


class Policy(msgspec.Struct, frozen=True, kw_only=True):
    """When an episode of a detector closes and from how many distinct events on it is an alert."""

    quiet_gap_us: int
    min_events: int
