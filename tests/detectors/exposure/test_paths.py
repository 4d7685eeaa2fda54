"""Which transfers carried how much: stories whose shares can be worked out by hand."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from manumit.detectors.exposure.follow import arrived
from manumit.detectors.exposure.paths import Trail, heaviest
from manumit.detectors.exposure.terms import Terms, bits_of
from manumit.detectors.windows.contract import LabelSpan
from manumit.schemas.block import MICRO_USD
from manumit.schemas.fields import YEAR_1970_US, YEAR_2200_US
from tests.detectors.exposure.streams import CHAINS, label_spans, streams
from tests.detectors.exposure.test_walk import ACCOUNTS, between_two, came, logged, went
from tests.detectors.windows.streams import START_US, Row

CHAIN = CHAINS[0]


def always(name: str, *categories: str) -> LabelSpan:
    return LabelSpan(
        chain=CHAIN,
        address=name,
        bits=bits_of(*categories),
        valid_from_us=YEAR_1970_US,
        valid_to_us=YEAR_2200_US,
    )


def pays(*rows: tuple[str, str, float]) -> list[Row]:
    return [
        Row(START_US + i, round(usd * MICRO_USD), CHAIN, sender, receiver)
        for i, (sender, receiver, usd) in enumerate(rows)
    ]


def trails(rows: list[Row], spans: list[LabelSpan], name: str, *, forward: bool = False, count: int = 9) -> list[Trail]:
    engine, log = logged(rows, spans, Terms())
    if forward:
        onward = went(engine, log, (CHAIN, name))
        assert onward is not None
        return heaviest(onward, "scam", count)
    found = came(engine, log, (CHAIN, name))
    assert found is not None
    return heaviest(found[0], "scam", count)


SCAM = [always("bad", "scam")]
MIXED = pays(("bad", "a", 100), ("job", "a", 300), ("bad", "me", 20), ("a", "b", 200), ("b", "me", 100))


def test_a_mixture_is_split_by_what_was_in_it() -> None:
    found = trails(MIXED, SCAM, "me")
    assert found == [
        Trail(category="scam", micro=25 * MICRO_USD, steps=(0, 3, 4)),
        Trail(category="scam", micro=20 * MICRO_USD, steps=(2,)),
    ]
    assert trails(MIXED, SCAM, "me", count=1) == found[:1]


def test_two_inflows_share_a_pool_as_it_stood() -> None:
    rows = pays(("bad", "a", 80), ("a", "shop", 40), ("bad", "a", 60), ("a", "me", 50))
    assert [(t.micro, t.steps) for t in trails(rows, SCAM, "me")] == [
        (30 * MICRO_USD, (2, 3)),
        (20 * MICRO_USD, (0, 3)),
    ]


def test_forward_begins_with_the_account() -> None:
    rows = pays(("me", "a", 100), ("job", "a", 100), ("a", "bad", 50))
    assert [(t.micro, t.steps) for t in trails(rows, SCAM, "me", forward=True)] == [(25 * MICRO_USD, (0, 2))]


@pytest.mark.parametrize("service", ["exchange", "mixer", "service", "gambling"])
def test_nothing_comes_through_a_service(service: str) -> None:
    rows = pays(("bad", "a", 100), ("a", "till", 100), ("till", "me", 100))
    assert trails(rows, [*SCAM, always("till", service)], "me") == []


@settings(max_examples=40, deadline=None)
@given(rows=streams(40), spans=label_spans(6), onward=st.booleans())
def test_paths_carry_no_more_than_arrived(rows: list[Row], spans: list[LabelSpan], onward: bool) -> None:
    rows = between_two(rows)
    engine, log = logged(rows, spans, Terms())
    for account in ACCOUNTS:
        found = came(engine, log, account)
        walked = went(engine, log, account) if onward else found and found[0]
        if walked is None or found is None:
            continue
        pieces = arrived(walked) if onward else found[1].gained
        whole = sum(amount for (category, _), amount in pieces.items() if category == "scam")
        paths = heaviest(walked, "scam", 5)
        assert sum(trail.micro for trail in paths) <= whole + 5
        assert bool(paths) == (whole > 0)
        assert [t.micro for t in paths] == sorted((t.micro for t in paths), reverse=True)
        for trail in paths:
            linked = [rows[step] for step in trail.steps]
            assert list(trail.steps) == sorted(trail.steps)
            assert all(a.receiver == b.sender for a, b in pairwise(linked))
            assert (linked[0].sender if onward else linked[-1].receiver) == account[1]
