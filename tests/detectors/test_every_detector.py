"""One test for all detectors: what each must hold, whatever its kind."""

from __future__ import annotations

import re
import string
from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import replace

import msgspec
import numpy as np
import pytest

from manumit.detectors.campaigns.features import Asked, Distinct, Standing
from manumit.detectors.catalogue import detectors, placed
from manumit.detectors.contract import (
    About,
    Case,
    CustomerRule,
    Detector,
    Event,
    FeatureBlock,
    Finder,
    Joiner,
    ListingRule,
    Rule,
    Scorer,
    TextFlag,
    Threshold,
)
from manumit.detectors.customers.features import Ask, Last, Window
from manumit.detectors.windows.engine import Engine
from manumit.detectors.windows.features import Feature, PairCount, Since
from manumit.schemas.listing import LISTING_KINDS
from manumit.schemas.redflag import catalogue
from tests.detectors.judge import by_case, judge, told
from tests.detectors.steps import steps

ALL = detectors()
BY_ID = [pytest.param(one, id=one.about.id) for one in ALL]
CASES = [pytest.param(one, case, id=f"{one.about.id}: {case.name}") for one in ALL for case in one.about.cases]
RULES = [pytest.param(one, id=one.about.id) for one in ALL if isinstance(one, Rule)]
FINDERS = [pytest.param(one, id=one.about.id) for one in ALL if isinstance(one, Finder)]


@pytest.mark.parametrize(("detector", "case"), CASES)
def test_case(detector: Detector, case: Case) -> None:
    assert judge(detector, case, detector.about.values()) == case.fires


@pytest.mark.parametrize("detector", BY_ID)
def test_kinds_of_cases(detector: Detector) -> None:
    cases = detector.about.cases
    assert {case.kind for case in cases} == {"fires", "near-miss", "innocent", "edge"}
    assert len({case.name for case in cases}) == len(cases)
    for case in cases:
        assert case.kind == "edge" or bool(case.fires) == (case.kind == "fires"), case.name


def test_one_file_one_name() -> None:
    for module, detector in placed():
        _, _, name = detector.about.id.partition("-")
        assert module.rpartition(".")[2] == name.replace("-", "_")
    assert len({one.about.id for one in ALL}) == len(ALL) >= 13


@pytest.mark.parametrize("detector", BY_ID)
def test_metadata(detector: Detector) -> None:
    about = detector.about
    assert about.entries
    assert set(about.entries) <= set(catalogue())
    assert about.title and about.reason and about.innocent and about.blind_to and about.version >= 1
    assert len(about.next_steps) == 3
    assert all(len(line) > 8 for line in (*about.innocent, *about.blind_to, *about.next_steps))
    assert all(t.name and t.unit and t.origin for t in about.thresholds)
    assert about.min_events >= (2 if isinstance(detector, TextFlag | ListingRule) else 1)
    if not isinstance(detector, TextFlag):
        assert set(_names(about.reason)) <= {"subject", "usd", *_features(detector), *_thresholds(about)}
    else:
        assert set(_names(about.reason)) <= {"subject"}


def _thresholds(about: About) -> set[str]:
    return {threshold.name for threshold in about.thresholds}


def _features(detector: Rule | ListingRule | Finder | Joiner | Scorer | CustomerRule) -> set[str]:
    if isinstance(detector, Finder):
        return {"parties", *detector.numbers}
    if isinstance(detector, CustomerRule):
        return {*detector.asks(detector.about.values()), "usd"}
    return set() if isinstance(detector, Joiner) else set(detector.features(detector.about.values()))


def _names(reason: str) -> Iterator[str]:
    return (name for _, name, _, _ in string.Formatter().parse(reason) if name is not None)


@pytest.mark.parametrize("detector", BY_ID)
def test_alerts_say_resembles_and_never_is(detector: Detector) -> None:
    said = detector.about.reason.lower()
    assert not re.search(r"\b(is|are) (a )?(trafficker|victim|criminal|trafficking)", said)


@pytest.mark.parametrize("detector", BY_ID)
def test_known_kinds_of_listings(detector: Detector) -> None:
    if isinstance(detector, TextFlag | ListingRule):
        assert detector.kinds
        assert set(detector.kinds) <= set(LISTING_KINDS)


@pytest.mark.parametrize("detector", BY_ID)
def test_input_stays_as_it_was(detector: Detector) -> None:
    before = deepcopy(detector.about.cases)
    by_case(detector, detector.about.values())
    assert detector.about.cases == before


@pytest.mark.parametrize("detector", BY_ID)
def test_nothing_in_nothing_out(detector: Detector) -> None:
    values = detector.about.values()
    assert judge(detector, Case(name="nothing", kind="near-miss", events=()), values) == frozenset()
    if isinstance(detector, Rule | Joiner):
        empty = FeatureBlock(
            at_us=np.zeros(0, np.int64),
            usd=np.zeros(0),
            own_labels=np.zeros(0, np.uint32),
            other_labels=np.zeros(0, np.uint32),
            columns={name: np.zeros(0, np.int64) for name in _features(detector)},
        )
        mask = detector.fires(empty, values)
        assert mask.shape == (0,)
        assert mask.dtype == np.bool_


@pytest.mark.parametrize("detector", BY_ID)
@pytest.mark.parametrize("batch", [1, 7, 64, 1000])
def test_batches_never_matter(detector: Detector, batch: int) -> None:
    """The compiled engine, in pieces, says what the oracle says of the whole."""
    values = detector.about.values()
    for case in detector.about.cases:
        assert judge(detector, case, values, batch=batch, engine=Engine) == case.fires, case.name


@pytest.mark.parametrize("finder", FINDERS)
def test_a_story_names_all_its_transfers_and_parties(finder: Finder) -> None:
    values = finder.about.values()
    assert "{parties}" in finder.about.reason
    assert finder.about.quiet_gap
    for case in finder.about.cases:
        for view, story in told(finder, case, values, engine=Engine):
            assert tuple(story.numbers) == finder.numbers
            assert view.event.sequence in story.events
            assert len(set(story.events)) == len(story.events) > 1
            assert story.subject in {account for _, account in story.parties}
            transfers = [view.memory.transfer(sequence) for sequence in story.events]
            ends = {end for leg, receiver in transfers for end in (leg.other, receiver)}
            assert {account for _, account in story.parties} <= ends
            assert len(set(story.parties)) == len(story.parties)


@pytest.mark.parametrize("finder", FINDERS)
def test_the_mask_hides_no_story(finder: Finder) -> None:
    """Looking back from every transfer finds no more than looking from those the mask picks."""
    values = finder.about.values()
    everywhere = replace(finder, triggers=lambda block, _: np.ones(len(block), np.bool_))
    for case in finder.about.cases:
        assert judge(everywhere, case, values) == judge(finder, case, values), case.name


@pytest.mark.parametrize("detector", RULES + FINDERS)
def test_order_within_a_microsecond_is_the_log_order(detector: Rule | Finder) -> None:
    """All events of a case at one moment: still the same answer for every batch size."""
    values = detector.about.values()
    for case in detector.about.cases:
        moment = case.events[0].at_us
        events = tuple(replace_time(e, moment) for e in case.events)
        crowded = replace(case, events=events)
        whole = judge(detector, crowded, values)
        assert judge(detector, crowded, values, batch=1, engine=Engine) == whole
        assert judge(detector, crowded, values, batch=7, engine=Engine) == whole


def replace_time(event: Event, at_us: int) -> Event:
    return msgspec.structs.replace(event, at_us=at_us)


PINNED = [
    pytest.param(one, threshold, id=f"{one.about.id}: {threshold.name}")
    for one in ALL
    for threshold in one.about.thresholds
    if not isinstance(one, Scorer)
]


@pytest.mark.parametrize(("detector", "threshold"), PINNED)
def test_a_case_stands_on_both_edges_of_each_threshold(detector: Detector, threshold: Threshold) -> None:
    """Moving a threshold by its smallest step, up or down, changes the answer of some case."""
    as_is = {case.name: case.fires for case in detector.about.cases}
    up, down = steps(detector, threshold)
    for value in (threshold.value + up, threshold.value - down):
        assert by_case(detector, detector.about.values({threshold.name: value})) != as_is, value


def lengths(rule: Rule | ListingRule) -> set[int]:
    """Every duration a rule's features name, in microseconds."""
    found: set[int] = set()
    for feature in rule.features(rule.about.values()).values():
        if isinstance(feature, Since | Distinct | Standing):
            found.add(feature.within_us if isinstance(feature, Since) else feature.window_us)
            continue
        where = feature.where
        found |= {feature.window_us, where.held_us, where.empty_window_us, where.new_pair_us}
    return found - {0}


def stretched(length: int, by: int) -> Callable[[Feature | Asked], Feature | Asked]:
    def moved(us: int) -> int:
        return us + by if us == length else us

    def shift(feature: Feature | Asked) -> Feature | Asked:
        if isinstance(feature, Distinct | Standing):
            return replace(feature, window_us=moved(feature.window_us))
        if isinstance(feature, Since):
            return replace(feature, within_us=moved(feature.within_us))
        where = replace(
            feature.where,
            held_us=moved(feature.where.held_us),
            empty_window_us=moved(feature.where.empty_window_us),
            new_pair_us=moved(feature.where.new_pair_us),
        )
        if isinstance(feature, PairCount):
            return replace(feature, window_us=moved(feature.window_us), where=where)
        return replace(feature, window_us=moved(feature.window_us), where=where)

    return shift


WINDOWS = [
    pytest.param(one, length, id=f"{one.about.id}: {length // 3_600_000_000} h")
    for one in ALL
    if isinstance(one, Rule | ListingRule)
    for length in sorted(lengths(one))
]


@pytest.mark.parametrize(("rule", "length"), WINDOWS)
def test_a_case_stands_on_both_edges_of_each_window(rule: Rule | ListingRule, length: int) -> None:
    """One microsecond more or less of a window changes the answer of some case."""
    as_is = {case.name: case.fires for case in rule.about.cases}
    for by in (1, -1):
        assert by_case(rule, rule.about.values(), stretched(length, by)) != as_is, by


def own_lengths(rule: CustomerRule) -> set[int]:
    """Every duration a customer rule's windows name, in microseconds."""
    windows = [ask for ask in rule.asks(rule.about.values()).values() if isinstance(ask, Window)]
    return {length for one in windows for length in (one.window_us, one.after_us, one.fresh_us)} - {0}


def own_stretched(length: int, by: int) -> Callable[[Ask], Ask]:
    def moved(us: int) -> int:
        return us + by if us == length else us

    def shift(ask: Ask) -> Ask:
        if isinstance(ask, Last):
            return ask
        return replace(ask, window_us=moved(ask.window_us), after_us=moved(ask.after_us), fresh_us=moved(ask.fresh_us))

    return shift


OWN_WINDOWS = [
    pytest.param(one, length, id=f"{one.about.id}: {length // 3_600_000_000} h")
    for one in ALL
    if isinstance(one, CustomerRule)
    for length in sorted(own_lengths(one))
]


@pytest.mark.parametrize(("rule", "length"), OWN_WINDOWS)
def test_a_case_stands_on_both_edges_of_each_window_of_a_customer(rule: CustomerRule, length: int) -> None:
    """One microsecond more or less of a window changes the answer of some case."""
    as_is = {case.name: case.fires for case in rule.about.cases}
    for by in (1, -1):
        assert by_case(rule, rule.about.values(), own_stretched(length, by)) != as_is, by
