"""Three readings of one definition: brute force over the docstrings, the plain oracle, the compiled engine."""

from __future__ import annotations

import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from manumit.detectors.windows import kernel
from manumit.detectors.windows.contract import LabelSpan, WindowEngine
from manumit.detectors.windows.engine import BLOCK_ROWS, Engine
from manumit.detectors.windows.oracle import Oracle
from manumit.detectors.windows.plan import Request, plan
from tests.detectors.windows.brute import Brute
from tests.detectors.windows.streams import (
    DAY,
    HOUR,
    NAMES,
    RICH,
    RICH_PLAN,
    SHORT_PLAN,
    START_US,
    Row,
    block,
    label_spans,
    pushed,
    seeded,
    streams,
)

SIZES = (1, 7, 64, 1000)
LONG_GAPS = (0, 0, 0, 1, 2, HOUR // 40, HOUR // 20, HOUR)


@given(streams(40), label_spans(6), st.sampled_from(SIZES), st.sampled_from([0, 3, 65_536]))
@settings(max_examples=120, deadline=None)
def test_brute_force_oracle_and_engine_agree(
    rows: list[Row], spans: list[LabelSpan], size: int, undo_depth: int
) -> None:
    readers: tuple[WindowEngine, ...] = (Oracle(RICH_PLAN), Engine(RICH_PLAN, undo_depth=undo_depth))
    for reader in readers:
        reader.label(spans)
    oracle, engine = (pushed(reader, rows, size) for reader in readers)
    brute = Brute(rows, spans)
    for e, (side, feature) in enumerate(RICH_PLAN.requests):
        wanted = brute.column(side, feature)
        assert oracle[0][e].tolist() == wanted, (side, feature)
        assert engine[0][e].tolist() == wanted, (side, feature)
    for labels in (oracle[1], engine[1]):
        assert labels[0].tolist() == [brute.labels(row.end("out"), row.at_us) | row.known >> 32 for row in rows]
        assert labels[1].tolist() == [brute.labels(row.end("in"), row.at_us) | row.known % 2**32 for row in rows]


@given(streams(300), label_spans(6), st.sampled_from([0, 50, 65_536]))
@settings(max_examples=25, deadline=None)
def test_the_block_size_changes_nothing(rows: list[Row], spans: list[LabelSpan], undo_depth: int) -> None:
    answers = []
    for size in (*SIZES, len(rows) + 1):
        engine = Engine(RICH_PLAN, undo_depth=undo_depth)
        engine.label(spans)
        answers.append(pushed(engine, rows, size))
    for columns, labels in answers[1:]:
        assert np.array_equal(columns, answers[0][0])
        assert np.array_equal(labels, answers[0][1])


def test_a_stream_longer_than_every_buffer() -> None:
    rows = seeded(5, 40_000, accounts=60, gaps=LONG_GAPS)
    assert len(rows) > 2 * BLOCK_ROWS
    spans = [
        LabelSpan(
            chain="eip155:1",
            address=row.sender,
            bits=1 << n,
            valid_from_us=START_US,
            valid_to_us=START_US + 30 * DAY,
        )
        for n, row in enumerate(row for row in rows[:30] if row.chain == "eip155:1")
    ]
    engine, oracle = Engine(SHORT_PLAN, undo_depth=1000), Oracle(SHORT_PLAN)
    one_by_one = Engine(SHORT_PLAN, undo_depth=0)
    for reader in (engine, oracle, one_by_one):
        reader.label(spans)
    wanted = pushed(oracle, rows, len(rows))
    for columns, labels in (pushed(engine, rows, len(rows)), pushed(one_by_one, rows, 1000)):
        assert np.array_equal(columns, wanted[0])
        assert np.array_equal(labels, wanted[1])


def test_the_rich_features_on_a_stream_longer_than_a_chunk() -> None:
    rows = seeded(6, 5_000, accounts=12, gaps=(*LONG_GAPS, 7 * DAY))
    wanted = pushed(Oracle(RICH_PLAN), rows, 5_000)[0]
    for undo_depth in (0, 700):
        columns = pushed(Engine(RICH_PLAN, undo_depth=undo_depth), rows, 5_000)[0]
        unequal = [RICH_PLAN.requests[e] for e in np.flatnonzero((columns != wanted).any(axis=1))]
        assert not unequal


@pytest.mark.parametrize("undo_depth", [0, 65_536])
def test_a_feature_does_not_depend_on_its_company(undo_depth: int) -> None:
    rows = seeded(7, 1_500, accounts=8, gaps=(*LONG_GAPS, DAY, 7 * DAY, 30 * DAY))
    together = pushed(Engine(RICH_PLAN), rows, 1_500)[0]
    for e, request in enumerate(RICH_PLAN.requests):
        alone = pushed(Engine(plan([request]), undo_depth=undo_depth), rows, 1_500)[0]
        assert np.array_equal(alone[0], together[e]), request


@given(st.permutations(RICH), streams(30))
@settings(max_examples=15, deadline=None)
def test_the_order_of_asking_changes_nothing(requests: list[Request], rows: list[Row]) -> None:
    shuffled = plan([*requests, *requests[:5]])
    assert shuffled.requests == RICH_PLAN.requests
    assert shuffled.digest == RICH_PLAN.digest
    columns = pushed(Engine(shuffled), rows, 1000)[0]
    assert np.array_equal(columns, pushed(Engine(RICH_PLAN), rows, 1000)[0])


def test_plans_share_one_compiled_kernel() -> None:
    rows = [Row(START_US, 1, "eip155:1", "0xa", "0xb")]
    for engine in (Engine(RICH_PLAN), Engine(plan(RICH[:1]))):
        engine.push(block(rows))
        engine.undo(1)
    compiled = [len(entry.signatures) for entry in (kernel.push, kernel.undo)]
    for requests in (RICH[:1], RICH[-1:], RICH[40:60], ()):
        engine = Engine(plan(requests))
        engine.push(block([*rows, *rows]))
        engine.undo(1)
        restored = Engine.restore(engine.plan, engine.snapshot())
        restored.push(block(rows))
        restored.undo(1)
    assert compiled == [1, 1] == [len(entry.signatures) for entry in (kernel.push, kernel.undo)]


@given(streams(120), st.integers(0, 12))
@settings(max_examples=40, deadline=None)
def test_recent_lists_the_latest_transfers(rows: list[Row], limit: int) -> None:
    engine, oracle = Engine(RICH_PLAN), Oracle(RICH_PLAN)
    for reader in (engine, oracle):
        pushed(reader, rows, 1000)
    for chain in ("eip155:1", "tron:mainnet", "never-seen:1"):
        for name in (*NAMES, "0xstranger"):
            assert engine.recent(chain, name, limit) == oracle.recent(chain, name, limit)


def test_recent_forgets_only_what_no_feature_can_reach() -> None:
    rows = seeded(9, 4_000, accounts=40, gaps=(0, 1, HOUR // 2, HOUR))
    engine, oracle = Engine(SHORT_PLAN, undo_depth=10), Oracle(SHORT_PLAN)
    for reader in (engine, oracle):
        pushed(reader, rows, 300)
    oldest_needed = next(i for i, row in enumerate(rows) if row.at_us > rows[-11].at_us - SHORT_PLAN.horizon_us)
    seen = random.Random(9).sample(rows, 60)  # noqa: S311 (a choice of examples, not a secret)
    for row in seen:
        known = oracle.recent(*row.end("out"), 4_000)
        assert engine.recent(*row.end("out"), 4_000) == [i for i in known if i >= oldest_needed]
