"""The answer about a message: its word for the account event, and who asks for what is missing."""

from __future__ import annotations

import copy
import json
from importlib.resources import files
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from manumit.detectors.travel_rule.answer import answered
from manumit.schemas.jurisdiction import jurisdictions
from manumit.schemas.standards.ivms101.spelling import spelled
from manumit.schemas.travel_rule import MessageTransfer, TravelRuleCheck
from tests.detectors.travel_rule.mutations import mutations_of

AT_US = 1_767_225_600_000_000
RAW = (files("manumit.schemas.standards.ivms101.examples") / "natural_2020.json").read_bytes()


def transfer(profile: str, **more: Any) -> MessageTransfer:
    return MessageTransfer(profile=profile, **more)


def named_only() -> bytes:
    tree: Any = json.loads(RAW)
    for name in ("geographicAddress", "nationalIdentification", "customerNumber", "dateAndPlaceOfBirth"):
        tree["originator"]["originatorPersons"][0]["naturalPerson"].pop(name)
    return json.dumps(tree).encode()


@pytest.mark.parametrize(
    ("raw", "belongs", "status"),
    [
        (RAW, None, "complete"),
        (RAW, transfer("eu", amount=50), "complete"),
        (named_only(), transfer("fatf", amount=999.99), "complete"),
        (named_only(), transfer("fatf", amount=1_000), "gaps"),
        (b" null\n", transfer("us", amount=2_999), "not-due"),
        (b"", transfer("us", amount=3_000), "absent"),
        (RAW, transfer("eu", amount=1_001, counterparty="self-hosted"), "gaps"),
        (RAW, transfer("eu", amount=1_001, counterparty="self-hosted", attested=True), "complete"),
        (RAW[:-9], None, "unusable"),
        (b"[]", transfer("eu"), "unusable"),
    ],
)
def test_the_status(raw: bytes, belongs: MessageTransfer | None, status: str) -> None:
    assert answered(raw, belongs, AT_US).status == status


def test_each_gap_has_field_remedy_and_the_text_that_asks() -> None:
    (gap,) = answered(named_only(), transfer("eu", amount=50), AT_US).gaps
    assert (gap.field, gap.party, gap.kind) == (
        "originator.originatorPerson[0].naturalPerson", "originator", "missing",
    )  # fmt: skip
    assert gap.remedy
    assert (gap.cited.ref, gap.cited.section) == ("Regulation (EU) 2023/1113", "Article 14(1) and (2)")
    assert gap.cited.url.startswith("https://eur-lex.europa.eu/")


@pytest.mark.parametrize("profile", sorted(jurisdictions()))
def test_what_a_profile_asks_is_cited_by_its_own_source(profile: str) -> None:
    absent = answered(b"null", transfer(profile), AT_US)
    assert (absent.status, absent.worth_known) == ("absent", False)
    refs = {source.ref for source in jurisdictions()[profile].sources}
    assert {gap.cited.ref for gap in absent.gaps} <= refs
    assert all(gap.cited.section for gap in absent.gaps)


@pytest.mark.parametrize("direction", ["out", "in"])
def test_the_wallet_of_the_other_side_is_the_unattested_one(direction: Any) -> None:
    found = answered(RAW, transfer("eu", counterparty="self-hosted", direction=direction), AT_US)
    other = "beneficiary" if direction == "out" else "originator"
    assert [(gap.field, gap.kind) for gap in found.gaps] == [(f"{other}.accountNumber", "unattested")]


def test_the_worth_in_dollars_counts_by_the_rate() -> None:
    assert answered(b"null", transfer("ca", amount_usd=729, usd_per_unit=0.73), AT_US).status == "not-due"
    assert answered(b"null", transfer("ca", amount_usd=730, usd_per_unit=0.73), AT_US).status == "absent"
    assert not answered(b"null", transfer("ca", amount_usd=1), AT_US).worth_known
    assert answered(b"null", transfer("us", amount_usd=1), AT_US).status == "not-due"


@pytest.mark.parametrize(
    "wrong",
    [
        {"profile": "xx"},
        {"profile": "eu", "amount": float("nan")},
        {"profile": "eu", "amount": float("inf")},
        {"profile": "eu", "amount": -1},
        {"profile": "eu", "usd_per_unit": 0},
        {"profile": "eu", "amount": 1, "amount_usd": 1},
        {"profile": "eu", "direction": "sideways"},
        {"profile": "eu", "asset": "ETH"},
    ],
)
def test_a_transfer_that_cannot_be_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(wrong, MessageTransfer)


def test_every_gap_of_every_damage_is_cited() -> None:
    good, _ = spelled(json.loads(RAW))
    for one in mutations_of("2020", good):
        tree: Any = copy.deepcopy(good)
        one.do(tree)
        found = answered(json.dumps(tree).encode(), None, AT_US)
        assert [gap for gap in found.gaps if not (gap.field and gap.remedy and gap.why and gap.cited.url)] == []


@given(st.binary(max_size=200), st.sampled_from((None, transfer("eu"), transfer("us", amount=1))))
def test_whatever_comes_is_answered(raw: bytes, belongs: MessageTransfer | None) -> None:
    found = answered(raw, belongs, AT_US)
    assert msgspec.json.decode(msgspec.json.encode(found), type=TravelRuleCheck) == found
