"""Reasons as people read them: numbers agree with their nouns, shares are told in percent."""

from __future__ import annotations

from dataclasses import replace

import pytest

from manumit.detectors.catalogue import detector, detectors
from manumit.detectors.contract import About, Values
from manumit.detectors.wording import reason

ABOUT = detector("tx-funnel-fan-in").about


@pytest.mark.parametrize(
    ("template", "numbers", "told"),
    [
        ("{n} transfers in {d} days", {"n": 1, "d": 1}, "1 transfer in 1 day"),
        ("{n} transfers in {d} days", {"n": 2, "d": 30}, "2 transfers in 30 days"),
        ("{n} small foreign credits", {"n": 1}, "1 small foreign credit"),
        ("{n} countries, {m} people", {"n": 1, "m": 1}, "1 country, 1 person"),
        ("{n} of {m} payers", {"n": 1, "m": 1_500}, "1 of 1,500 payers"),
        ("{n:%} of a sum", {"n": 0.975}, "97.5% of a sum"),
        ("{n:%} of a sum", {"n": 0.5}, "50% of a sum"),
        ("{n} senders, {m:%} new", {}, "an unknown number of senders, an unknown share new"),
        ("{subject} paid {n} times", {"n": 1}, "1 transfers paid 1 time"),
    ],
)
def test_numbers_agree_with_their_nouns(template: str, numbers: dict[str, float], told: str) -> None:
    assert reason(replace(ABOUT, reason=template), "1 transfers", numbers, Values({})) == told


@pytest.mark.parametrize("about", [one.about for one in detectors()], ids=lambda about: about.id)
def test_words_of_a_rule_have_no_slips_of_the_pen(about: About) -> None:
    for text in (about.title, about.reason, *about.next_steps, *about.innocent, *about.blind_to):
        assert "  " not in text
        assert text == text.strip()
        assert " ." not in text
        assert ".." not in text.replace("...", "")
    assert about.reason.endswith(".")
