"""Alerts do not depend on how sources cut their batches, on how many sources there are, or on the engine."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from manumit.connectors.contract import Batch
from manumit.connectors.world.generate import generate
from manumit.connectors.world.world import World
from manumit.detectors.stories import HOUR, START_US, account, advert, pay
from manumit.detectors.windows.oracle import Oracle
from manumit.schemas.fields import FIRST_BLOCK_US, YEAR_1990_US
from manumit.streams.merging import Merger
from manumit.streams.movements import moves
from tests.streams.flow import NOW_US, Event, Ran, batch_of, movement, new_pipeline, run, small_worlds, source

SIZES = (1, 7, 64, 1000, 10**9)


def content(ran: Ran) -> tuple[object, ...]:
    return ran.store.alerts, ran.totals.digest.hex, ran.totals.signals, ran.totals.events


def lanes(events: Sequence[Event], owners: Sequence[int], sizes: Sequence[int]) -> list[Ran | object]:
    """Events dealt to sources; at the same microsecond the sources' order is the events' order."""
    dealt: list[list[Event]] = [[] for _ in sizes]
    last_us, lowest = -1, 0
    for event, owner in zip(events, owners, strict=True):
        lowest = lowest if event.at_us == last_us else 0
        owner = max(owner % len(sizes), lowest)
        last_us, lowest = event.at_us, owner
        dealt[owner].append(event)
    return [source(f"s{i}", part, size) for i, (part, size) in enumerate(zip(dealt, sizes, strict=True))]


@settings(max_examples=40, deadline=None)
@given(
    small_worlds(),
    st.lists(st.integers(0, 3), min_size=60, max_size=60),
    st.lists(st.sampled_from(SIZES[:4]), min_size=1, max_size=4),
)
def test_alerts_of_small_worlds_do_not_depend_on_batches_or_sources(
    events: list[Event], owners: list[int], sizes: list[int]
) -> None:
    whole = run(source("all", events, 10**9))
    parted = run(*lanes(events, owners[: len(events)], sizes))  # type: ignore[arg-type]  # sources
    assert content(parted) == content(whole)
    assert whole.totals.events == len(events)
    assert not whole.store.dead_letters


@settings(max_examples=25, deadline=None)
@given(small_worlds(longest=40), st.sampled_from(SIZES[:3]))
def test_the_compiled_engine_says_what_the_oracle_says(events: list[Event], size: int) -> None:
    compiled = run(source("all", events, size))
    plain = run(source("all", events, 10**9), pipeline=new_pipeline(make_engine=Oracle))
    assert content(compiled) == content(plain)


@pytest.fixture(scope="module")
def world() -> World:
    return generate(3, 1)


def world_events(world: World) -> list[list[Event]]:
    return [list(world.each_transfer()), list(world.listings), list(world.account_events)]


def test_the_generated_world_says_the_same_in_any_batches_and_with_the_oracle(world: World) -> None:
    kinds = world_events(world)
    first = run(*(source(f"k{i}", part, 10**9) for i, part in enumerate(kinds)), labels=world.labels)
    assert len(first.store.alerts) > 20
    for size in SIZES[:4]:
        again = run(*(source(f"k{i}", part, size) for i, part in enumerate(kinds)), labels=world.labels)
        assert content(again) == content(first)
    oracle = new_pipeline(make_engine=Oracle)
    assert content(
        run(*(source(f"k{i}", p, 500) for i, p in enumerate(kinds)), pipeline=oracle, labels=world.labels)
    ) == content(first)


def test_the_generated_world_in_seven_sources(world: World) -> None:
    events = sorted((e for part in world_events(world) for e in part), key=lambda e: e.at_us)
    owners = np.random.default_rng(5).integers(0, 7, len(events)).tolist()
    whole = run(source("all", events), labels=world.labels)
    parted = run(*lanes(events, owners, (1, 3, 7, 50, 64, 200, 1000)), labels=world.labels)  # type: ignore[arg-type]  # sources
    assert content(parted) == content(whole)


@settings(max_examples=40, deadline=None)
@given(small_worlds(longest=30), st.randoms(use_true_random=False), st.sampled_from(SIZES[:3]))
def test_nothing_is_lost_of_a_shuffled_source(events: list[Event], dice: object, size: int) -> None:
    shuffled = list(events)
    dice.shuffle(shuffled)  # type: ignore[attr-defined]  # random.Random
    one = run(source("all", list(shuffled), 1), source("other", []))
    whole = run(source("all", shuffled_batches(shuffled, size), size))
    for ran in (one, whole):
        assert ran.totals.events + len(ran.store.dead_letters) == len(events)
        assert {letter.reason for letter in ran.store.dead_letters.values()} <= {"late"}


def shuffled_batches(events: list[Event], size: int) -> list[Event]:
    """Batches are each in order, as the contract asks; one after the other they are not."""
    parts = [sorted(events[i : i + size], key=lambda e: e.at_us) for i in range(0, len(events), size)]
    return [event for part in parts for event in part]


def test_a_late_event_is_a_dead_letter_that_says_what_came_before_it() -> None:
    early, late = pay("a", "person-1", "person-2", 80, at=100), pay("b", "person-1", "person-2", 80, at=50)
    ran = run(source("all", [early, late], 1))
    (letter,) = ran.store.dead_letters.values()
    assert (letter.reason, letter.place, letter.source) == ("late", late.event_id, "all")
    assert "2026-01-01 00:00:00.000100 UTC" in letter.message
    assert ran.totals.dead_letters == 1


def test_account_events_that_move_nothing_are_counted_and_judged_by_nobody(world: World) -> None:
    planted = {event for case in world.truth for event in case.events}  # purchases among them, which are judged
    still = [event for event in world.account_events if not moves(event) and event.event_id not in planted]
    ran = run(source("all", still))
    assert ran.totals.events == len(still) > 0
    assert ran.totals.signals == 0


def test_an_event_of_the_future_does_not_make_the_rest_late() -> None:
    far = pay("far", "person-1", "person-2", 80, at=NOW_US)
    rest = [pay(f"p{i}", "person-1", "person-2", 80, at=i) for i in range(5)]
    ran = run(source("all", [rest[0], far, *rest[1:]], 1))
    (letter,) = ran.store.dead_letters.values()
    assert (letter.reason, letter.place) == ("bad-time", far.event_id)
    assert ran.totals.events == 5


@pytest.mark.parametrize("live", [False, True])
def test_events_from_before_there_was_anything_to_watch(live: bool) -> None:
    """The first chain begins on 3 January 2009; nothing else is older than 1990."""
    rest = [pay(f"p{i}", "person-1", "person-2", 80, at=i) for i in range(5)]
    lawful: list[Event] = [
        msgspec.structs.replace(rest[0], tx_hash="0xfirst", at_us=FIRST_BLOCK_US),
        msgspec.structs.replace(advert("first", "escort", "words"), at_us=YEAR_1990_US),
    ]
    absurd: list[Event] = [
        msgspec.structs.replace(rest[0], tx_hash="0xold", at_us=FIRST_BLOCK_US - 1),
        msgspec.structs.replace(advert("old", "escort", "words"), at_us=YEAR_1990_US - 1),
        msgspec.structs.replace(movement("old", "c", 80, at=0), at_us=0),
    ]
    events = sorted([*lawful, *absurd, *rest], key=lambda e: e.at_us)
    for size in (1, 1000):
        ran = run(source("all", events, size, live=live))
        letters = ran.store.dead_letters.values()
        assert {(letter.reason, letter.place) for letter in letters} == {("bad-time", e.event_id) for e in absurd}
        assert ran.totals.events == len(lawful) + len(rest)
    unsorted = run(source("all", [rest[0], absurd[0], *rest[1:]], live=live))
    assert [letter.place for letter in unsorted.store.dead_letters.values()] == [absurd[0].event_id]


def test_old_adverts_of_a_live_feed_are_known_from_when_they_come() -> None:
    payments = [pay(f"p{i}", "client", "till", 200, at=i * HOUR) for i in range(4)]
    printed = advert("a", "escort", "words", at=HOUR, wallets=(account("till"),))
    merger = Merger([("feed", True), ("file", False)])
    merger.offer("feed", Batch(position="", caught_up=True))
    merger.tick(START_US + 10 * HOUR)
    merger.offer("file", batch_of(payments))
    merger.end("file")
    pipeline = new_pipeline()
    for bundle in merger.ready(all_of_it=True):
        pipeline.take(bundle)
    merger.offer("feed", batch_of([printed]))
    alerts = [alert for bundle in merger.ready(all_of_it=True) for alert in pipeline.take(bundle).alerts]
    assert [(a.detector, a.signals) for a in alerts] == [("lk-advert-wallet-on-chain", 4)]
