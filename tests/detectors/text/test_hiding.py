"""How a number is written. All numbers are reserved for fiction."""

from __future__ import annotations

import pytest

from manumit.detectors.text.contacts import contacts, masked
from manumit.detectors.text.hiding import manner


@pytest.mark.parametrize(
    ("written", "how"),
    [
        ("+1 202 555 0123", None),
        ("(202) 555-0123", None),
        ("plus 1 202 555 0123", None),
        ("+1.202.555.0123", None),
        ("٠٠١٢٠٢٥٥٥٠١٢٣", None),
        ("+๑ ๒๐๒ ๕๕๕ ๐๑๒๓", None),
        ("+１２０２５５５０１２３", "signs"),
        ("+1 two zero two 555 0123", "words"),
        ("202 five55 0123", "words"),
        ("สองศูนย์สอง5550123", "words"),
        ("2o2 555 ol23", "letters"),
        ("202*555*0123", "signs"),
        ("2️⃣0️⃣2️⃣5550123", "signs"),
        ("𝟸𝟶𝟸 555 0123", "signs"),
        ("202 🔥 555 🔥 0123", "signs"),
        ("2 0 2 5 5 5 0 1 2 3", "single digits"),
        ("2-0-2-5-5-5-0-1-2-3", "single digits"),
        ("20 25 55 01 23", None),
    ],
)
def test_manner(written: str, how: str | None) -> None:
    assert manner(written) == how


def test_fullwidth_digits_are_plain_beside_a_script_that_uses_them() -> None:
    assert manner("＋１２０２５５５０１２３", "电话 ＋１２０２５５５０１２３") is None


def test_what_was_hidden_stands_in_place_of_the_number() -> None:
    text = "Call +1 two zero two five five five zero one two three or +1 202 555 0147 or wa.me/12025550147"
    assert masked(text, contacts(text)) == "Call [tel in words] or [tel] or [tel]"
