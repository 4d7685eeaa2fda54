"""500 made-up lines in ten languages; odd ones were used while the reader was written, even ones only to measure."""

from __future__ import annotations

from pathlib import Path

import pytest

from manumit.detectors.text.prices import prices

LINES = [
    line.split("\t")
    for line in (Path(__file__).parent / "labelled" / "prices.tsv").read_text("utf-8").splitlines()
    if not line.startswith("#")
]


def is_right(text: str, label: str) -> bool:
    want = set() if label == "-" else {tuple(one.split(" ")) for one in label.split("; ")}
    return want == {(price.amount, price.currency, price.per) for price in prices(text)}


@pytest.mark.parametrize(("first", "half"), [(0, "tuning"), (1, "held out")])
def test_labelled_lines(first: int, half: str) -> None:
    chosen = LINES[first::2]
    assert len(chosen) == 250, half
    assert len({language for language, _, _ in chosen}) == 10
    assert sum(is_right(text, label) for _, text, label in chosen) / len(chosen) >= 0.98
