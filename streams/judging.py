"""Every rule, scorer and joiner over one pushed block: masks in, signals out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from manumit.detectors.contract import (
    About,
    Detector,
    FeatureBlock,
    Joiner,
    Mask,
    Rule,
    Scorer,
    Values,
)
from manumit.detectors.parties import is_somebody
from manumit.detectors.windows.contract import Pushed
from manumit.detectors.windows.features import Feature, Side
from manumit.detectors.windows.plan import Request
from manumit.detectors.wording import signal_values, with_usd
from manumit.schemas.block import Floats
from manumit.schemas.signal import Signal
from manumit.streams.label_book import LabelBook

BOTH: tuple[Side, ...] = ("sender", "receiver")


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A detector that reads the engine, with its thresholds in force and the features they ask for."""

    detector: Rule | Scorer | Joiner
    values: Values
    wanted: Mapping[str, Feature]
    sides: tuple[Side, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """One event a detector fires at, for one side."""

    row: int
    side: Side
    score: float
    values: Mapping[str, float]


class Judges:
    """Raises KeyError for a threshold override of an unknown detector or name."""

    def __init__(
        self, *, detectors: tuple[Detector, ...], overrides: Mapping[str, Mapping[str, float]], model: object | None
    ) -> None:
        self.detectors = tuple(sorted(detectors, key=lambda one: one.about.id))
        self.abouts: dict[str, About] = {one.about.id: one.about for one in self.detectors}
        self.values = {one.about.id: one.about.values(overrides.get(one.about.id)) for one in self.detectors}
        self._model = model
        self.judged = tuple(judged for one in self.detectors if (judged := self._judged(one)) is not None)

    @property
    def requests(self) -> list[Request]:
        """What the engine must compute."""
        return [(side, feature) for one in self.judged for side in one.sides for feature in one.wanted.values()]

    def _judged(self, one: Detector) -> Judged | None:
        values = self.values[one.about.id]
        if isinstance(one, Joiner):
            return Judged(detector=one, values=values, wanted={}, sides=BOTH)
        if isinstance(one, Rule) or (isinstance(one, Scorer) and self._model is not None):
            return Judged(detector=one, values=values, wanted=one.features(values), sides=one.sides)
        return None

    def signals(self, pushed: Pushed, labels: LabelBook, event_id: Callable[[int], str]) -> list[tuple[Signal, int]]:
        """Signals with the sequence number of their event, by event, then detector id, then side."""
        usd = pushed.usd()
        found: list[tuple[int, int, Signal]] = []
        for rank, judged in enumerate(self.judged):
            for hit in self._hits(judged, pushed, usd):
                found.append((hit.row, rank, _signal(judged, hit, pushed, labels, event_id(hit.row))))
        found.sort(key=lambda entry: entry[:2])
        return [(signal, pushed.first + row) for row, _, signal in found if is_somebody(signal.subject)]

    def _hits(self, judged: Judged, pushed: Pushed, usd: Floats) -> Iterator[Hit]:
        for side in judged.sides:
            block = pushed.features(side, judged.wanted, usd)
            if isinstance(judged.detector, Scorer):
                yield from self._scored(judged.detector, judged.values, side, block)
                continue
            mask: Mask = judged.detector.fires(block, judged.values)
            for row in np.flatnonzero(mask):
                values = signal_values(judged.wanted, block.columns, int(row))
                yield Hit(row=int(row), side=side, score=1.0, values=with_usd(values, float(usd[row])))

    def _scored(self, scorer: Scorer, values: Values, side: Side, block: FeatureBlock) -> Iterator[Hit]:
        model = self._model
        if model is None or not len(block):
            return
        matrix = scorer.matrix(block)
        scores = scorer.score(model, matrix)
        for row in np.flatnonzero(scores >= values["min_score"]):
            parts = scorer.explain(model, matrix[row]).parts
            named = {name: round(value, 2) for name, value, _, _ in parts}
            named |= {f"{name} (typical)": round(typical, 2) for name, _, typical, _ in parts}
            yield Hit(row=int(row), side=side, score=float(scores[row]), values=named)


def _signal(judged: Judged, hit: Hit, pushed: Pushed, labels: LabelBook, event_id: str) -> Signal:
    block = pushed.block
    at_us = int(block.at_us[hit.row])
    own = block.account(hit.row, sender=hit.side == "sender")
    bits = pushed.sender_labels[hit.row] | pushed.receiver_labels[hit.row]
    sources: tuple[str, ...] = ()
    if bits:
        other = block.account(hit.row, sender=hit.side != "sender")
        sources = (*_of("subject", labels.sources(own, at_us)), *_of("counterparty", labels.sources(other, at_us)))
    about = judged.detector.about
    return Signal(
        detector=about.id,
        version=about.version,
        subject=own,
        event_id=event_id,
        at_us=at_us,
        score=hit.score,
        values=dict(hit.values),
        label_sources=sources,
    )


def _of(whose: str, sources: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(f"{whose}: {source}" for source in sources)
