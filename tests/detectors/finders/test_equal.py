"""A finder says the same however transfers came, as its definition says, and as if what was taken back never was."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from manumit.detectors.contract import Finder
from manumit.detectors.windows.contract import WindowEngine
from manumit.detectors.windows.engine import Engine
from manumit.detectors.windows.oracle import Oracle
from manumit.detectors.windows.plan import Plan, plan
from manumit.streams.searching import parts, stories
from tests.detectors.finders.brute import BRUTE, Past
from tests.detectors.finders.streams import FINDERS, LABELS, loose, spans, stream
from tests.detectors.windows.streams import Row, block, cut

SIZES = (1, 7, 64, 10**9)
MADE = st.builds(stream, st.integers(0, 10**9), st.integers(1, 14))
Said = tuple[str, int, str, tuple[int, ...], tuple[tuple[str, str], ...], tuple[tuple[str, float], ...]]


def whole_plan() -> Plan:
    requests = [request for finder in FINDERS for request in finder.features(loose(finder)).values()]
    return plan(requests, remember_us=max(finder.within_us(loose(finder)) for finder in FINDERS))


def fresh(make: Callable[[Plan], WindowEngine] = Engine) -> WindowEngine:
    engine = make(whole_plan())
    engine.label(spans())
    return engine


def said(engine: WindowEngine, rows: Sequence[Row], size: int) -> list[Said]:
    """All that every finder says of the rows, pushed `size` at a time, accounts by name."""
    found: list[Said] = []
    for part in cut(rows, size):
        pushed, memory = engine.push(part), engine.memory()
        for finder in FINDERS:
            for view, story in stories(finder, loose(finder), pushed, memory, pushed.usd()):
                parties = tuple((role, memory.name(account)) for role, account in story.parties)
                numbers = tuple(story.numbers.items())
                events = tuple(sorted(story.events))
                subject = memory.name(story.subject)
                found.append((finder.about.id, view.event.sequence, subject, events, parties, numbers))
    return sorted(found)


@settings(max_examples=60, deadline=None)
@given(MADE)
def test_the_size_of_blocks_does_not_matter(rows: list[Row]) -> None:
    whole = said(fresh(), rows, 10**9)
    assert all(said(fresh(), rows, size) == whole for size in SIZES[:3])


@settings(max_examples=40, deadline=None)
@given(MADE)
def test_the_compiled_engine_says_what_the_oracle_says(rows: list[Row]) -> None:
    assert said(fresh(), rows, 7) == said(fresh(Oracle), rows, 10**9)


def defined(finder: Finder, rows: Sequence[Row]) -> set[tuple[int, str]]:
    """Last transfer and subject of every story, by the definition."""
    v, tell = loose(finder), BRUTE[finder.about.id]
    dust = v.of.get("dust_usd", 0.0)
    told = ((i, tell(Past(rows, i, LABELS, dust), v)) for i in range(len(rows)))
    return {(i, f"{rows[i].chain}:{subject}") for i, subject in told if subject is not None}


@settings(max_examples=60, deadline=None)
@given(MADE)
def test_it_is_what_the_definition_says_of_the_whole_history(rows: list[Row]) -> None:
    found = said(fresh(), rows, 64)
    for finder in FINDERS:
        mine = {(sequence, subject) for name, sequence, subject, *_ in found if name == finder.about.id}
        assert mine == defined(finder, rows), finder.about.id


def test_the_streams_hold_stories_of_every_kind() -> None:
    """Else the tests above would say nothing."""
    told = Counter(name for seed in range(40) for name, *_ in said(fresh(), stream(seed, 14), 10**9))
    assert set(told) == {finder.about.id for finder in FINDERS} == set(BRUTE)
    assert min(told.values()) >= 10, told


@settings(max_examples=50, deadline=None)
@given(MADE, MADE, st.integers(0, 40), st.sampled_from(SIZES))
def test_what_was_taken_back_never_was(rows: list[Row], other: list[Row], kept: int, size: int) -> None:
    engine = fresh()
    said(engine, rows, size)
    kept = min(kept, len(rows))
    engine.undo(len(rows) - kept)
    latest = rows[kept - 1].at_us if kept else 0
    after = [row for row in other if row.at_us >= latest]
    straight = fresh()
    said(straight, rows[:kept], 10**9)
    assert said(engine, after, size) == said(straight, after, 10**9)


@settings(max_examples=30, deadline=None)
@given(MADE, st.integers(0, 60))
def test_a_restored_engine_goes_on(rows: list[Row], cut_at: int) -> None:
    engine = fresh()
    before = said(engine, rows[:cut_at], 64)
    assert isinstance(engine, Engine)
    again = Engine.restore(engine.plan, engine.snapshot())
    after = said(again, rows[cut_at:], 64)
    assert sorted(before + after) == said(fresh(), rows, 10**9)


def test_a_busy_account_in_one_large_block_is_read_as_of_each_event() -> None:
    """The latest transfers of an account, as the engine knows them after the push, are later than the event."""
    rows = sorted((row for seed in range(30) for row in stream(seed, 10)), key=lambda row: row.at_us)
    assert len(rows) > 1000
    assert said(fresh(), rows, 10**9) == said(fresh(), rows, 1)


@pytest.mark.parametrize("rows", [0, 1, 16_383, 16_384, 16_385, 40_000])
def test_blocks_are_pushed_in_pieces_within_the_memory(rows: int) -> None:
    made = [Row(i, 1, "eip155:1", f"a{i % 7}", "b") for i in range(rows)]
    pieces = list(parts(block(made)))
    assert all(0 < len(piece) <= 16_384 for piece in pieces)
    at_us = np.concatenate([piece.at_us for piece in pieces]) if pieces else np.zeros(0, np.int64)
    assert at_us.tolist() == list(range(rows))
