"""A restart in the middle changes nothing; a snapshot that cannot be trusted is refused."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from manumit.detectors.windows.contract import LabelSpan
from manumit.detectors.windows.engine import Engine
from manumit.detectors.windows.plan import plan
from manumit.detectors.windows.snapshot import packed, said_of, unpacked
from manumit.schemas.errors import ConfigError
from tests.detectors.windows.streams import (
    CHAINS,
    DAY,
    HOUR,
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


def filled(undo_depth: int = 65_536) -> Engine:
    engine = Engine(SHORT_PLAN, undo_depth=undo_depth)
    engine.push(block(seeded(20, 300, accounts=20, gaps=(0, 1, HOUR))))
    return engine


@given(streams(60), label_spans(4), st.lists(st.integers(0, 60), max_size=3), st.sampled_from([0, 5, 65_536]))
@settings(max_examples=40, deadline=None)
def test_a_restart_changes_nothing(
    rows: list[Row], spans: list[LabelSpan], restarts: list[int], undo_depth: int
) -> None:
    undisturbed, engine = (Engine(RICH_PLAN, undo_depth=undo_depth) for _ in range(2))
    for reader in (undisturbed, engine):
        reader.label(spans)
    at = 0
    for stop in (*sorted(min(restart, len(rows)) for restart in restarts), len(rows)):
        engine = Engine.restore(RICH_PLAN, engine.snapshot(), undo_depth=undo_depth)
        ours, wanted = (reader.push(block(rows[at:stop])) for reader in (engine, undisturbed))
        assert np.array_equal(ours.columns, wanted.columns)
        assert np.array_equal(ours.sender_labels, wanted.sender_labels)
        assert np.array_equal(ours.receiver_labels, wanted.receiver_labels)
        at = stop
    assert (engine.length, engine.live_accounts) == (undisturbed.length, undisturbed.live_accounts)
    assert same_bytes(engine, undisturbed)


def same_bytes(one: Engine, other: Engine) -> bool:
    """Compared out of pytest's sight: it would print two archives."""
    return one.snapshot() == other.snapshot()


def test_a_long_stream_goes_on_after_a_restart() -> None:
    rows = seeded(21, 9_000, accounts=700, gaps=(0, 0, 1, HOUR // 60, HOUR))
    wanted = pushed(Engine(SHORT_PLAN, undo_depth=100), rows, 9_000)[0]
    engine = Engine(SHORT_PLAN, undo_depth=100)
    for at in range(0, 9_000, 1_500):
        assert np.array_equal(engine.push(block(rows[at : at + 1_500])).columns, wanted[:, at : at + 1_500])
        engine = Engine.restore(SHORT_PLAN, engine.snapshot(), undo_depth=100)


def test_a_snapshot_is_not_touched_by_what_follows() -> None:
    engine = filled()
    taken = engine.snapshot()
    length = engine.length
    engine.push(block(seeded(22, 300, accounts=20, gaps=(DAY,), start_us=START_US + 1_000 * DAY)))
    assert Engine.restore(SHORT_PLAN, taken).length == length < engine.length
    same = Engine.restore(SHORT_PLAN, taken).snapshot() == taken
    assert same


def test_another_feature_set_is_refused() -> None:
    taken = filled().snapshot()
    for requests in (RICH, (*SHORT_PLAN.requests, *RICH[:1]), SHORT_PLAN.requests[1:], ()):
        with pytest.raises(ConfigError, match="another version or feature set"):
            Engine.restore(plan(requests), taken)
    assert Engine.restore(plan(reversed(SHORT_PLAN.requests)), taken).length == 300


def test_another_version_is_refused() -> None:
    taken = filled().snapshot()
    later = packed(unpacked(taken), {**said_of(taken), "version": said_of(taken)["version"] + 1})
    with pytest.raises(ConfigError, match="another version or feature set"):
        Engine.restore(SHORT_PLAN, later)


def test_a_snapshot_carries_only_what_is_in_use() -> None:
    engine = Engine(SHORT_PLAN, undo_depth=0)
    few = len(engine.snapshot())
    for at in range(6):
        engine.push(block(seeded(23 + at, 3_000, accounts=1_000, gaps=(1,), start_us=START_US + at * 1_000 * DAY)))
    engine.push(block([Row(START_US + 9_000 * DAY, 5, CHAINS[0], "a", "b")]))
    assert len(engine.snapshot()) - few < engine.size_bytes / 4


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_a_damaged_snapshot_is_refused(data: st.DataObject) -> None:
    taken = filled().snapshot()
    at = data.draw(st.integers(0, len(taken) - 1))
    flipped = taken[at] ^ data.draw(st.integers(1, 255))
    for damaged in (taken[:at], taken[:at] + bytes([flipped]) + taken[at + 1 :], taken + b"\0"):
        with pytest.raises(ConfigError, match="damaged"):
            Engine.restore(SHORT_PLAN, damaged)


@pytest.mark.parametrize("garbage", [b"", b"not a snapshot", bytes(100), b"PK\x03\x04" + bytes(60)])
def test_what_was_never_a_snapshot_is_refused(garbage: bytes) -> None:
    with pytest.raises(ConfigError, match="damaged"):
        Engine.restore(SHORT_PLAN, garbage)
