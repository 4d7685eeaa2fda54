"""Hashed terms; every word here is invented."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from manumit.detectors.text.child_wording import coded, implies_minor
from manumit.detectors.text.hashed_terms import NO_TERMS, hashed_list, read_hashed, units_of
from manumit.detectors.text.normalise import fold
from manumit.schemas.errors import ConfigError

TERMS = ("florbnik", "zarvel quop", "麦穗风铃", "🥨🪁")
LIST = read_hashed(hashed_list(TERMS, b"a salt of the test"))


def count(text: str) -> int:
    return len(LIST.found(fold(text).text))


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("florbnik", 1),
        ("FLÖRBNIK, florbnik", 1),
        ("zarvel-quop", 1),
        ("zarvel, quop", 1),
        ("quop zarvel", 0),
        ("florbniks", 0),
        ("只有麦 穗风铃了", 1),
        ("麦穗", 0),
        ("🥨🪁", 1),
        ("🥨 🪁 florbnik zarvel quop", 3),
        ("", 0),
    ],
)
def test_terms_in_a_text(text: str, codes: int) -> None:
    assert count(text) == codes


def test_the_list_tells_no_term() -> None:
    text = hashed_list(TERMS, b"a salt of the test")
    assert not any(unit in text for term in TERMS for unit in units_of(term) if len(unit) > 1)
    assert hashed_list(TERMS, b"another salt") != text
    assert hashed_list(reversed(TERMS), b"a salt of the test") == text


def test_no_terms_find_nothing() -> None:
    assert not NO_TERMS
    assert NO_TERMS.found("florbnik") == frozenset()


def test_a_term_of_nothing_is_refused() -> None:
    for term in ("", "...", "word " * 30):
        with pytest.raises(ConfigError, match="cannot be hashed"):
            units_of(term)


@settings(deadline=None, max_examples=100)
@given(st.text(max_size=60), st.text(max_size=60))
def test_a_term_is_found_wherever_it_stands(before: str, after: str) -> None:
    assert count(f"{before} zarvel quop {after}") >= 1


def test_one_code_needs_a_price_or_a_contact() -> None:
    for text, held in {
        "florbnik": False,
        "florbnik 20 USD": True,
        "florbnik, mail somebody@board.example": True,
        "florbnik zarvel quop": True,
    }.items():
        assert coded(fold(text), LIST) is held, text
    assert coded(fold("florbnik"), LIST, reachable=True)


@pytest.mark.parametrize(
    "text",
    [
        "30 years old", "18 years old", "15 years of experience", "our studio is 12 years old", "no minors, 18+",
        "60 min, 12 sessions", "from 16 to 20 h", "schoolgirl outfit", "10 años de experiencia", "стаж 15 лет",
    ],
)  # fmt: skip
def test_adults_stay(text: str) -> None:
    assert not implies_minor(fold(text).text)
