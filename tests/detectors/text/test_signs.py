"""Which terms a text affirms and which it denies; numbers beside terms; bait costs no more than its length."""

from __future__ import annotations

import tomllib
from importlib.resources import files
from time import process_time

import pytest

from manumit.detectors.catalogue import detectors
from manumit.detectors.contract import TextFlag
from manumit.detectors.stories import advert
from manumit.detectors.text.lexicon import Hit, terms
from manumit.detectors.text.marks import marks
from manumit.detectors.text.normalise import fold
from manumit.detectors.text.signs import numbered, signs, warnings
from manumit.schemas.listing import ListingKind

LISTS = (
    "anonymous_let", "crossing", "crowded_let", "lure_trades", "occupations", "papers", "per_head", "seeking",
    "vague_employer", "warnings",
)  # fmt: skip
LANGUAGES = {"en", "es", "pt", "fr", "de", "sq", "ro", "ru", "ar", "vi", "th", "km", "my", "zh", "tl", "id"}


def affirmed(text: str, facet: str = "guarantee") -> list[str]:
    folded = fold(text).text
    return [
        folded[hit.start : hit.stop]
        for hit in signs("crossing", folded, ("guarantee", "unpapered", "lawful")).get(facet, ())
    ]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("arrival guaranteed", ["guaranteed"]),
        ("not guaranteed", []),
        ("never really guaranteed", []),
        ("never, of course, guaranteed", ["guaranteed"]),
        ("never in all these years guaranteed", ["guaranteed"]),
        ("no visa, guaranteed", ["guaranteed"]),
        ("no visa guaranteed", ["guaranteed"]),
        ("we cannot. Guaranteed", ["guaranteed"]),
        ("garantiert nicht", []),
        ("nicht garantiert", []),
        ("не гарантируем", []),
        ("不保证到达", []),
        ("保证到达", ["保证到达"]),
        ("ไม่การันตี", []),
        ("การันตี", ["การันตี"]),
        ("မအာမခံဘူး", []),
        ("អាមិនធានា", []),
    ],
)
def test_what_is_denied_is_no_sign(text: str, found: list[str]) -> None:
    assert affirmed(text) == found


def test_a_denial_within_a_longer_term_counts_against_what_it_holds() -> None:
    assert affirmed("no passport required", "lawful") == []
    assert affirmed("no passport required", "unpapered") == ["no passport"]
    assert affirmed("passport required", "lawful") == ["passport required"]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2500 per person", 2500),
        ("5,000 USDT per person", 5000),
        ("5.000 per person", 5000),
        ("per person: 300", 300),
        ("30 or 40 per person", 40),
        ("per person", None),
        ("1.5 per person", None),
        ("900 is what we would like to ask of you per person", None),
    ],
)
def test_the_number_beside_a_term(text: str, value: int | None) -> None:
    at = text.index("per person")
    found = numbered(text, Hit("seat", at, at + len("per person")), 24)
    assert (found and found[1]) == value
    if found:
        assert str(value)[:1] in text[found[0].start : found[0].stop]


def test_different_words_of_warning() -> None:
    assert warnings(fold("Warning: police, police, POLICE. 警方").text) == 3


@pytest.mark.parametrize("name", [*LISTS, "compound_places"])
def test_every_list_says_where_it_comes_from_and_who_reviewed_it(name: str) -> None:
    about = tomllib.loads((files("manumit.detectors.text.lexicons") / f"{name}.toml").read_text("utf-8"))["about"]
    assert about["title"]
    assert about["sources"]
    assert about["reviewed"]


@pytest.mark.parametrize("name", [*LISTS, "compound_places"])
def test_every_term_finds_itself_and_is_no_pattern(name: str) -> None:
    for facet, rows in terms(name).items():
        for term in (term for row in rows.values() for term in row):
            assert "*" not in term.rstrip("*"), term
            assert marks(name, fold(f"so {term.rstrip('*')} is").text).has(facet), (facet, term)


@pytest.mark.parametrize("name", LISTS)
def test_sixteen_languages_each(name: str) -> None:
    assert {facet: LANGUAGES - rows.keys() for facet, rows in terms(name).items() if LANGUAGES - rows.keys()} == {}


BAIT = (
    "channel crossing no visa guaranteed 2500 per person ",
    "no not never without ",
    "easy work details in private 不保证到达 ",
    "8 people per room bunk beds deducted from wages ",
    "20 workers 5000 per head escrow ",
)


@pytest.mark.parametrize("bait", BAIT)
def test_twice_the_bait_costs_no_more_than_twice_the_time(bait: str) -> None:
    """In processor time, with room for noise; a square would cost four times as much."""

    def cost(characters: int) -> float:
        text = (bait * (characters // len(bait) + 1))[:characters]
        best = float("inf")
        for turn in range(3):
            start = process_time()
            for flag in FLAGS:
                kind: ListingKind = "other"
                listing = advert("a", kind, f"{turn} {text}")
                flag.find(listing, flag.about.values())
            best = min(best, process_time() - start)
        return best

    cost(1_000)
    assert cost(12_000) < 3.2 * cost(6_000) + 0.02


FLAGS = [one for one in detectors() if isinstance(one, TextFlag) and one.about.id.startswith("li-")]
