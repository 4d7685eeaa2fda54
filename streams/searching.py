"""Finders over one pushed block: a mask picks the few transfers from which a story is looked for."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

import numpy as np

from manumit.detectors.books import in_books, subject_of
from manumit.detectors.contract import Detector, FeatureBlock, Finder, Story, Values
from manumit.detectors.parties import NUMBER, called, is_somebody
from manumit.detectors.windows.contract import Pushed
from manumit.detectors.windows.plan import Request
from manumit.detectors.windows.view import Memory, View
from manumit.detectors.wording import with_usd
from manumit.schemas.block import MICRO_USD, USD_UNKNOWN, Floats, TransferBlock
from manumit.schemas.signal import Signal
from manumit.streams.label_book import LabelBook
from manumit.streams.movements import outside

MAX_EVIDENCE = 64
PUSHED_AT_ONCE = 16_384


def parts(block: TransferBlock) -> Iterator[TransferBlock]:
    """In pieces so small that the engine still remembers all that the first transfer of a piece may look back to."""
    for start in range(0, len(block), PUSHED_AT_ONCE):
        yield block.slice(start, min(start + PUSHED_AT_ONCE, len(block)))


class Search:
    """The finders among `detectors` with their thresholds. It keeps nothing of what it has seen."""

    def __init__(self, detectors: Sequence[Detector], values: Mapping[str, Values]) -> None:
        self.finders = tuple((one, values[one.about.id]) for one in detectors if isinstance(one, Finder))
        self.requests: list[Request] = [wanted for one, v in self.finders for wanted in one.features(v).values()]
        self.within_us = max((one.within_us(v) for one, v in self.finders), default=0)

    def signals(
        self, pushed: Pushed, memory: Memory, labels: LabelBook, event_id: Callable[[int], str]
    ) -> list[tuple[Signal, int]]:
        """Signals with the sequence number of their event. `event_id` knows every remembered transfer."""
        usd = pushed.usd()
        return [
            (signal, view.event.sequence)
            for finder, values in self.finders
            for view, story in stories(finder, values, pushed, memory, usd)
            if is_somebody((signal := _signal(finder, view, story, labels, event_id)).subject)
        ]


def stories(
    finder: Finder, values: Values, pushed: Pushed, memory: Memory, usd: Floats
) -> Iterator[tuple[View, Story]]:
    """The stories that end in the block, in the order of their last transfers."""
    stands = in_books(pushed.block, finder.about.books)
    if stands is not None and not stands.any():
        return
    mask = finder.triggers(triggering(finder, values, pushed, usd), values)
    for row in np.flatnonzero(mask if stands is None else mask & stands):
        view = View.of(memory, pushed.first + int(row))
        story = finder.story(view, values)
        if story is not None:
            yield view, story


def triggering(finder: Finder, values: Values, pushed: Pushed, usd: Floats) -> FeatureBlock:
    """The block as a finder's mask sees it."""
    wanted = finder.features(values)
    return FeatureBlock(
        at_us=pushed.block.at_us,
        usd=usd,
        own_labels=pushed.sender_labels,
        other_labels=pushed.receiver_labels,
        columns={name: pushed.columns[pushed.plan.column(*request)] for name, request in wanted.items()},
    )


def _signal(finder: Finder, view: View, story: Story, labels: LabelBook, event_id: Callable[[int], str]) -> Signal:
    name, at_us = view.memory.name, view.event.at_us
    usd = float("nan") if view.usd_micro == USD_UNKNOWN else view.usd_micro / MICRO_USD
    sources = [
        f"{role.replace(f' {NUMBER}', '')}: {source}"
        for role, account in dict.fromkeys((("subject", story.subject), *story.parties))
        if view.memory.labels(account, at_us)
        for source in labels.sources(outside(subject_of(name(account))), at_us)
    ]
    return Signal(
        detector=finder.about.id,
        version=finder.about.version,
        subject=subject_of(name(story.subject)),
        event_id=event_id(view.event.sequence),
        at_us=at_us,
        values=with_usd({one: float(number) for one, number in story.numbers.items()}, usd),
        evidence=tuple(event_id(sequence) for sequence in sorted(set(story.events))[-MAX_EVIDENCE:]),
        spans=tuple(dict.fromkeys(f"{role} {called(name(account))}" for role, account in story.parties)),
        label_sources=tuple(dict.fromkeys(sources)),
    )
