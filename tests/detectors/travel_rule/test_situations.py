"""What a jurisdiction asks at which amount, and what a self-hosted wallet owes."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Any

import pytest

from manumit.detectors.travel_rule.judgement import Situation, judge
from manumit.detectors.travel_rule.names import is_filler, lei_checks, same_name
from manumit.schemas.jurisdiction import jurisdictions
from manumit.schemas.standards.ivms101.reading import Reading, read

AT_US = 1_767_225_600_000_000
NAMES_ONLY = ("geographicAddress", "nationalIdentification", "customerNumber", "dateAndPlaceOfBirth")
MICRO = 1e-6


def message(without: tuple[str, ...] = ()) -> Reading:
    raw = (files("manumit.schemas.standards.ivms101.examples") / "natural_2020.json").read_bytes()
    tree: Any = json.loads(raw)
    for name in without:
        tree["originator"]["originatorPersons"][0]["naturalPerson"].pop(name)
    return read(json.dumps(tree).encode())


def situation(profile: str, amount: float | None, **more: Any) -> Situation:
    return Situation(
        profile=jurisdictions()[profile], amount_usd=amount, usd_per_unit=more.pop("rate", 1.0), at_us=AT_US, **more
    )


@pytest.mark.parametrize(
    ("profile", "amount", "gaps"),
    [
        ("fatf", 1_000 - MICRO, 0),
        ("fatf", 1_000, 1),
        ("eu", 0, 1),
        ("uk", 1_000 - MICRO, 0),
        ("uk", 1_000, 1),
        ("us", 3_000, 1),
        ("ca", 1_000, 1),
        ("sg", 1_500, 0),
        ("sg", 1_500 + MICRO, 1),
        ("jp", 0, 1),
    ],
)
def test_an_originator_known_by_name_only(profile: str, amount: float, gaps: int) -> None:
    judged = judge(message(NAMES_ONLY), situation(profile, amount))
    assert judged.due
    assert len(judged.gaps) == gaps


@pytest.mark.parametrize(("profile", "below"), [("us", 3_000 - MICRO), ("ca", 1_000 - MICRO)])
def test_below_a_floor_nothing_is_due(profile: str, below: float) -> None:
    judged = judge(None, situation(profile, below))
    assert (judged.due, judged.gaps) == (False, ())


def test_the_amount_counts_in_the_jurisdictions_currency() -> None:
    assert not judge(None, situation("ca", 720, rate=0.73)).due
    assert judge(None, situation("ca", 730, rate=0.73)).due


@pytest.mark.parametrize(("amount", "rate"), [(None, 1.0), (10.0, None)])
def test_an_unknown_amount_reaches_every_level(amount: float | None, rate: float | None) -> None:
    judged = judge(None, situation("us", amount, rate=rate))
    assert judged.due
    assert [gap.path for gap in judged.gaps] == ["beneficiary", "beneficiaryVASP", "originatingVASP", "originator"]


def test_european_data_come_together_or_as_birth() -> None:
    without_birth = ("dateAndPlaceOfBirth",)
    assert judge(message(without_birth), situation("eu", 50)).gaps == ()
    one_less = judge(message((*without_birth, "customerNumber")), situation("eu", 50))
    assert [gap.path for gap in one_less.gaps] == ["originator.originatorPerson[0].naturalPerson"]
    assert "2023/1113" in one_less.gaps[0].rule
    assert judge(message(("customerNumber", "nationalIdentification")), situation("eu", 50)).gaps == ()


@pytest.mark.parametrize(
    ("profile", "amount", "attested", "kinds"),
    [
        ("eu", 1_000, False, []),
        ("eu", 1_000 + MICRO, False, ["unattested"]),
        ("eu", 5_000, True, []),
        ("uk", 1_000, False, ["unattested"]),
        ("us", 5_000, False, []),
    ],
)
def test_self_hosted_wallets(profile: str, amount: float, attested: bool, kinds: list[str]) -> None:
    judged = judge(message(), situation(profile, amount, counterparty="self-hosted", attested=attested))
    assert [gap.kind for gap in judged.gaps] == kinds


def test_a_self_hosted_wallet_has_no_provider() -> None:
    tree = json.loads((files("manumit.schemas.standards.ivms101.examples") / "request_2020.json").read_bytes())
    reading = read(json.dumps(tree).encode())
    hosted = situation("eu", 50, counterparty="self-hosted", outgoing=True)
    assert judge(reading, hosted).gaps == ()
    incoming = situation("eu", 50, counterparty="self-hosted", outgoing=False)
    assert [gap.path for gap in judge(reading, incoming).gaps] == ["beneficiaryVASP"]


@pytest.mark.parametrize("parts", [("12345",), ("xxx",), ("N/A",), ("Test", "User"), ("..",), ("A",), ("ａａａ",)])
def test_fillers(parts: tuple[str, ...]) -> None:
    assert is_filler(*parts)


@pytest.mark.parametrize(
    "parts", [("Null", "Christopher"), ("Test", "Amina"), ("李",), ("Ng",), ("O", "Eun-ji"), ("3 Suns Trading",), ()]
)
def test_people_with_unusual_names(parts: tuple[str, ...]) -> None:
    assert not is_filler(*parts)


def test_check_digits() -> None:
    assert lei_checks("EXAMPLE0000000000087")
    assert not lei_checks("EXAMPLE0000000000088")


def test_one_name_on_both_sides_is_a_remark() -> None:
    assert same_name("Vera Exampleova", "vera  EXAMPLEOVA")
    assert not same_name("", "")
    tree = json.loads((files("manumit.schemas.standards.ivms101.examples") / "natural_2020.json").read_bytes())
    names = tree["originator"]["originatorPersons"][0]["naturalPerson"]["name"]
    tree["beneficiary"]["beneficiaryPersons"][0]["naturalPerson"]["name"] = names
    judged = judge(read(json.dumps(tree).encode()))
    assert judged.gaps == ()
    assert [remark.path for remark in judged.remarks] == ["beneficiary.beneficiaryPerson[0]"]
