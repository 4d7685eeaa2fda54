from __future__ import annotations

import tomllib
from importlib.resources import files

import pytest

from manumit.detectors.text.lexicon import clauses, lexicon, pattern
from manumit.detectors.text.normalise import fold

LISTS = ("payments", "job_travel", "prices", "numbers", "payment_notes")
LANGUAGES = {"en", "es", "pt", "fr", "ru", "vi", "zh", "id", "th", "ro"}


@pytest.mark.parametrize("name", LISTS)
def test_every_list_says_where_it_comes_from_and_who_reviewed_it(name: str) -> None:
    path = files("manumit.detectors.text.lexicons") / f"{name}.toml"
    about = tomllib.loads(path.read_text("utf-8"))["about"]
    assert about["title"]
    assert about["sources"]
    assert about["reviewed"]


@pytest.mark.parametrize("name", ["payments", "job_travel", "payment_notes"])
def test_the_flags_read_ten_languages(name: str) -> None:
    assert lexicon(name).languages >= LANGUAGES


def test_every_term_finds_itself() -> None:
    for name in ("payments", "job_travel", "payment_notes"):
        tables = tomllib.loads((files("manumit.detectors.text.lexicons") / f"{name}.toml").read_text("utf-8"))
        for facet, rows in tables.items():
            for term in () if facet == "about" else (term for row in rows.values() for term in row):
                assert lexicon(name).has(facet, fold(f"so {term.rstrip('*')} is").text), (facet, term)


def found(terms: tuple[str, ...], text: str) -> list[str]:
    return [match[0] for match in pattern(terms).finditer(fold(text).text)]


def test_whole_words_only() -> None:
    assert found(("eth",), "method, eth; ETH!") == ["eth", "eth"]
    assert found(("card",), "discard cards card") == ["card"]
    assert found(("carte*",), "carteado, carte") == ["carteado", "carte"]


def test_scripts_without_spaces_match_inside() -> None:
    assert found(("现金", "usdt"), "只收usdt不收现金") == ["usdt", "现金"]


def test_longest_first_and_loose_spaces() -> None:
    assert found(("bank", "bank transfer"), "Bank-transfer or bank") == ["bank-transfer", "bank"]


def test_clauses() -> None:
    def pieces(text: str) -> list[str]:
        return [text[start:stop].strip() for start, stop in clauses(text)]

    assert pieces("One. Two! 1.500 usd") == ["One", "Two", "1.500 usd"]
    assert pieces("We give:\n- flight\n- visa\nCall") == ["We give:\n- flight\n- visa", "Call"]
    assert pieces("一。二") == ["一", "二"]
