"""Gaps ranked: exact, explained, one person's accounts together, and nobody scored for what is done to them."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from manumit.detectors.customer_stories import known, whole
from manumit.schemas.customer_check import Ranked, Ranking
from manumit.streams.customer_book import CustomerBook
from manumit.streams.ranking import MOST_ACCOUNTS, rank
from tests.streams.customer_books import NOW_US, book, scored, standing, subject, unknown


def ranked(made: CustomerBook, screen: Any = unknown, limit: int = 50) -> Ranking:
    return rank(made, screen=screen, at_us=NOW_US, limit=limit)


def accounts(found: Ranking) -> list[Ranked]:
    return [one for person in found.persons for one in person.accounts]


def only(found: Ranking) -> Ranked:
    (one,) = accounts(found)
    return one


def test_a_score_can_be_worked_out_by_hand() -> None:
    one = whole("c", address="", verification="basic", contacts=("contact:t",), wallets=("x:w",), attested=("x:w",))
    found = only(ranked(book(one, standing("li-job-all-paid-travel", "contact:t", severity="high")), scored(w=0.6)))
    assert (found.score.gap, found.score.exposure, found.score.listing) == (35, 0.6, 0.75)
    assert found.score.score == round(35 * 1.6 * 1.75 / 4, 2) == 24.5
    assert sum(part.value for part in found.score.parts if part.of == "gap") == 35
    assert {part.of: part.rests_on for part in found.score.parts if part.of != "gap"} == {
        "exposure": ("x:w",),
        "listing": ("li-job-all-paid-travel contact:t", "contact:t"),
    }
    assert "fully verified" in found.reason and "0.6" in found.reason and "adverts" in found.reason


def test_without_a_gap_nothing_is_ranked() -> None:
    one = whole("c", wallets=("x:w",), attested=("x:w",), contacts=("contact:t",))
    found = ranked(book(one, standing("li-job-all-paid-travel", "contact:t")), scored(w=1.0))
    assert (found.persons, found.customers, found.without_gap) == ((), 1, 1)


@pytest.mark.parametrize(
    ("detector", "about"),
    [
        ("kyc-single-controller", "device:d"),
        ("kyc-shared-identifiers-burst", "device:d"),
        ("kyc-third-party-identity", "document:c"),
        ("kyc-temporary-address", "address:c"),
        ("kyc-adverse-media", "document:c"),
        ("kyc-income-mismatch", subject("c")),
    ],
)
def test_nobody_is_scored_for_being_controlled_or_suspected(detector: str, about: str) -> None:
    one = whole("c", verification="", devices=("device:d",))
    assert accounts(ranked(book(one, standing(detector, about)))) == accounts(ranked(book(one)))


def test_accounts_together_weigh_no_more_than_the_worst_of_them() -> None:
    rows = [
        whole(f"c{i}", verification="", documents=("document:p",), name="name:a", birth="birth:a") for i in (1, 2, 3)
    ]
    (person,) = ranked(book(*rows)).persons
    assert len(person.accounts) == 3
    assert set(person.joined_by) >= {"document:p"}
    assert person.score == max(one.score.score for one in person.accounts) == only(ranked(book(rows[0]))).score.score


def test_a_family_with_one_telephone_are_several_persons() -> None:
    rows = [whole(f"c{i}", verification="", contacts=("contact:t",)) for i in (1, 2)]
    assert [len(person.accounts) for person in ranked(book(*rows)).persons] == [1, 1]
    unnamed = [whole(f"c{i}", verification="", contacts=("contact:t",), name="", birth="") for i in (1, 2)]
    assert [len(person.accounts) for person in ranked(book(*unnamed)).persons] == [2]


def test_what_many_share_joins_nobody_and_a_chain_ends() -> None:
    many = [known(f"c{i:02}", contacts=("contact:t",)) for i in range(9)]
    assert all(len(person.accounts) == 1 for person in ranked(book(*many)).persons)
    chain = [known(f"c{i:02}", documents=(f"document:{i}", f"document:{i + 1}")) for i in range(40)]
    persons = ranked(book(*chain)).persons
    assert max(len(person.accounts) for person in persons) == MOST_ACCOUNTS
    assert persons[0].cut
    assert sum(len(person.accounts) for person in persons) == 40


def test_minors_and_people_under_pressure_are_only_counted() -> None:
    made = book(
        known("child", age=15),
        known("young", age=20, minimum_age=21),
        known("pressed"),
        standing("kyc-sextortion-notes", subject("pressed")),
        known("other", documents=("document:p",)),
        known("child2", age=12, documents=("document:p",)),
    )
    found = ranked(made)
    assert [one.customer_id for one in accounts(found)] == ["other"]
    assert found.restricted == 4
    told = repr(found)
    assert "child" not in told and "young" not in told and "pressed" not in told


@settings(max_examples=30, deadline=None)
@given(
    facts=st.lists(
        st.tuples(st.booleans(), st.booleans(), st.sampled_from([0.0, 0.2, 0.9, 1.0])), min_size=1, max_size=14
    ),
    limit=st.integers(1, 6),
)
def test_the_first_few_are_the_first_of_all(facts: list[tuple[bool, bool, float]], limit: int) -> None:
    """Not screening those who cannot be among them changes nothing."""
    rows = [
        whole(f"c{i:02}", address="" if a else "address:x", verification="" if b else "full", wallets=(f"x:w{i}",))
        for i, (a, b, _) in enumerate(facts)
    ]
    screen = scored(**{f"w{i}": worth for i, (_, _, worth) in enumerate(facts)})
    every = ranked(book(*rows), screen, limit=500)
    first = ranked(book(*rows), screen, limit=limit)
    assert first.persons == every.persons[:limit]
