"""Taking back equals never having seen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from manumit.detectors.windows.contract import LabelSpan
from manumit.detectors.windows.engine import Engine
from manumit.detectors.windows.oracle import Oracle
from manumit.detectors.windows.plan import Plan, plan
from manumit.schemas.errors import Broken
from tests.detectors.windows.streams import (
    DAY,
    HOUR,
    NAMES,
    RICH_PLAN,
    SHORT_GAPS,
    SHORT_PLAN,
    START_US,
    Row,
    block,
    label_spans,
    pushed,
    seeded,
    streams,
)

Step = list[Row] | list[LabelSpan] | int | None
LONG_GAPS = (0, 0, 0, 1, HOUR // 200, HOUR // 50)


def scripts(gaps: Sequence[int]) -> SearchStrategy[list[Step]]:
    """Rows to push, spans to add, a number to take back, or None: restart from a snapshot."""
    push = streams(14, gaps).filter(bool)
    step = st.one_of(push, push, st.integers(0, 30), label_spans(2), st.none())
    return st.lists(step, max_size=24)


@dataclass
class Pair:
    """The engine beside its definition, doing the same things."""

    plan: Plan
    undo_depth: int
    kept: list[Row] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.engine = Engine(self.plan, undo_depth=self.undo_depth)
        self.oracle = Oracle(self.plan, undo_depth=self.undo_depth)

    def take(self, step: Step) -> None:
        if step is None:
            self.engine = Engine.restore(self.plan, self.engine.snapshot(), undo_depth=self.undo_depth)
        elif isinstance(step, int):
            self.undo(step)
        elif step and isinstance(step[0], Row):
            self.push([row for row in step if isinstance(row, Row)])
        else:
            spans = [span for span in step if isinstance(span, LabelSpan)]
            self.engine.label(spans)
            self.oracle.label(spans)
        self.compare_memories()

    def push(self, rows: list[Row]) -> None:
        """The rows, moved so that they begin where the log ends."""
        shift = self.kept[-1].at_us - START_US if self.kept else 0
        rows = [row._replace(at_us=row.at_us + shift) for row in rows]
        ours, wanted = self.engine.push(block(rows)), self.oracle.push(block(rows))
        assert ours.first == wanted.first == len(self.kept)
        assert np.array_equal(ours.columns, wanted.columns)
        assert np.array_equal(ours.sender_labels, wanted.sender_labels)
        assert np.array_equal(ours.receiver_labels, wanted.receiver_labels)
        self.kept += rows

    def undo(self, count: int) -> None:
        try:
            self.oracle.undo(count)
        except Broken:
            with pytest.raises(Broken):
                self.engine.undo(count)
            return
        self.engine.undo(count)
        del self.kept[len(self.kept) - count :]

    def compare_memories(self) -> None:
        assert self.engine.length == self.oracle.length == len(self.kept)
        reach_us = self.kept[-1].at_us - self.plan.horizon_us if self.kept else 0
        for chain in ("eip155:1", "tron:mainnet"):
            for name in NAMES:
                known = self.oracle.recent(chain, name, 1000)
                ours = self.engine.recent(chain, name, 1000)
                assert ours == known[: len(ours)]
                assert all(self.kept[i].at_us <= reach_us for i in known[len(ours) :])


@given(scripts(SHORT_GAPS), st.sampled_from([0, 1, 5, 20, 65_536]))
@settings(max_examples=150, deadline=None)
def test_any_course_of_things_equals_the_definition(script: list[Step], undo_depth: int) -> None:
    pair = Pair(SHORT_PLAN, undo_depth)
    for step in script:
        pair.take(step)


@given(scripts((0, 0, 1, 2, HOUR, 7 * DAY, 30 * DAY, 90 * DAY)), st.sampled_from([3, 20, 65_536]))
@settings(max_examples=40, deadline=None)
def test_any_course_of_things_with_the_rich_features(script: list[Step], undo_depth: int) -> None:
    pair = Pair(RICH_PLAN, undo_depth)
    for step in script:
        pair.take(step)


@given(streams(40), streams(40), streams(40), label_spans(6), st.sampled_from([1, 7, 1000]))
@settings(max_examples=60, deadline=None)
def test_undone_transfers_leave_no_trace(
    kept: list[Row], undone: list[Row], later: list[Row], spans: list[LabelSpan], size: int
) -> None:
    end = kept[-1].at_us - START_US if kept else 0
    undone = [row._replace(at_us=row.at_us + end) for row in undone]
    later = [row._replace(at_us=row.at_us + end) for row in later]
    engine, innocent = Engine(RICH_PLAN, undo_depth=40), Engine(RICH_PLAN, undo_depth=40)
    for reader in (engine, innocent):
        reader.label(spans)
        pushed(reader, kept, size)
    pushed(engine, undone, size)
    engine.undo(len(undone))
    assert np.array_equal(pushed(engine, later, size)[0], pushed(innocent, later, size)[0])
    assert same_memory(engine, innocent, [*kept, *later], [*kept, *undone, *later])


def same_memory(one: Engine, other: Engine, log: Sequence[Row], rows: Sequence[Row]) -> bool:
    """Both remember the same of what a feature can still reach in the log; `rows` name the accounts to ask."""
    reach_us = log[-1].at_us - one.plan.horizon_us if log else 0
    within = [
        [[i for i in engine.recent(*account, 10**4) if log[i].at_us > reach_us] for engine in (one, other)]
        for account in {row.end("out") for row in rows} | {row.end("in") for row in rows}
    ]
    return one.length == other.length and all(ours == theirs for ours, theirs in within)


@pytest.mark.parametrize(("asked", "undo_depth"), [(RICH_PLAN, 65_536), (SHORT_PLAN, 12_800)])
def test_sixty_four_blocks_taken_back_were_never_seen(asked: Plan, undo_depth: int) -> None:
    common = seeded(1, 3_000, accounts=300, gaps=LONG_GAPS)
    then = common[-1].at_us
    strangers = seeded(2, 64 * 200, accounts=900, gaps=LONG_GAPS, start_us=then, prefix="0y")
    others = seeded(3, 64 * 200, accounts=300, gaps=LONG_GAPS, start_us=then)
    engine, innocent = Engine(asked, undo_depth=undo_depth), Engine(asked, undo_depth=undo_depth)
    for reader in (engine, innocent):
        pushed(reader, common, 200)
    before = engine.live_accounts
    pushed(engine, strangers, 200)
    assert engine.live_accounts > before
    for _ in range(64):
        engine.undo(200)
    assert engine.length == innocent.length
    assert np.array_equal(pushed(engine, others, 200)[0], pushed(innocent, others, 200)[0])
    engine, innocent = (Engine.restore(asked, e.snapshot(), undo_depth=undo_depth) for e in (engine, innocent))
    assert engine.live_accounts == innocent.live_accounts
    assert same_memory(engine, innocent, [*common, *others], [*common, *strangers, *others])


def test_everything_can_be_taken_back_again_and_again() -> None:
    rows = seeded(4, 3_000, accounts=50, gaps=(0, 1, HOUR, 7 * DAY))
    wanted = pushed(Engine(RICH_PLAN), rows, 500)[0]
    engine = Engine(RICH_PLAN)
    for _ in range(3):
        assert np.array_equal(pushed(engine, rows, 500)[0], wanted)
        engine.undo(len(rows))
        assert (engine.length, engine.live_accounts) == (0, 0)


def test_after_taking_everything_back_time_may_begin_earlier() -> None:
    engine = Engine(RICH_PLAN)
    engine.push(block([Row(START_US, 1, "eip155:1", "0xa", "0xb")]))
    engine.undo(1)
    assert engine.push(block([Row(START_US - DAY, 1, "eip155:1", "0xa", "0xb")])).first == 0


def test_buffers_that_grow_between_undos_lose_nothing() -> None:
    rows = seeded(8, 12_000, accounts=2_000, gaps=(0, 0, 1, HOUR // 100))
    engine, taken = Engine(SHORT_PLAN, undo_depth=1_500), 0
    parts = []
    for size in (900, 1_100, 2_000, 3_000, 1_000):
        engine.push(block(rows[taken : taken + size]))
        back = size // 2
        engine.undo(back)
        taken += size - back
    parts.append(engine.push(block(rows[taken:])).columns)
    wanted = pushed(Oracle(SHORT_PLAN), rows, len(rows))[0]
    assert np.array_equal(parts[0], wanted[:, taken:])


def test_beyond_the_depth_is_refused_and_changes_nothing() -> None:
    rows = seeded(10, 40, accounts=4, gaps=(HOUR,))
    for reader in (Engine(SHORT_PLAN, undo_depth=10), Oracle(SHORT_PLAN, undo_depth=10)):
        reader.push(block(rows))
        with pytest.raises(Broken):
            reader.undo(11)
        reader.undo(10)
        assert reader.length == 30
    engine = Engine(SHORT_PLAN)
    engine.push(block(rows))
    with pytest.raises(Broken):
        engine.undo(41)


def test_the_depth_is_not_renewed_by_an_undo() -> None:
    """The depth counts from the furthest the log ever was: older transfers have been forgotten since."""
    rows = seeded(10, 40, accounts=4, gaps=(HOUR,))
    for reader in (Engine(SHORT_PLAN, undo_depth=10), Oracle(SHORT_PLAN, undo_depth=10)):
        reader.push(block(rows))
        reader.undo(6)
        with pytest.raises(Broken):
            reader.undo(5)
        reader.undo(4)
        with pytest.raises(Broken):
            reader.undo(1)
        reader.push(block(rows[30:35]))
        with pytest.raises(Broken):
            reader.undo(6)
        reader.undo(5)
    restored = Engine(SHORT_PLAN, undo_depth=10)
    restored.push(block(rows))
    deeper = Engine.restore(SHORT_PLAN, restored.snapshot(), undo_depth=1000)
    with pytest.raises(Broken):
        deeper.undo(11)


def test_a_plan_without_features_keeps_the_order_of_time() -> None:
    empty = plan([])
    for undo_depth in (0, 5):
        engine = Engine(empty, undo_depth=undo_depth)
        rows = seeded(11, 4_000, accounts=4, gaps=(1,))
        for part in (rows[:1_000], rows[1_000:3_000]):
            assert engine.push(block(part)).columns.shape == (0, len(part))
            engine.undo(undo_depth)
        with pytest.raises(Broken):
            engine.push(block(rows[:1]))
