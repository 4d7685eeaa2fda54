"""What the rules say of a corpus, counted: recall of what was planted, alerts on what was not."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from bench.corpus import Corpus
from manumit.detectors.contract import Detector
from manumit.schemas.alert import Alert
from manumit.schemas.block import TransferBlock
from manumit.streams.merging import Bundle
from manumit.streams.pipeline import Pipeline
from manumit.streams.rule_pack import Configured

Z_95 = 1.959963984540054
ROWS_AT_ONCE = 16_384


@dataclass(frozen=True, slots=True)
class Share:
    """`hits` of `of`, with the Wilson score interval of 95 % (Wilson 1927; Brown, Cai & DasGupta 2001)."""

    hits: int
    of: int

    @property
    def value(self) -> float:
        return self.hits / self.of if self.of else math.nan

    @property
    def interval(self) -> tuple[float, float]:
        if not self.of:
            return 0.0, 1.0
        n, p, z2 = self.of, self.hits / self.of, Z_95**2
        middle = (p + z2 / (2 * n)) / (1 + z2 / n)
        half = Z_95 * math.sqrt(p * (1 - p) / n + z2 / (4 * n * n)) / (1 + z2 / n)
        return max(0.0, middle - half), min(1.0, middle + half)

    def __add__(self, other: Share) -> Share:
        return Share(self.hits + other.hits, self.of + other.of)


NOTHING = Share(0, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """`by_rule` and `by_typology`: planted (rule, subject) pairs that were named; `cases`: cases in which some rule
    named some subject; `loud`: alerts by rule on subjects that nobody planted; `missed` says which pairs were not."""

    by_rule: Mapping[str, Share] = field(default_factory=dict)
    by_typology: Mapping[str, Share] = field(default_factory=dict)
    cases: Mapping[str, Share] = field(default_factory=dict)
    loud: Mapping[str, int] = field(default_factory=dict)
    missed: tuple[tuple[str, str, str], ...] = ()


def alerts_of(corpus: Corpus, detectors: Sequence[Detector]) -> dict[str, Alert]:
    """The newest revision of every alert, by id."""
    pipeline = Pipeline(Configured(detectors=tuple(detectors), overrides={}))
    pipeline.learn_labels(corpus.labels)
    found: dict[str, Alert] = {}
    for bundle in bundles(corpus):
        found.update((alert.alert_id, alert) for alert in pipeline.take(bundle).alerts)
    return {alert_id: alert for alert_id, alert in found.items() if alert.state != "withdrawn"}


def bundles(corpus: Corpus) -> Iterable[Bundle]:
    """Everything, in order, cut between two moments."""
    rows, customers, events = corpus.transfers, corpus.customers, corpus.account_events
    cuts = [rows[i].at_us for i in range(ROWS_AT_ONCE, len(rows), ROWS_AT_ONCE)]
    ends = max([rows[-1].at_us, *(event.at_us for event in events[-1:])])
    start = min([rows[0].at_us, *(row.at_us for row in customers[:1]), *(row.at_us for row in events[:1])]) - 1
    for stop in dict.fromkeys([*cuts, ends]):
        block = [row for row in rows if start < row.at_us <= stop]
        yield Bundle(
            until_us=stop,
            transfers=((False, TransferBlock.of(block)),) if block else (),
            customers=tuple(row for row in customers if start < row.at_us <= stop),
            account_events=tuple(row for row in events if start < row.at_us <= stop),
        )
        start = stop


def judged(corpus: Corpus, alerts: Iterable[Alert], detectors: Sequence[Detector]) -> Judged:
    """Alerts held against the truth. Rules that are not in `detectors` are not asked for."""
    asked = {one.about.id for one in detectors}
    named: dict[str, set[str]] = defaultdict(set)
    for alert in alerts:
        named[alert.detector].add(alert.subject)
    by_rule: dict[str, Share] = defaultdict(lambda: NOTHING)
    by_typology: dict[str, Share] = defaultdict(lambda: NOTHING)
    cases: dict[str, Share] = defaultdict(lambda: NOTHING)
    missed = []
    for case in corpus.truth:
        met = False
        for rule in asked & set(case.expected):
            hits = [subject in named[rule] for subject in case.expected[rule]]
            by_rule[rule] += Share(sum(hits), len(hits))
            by_typology[case.typology] += Share(sum(hits), len(hits))
            met |= any(hits)
            missed += [(case.case_id, rule, s) for s, hit in zip(case.expected[rule], hits, strict=True) if not hit]
        cases[case.typology] += Share(int(met), 1)
    loud = {rule: len(subjects - corpus.involved) for rule, subjects in named.items()}
    return Judged(by_rule=by_rule, by_typology=by_typology, cases=cases, loud=loud, missed=tuple(missed))


def added(first: Mapping[str, Share], second: Mapping[str, Share]) -> dict[str, Share]:
    return {name: first.get(name, NOTHING) + second.get(name, NOTHING) for name in {**first, **second}}
