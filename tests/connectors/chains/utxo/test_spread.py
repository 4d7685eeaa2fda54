"""Who paid whom: every sum exact, nothing invented, nobody favoured, and never too many rows."""

from __future__ import annotations

from collections import Counter
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from manumit.connectors.chains.utxo.spread import MOST_PAIRS, apportioned, spread

amounts = st.one_of(st.integers(0, 5), st.integers(0, 21 * 10**14))
sides = st.lists(st.tuples(st.sampled_from("abcdefgh"), amounts), max_size=12)


@st.composite
def lawful(draw: st.DrawFn) -> tuple[list[tuple[str, int]], list[tuple[str, int]]]:
    """Inputs that hold at least what the outputs do."""
    spent, made = draw(sides), draw(sides)
    missing = sum(a for _, a in made) - sum(a for _, a in spent)
    fee = draw(st.sampled_from((0, 1, 1000)))
    return [*spent, ("p", max(0, missing) + fee)], made


def differences(spent: list[tuple[str, int]], made: list[tuple[str, int]]) -> Counter[str]:
    found: Counter[str] = Counter()
    for address, amount in spent:
        found[address] -= amount
    for address, amount in made:
        found[address] += amount
    return found


@given(lawful())
def test_sums_are_exact_and_the_fee_is_what_is_missing(
    sides: tuple[list[tuple[str, int]], list[tuple[str, int]]],
) -> None:
    spent, made = sides
    pairs = spread(spent, made)
    gained = differences(spent, made)
    got: Counter[str] = Counter()
    gave: Counter[str] = Counter()
    for payer, receiver, amount in pairs:
        assert amount > 0
        assert payer != receiver
        gave[payer] += amount
        got[receiver] += amount
    assert got == Counter({address: amount for address, amount in gained.items() if amount > 0})
    assert all(0 < amount <= -gained[payer] for payer, amount in gave.items())
    fee = sum(a for _, a in spent) - sum(a for _, a in made)
    assert sum(-amount for amount in gained.values() if amount < 0) - sum(gave.values()) == fee


@given(lawful())
def test_each_pair_is_within_two_units_a_payer_of_proportion(
    sides: tuple[list[tuple[str, int]], list[tuple[str, int]]],
) -> None:
    spent, made = sides
    gained = differences(spent, made)
    payers = {a: -amount for a, amount in gained.items() if amount < 0}
    receivers = {a: amount for a, amount in gained.items() if amount > 0}
    for payer, receiver, amount in spread(spent, made):
        ideal = Fraction(payers[payer] * receivers[receiver], sum(payers.values()))
        assert abs(amount - ideal) <= 2 * len(payers)


@given(st.lists(st.integers(0, 10**12), max_size=20).flatmap(lambda w: st.tuples(st.just(w), st.integers(0, sum(w)))))
def test_apportioned_parts(given_: tuple[list[int], int]) -> None:
    weights, total = given_
    parts = apportioned(total, weights)
    assert sum(parts) == total
    whole = sum(weights) or 1
    for part, weight in zip(parts, weights, strict=True):
        assert 0 <= part <= weight
        assert abs(part - Fraction(total * weight, whole)) < 1


def test_one_payer_pays_each_receiver_whole() -> None:
    assert spread([("a", 100)], [("b", 60), ("c", 30), ("a", 7)]) == [("a", "b", 60), ("a", "c", 30)]


def test_two_payers_share_in_proportion() -> None:
    assert spread([("a", 300), ("b", 100)], [("c", 200), ("d", 200)]) == [
        ("a", "c", 150),
        ("a", "d", 150),
        ("b", "c", 50),
        ("b", "d", 50),
    ]


def test_coins_joined_for_oneself_move_nothing_but_the_fee() -> None:
    assert spread([("a", 5), ("a", 6)], [("a", 10)]) == []
    assert spread([], []) == []


def test_a_crowd_pays_in_order_with_no_more_rows_than_people() -> None:
    people = 60
    spent = [(f"p{i}", 1_000 + i) for i in range(people)]
    made = [(f"r{i}", 990) for i in range(people)]
    assert people * people > MOST_PAIRS
    pairs = spread(spent, made)
    assert len(pairs) <= 2 * people - 1
    got: Counter[str] = Counter()
    for _, receiver, amount in pairs:
        got[receiver] += amount
    assert got == dict(made)
    assert [payer for payer, _, _ in pairs] == sorted((p for p, _, _ in pairs), key=lambda p: int(p[1:]))


def test_the_edge_of_the_crowd() -> None:
    side = 32
    assert side * side == MOST_PAIRS
    spent, made = [(f"p{i}", 1_000) for i in range(side)], [(f"r{i}", 1_000) for i in range(side)]
    assert len(spread(spent, made)) == MOST_PAIRS
    assert len(spread([*spent, ("last", 1_000)], made)) <= 2 * side


def test_more_out_than_in_is_refused() -> None:
    with pytest.raises(ValueError, match="3 more came out"):
        spread([("a", 5)], [("b", 8)])
