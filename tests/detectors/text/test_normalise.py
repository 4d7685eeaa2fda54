from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from manumit.detectors.text.normalise import fold, visible


def test_one_form_for_many_spellings() -> None:
    assert fold("ＦＲＥＥ").text == "free"
    assert fold("Vé máy bay").text == "ve may bay"
    assert fold("١٢٣ ๔๕ 1️⃣").text == "123 45 1"
    assert fold("bit\u200bco\u00adin").text == "bitcoin"
    assert fold("bіtcоin").text == "bitcoin"  # Cyrillic і and о


def test_letters_of_other_scripts_keep_their_marks() -> None:
    assert fold("Только мой").text == "только мой"
    assert fold("ไม่รับ").text == "ไม่รับ"
    assert fold("только").text == "только"  # о, с, а look Latin, but the word is Cyrillic


def test_the_way_back() -> None:
    text = "Ｖé\u200bmáy ok"
    folded = fold(text)
    start = folded.text.index("may")
    first, last = folded.origin(start, start + 3)
    assert text[first:last] == "máy"


@given(st.text(max_size=60))
def test_every_span_lies_in_the_original(text: str) -> None:
    folded = fold(text)
    assert len(folded.at) == len(folded.text) + 1
    assert list(folded.at) == sorted(folded.at)
    assert folded.at[-1] == len(text)


@given(st.text(max_size=60))
def test_folding_twice_changes_nothing_more(text: str) -> None:
    once = fold(text).text
    assert fold(once).text == fold(fold(once).text).text


@given(st.text(max_size=60))
def test_visible_only_drops(text: str) -> None:
    rest = iter(text)
    assert all(character in rest for character in visible(text))
