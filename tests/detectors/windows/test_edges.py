"""Every limit of every feature, stood on exactly and missed by one step."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from manumit.detectors.windows.contract import LabelSpan
from manumit.detectors.windows.engine import Engine
from manumit.detectors.windows.features import (
    NEVER,
    Aggregate,
    Feature,
    Filter,
    PairCount,
    Side,
    Since,
    count_in,
    count_out,
    duration_us,
    pair_count,
    receivers,
    senders,
    since,
    sum_in,
    sum_out,
    where,
)
from manumit.detectors.windows.oracle import Oracle
from manumit.detectors.windows.plan import plan
from manumit.schemas.block import MAX_MICRO_USD, MICRO_USD
from tests.detectors.windows.streams import DAY, HOUR, START_US, Row, block, pushed

CHAIN = "eip155:1"
Move = tuple[int, str, str, int]


def last(side: Side, feature: Feature, *moves: Move, labels: tuple[LabelSpan, ...] = ()) -> int:
    """The feature at the last of the moves (microseconds after the start, sender, receiver, micro-USD)."""
    rows = [Row(START_US + after, usd, CHAIN, sender, receiver) for after, sender, receiver, usd in moves]
    asked = plan([(side, feature)])
    values = []
    for reader, size in ((Oracle(asked), len(rows)), (Engine(asked, undo_depth=0), 1), (Engine(asked), len(rows))):
        reader.label(labels)
        values.append(int(pushed(reader, rows, size)[0][0, -1]))
    assert len(set(values)) == 1, values
    return values[0]


@pytest.mark.parametrize("window", ["1s", "1h", "24h", "7d", "30d"])
@pytest.mark.parametrize(
    ("side", "make", "one", "two"),
    [
        ("sender", count_out, 1, 2),
        ("receiver", count_in, 1, 2),
        ("sender", sum_out, 7, 12),
        ("receiver", sum_in, 7, 12),
        ("sender", pair_count, 1, 2),
        ("receiver", pair_count, 1, 2),
        ("receiver", lambda window: senders(window, at_least=2), 0, 1),
        ("sender", lambda window: receivers(window, at_least=2), 0, 1),
    ],
)
def test_exactly_one_window_old_is_out(
    side: Side, make: Callable[[str], Feature], one: int, two: int, window: str
) -> None:
    length = duration_us(window)
    assert last(side, make(window), (0, "a", "b", 5), (length, "a", "b", 7)) == one
    assert last(side, make(window), (0, "a", "b", 5), (length - 1, "a", "b", 7)) == two


@pytest.mark.parametrize("window", ["1h", "7d"])
def test_a_counterparty_leaves_with_its_last_transfer(window: str) -> None:
    length = duration_us(window)
    assert last("receiver", senders(window), (0, "a", "b", 5), (length, "c", "b", 5)) == 1
    assert last("receiver", senders(window), (0, "a", "b", 5), (length - 1, "c", "b", 5)) == 2
    assert last("receiver", senders(window), (0, "a", "b", 5), (1, "a", "b", 5), (length, "c", "b", 5)) == 2
    assert last("sender", receivers(window), (0, "a", "b", 5), (length, "a", "c", 5)) == 1
    assert last("sender", receivers(window), (0, "a", "b", 5), (length - 1, "a", "c", 5)) == 2


def test_at_least_is_reached_exactly() -> None:
    thrice = senders("1h", at_least=3)
    assert last("receiver", thrice, (0, "a", "b", 5), (1, "a", "b", 5)) == 0
    assert last("receiver", thrice, (0, "a", "b", 5), (1, "a", "b", 5), (2, "a", "b", 5)) == 1
    assert last("receiver", thrice, *((i, "a", "b", 5) for i in range(9))) == 1
    assert last("receiver", thrice, *((i, "a", "b", 5) for i in (0, 1, 2, HOUR))) == 1
    assert last("receiver", thrice, *((i, "a", "b", 5) for i in (0, 1, 2, HOUR + 1))) == 0


def test_a_window_of_one_microsecond_holds_the_ties_so_far() -> None:
    now = Aggregate(measure="count", direction="in", window_us=1)
    assert last("receiver", now, (0, "a", "b", 5), (0, "c", "b", 5)) == 2
    assert last("receiver", now, (0, "a", "b", 5), (1, "c", "b", 5)) == 1
    assert last("receiver", PairCount(window_us=1), (0, "a", "b", 5), (0, "a", "b", 5), (0, "c", "b", 5)) == 1


@pytest.mark.parametrize(
    ("usd", "inside"),
    [(900 * MICRO_USD, 1), (900 * MICRO_USD - 1, 0), (1000 * MICRO_USD - 1, 1), (1000 * MICRO_USD, 0), (-1, 0)],
)
def test_an_amount_band_is_half_open(usd: int, inside: int) -> None:
    band = where(low_usd=900, high_usd=1000)
    move = (0, "a", "b", usd)
    assert last("receiver", count_in("1h", band), move) == inside
    assert last("sender", count_out("1h", band), move) == inside
    assert last("receiver", senders("1h", band), move) == inside
    assert last("sender", receivers("1h", band), move) == inside
    assert last("sender", pair_count("1h", band), move) == inside
    assert last("receiver", sum_in("1h", band), move) == inside * usd
    assert last("sender", sum_out("1h", band), move) == inside * usd


def test_unknown_usd_counts_as_a_transfer_but_adds_nothing() -> None:
    moves = ((0, "a", "b", -1), (1, "a", "b", -1))
    assert last("receiver", count_in("1h"), *moves) == 2
    assert last("receiver", sum_in("1h"), *moves) == 0
    assert last("receiver", count_in("1h", where(low_usd=0)), *moves) == 0
    assert last("receiver", count_in("1h", where(low_usd=0)), (0, "a", "b", 0)) == 1
    assert last("receiver", count_in("1h", where(high_usd=1)), *moves) == 2


@pytest.mark.parametrize("held", ["1s", "1h", "24h", "60d"])
def test_held_includes_exactly_that_long(held: str) -> None:
    length = duration_us(held)
    for feature in (count_out("1h", where(held=held)), receivers("1h", where(held=held))):
        assert last("sender", feature, (0, "a", "b", 5), (length, "b", "c", 5)) == 1
        assert last("sender", feature, (0, "a", "b", 5), (length + 1, "b", "c", 5)) == 0
        assert last("sender", feature, (0, "b", "c", 5)) == 0
    assert last("sender", sum_out("1h", where(held=held)), (0, "a", "b", 5), (length, "b", "c", 5)) == 5


@pytest.mark.parametrize("held", ["1s", "24h"])
def test_held_remembers_the_inflow_through_other_transfers_at_the_edge(held: str) -> None:
    length = duration_us(held)
    only = where(held=held)
    for feature in (count_out("1s", only), count_out("24h", only), receivers("1s", only)):
        passing = [(length, "x", "y", 5)] * 3
        assert last("sender", feature, (0, "a", "b", 5), *passing, (length, "b", "c", 5)) == 1


def test_held_looks_at_the_latest_inflow_and_never_at_the_transfer_itself() -> None:
    quick = count_out("24h", where(held="1h"))
    assert last("sender", quick, (0, "a", "b", 5), (HOUR + 1, "a", "b", 5), (HOUR + 2, "b", "c", 5)) == 1
    assert last("sender", quick, (0, "b", "b", 5)) == 0
    assert last("sender", quick, (0, "b", "b", 5), (0, "b", "b", 5)) == 1


def test_emptied_includes_exactly_the_share() -> None:
    found_empty = count_in("1h", where(emptied=("24h", 0.1)))
    assert last("receiver", found_empty, (0, "a", "b", 1000), (1, "b", "c", 900), (2, "a", "b", 5)) == 1
    assert last("receiver", found_empty, (0, "a", "b", 1000), (1, "b", "c", 899), (2, "a", "b", 5)) == 0
    assert last("receiver", found_empty, (0, "a", "b", 1009), (1, "b", "c", 909), (2, "a", "b", 5)) == 1
    assert last("receiver", found_empty, (0, "a", "b", 1009), (1, "b", "c", 908), (2, "a", "b", 5)) == 0
    assert last("receiver", found_empty, (0, "a", "b", 1000), (1, "b", "c", 5000), (2, "a", "b", 5)) == 1


def test_nothing_came_so_nothing_was_emptied() -> None:
    found_empty = count_in("1h", where(emptied=("24h", 0.1)))
    assert last("receiver", found_empty, (0, "a", "b", 1000)) == 0
    assert last("receiver", found_empty, (0, "a", "b", -1), (1, "b", "c", 50), (2, "a", "b", 5)) == 0
    assert last("receiver", found_empty, (0, "b", "c", 50), (1, "a", "b", 5)) == 0


def test_emptied_forgets_what_is_exactly_its_window_old() -> None:
    found_empty = sum_in("1h", where(emptied=("24h", 0.1)))
    assert last("receiver", found_empty, (0, "a", "b", 90), (1, "b", "c", 90), (DAY - 1, "a", "b", 5)) == 5
    assert last("receiver", found_empty, (0, "a", "b", 90), (1, "b", "c", 90), (DAY, "a", "b", 5)) == 0


@pytest.mark.parametrize(
    ("kept", "share", "found"), [(2, 0.1, 1), (3, 0.1, 0), (9, 0.5, 1), (10, 0.5, 1), (11, 0.5, 0), (20, 1, 1)]
)
def test_emptied_is_exact_for_the_largest_sums(kept: int, share: float, found: int) -> None:
    came = [(i, "a", "b", MAX_MICRO_USD) for i in range(20)]
    went = [(20 + i, "b", "c", MAX_MICRO_USD) for i in range(20 - kept)]
    found_empty = count_in("1s", where(emptied=("24h", share)))
    assert last("receiver", found_empty, *came, *went, (DAY // 2, "a", "b", 5)) == found


@pytest.mark.parametrize("horizon", ["1s", "1h", "90d"])
def test_a_pair_is_new_again_exactly_at_the_horizon(horizon: str) -> None:
    length = duration_us(horizon)
    new = where(new_pair=horizon)
    edge = ((0, "a", "b", 5), (length, "a", "b", 5))
    assert last("sender", count_out("1s", new), *edge) == 1
    assert last("sender", sum_out("1s", new), *edge) == 5
    assert last("sender", pair_count("1s", new), *edge) == 1
    assert last("receiver", senders("1s", new), *edge) == 1
    assert last("receiver", count_in("1s", new), (0, "b", "a", 5), (length - 1, "a", "b", 5)) == 1
    alone = Aggregate(measure="count", direction="in", window_us=1, where=new)
    assert last("receiver", alone, (0, "a", "b", 5), (length - 1, "a", "b", 5)) == 0
    assert last("receiver", alone, (0, "a", "b", 5), (length, "a", "b", 5)) == 1


@pytest.mark.parametrize("within", ["1s", "1h", "180d"])
def test_since_is_never_exactly_at_its_limit(within: str) -> None:
    length = duration_us(within)
    assert last("receiver", since("last-in", within), (0, "a", "b", 5), (length, "c", "b", 5)) == NEVER
    assert last("receiver", since("last-in", within), (0, "a", "b", 5), (length - 1, "c", "b", 5)) == length - 1
    assert last("sender", since("last-out", within), (0, "a", "b", 5), (length, "a", "c", 5)) == NEVER
    assert last("sender", since("last-out", within), (0, "a", "b", 5), (length - 1, "a", "c", 5)) == length - 1
    assert last("sender", since("pair", within), (0, "a", "b", 5), (length, "a", "b", 5)) == NEVER
    assert last("sender", since("pair", within), (0, "a", "b", 5), (length - 1, "a", "b", 5)) == length - 1


def test_since_does_not_see_the_transfer_itself() -> None:
    for moment in (since("last-in"), since("last-out"), since("pair")):
        assert last("sender", moment, (0, "a", "a", 5)) == NEVER
        assert last("sender", moment, (0, "a", "a", 5), (0, "a", "a", 5)) == 0
    assert last("sender", since("last-in"), (0, "a", "b", 5), (9, "b", "c", 5)) == 9
    assert last("sender", since("pair"), (0, "a", "b", 5), (9, "b", "a", 5)) == NEVER
    assert last("sender", Since(moment="pair", within_us=1), (0, "a", "b", 5), (0, "a", "b", 5)) == 0


@pytest.mark.parametrize(("after", "inside"), [(9, 0), (10, 1), (19, 1), (20, 0)])
def test_a_label_holds_from_its_start_until_its_end(after: int, inside: int) -> None:
    scam = where(counterparty=("scam",))
    span = LabelSpan(chain=CHAIN, address="a", bits=scam.labels, valid_from_us=START_US + 10, valid_to_us=START_US + 20)
    assert last("receiver", count_in("1h", scam), (after, "a", "b", 5), labels=(span,)) == inside
    assert last("receiver", senders("1h", scam), (after, "a", "b", 5), labels=(span,)) == inside
    assert last("sender", sum_out("1h", scam), (after, "b", "a", 5), labels=(span,)) == 5 * inside
    assert last("sender", sum_out("1h", scam), (after, "a", "b", 5), labels=(span,)) == 0
    later = (after + HOUR // 2, "c", "b", 5)
    assert last("receiver", count_in("1h", scam), (after, "a", "b", 5), later, labels=(span,)) == inside


def test_the_same_address_on_another_chain_is_another_account() -> None:
    asked = plan([("receiver", count_in("1h")), ("sender", pair_count("1h")), ("sender", since("pair"))])
    rows = [Row(START_US, 5, chain, "a", "b") for chain in ("eip155:1", "tron:mainnet", "eip155:1")]
    for reader in (Oracle(asked), Engine(asked)):
        columns = reader.push(block(rows)).columns
        assert columns[asked.column("receiver", count_in("1h"))].tolist() == [1, 1, 2]
        assert columns[asked.column("sender", pair_count("1h"))].tolist() == [1, 1, 2]
        assert columns[asked.column("sender", since("pair"))].tolist() == [NEVER, NEVER, 0]


def test_a_filter_is_judged_when_the_transfer_happens() -> None:
    """A pair that was new stays counted as new while in the window, whatever follows."""
    fresh = count_in("24h", Filter(new_pair_us=HOUR))
    assert last("receiver", fresh, (0, "a", "b", 5), (1, "a", "b", 5), (2, "a", "b", 5)) == 1
    assert last("receiver", fresh, (0, "a", "b", 5), (1, "a", "b", 5), (HOUR + 1, "a", "b", 5)) == 2
