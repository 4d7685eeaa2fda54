"""Good messages have no gap, damaged ones exactly the gaps of their damage, and nothing makes the judge fall over."""

from __future__ import annotations

import copy
import json
import os
import random
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from manumit.detectors.travel_rule.judgement import Judgement, Situation, judge
from manumit.schemas.errors import BadRecord
from manumit.schemas.jurisdiction import jurisdictions
from manumit.schemas.standards.ivms101.reading import MAX_BYTES, json_schema, read
from manumit.schemas.standards.ivms101.spelling import spelled
from tests.detectors.travel_rule.mutations import chosen, mutations_of, spelled_as_2020

MUTATED = int(os.environ.get("MANUMIT_MUTATIONS", "1000"))
PUBLISHED = Path(os.environ.get("MANUMIT_SHARED_DATA", "nowhere")) / "standards" / "ivms101"
AT_US = 1_767_225_600_000_000
NOBODY = {("originator", "missing"), ("beneficiary.beneficiaryPerson", "missing")}
NO_PROVIDERS = {("originatingVASP", "missing"), ("beneficiaryVASP", "missing")}


def own(name: str) -> bytes:
    return (files("manumit.schemas.standards.ivms101.examples") / f"{name}.json").read_bytes()


def found(judgement: Judgement) -> list[tuple[str, str]]:
    return sorted((gap.path, gap.kind) for gap in judgement.gaps)


def in_europe(usd: float | None = 5_000) -> Situation:
    return Situation(profile=jurisdictions()["eu"], amount_usd=usd, usd_per_unit=1.1, at_us=AT_US)


def test_the_schema_is_a_schema() -> None:
    Draft202012Validator.check_schema(json_schema())


@pytest.mark.parametrize(("name", "form"), [("natural_2020", "2020"), ("legal_2023", "2023")])
def test_whole_messages_have_no_gap(name: str, form: str) -> None:
    reading = read(own(name))
    assert reading.form == form
    judged = judge(reading)
    assert (judged.due, judged.gaps, judged.remarks) == (True, (), ())
    assert judge(reading, in_europe()).gaps == ()


def test_a_request_without_the_other_provider_has_exactly_that_gap() -> None:
    judged = judge(read(own("request_2020")))
    assert found(judged) == [("beneficiaryVASP", "missing")]
    assert judged.gaps[0].party == "beneficiary-vasp"
    assert judged.gaps[0].remedy


@pytest.mark.skipif(not PUBLISHED.is_dir(), reason="the published examples are not here")
@pytest.mark.parametrize("path", sorted(PUBLISHED.glob("*example*.json")), ids=lambda path: path.stem)
def test_published_examples_are_judged_right(path: Path) -> None:
    expected: set[tuple[str, str]] = set()
    if "authorization-request" in path.name:
        expected = {("beneficiaryVASP", "missing")}
    if "address-search" in path.name:
        expected = NOBODY | NO_PROVIDERS
    assert set(found(judge(read(path.read_bytes())))) == expected


@pytest.mark.parametrize("form", ["2020", "2023"])
def test_damaged_messages_give_exactly_their_gaps(form: str) -> None:
    good, _ = spelled(json.loads(own("natural_2020" if form == "2020" else "legal_2023")))
    mutations = mutations_of(form, good)
    dice = random.Random(f"mutations {form}")  # noqa: S311 - no secret: a seeded generator
    for number in range(MUTATED // 2):
        message: Any = copy.deepcopy(good)
        picked = chosen(dice, mutations)
        for mutation in sorted(picked, key=lambda one: one.name == "drop"):
            mutation.do(message)
        if form == "2020":
            message = spelled_as_2020(message, dice)
        raw = json.dumps(message, ensure_ascii=bool(number % 2)).encode()
        situation = Situation(profile=jurisdictions()["fatf"], amount_usd=5_000, usd_per_unit=1, at_us=AT_US)
        expected = sorted(gap for mutation in picked for gap in mutation.expected)
        said = [(mutation.name, mutation.spot) for mutation in picked]
        assert found(judge(read(raw), situation)) == expected, said


def test_every_mutation_is_met_alone() -> None:
    for form, name in (("2020", "natural_2020"), ("2023", "legal_2023")):
        good, _ = spelled(json.loads(own(name)))
        for mutation in mutations_of(form, good):
            message = copy.deepcopy(good)
            mutation.do(message)
            if form == "2020":
                message = spelled_as_2020(message, random.Random(form))  # noqa: S311 - the same
            reading = read(json.dumps(message).encode())
            situation = Situation(profile=jurisdictions()["fatf"], amount_usd=5_000, usd_per_unit=1, at_us=AT_US)
            assert found(judge(reading, situation)) == sorted(mutation.expected), (mutation.name, mutation.spot)


KEYS = (
    "originator Originator originatorPersons originatorPerson naturalPerson name nameIdentifier beneficiary "
    "accountNumber transferPath sequence payloadMetadata legalPerson geographicAddress originatingVASP "
    "nationalIdentification dateAndPlaceOfBirth dateOfBirth country postcode"
)
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS.split()), inner, max_size=4),
    max_leaves=25,
)


@settings(max_examples=150, deadline=None)
@given(value=anything)
def test_no_tree_makes_it_fall_over(value: Any) -> None:
    raw = json.dumps(value).encode()
    if not isinstance(value, dict):
        with pytest.raises(BadRecord):
            read(raw)
        return
    judged = judge(read(raw), in_europe(None))
    assert judged.due
    assert len({(gap.path, gap.rule, gap.why) for gap in judged.gaps}) == len(judged.gaps)


@settings(max_examples=100, deadline=None)
@given(raw=st.binary(max_size=64))
def test_bytes_that_are_no_message_are_refused(raw: bytes) -> None:
    try:
        read(raw)
    except BadRecord as error:
        assert error.reason == "malformed"


@pytest.mark.parametrize(
    "raw",
    [b'{"originator":' * 60 + b"1" + b"}" * 60, b"[" * 100_000, b'{"a":"' + b"x" * MAX_BYTES + b'"}', b"[]", b'"x"'],
)
def test_deep_long_and_other_json_is_refused(raw: bytes) -> None:
    with pytest.raises(BadRecord):
        read(raw)


def test_a_field_in_two_spellings_is_ill_formed() -> None:
    message = json.loads(own("natural_2020"))
    message["Originator"] = message["originator"]
    assert found(judge(read(json.dumps(message).encode()))) == [("originator", "ill-formed")]


def test_two_gaps_of_one_address_are_two() -> None:
    message = json.loads(own("natural_2020"))
    home = message["originator"]["originatorPersons"][0]["naturalPerson"]["geographicAddress"][0]
    del home["country"], home["streetName"]
    place = "originator.originatorPerson[0].naturalPerson.geographicAddress[0]"
    assert found(judge(read(json.dumps(message).encode()))) == [(place, "missing"), (f"{place}.country", "missing")]


def test_no_gap_repeats_what_the_message_says() -> None:
    message = json.loads(own("natural_2020"))
    person = message["originator"]["originatorPersons"][0]["naturalPerson"]
    person["customerNumber"] = "secret-value" * 9
    person["countryOfResidence"] = "secret-value"
    person["dateAndPlaceOfBirth"]["dateOfBirth"] = "secret-value"
    judged = judge(read(json.dumps(message).encode()))
    assert len(judged.gaps) == 3
    assert "secret-value" not in repr(judged)
