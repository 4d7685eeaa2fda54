"""Telephone numbers kept for fiction, hidden in many ways. The seeds were not used while the reader was written."""

from __future__ import annotations

import pytest

from bench.obfuscation import FURTHER, NINE, samples
from manumit.detectors.text.phones import phones

SEED = 20_261_124
EACH = 40


def share_exact(kinds: tuple[str, ...], spellings: dict[str, object]) -> float:
    lines = [s for s in samples({**NINE, **FURTHER}, EACH, SEED) if s.kind in kinds]
    assert len(lines) == EACH * len(spellings)
    return sum([p.number for p in phones(s.text, s.region)] == [s.number] for s in lines) / len(lines)


def test_nine_kinds_of_obfuscation() -> None:
    assert share_exact(tuple(NINE), dict(NINE)) >= 0.97


def test_further_kinds_of_obfuscation() -> None:
    assert share_exact(tuple(FURTHER), dict(FURTHER)) >= 0.97


@pytest.mark.parametrize(
    "text",
    [
        "post id 7141106057",
        "ref no. 2025550147",
        "$2025550147",
        "12 000 000 - 15 000 000 VND",
        "10:00-18:00 20:00-22:00",
    ],
)
def test_references_amounts_and_times_are_no_phones(text: str) -> None:
    assert phones(text, "US") == ()


def test_two_numbers_in_one_run() -> None:
    found = [p.number for p in phones("202-555-0147 / 212-555-0188", "US")]
    assert sorted(found) == ["+12025550147", "+12125550188"]
