"""500 made-up lines in ten languages; odd ones were used while the reader was written, even ones only to measure."""

from __future__ import annotations

from pathlib import Path

import pytest

from manumit.detectors.text.prices import prices


def labelled(name: str) -> list[list[str]]:
    lines = (Path(__file__).parent / "labelled" / name).read_text("utf-8").splitlines()
    return [line.split("\t") for line in lines if not line.startswith("#")]


LINES, HARD = labelled("prices.tsv"), labelled("hard_prices.tsv")


def is_right(text: str, label: str) -> bool:
    want = set() if label == "-" else {tuple(one.split(" ")) for one in label.split("; ")}
    return want == {(price.amount, price.currency, price.per) for price in prices(text)}


@pytest.mark.parametrize(("first", "half"), [(0, "tuning"), (1, "held out")])
def test_labelled_lines(first: int, half: str) -> None:
    chosen = LINES[first::2]
    assert len(chosen) == 250, half
    assert len({language for language, _, _ in chosen}) == 10
    assert sum(is_right(text, label) for _, text, label in chosen) / len(chosen) >= 0.98


def test_harder_lines() -> None:
    """Half hours, two hours, nights, weeks, per guest, ranges, number words, foreign digits."""
    assert len({language for language, _, _ in HARD}) == 10
    assert len(HARD) >= 100
    assert [text for _, text, label in HARD if not is_right(text, label)] == []


def test_a_unit_behind_a_price_is_not_the_next_ones_too() -> None:
    assert is_right("100 $ (1h) / 180 $ (2h)", "100 USD hour; 180 USD unknown")
    assert is_right("100$/1h 180$/2h", "100 USD hour; 180 USD unknown")


def test_a_currency_behind_a_unit_that_leads_another_number_is_that_ones() -> None:
    assert is_right("150/h usd", "150 USD hour")
    assert [price.amount for price in prices("3 per week USD 100")] == ["100"]
