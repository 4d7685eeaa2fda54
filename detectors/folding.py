"""An episode, and how one more signal changes it. Pure, so the result does not depend on how signals were batched."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import msgspec

from manumit.schemas.alert import alert_id
from manumit.schemas.signal import Signal

LISTING = "listing:"
MAX_EVENTS = 64
MAX_STORY = 256
KEEP_FIRST = 40
MAX_RESTS = 64


class Need(msgspec.Struct, frozen=True, kw_only=True):
    """One of these labels must hold, else the signal would not have been: (account, category) each.

    `sources` are the lists that said so.
    """

    any_of: tuple[tuple[str, str], ...]
    sources: tuple[str, ...]


class Rest(msgspec.Struct, frozen=True, kw_only=True):
    """Events of an episode that rest on the same labels: all `needs` must be met. `first_us` is the earliest."""

    needs: tuple[Need, ...]
    first_us: int
    events: int


class Episode(msgspec.Struct, frozen=True, kw_only=True):
    """`events` are the distinct events that signalled (the first 40 and the latest 24), `context` what led to
    the first of them, `story` what else the signals name as evidence (the first 256).

    `values`, `spans`, `label_sources` are those of the latest signal with the highest score. Of the `distinct`
    events `free` rest on no label, the others are in `rests`.
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
    rests: tuple[Rest, ...] = ()
    free: int = 0

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


def folded(episode: Episode, signal: Signal, muted_by: str, needs: tuple[Need, ...] = ()) -> Episode:
    """The episode with one more signal, and the labels without which it would not have been."""
    known = signal.event_id in episode.events
    events = episode.events if known else (*episode.events, signal.event_id)
    if len(events) > MAX_EVENTS:
        events = (*events[:KEEP_FIRST], *events[KEEP_FIRST + 1 :])
    strongest = signal.score >= episode.score
    by = episode.suppressed_by
    fresh = not known and not _is_revision(signal.event_id, episode.events)
    rests = _rested(episode.rests, signal.at_us, needs) if fresh and needs else None
    return msgspec.structs.replace(
        episode,
        last_us=max(episode.last_us, signal.at_us),
        signals=episode.signals + 1,
        suppressed=episode.suppressed + bool(muted_by),
        suppressed_by=by if not muted_by or muted_by in by else (*by, muted_by),
        distinct=episode.distinct + fresh,
        rests=episode.rests if rests is None else rests,
        free=episode.free + (fresh and rests is None),
        events=events,
        score=max(episode.score, signal.score),
        values=signal.values if strongest else episode.values,
        spans=_joined(episode.spans, signal.spans),
        label_sources=_joined(episode.label_sources, signal.label_sources),
        story=_longer(episode, signal) if signal.evidence else episode.story,
    )


def _rested(rests: tuple[Rest, ...], at_us: int, needs: tuple[Need, ...]) -> tuple[Rest, ...] | None:
    """With one event more; None where there are too many kinds of needs to keep apart: then it counts as free."""
    for place, rest in enumerate(rests):
        if rest.needs == needs:
            more = Rest(needs=needs, first_us=min(rest.first_us, at_us), events=rest.events + 1)
            return (*rests[:place], more, *rests[place + 1 :])
    return (*rests, Rest(needs=needs, first_us=at_us, events=1)) if len(rests) < MAX_RESTS else None


def standing(episode: Episode, holds: Callable[[Need, int], bool]) -> int:
    """How many of its events still stand when `holds(need, at_us)` says which labels do."""
    return episode.free + sum(
        rest.events for rest in episode.rests if all(holds(need, rest.first_us) for need in rest.needs)
    )


def _longer(episode: Episode, signal: Signal) -> tuple[str, ...]:
    told = {signal.event_id, *episode.context}
    rest = (event for event in signal.evidence if event not in told)
    return tuple(dict.fromkeys((*episode.story, *rest)))[:MAX_STORY]


def _joined(known: tuple[str, ...], more: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*known, *more)))[:MAX_EVENTS] if more else known


def _is_revision(event_id: str, events: Iterable[str]) -> bool:
    """Whether one of the events is the same advert: a revised advert is still one advert."""
    if not event_id.startswith(LISTING):
        return False
    advert = event_id.rpartition(":")[0]
    return any(event.startswith(LISTING) and event.rpartition(":")[0] == advert for event in events)
