"""What is refused, and that a refusal changes nothing."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from manumit.detectors.windows.contract import LabelSpan, WindowEngine
from manumit.detectors.windows.engine import Engine
from manumit.detectors.windows.features import (
    Aggregate,
    Feature,
    Filter,
    PairCount,
    Since,
    count_in,
    count_out,
    duration_us,
    pair_count,
    receivers,
    senders,
    sum_in,
    where,
)
from manumit.detectors.windows.interner import MAX_CHAINS, MAX_KEY_TEXT
from manumit.detectors.windows.oracle import Oracle
from manumit.detectors.windows.plan import MAX_FILTERS, plan
from manumit.schemas.block import TransferBlock
from manumit.schemas.errors import Broken
from tests.detectors.windows.streams import CHAINS, HOUR, RICH_PLAN, SHORT_PLAN, START_US, Row, block, pushed, seeded

ROWS = seeded(40, 200, accounts=6, gaps=(0, 1, HOUR))
NEXT_US = ROWS[-1].at_us
LONG = "x" * (MAX_KEY_TEXT + 1)


def at(*seconds: int, sender: str = "a", receiver: str = "b", op: int = 1) -> TransferBlock:
    rows = [Row(NEXT_US + s * 1_000_000, 5, CHAINS[0], "a", "b") for s in seconds]
    return block([*rows, Row(rows[-1].at_us, 5, CHAINS[0], sender, receiver)], op)


@pytest.mark.parametrize(
    ("unusable", "why"),
    [
        (at(-1), "event-time order"),
        (at(3, 1, 2), "event-time order"),
        (at(1, op=-1), "retraction"),
        (at(1, op=0), "retraction"),
    ],
)
@pytest.mark.parametrize("make", [Engine, Oracle])
def test_an_unusable_block_is_refused_whole(
    make: Callable[..., WindowEngine], unusable: TransferBlock, why: str
) -> None:
    refused_whole(make(RICH_PLAN), make(RICH_PLAN), unusable, why)


@pytest.mark.parametrize("unusable", [at(1, sender=LONG), at(1, receiver=LONG), at(1, receiver="é" * 32)])
def test_an_address_too_long_is_refused_whole(unusable: TransferBlock) -> None:
    refused_whole(Engine(RICH_PLAN), Engine(RICH_PLAN), unusable, "longer than 62 bytes")


def refused_whole(reader: WindowEngine, innocent: WindowEngine, unusable: TransferBlock, why: str) -> None:
    for each in (reader, innocent):
        pushed(each, ROWS, 50)
    with pytest.raises(Broken, match=why):
        reader.push(unusable)
    assert reader.length == len(ROWS)
    assert reader.recent(CHAINS[0], "a", 10) == []
    if isinstance(reader, Engine) and isinstance(innocent, Engine):
        assert same_bytes(reader.snapshot(), innocent.snapshot())
    later = at(0, 1, 1, 2)
    assert np.array_equal(reader.push(later).columns, innocent.push(later).columns)


def same_bytes(one: bytes, other: bytes) -> bool:
    """Compared out of pytest's sight: it would print two archives."""
    return one == other


def test_an_address_of_the_greatest_length_is_an_account_like_any() -> None:
    longest = "x" * MAX_KEY_TEXT
    rows = [Row(START_US + i, 5, CHAINS[0], longest, receiver) for i, receiver in enumerate((longest, "x" * 61))]
    engine, oracle = Engine(RICH_PLAN), Oracle(RICH_PLAN)
    assert np.array_equal(engine.push(block(rows)).columns, oracle.push(block(rows)).columns)
    assert engine.live_accounts == 2


def test_a_label_on_an_address_too_long_is_refused() -> None:
    span = LabelSpan(chain=CHAINS[0], address=LONG, bits=1, valid_from_us=0, valid_to_us=1)
    with pytest.raises(Broken, match="longer than 62 bytes"):
        Engine(RICH_PLAN).label([span])


def test_an_empty_block_is_nothing() -> None:
    for reader in (Engine(RICH_PLAN), Oracle(RICH_PLAN)):
        assert reader.push(block([])).columns.shape == (len(RICH_PLAN.requests), 0)
        reader.push(block(ROWS))
        assert reader.push(block([])).first == len(ROWS)
        reader.undo(0)
        assert reader.length == len(ROWS)


def test_one_chain_too_many_is_refused_whole() -> None:
    rows = [Row(START_US, 5, f"chain:{n}", "a", "b") for n in range(MAX_CHAINS + 1)]
    engine, oracle = Engine(SHORT_PLAN), Oracle(SHORT_PLAN)
    engine.push(block(rows[:10]))
    before = engine.snapshot()
    with pytest.raises(Broken, match="more than 255 chains"):
        engine.push(block(rows))
    assert same_bytes(engine.snapshot(), before)
    engine.undo(10)
    assert np.array_equal(engine.push(block(rows[:MAX_CHAINS])).columns, oracle.push(block(rows[:MAX_CHAINS])).columns)
    assert engine.live_accounts == 2 * MAX_CHAINS
    with pytest.raises(Broken, match="more than 255 chains"):
        engine.push(block(rows[MAX_CHAINS:]))


def test_asking_after_unknown_accounts_changes_nothing() -> None:
    engine = Engine(SHORT_PLAN)
    engine.push(block(ROWS))
    before = engine.snapshot()
    for n in range(MAX_CHAINS + 10):
        assert engine.recent(f"chain:{n}", "a", 5) == []
    assert engine.recent(CHAINS[0], LONG, 5) == []
    assert same_bytes(engine.snapshot(), before)


@pytest.mark.parametrize(
    ("feature", "why"),
    [
        (count_in("1h", where(held="1h")), "`held` filters outflows only"),
        (senders("1h", where(held="1h")), "`held` filters outflows only"),
        (count_out("1h", where(emptied=("1h", 0.1))), "`emptied` filters inflows only"),
        (receivers("1h", where(emptied=("1h", 0.1))), "`emptied` filters inflows only"),
        (pair_count("1h", where(counterparty=("scam",))), "pair_count filters"),
        (pair_count("1h", where(held="1h")), "pair_count filters"),
        (pair_count("1h", where(emptied=("1h", 0.1))), "pair_count filters"),
        (senders("1h", at_least=0), "not a usable window or count"),
        (Aggregate(measure="count", direction="in", window_us=0), "not a usable window"),
        (PairCount(window_us=0), "not a usable window"),
        (Since(moment="pair", within_us=0), "not a usable horizon"),
    ],
)
def test_a_feature_that_cannot_be_counted_is_refused(feature: Feature, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        plan([("receiver", count_in("1h")), ("receiver", feature)])


def test_as_many_filters_as_fit_and_not_one_more() -> None:
    asked = [("receiver", sum_in("24h", Filter(low=n * 10_000_000))) for n in range(MAX_FILTERS)]
    full = plan([("receiver", feature) for _, feature in asked])
    rows = seeded(41, 300, accounts=4, gaps=(0, 1, HOUR))
    assert np.array_equal(pushed(Engine(full), rows, 100)[0], pushed(Oracle(full), rows, 100)[0])
    with pytest.raises(ValueError, match="more than 62 different filters"):
        plan([("receiver", feature) for _, feature in (*asked, ("receiver", sum_in("24h", Filter(high=5))))])


@pytest.mark.parametrize("text", ["", "0h", "24", "h", "-1h", "1w", "1.5h", " 1h", "1h ", "1h\n", "1234567890s", "²h"])
def test_a_word_that_is_no_duration_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not a duration"):
        duration_us(text)


def test_an_unknown_label_category_is_refused() -> None:
    with pytest.raises(ValueError, match="not in"):
        where(counterparty=("no-such-category",))
