"""Accounts that no window and no undo can reach are forgotten, and their ids used again, exactly."""

from __future__ import annotations

import numpy as np

from manumit.detectors.windows.contract import LabelSpan
from manumit.detectors.windows.engine import Engine
from manumit.detectors.windows.features import where
from manumit.detectors.windows.oracle import Oracle
from tests.detectors.windows.streams import CHAINS, DAY, HOUR, SHORT_PLAN, START_US, Row, block, pushed

GAP_US = HOUR // 4  # 96 transfers a day


def passers_by(size: int, seed: int = 30) -> list[Row]:
    """New accounts all the time, some of whom meet again soon, and one who comes back after months."""
    dice = np.random.default_rng(seed)
    back = dice.integers(0, 60, size).tolist()
    usd = dice.integers(0, 2_000_000_000, size).tolist()
    rows = []
    for i in range(size):
        receiver = "regular" if i % 4_000 == 7 else f"account-{max(i - back[i], 0)}"
        rows.append(Row(START_US + i * GAP_US, usd[i], CHAINS[0], f"account-{i}", receiver))
    return rows


def test_memory_follows_the_living_not_the_dead() -> None:
    rows = passers_by(30_000)
    engine = Engine(SHORT_PLAN, undo_depth=20)
    live, sizes = [], []
    for at in range(0, len(rows), 100):
        engine.push(block(rows[at : at + 100]))
        live.append(engine.live_accounts)
        sizes.append(engine.size_bytes)
    distinct = len({row.end("out") for row in rows} | {row.end("in") for row in rows})
    assert distinct > 100 * max(live[1:])
    assert max(live) < 300
    assert sizes[-1] == sizes[2] < 1_000_000


def test_recycled_ids_carry_nothing_over() -> None:
    rows = passers_by(20_000)
    scam = where(counterparty=("scam",)).labels
    spans = [
        LabelSpan(
            chain=CHAINS[0],
            address=f"account-{n}",
            bits=scam,
            valid_from_us=START_US,
            valid_to_us=START_US + 10_000 * DAY,
        )
        for n in range(0, 20_000, 7)
    ]
    oracle = Oracle(SHORT_PLAN)
    oracle.label(spans)
    wanted, wanted_labels = pushed(oracle, rows, len(rows))
    assert wanted_labels.any(axis=1).all()
    for undo_depth, size in ((0, 64), (20, 777), (500, 20_000)):
        engine = Engine(SHORT_PLAN, undo_depth=undo_depth)
        engine.label(spans)
        columns, labels = pushed(engine, rows, size)
        assert np.array_equal(columns, wanted)
        assert np.array_equal(labels, wanted_labels)
        assert engine.live_accounts < 2_000


def test_undo_into_recycled_ids_is_exact() -> None:
    rows, others = passers_by(3_000), passers_by(3_000, seed=31)
    wanted = pushed(Oracle(SHORT_PLAN), rows, 3_000)[0]
    engine = Engine(SHORT_PLAN, undo_depth=150)
    for at in range(0, 3_000, 100):
        pushed(engine, others[at : at + 150], 50)
        engine.undo(min(150, 3_000 - at))
        assert np.array_equal(engine.push(block(rows[at : at + 100])).columns, wanted[:, at : at + 100])


def test_an_account_forgotten_and_seen_again_starts_anew() -> None:
    engine = Engine(SHORT_PLAN, undo_depth=0)
    for n in range(3):
        engine.push(block([Row(START_US + n * 2 * DAY, 5, CHAINS[0], "a", "b")]))
        assert engine.recent(CHAINS[0], "a", 9) == [n]
        assert engine.live_accounts == 2


def test_labels_outlive_the_account() -> None:
    bits = where(counterparty=("scam",)).labels
    span = LabelSpan(chain=CHAINS[0], address="a", bits=bits, valid_from_us=START_US, valid_to_us=START_US + 100 * DAY)
    engine = Engine(SHORT_PLAN, undo_depth=0)
    engine.label([span])
    for day in (0, 5, 10):
        at_us = START_US + day * DAY
        assert engine.push(block([Row(at_us, 5, CHAINS[0], "a", "b")])).sender_labels.tolist() == [bits]
        assert engine.push(block([Row(at_us + 2 * DAY, 5, CHAINS[0], "c", "d")])).sender_labels.tolist() == [0]
        assert engine.recent(CHAINS[0], "a", 9) == []
