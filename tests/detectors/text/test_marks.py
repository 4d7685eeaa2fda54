"""Word lists searched together: what is found where, in every script, and at what cost."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from importlib.resources import files

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from manumit.detectors.text.lexicon import lexicon
from manumit.detectors.text.marks import languages, marks
from manumit.detectors.text.normalise import fold
from manumit.detectors.text.structure import denied, gap, paired
from manumit.detectors.text.term_index import Key, index

LANGUAGES = frozenset(["en", "es", "pt", "fr", "de", "sq", "ro", "ru", "ar", "vi", "th", "km", "my", "zh", "tl", "id"])
OTHERS = ("job_travel", "compound_places")  # ten languages, as before; names by place
FOLDER = files("manumit.detectors.text.lexicons")


def lists() -> Iterator[tuple[str, dict[str, dict[str, list[str]]], dict[str, object]]]:
    for name in sorted(index().names):
        tables = tomllib.loads((FOLDER / f"{name}.toml").read_text("utf-8"))
        about = tables.pop("about")
        yield name, tables, about


@pytest.mark.parametrize("key", sorted(index().facets), ids=".".join)
def test_every_facet_reads_sixteen_languages(key: Key) -> None:
    if key[0] not in OTHERS:
        assert languages(*key) - {"any"} >= LANGUAGES


def test_every_list_says_where_it_comes_from_and_who_reviewed_it() -> None:
    for name, tables, about in lists():
        assert about["title"] and about["sources"] and about["reviewed"], name
        assert tables


def test_every_term_finds_itself() -> None:
    for name, tables, _ in lists():
        for facet, rows in tables.items():
            for term in (term for row in rows.values() for term in row):
                text = fold(f"xx {term.rstrip('*')} xx").text
                assert marks(name, text).of(facet), (name, facet, term)


def found(facet: str, text: str, name: str = "guards") -> list[str]:
    folded = fold(text).text
    return [folded[hit.start : hit.stop] for hit in marks(name, folded).of(facet)]


def test_whole_words_and_stems() -> None:
    assert found("no", "no, nothing; noon no-one NOT knot") == ["no", "no", "not"]
    assert found("no", "kein keine keinerlei kei") == ["kein", "keine", "keinerlei"]


def test_blanks_and_hyphens_between_words() -> None:
    assert found("employer_pays", "We  pay; we-pay, we\npay, we... pay, wepay") == ["we  pay", "we-pay", "we\npay"]


def test_the_longest_of_terms_that_begin_together() -> None:
    assert found("papers", "passports and a passport", "job_documents") == ["passports", "passport"]
    assert found("hours", "小时，个小时", "domestic_terms") == ["小时", "个小时"]


def test_words_written_onto_an_arabic_word() -> None:
    assert found("papers", "والجواز بالجواز جواز", "job_documents") == ["والجواز", "بالجواز", "جواز"]
    assert found("wages", "الراتِب".replace("ِ", ""), "job_fee") == ["الراتب"]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("ไม่มี ค่าสมัคร", ["ค่าสมัคร"]),
        ("ค่า สมัคร", ["ค่า สมัคร"]),
        ("មិនយកថ្លៃចុះឈ្មោះទេ", ["ថ្លៃចុះឈ្មោះ"]),
        ("ပွဲခမယူပါ", ["ပွဲခ"]),
        ("不收报 名费", ["报 名费"]),
        ("报\u200b名费", ["报名费"]),
    ],
)
def test_scripts_without_spaces(text: str, wanted: list[str]) -> None:
    assert found("fee", text, "job_fee") == wanted


def test_an_unknown_list_or_facet_is_an_error() -> None:
    with pytest.raises(KeyError):
        marks("none-such", "")
    with pytest.raises(KeyError):
        marks("guards", "").of("none-such")


def test_a_term_is_searched_in_its_own_clause() -> None:
    listing = marks("job_fee", fold("A deposit. It is required. deposit required").text)
    assert [(hit.start, tie.start) for hit, tie in paired(listing, "deposit", "asked", 40)] == [(27, 35)]


@pytest.mark.parametrize(
    ("text", "says_no"),
    [
        ("no registration fee", True),
        ("a registration fee is not required", True),
        ("no experience, registration fee", False),
        ("Not a word. Registration fee", False),
        ("无需任何报名费", True),
        ("不限经验，报名费", False),
        ("ไม่มีค่าสมัคร", True),
        ("ไม่มีประสบการณ์ ค่าสมัคร", False),
        ("រត់ មិនយកថ្លៃចុះឈ្មោះ", True),
        ("ပွဲခ မယူပါ", True),
    ],
)
def test_what_is_denied(text: str, says_no: bool) -> None:
    listing = marks("job_fee", fold(text).text)
    (hit,) = listing.of("fee")
    assert denied(hit, listing) is says_no


def test_characters_between() -> None:
    listing = marks("job_fee", "deposit is required")
    (one,), (other,) = listing.of("deposit"), listing.of("asked")
    assert gap(one, other) == gap(other, one) == 4


WORDS_OF_LISTS = (
    "flight",
    "visa",
    "paid",
    "not included",
    "meal plan",
    "free",
    "в гостинице",
    "билет",
    "飞机票",
    "包机票",
    "vé",
)


@settings(deadline=None, max_examples=200)
@given(st.lists(st.sampled_from((*WORDS_OF_LISTS, "x", ",", ".", "-", "\n", " ")), max_size=20))
def test_it_finds_what_the_patterns_find(parts: list[str]) -> None:
    """The older way to search a list is a pattern for each facet; both say of every facet whether it stands there."""
    text = fold(" ".join(parts)).text
    for facet in lexicon("job_travel").patterns:
        assert marks("job_travel", text).has(facet) == lexicon("job_travel").has(facet, text), facet


@pytest.mark.parametrize(
    "bait", ["no ", "we pay ", "报", "报名", "ค่า", "وال", "passport kept by ", "a" * 40 + " ", "5 "]
)
def test_bait_grows_no_faster_than_the_text(bait: str) -> None:
    """Eight times the text gives at most eight times the places, few for each character."""
    short, long = (bait * (size // len(bait)) for size in (1_500, 12_000))

    def places(text: str) -> int:
        listed = marks("job_fee", text)
        return sum(len(listed.of(facet)) for name, facet in index().facets if name == "job_fee")

    assert places(long) <= 9 * places(short) + 9
    assert places(long) <= len(long)
