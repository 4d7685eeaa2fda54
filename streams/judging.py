"""Every rule, scorer and joiner over one pushed block: masks in, signals out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from manumit.detectors.books import in_books, subject_of
from manumit.detectors.contract import (
    About,
    CustomerRule,
    Detector,
    FeatureBlock,
    Joiner,
    Mask,
    Rule,
    Scorer,
    Values,
)
from manumit.detectors.customers.judging import CustomerJudge
from manumit.detectors.folding import Need
from manumit.detectors.parties import is_somebody
from manumit.detectors.windows.contract import Pushed
from manumit.detectors.windows.features import Feature, Side
from manumit.detectors.windows.plan import Request
from manumit.detectors.wording import signal_values, with_usd
from manumit.schemas.block import Floats
from manumit.schemas.signal import Signal
from manumit.streams.label_book import LabelBook
from manumit.streams.movements import outside
from manumit.streams.resting import Clause, clauses, needs

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
    rests: tuple[Clause, ...] = ()


class Judges:
    """Raises KeyError for a threshold override of an unknown detector or name."""

    def __init__(
        self,
        *,
        detectors: tuple[Detector, ...],
        overrides: Mapping[str, Mapping[str, float]],
        models: Mapping[str, object],
    ) -> None:
        self.detectors = tuple(sorted(detectors, key=lambda one: one.about.id))
        self.abouts: dict[str, About] = {one.about.id: one.about for one in self.detectors}
        self.values = {one.about.id: one.about.values(overrides.get(one.about.id)) for one in self.detectors}
        self._models = dict(models)
        self.judged = tuple(judged for one in self.detectors if (judged := self._judged(one)) is not None)

    @property
    def requests(self) -> list[Request]:
        """What the engine must compute."""
        return [(side, feature) for one in self.judged for side in one.sides for feature in one.wanted.values()]

    def customers(self) -> CustomerJudge:
        """The rules over customers, with an engine of their own."""
        return CustomerJudge([one for one in self.detectors if isinstance(one, CustomerRule)], self.values)

    def _judged(self, one: Detector) -> Judged | None:
        values = self.values[one.about.id]
        if isinstance(one, Joiner):
            return Judged(detector=one, values=values, wanted={}, sides=BOTH)
        if isinstance(one, Rule) or (isinstance(one, Scorer) and one.about.id in self._models):
            return Judged(detector=one, values=values, wanted=one.features(values), sides=one.sides)
        return None

    def signals(
        self, pushed: Pushed, labels: LabelBook, event_id: Callable[[int], str]
    ) -> list[tuple[Signal, int, tuple[Need, ...]]]:
        """Signals with the sequence number of their event and the labels they rest on, by event, then detector id,
        then side."""
        usd = pushed.usd()
        found: list[tuple[int, int, Signal, tuple[Need, ...]]] = []
        for rank, judged in enumerate(self.judged):
            for hit in self._hits(judged, pushed, usd):
                signal = _signal(judged, hit, pushed, labels, event_id(hit.row))
                found.append((hit.row, rank, signal, _needs(hit, pushed, labels)))
        found.sort(key=lambda entry: entry[:2])
        return [(signal, pushed.first + row, needs) for row, _, signal, needs in found if is_somebody(signal.subject)]

    def _hits(self, judged: Judged, pushed: Pushed, usd: Floats) -> Iterator[Hit]:
        stands = in_books(pushed.block, judged.detector.about.books)
        if stands is not None and not stands.any():
            return
        for side in judged.sides:
            block = pushed.features(side, judged.wanted, usd)
            if isinstance(judged.detector, Scorer):
                yield from self._scored(judged.detector, judged.values, side, block, stands)
                continue
            mask: Mask = judged.detector.fires(block, judged.values)
            hits = mask if stands is None else mask & stands
            rests = _rests(judged, block, hits)
            for row in np.flatnonzero(hits):
                values = with_usd(signal_values(judged.wanted, block.columns, int(row)), float(usd[row]))
                yield Hit(row=int(row), side=side, score=1.0, values=values, rests=rests.get(int(row), ()))

    def _scored(
        self, scorer: Scorer, values: Values, side: Side, block: FeatureBlock, stands: Mask | None
    ) -> Iterator[Hit]:
        if not len(block):
            return
        model = self._models[scorer.about.id]
        matrix = scorer.matrix(block)
        scores = scorer.score(model, matrix)
        high: Mask = scores >= values["min_score"]
        for row in np.flatnonzero(high if stands is None else high & stands):
            parts = scorer.explain(model, matrix[row]).parts
            named = {name: round(value, 2) for name, value, _, _ in parts}
            named |= {f"{name} (typical)": round(typical, 2) for name, _, typical, _ in parts}
            yield Hit(row=int(row), side=side, score=float(scores[row]), values=named)


def _rests(judged: Judged, block: FeatureBlock, hits: Mask) -> Mapping[int, tuple[Clause, ...]]:
    """What labels the rule's hits rest on, by row."""
    rows = np.flatnonzero(hits & ((block.own_labels | block.other_labels) != 0))
    if not isinstance(judged.detector, Rule) or not len(rows):
        return {}
    return dict(zip(rows.tolist(), clauses(judged.detector, judged.values, block, rows), strict=True))


def _needs(hit: Hit, pushed: Pushed, labels: LabelBook) -> tuple[Need, ...]:
    if not hit.rests:
        return ()
    at_us = int(pushed.block.at_us[hit.row])
    return needs(hit.rests, _parties(hit, pushed), at_us, labels)


def _parties(hit: Hit, pushed: Pushed) -> tuple[str, str]:
    """The subject and its counterparty, as lists spell them."""
    block, is_sender = pushed.block, hit.side == "sender"
    own, other = block.account(hit.row, sender=is_sender), block.account(hit.row, sender=not is_sender)
    return subject_of(own), outside(other)


def _signal(judged: Judged, hit: Hit, pushed: Pushed, labels: LabelBook, event_id: str) -> Signal:
    block = pushed.block
    at_us = int(block.at_us[hit.row])
    own, other = _parties(hit, pushed)
    bits = pushed.sender_labels[hit.row] | pushed.receiver_labels[hit.row]
    sources: tuple[str, ...] = ()
    if bits:
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
