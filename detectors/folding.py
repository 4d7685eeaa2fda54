"""An episode, and how one more signal changes it. Pure, so the result does not depend on how signals were batched."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from manumit.schemas.alert import alert_id
from manumit.schemas.signal import Signal

MAX_EVENTS = 64
MAX_STORY = 256
KEEP_FIRST = 40


class Episode(msgspec.Struct, frozen=True, kw_only=True):
    """`events` are the distinct events that signalled (the first 40 and the latest 24), `context` what led to
    the first of them, `story` what else the signals name as evidence (the first 256).

    `values`, `spans`, `label_sources` are those of the latest signal with the highest score.
    """

    detector: str
    version: int
    subject: str
    opening_event: str
    opened_us: int
    last_us: int
    signals: int
    suppressed: int
    suppressed_by: tuple[str, ...]
    distinct: int
    events: tuple[str, ...]
    context: tuple[str, ...]
    score: float
    values: dict[str, float]
    spans: tuple[str, ...]
    label_sources: tuple[str, ...]
    story: tuple[str, ...] = ()

    @property
    def alert_id(self) -> str:
        return alert_id(
            detector=self.detector, version=self.version, subject=self.subject, opening_event=self.opening_event
        )


def opened(signal: Signal, context: Iterable[str]) -> Episode:
    """An episode about to take its first signal."""
    return Episode(
        detector=signal.detector,
        version=signal.version,
        subject=signal.subject,
        opening_event=signal.event_id,
        opened_us=signal.at_us,
        last_us=signal.at_us,
        signals=0,
        suppressed=0,
        suppressed_by=(),
        distinct=0,
        events=(),
        context=tuple(context),
        score=0.0,
        values={},
        spans=(),
        label_sources=(),
    )


def folded(episode: Episode, signal: Signal, muted_by: str) -> Episode:
    """The episode with one more signal."""
    known = signal.event_id in episode.events
    events = episode.events if known else (*episode.events, signal.event_id)
    if len(events) > MAX_EVENTS:
        events = (*events[:KEEP_FIRST], *events[KEEP_FIRST + 1 :])
    strongest = signal.score >= episode.score
    by = episode.suppressed_by
    return msgspec.structs.replace(
        episode,
        last_us=max(episode.last_us, signal.at_us),
        signals=episode.signals + 1,
        suppressed=episode.suppressed + bool(muted_by),
        suppressed_by=by if not muted_by or muted_by in by else (*by, muted_by),
        distinct=episode.distinct + (_thing(signal.event_id) not in map(_thing, episode.events)),
        events=events,
        score=max(episode.score, signal.score),
        values=signal.values if strongest else episode.values,
        spans=tuple(dict.fromkeys((*episode.spans, *signal.spans)))[:MAX_EVENTS],
        label_sources=tuple(dict.fromkeys((*episode.label_sources, *signal.label_sources)))[:MAX_EVENTS],
        story=_longer(episode, signal),
    )


def _longer(episode: Episode, signal: Signal) -> tuple[str, ...]:
    told = {signal.event_id, *episode.context}
    rest = (event for event in signal.evidence if event not in told)
    return tuple(dict.fromkeys((*episode.story, *rest)))[:MAX_STORY]


def _thing(event_id: str) -> str:
    """What an event is about: a revised advert is still one advert."""
    return event_id.rpartition(":")[0] if event_id.startswith("listing:") else event_id
