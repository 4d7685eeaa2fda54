"""Jurisdiction profiles: what they say, that each value is cited, and that a bad file is refused."""

from __future__ import annotations

from importlib.resources import files

import pytest

from manumit.schemas.errors import ConfigError
from manumit.schemas.jurisdiction import (
    DueDiligence,
    Jurisdiction,
    SelfHosted,
    Tier,
    jurisdiction_of,
    jurisdictions,
    parsed,
    requirement,
)

FLOORS = {"fatf": 0, "eu": 0, "us": 3_000, "uk": 0, "ca": 1_000, "sg": 0, "jp": 0}


def text(name: str) -> str:
    return (files("manumit.schemas.jurisdictions") / f"{name}.toml").read_text("utf-8")


def test_these_jurisdictions_and_their_floors() -> None:
    assert {name: profile.tiers[0].amount for name, profile in jurisdictions().items()} == FLOORS


@pytest.mark.parametrize("profile", jurisdictions().values(), ids=jurisdictions().keys())
def test_every_value_has_a_dated_source(profile: Jurisdiction) -> None:
    hosted = [profile.self_hosted] if profile.self_hosted else []
    values: list[Tier | SelfHosted | DueDiligence] = [*profile.tiers, profile.due_diligence, *hosted]
    for value in values:
        assert value.section
        source = profile.cited(value.source)
        assert source.ref
        assert source.url.startswith("https://")
        assert source.dated > "2007-01-01"
        assert source.applies


def test_no_country_has_two_profiles() -> None:
    countries = [country for profile in jurisdictions().values() for country in profile.countries]
    assert len(countries) == len(set(countries))


def test_a_country_without_a_profile_falls_back() -> None:
    assert jurisdiction_of("FR").id == "eu"
    assert jurisdiction_of("TH").id == "fatf"


def test_requirements() -> None:
    asked = requirement("address + national-id | birth")
    assert asked.ways == (("address", "national-id"), ("birth",))
    assert str(asked) == "address and national-id or birth"
    with pytest.raises(ValueError, match="shoe-size"):
        requirement("name | shoe-size")


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ('id = "sg"', 'id = "sx"', "name of its file"),
        ('countries = ["SG"]', 'countries = ["QQ"]', "ISO 3166"),
        ("amount = 1500", "amount = 0", "rise"),
        ("amount = 1500", "amount = -5", ">= 0"),
        ('"name", "account", "address', '"name", "shoe-size", "address', "shoe-size"),
        ('source = "psn02"\nsection = "paragraph 6', 'source = "else"\nsection = "paragraph 6', "cite"),
        ('dated = "2019-12-05"', 'dated = "December"', "dated"),
        ('currency = "SGD"', 'currency = "dollars"', "currency"),
        ('currency = "SGD"', "currency = ", "sg.toml"),
        ('name = "Singapore"', 'name = "Singapore"\nshade = "blue"', "shade"),
    ],
)
def test_a_profile_that_contradicts_itself_is_refused(old: str, new: str, why: str) -> None:
    whole = text("sg")
    assert old in whole
    with pytest.raises(ConfigError, match=why):
        parsed("sg", whole.replace(old, new, 1))
