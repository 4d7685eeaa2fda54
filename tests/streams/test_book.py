"""What a book answers: shares that can be worked out by hand, and everything an answer must say of itself."""

from __future__ import annotations

import msgspec
import pytest

from manumit.detectors.exposure.score import FULL_USD, band, points
from manumit.detectors.exposure.terms import Terms
from manumit.detectors.stories import START_US, account, address, pay
from manumit.schemas.block import MICRO_USD, TransferBlock
from manumit.schemas.errors import ConfigError
from manumit.schemas.fields import YEAR_1970_US, YEAR_2200_US
from manumit.schemas.label import Label, LabelCategory
from manumit.schemas.screening import Screening
from manumit.schemas.transfer import Transfer
from manumit.streams.address_screening import screen
from manumit.streams.book import Book


def label(
    name: str, category: LabelCategory, *, valid_from_us: int = YEAR_1970_US, valid_to_us: int = YEAR_2200_US
) -> Label:
    return Label(
        subject=account(name),
        category=category,
        name=f"list of {name}",
        source="made-up",
        valid_from_us=valid_from_us,
        valid_to_us=valid_to_us,
    )


def book(rows: list[Transfer], *labels: Label, mode: str = "as-of") -> Book:
    found = Book(label_mode=mode)
    found.learn(labels)
    found.take(TransferBlock.of(rows))
    return found


def only(found: Book, name: str) -> Screening:
    (one,) = screen(found, address(name))
    return one


STORY = [
    pay("a", "bad", "go-between", 100, at=0),
    pay("b", "job", "go-between", 300, at=1),
    pay("c", "go-between", "me", 200, at=2),
    pay("d", "bad", "me", 50, at=3),
    pay("e", "me", "shop", 100, at=4),
]


def test_direct_and_indirect() -> None:
    one = only(book(STORY, label("bad", "scam"), label("shop", "service")), "me")
    (source,) = one.sources
    assert (source.direct_usd, source.indirect_usd, one.received_usd) == (50, 50, 250)
    assert [(hop.hops, hop.usd, hop.share) for hop in source.by_hops] == [(1, 50, 0.2), (2, 50, 0.2)]
    assert source.points == round(0.8 * 75 / 250, 4) == one.score
    assert one.band == "low"
    assert [(e.category, e.direct_share) for e in one.destinations] == [("service", 1.0)]
    tags = [[step.event_id for step in path.steps] for path in one.paths if path.direction == "sources"]
    assert sorted(tags) == sorted([[STORY[3].event_id], [STORY[0].event_id, STORY[2].event_id]])
    assert any("40.0 % of the 250.00 USD it received (100.00 USD) came from scam" in said for said in one.reasons)
    assert one.basis.transfers == 5
    assert one.basis.as_of_us == START_US + 4


def test_money_is_followed_forward() -> None:
    one = only(book(STORY, label("shop", "darknet")), "bad")
    (there,) = one.destinations
    # 100 of 400 in the pool, half of it paid on: 50 to me, who has 250 and pays 100: 20; and the 50 paid to me: 20
    assert [(hop.hops, hop.usd) for hop in there.by_hops] == [(2, 20), (3, 20)]
    assert {path.labelled for path in one.paths} == {account("shop")}


def test_the_address_itself_is_listed() -> None:
    one = only(book(STORY, label("me", "sanctions")), "me")
    assert (one.score, one.band) == (1.0, "severe")
    assert "lists the address itself under sanctions" in " ".join(one.reasons)


def test_known_by_a_label_alone_and_not_at_all() -> None:
    found = book(STORY, label("elsewhere", "scam"))
    assert (only(found, "elsewhere").status, only(found, "elsewhere").score) == ("label-only", 0.8)
    assert (only(found, "nobody").status, only(found, "nobody").score) == ("unknown", None)
    assert screen(found, "0x12")[0].status == "unreadable"
    assert screen(found, "tron:0x2b6653dc:T123")[0].status == "unreadable"
    assert screen(found, account("me"))[0].status == "known"


def test_nothing_bad_is_said_so() -> None:
    one = only(book(STORY), "me")
    assert (one.score, one.band) == (0.0, "none")
    assert "No transfer that was read links it to a labelled address within 4 hops." in one.reasons


def test_unknown_worth_is_not_nothing() -> None:
    one = only(book([pay("a", "bad", "me", None, at=0)], label("bad", "sanctions")), "me")
    assert (one.score, one.unvalued_in, one.received_usd) == (0.25, 1, 0)
    assert any("have no known worth" in said and "sanctions" in said for said in one.reasons)


@pytest.mark.parametrize(("mode", "score"), [("as-of", 0.0), ("today", 0.8)])
def test_modes_of_labels(mode: str, score: float) -> None:
    late = label("bad", "scam", valid_from_us=START_US + 100)
    assert only(book(STORY[:1], late, mode=mode), "go-between").score == score


@pytest.mark.parametrize("mode", ["as-of", "today"])
def test_a_withdrawn_label_no_longer_counts(mode: str) -> None:
    found = book(STORY, label("bad", "scam"), mode=mode)
    before = only(found, "me")
    found.learn([label("bad", "scam", valid_to_us=1)])
    after = only(found, "me")
    assert (before.score, after.score) == (0.24, 0.0)
    assert before.basis.labels_digest != after.basis.labels_digest
    assert not after.sources
    assert not after.paths


def test_what_a_chain_takes_back_counts_for_nothing() -> None:
    found = book(STORY, label("bad", "scam"))
    found.withdraw(frozenset({STORY[3].event_id}))
    (source,) = only(found, "me").sources
    assert (source.direct_usd, source.indirect_usd) == (0, 50)


def test_pieces_of_a_stream_do_not_matter() -> None:
    whole, parts = book(STORY, label("bad", "scam")), Book()
    for row in STORY:
        parts.take(TransferBlock.of([row]))
    parts.learn([label("bad", "scam")])
    assert msgspec.json.encode(only(whole, "me")) == msgspec.json.encode(only(parts, "me"))


def test_a_walk_that_ends_early_says_so() -> None:
    (one,) = screen(book(STORY, label("bad", "scam")), address("me"), most=1)
    assert one.truncated
    assert one.sources[0].indirect_usd == 50
    assert any("More lies around it" in said for said in one.reasons)


def test_the_formula_at_its_edges() -> None:
    usd = MICRO_USD
    assert points("scam", {1: usd - 1}, 10 * usd) == 0.0
    assert points("scam", {1: usd}, 10 * usd) == 0.08
    assert points("sanctions", {1: round(FULL_USD) * usd}, 10**9 * usd) == 1.0
    assert points("sanctions", {2: 100 * usd}, 100 * usd) == 0.5
    assert points("exchange", {1: 100 * usd}, 100 * usd) == 0.0
    assert [band(score) for score in (0, 0.01, 0.25, 0.5, 0.75, 1)] == [
        "none", "low", "medium", "high", "severe", "severe",
    ]  # fmt: skip
    with pytest.raises(ConfigError, match="forgets nothing"):
        Book(terms=Terms(forget_us=1))
