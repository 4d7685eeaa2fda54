"""The compiled engine says what the oracle says: for any stream, however it is cut, undone or stored."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from manumit.detectors.exposure.contract import ExposureEngine, Standing
from manumit.detectors.exposure.engine import Engine
from manumit.detectors.exposure.oracle import Oracle
from manumit.detectors.exposure.terms import Terms
from manumit.detectors.windows.contract import LabelSpan
from manumit.schemas.block import Int64s
from manumit.schemas.errors import Broken, ConfigError
from tests.detectors.exposure.streams import ASKED, CHAINS, NAMES, TERMS, label_spans, streams
from tests.detectors.windows.streams import Row, block, cut

EXAMPLES = settings(max_examples=40, deadline=None)


def push(engine: ExposureEngine, rows: Sequence[Row], size: int) -> Int64s:
    parts = [engine.push(part, ASKED) for part in cut(rows, size)]
    return np.concatenate([np.zeros((len(ASKED), 0), np.int64), *parts], axis=1)


def standings(engine: ExposureEngine) -> dict[tuple[str, str], Standing | None]:
    return {(chain, name): engine.standing(chain, name) for chain in CHAINS for name in NAMES}


@EXAMPLES
@given(rows=streams(60), spans=label_spans(6), size=st.sampled_from((1, 7, 64)), terms=st.sampled_from(TERMS))
def test_kernel_and_oracle(rows: list[Row], spans: list[LabelSpan], size: int, terms: Terms) -> None:
    oracle, engine = Oracle(terms), Engine(terms)
    oracle.label(spans)
    engine.label(spans)
    assert np.array_equal(push(engine, rows, size), push(oracle, rows, 1000))
    assert standings(engine) == standings(oracle)


@EXAMPLES
@given(
    rows=streams(40),
    more=streams(20),
    spans=label_spans(6),
    depth=st.sampled_from((3, 16, 65_536)),
    back=st.lists(st.integers(0, 20), min_size=1, max_size=3),
    terms=st.sampled_from(TERMS),
)
def test_undo_is_exact(
    rows: list[Row], more: list[Row], spans: list[LabelSpan], depth: int, back: list[int], terms: Terms
) -> None:
    """Pushing and taking back in turns leaves what pushing the rest alone would have left."""
    oracle, engine = Oracle(terms, undo_depth=depth), Engine(terms, undo_depth=depth)
    for one in (oracle, engine):
        one.label(spans)
        push(one, rows, 7)
    for count in back:
        outcomes = [_undone(one, count) for one in (oracle, engine)]
        assert outcomes[0] == outcomes[1]
        assert standings(engine) == standings(oracle)
        assert np.array_equal(push(engine, more, 7), push(oracle, more, 7))
    assert standings(engine) == standings(oracle)


def _undone(engine: ExposureEngine, count: int) -> str:
    try:
        engine.undo(count)
    except Broken as error:
        return str(error)
    return "done"


@EXAMPLES
@given(rows=streams(60), spans=label_spans(6), at=st.integers(0, 60), terms=st.sampled_from(TERMS))
def test_a_snapshot_goes_on(rows: list[Row], spans: list[LabelSpan], at: int, terms: Terms) -> None:
    whole, first = Engine(terms), Engine(terms)
    for one in (whole, first):
        one.label(spans)
    columns = push(whole, rows, 64)
    push(first, rows[:at], 7)
    second = Engine.restore(terms, first.snapshot())
    second.relabel(spans)
    assert np.array_equal(push(second, rows[at:], 7), columns[:, at:])
    assert standings(second) == standings(whole)
    second.undo(len(rows))
    assert set(standings(second).values()) <= {None}


@EXAMPLES
@given(rows=streams(60), spans=label_spans(6), later=label_spans(4), terms=st.sampled_from(TERMS))
def test_recounting_reads_the_labels_of_now(
    rows: list[Row], spans: list[LabelSpan], later: list[LabelSpan], terms: Terms
) -> None:
    engine, fresh = Engine(terms, undo_depth=0), Oracle(terms)
    engine.label(spans)
    parts = [engine.take(part).ends for part in cut(rows, 7)]
    engine.relabel(later)
    ends = np.concatenate([np.zeros((2, 0), np.int64), *parts], axis=1)
    engine.recount(np.array([row.at_us for row in rows]), np.array([row.usd_micro for row in rows]), ends)
    fresh.label(later)
    push(fresh, rows, 1000)
    assert standings(engine) == standings(fresh)


@EXAMPLES
@given(rows=streams(80), spans=label_spans(6), terms=st.sampled_from(TERMS))
def test_taint_is_never_made(rows: list[Row], spans: list[LabelSpan], terms: Terms) -> None:
    """Of no category more is gained than was received, nor held than is there."""
    oracle = Oracle(terms)
    oracle.label(spans)
    push(oracle, [row for row in rows if row.usd_micro < 10**15], 1000)
    for one in standings(oracle).values():
        for category in {category for category, _ in (one.gained if one else {})}:
            assert one is not None
            assert sum(v for (c, _), v in one.gained.items() if c == category) <= one.received
            assert sum(v for (c, _), v in one.held.items() if c == category) <= one.balance


def test_a_long_stream_with_little_room_for_undo() -> None:
    """The journal is cut while it is in use."""
    terms = Terms()
    dice = np.random.default_rng(5)
    ends, amounts = dice.integers(0, 40, (30_000, 2)), dice.integers(1, 10**9, 30_000)
    rows = [Row(10**15 + i, int(amounts[i]), CHAINS[0], f"0x{a}", f"0x{b}") for i, (a, b) in enumerate(ends.tolist())]
    spans = [
        LabelSpan(chain=CHAINS[0], address=f"0x{i}", bits=1 << i, valid_from_us=0, valid_to_us=2**62) for i in range(9)
    ]
    shallow, deep = Engine(terms, undo_depth=500), Engine(terms)
    for one in (shallow, deep):
        one.label(spans)
        one.push(block(rows[:20_000]))
        for _ in range(20):
            one.push(block(rows[20_000:20_400]))
            one.undo(400)
        one.push(block(rows[20_000:]))
    plain = Engine(terms, undo_depth=0)
    plain.label(spans)
    plain.push(block(rows))
    for name in range(40):
        wanted = plain.standing(CHAINS[0], f"0x{name}")
        assert shallow.standing(CHAINS[0], f"0x{name}") == wanted
        assert deep.standing(CHAINS[0], f"0x{name}") == wanted
    shallow.undo(500)
    with pytest.raises(Broken, match="cannot take back 1 transfers: 0 are kept"):
        shallow.undo(1)


def test_what_is_refused() -> None:
    engine = Engine(Terms())
    row = Row(1, 1, CHAINS[0], "0xa", "0xb")
    with pytest.raises(Broken, match="retraction"):
        engine.push(block([row], op=-1))
    with pytest.raises(Broken, match="longer than 62"):
        engine.push(block([row._replace(sender="c" * 63)]))
    data = engine.snapshot()
    with pytest.raises(ConfigError, match="damaged"):
        Engine.restore(Terms(), data[:-1])
    with pytest.raises(ConfigError, match="other terms"):
        Engine.restore(Terms(hops=2), data)
    with pytest.raises(ValueError, match="9 hops"):
        Terms(hops=9)
    assert engine.standing("eip155:999", "0xa") is None
    assert engine.standing(CHAINS[0], "x" * 90) is None
