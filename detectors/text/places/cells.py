"""Free text about a place to its coarse cell, by an offline gazetteer. Pure; the tables ship with the package.

A cell is `CC-gggg`: ISO 3166 country and geohash of four characters; the country alone where no town is known,
"" where nothing is.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from manumit.detectors.text.lexicon import UNSPACED, lexicon, terms
from manumit.detectors.text.normalise import Folded, fold

CELL = re.compile(r"[A-Z]{2}(?:-[0-9A-Za-z]{1,4})?|(?=[a-z]*\d)[0-9b-hjkmnp-z]{4}")
PARTS = re.compile(r"[,;/|\n()·•>\[\]]|\s[-–—]\s")
WORD = re.compile(r"[^\s,;:.!?()\[\]/|\"«»]+")
MAX_CHARACTERS = 200
MAX_PARTS = 8
MAX_WORDS = 4  # words of a town's name
MAX_UNSPACED = 12
LARGE = 50  # thousands of people: the least for a town named in the middle of a text
TRIED = 40  # places named in a text that are looked up


@dataclass(frozen=True, slots=True)
class Town:
    """`state` is the first-level division, the postal code in the USA; `people` in thousands."""

    country: str
    state: str
    cell: str
    people: int


@dataclass(frozen=True, slots=True)
class Gazetteer:
    """Folded names to what they may mean; `countries` also holds states, such as `US.AL`."""

    towns: dict[str, list[Town]]
    countries: dict[str, str]
    codes: frozenset[str]


def cell(place: str) -> str:
    """The cell of what a source calls the place: a cell already, a town, an address, `Auburn, Alabama`."""
    if CELL.fullmatch(place):
        return place
    parts = [part.strip() for part in PARTS.split(place[:MAX_CHARACTERS])][:MAX_PARTS]
    regions = {code for part in parts if (code := _region(part))}
    candidates = [town for part in parts for town in _towns(part)]
    fitting = [(agreed, town.people, town) for town in candidates if (agreed := _agrees(town, regions))]
    _, _, chosen = max(fitting, key=lambda found: found[:2], default=(0, 0, None))
    if chosen is not None:
        return f"{chosen.country}-{chosen.cell}"
    return min((region.partition(".")[0] for region in regions), default="")


def cell_in(text: str, folded: Folded) -> str:
    """The cell of the first large town, else country, that the text says it is in; "" when it says none.

    `folded` is `fold(text)`.
    """
    known = _gazetteer()
    country = ""
    for hit, _ in zip(lexicon("places").hits("before", folded.text), range(TRIED), strict=False):
        for name, start in _names_after(folded.text, hit.stop):
            capital = UNSPACED.match(name) or not text[folded.at[start]].islower()
            towns = [town for town in known.towns.get(name, ()) if town.people >= LARGE] if capital else []
            if towns and name not in _everyday():
                best = max(towns, key=lambda town: town.people)
                return f"{best.country}-{best.cell}"
            country = country or (known.countries.get(name, "").partition(".")[0] if capital else "")
    return country


def _names_after(text: str, at: int) -> Iterator[tuple[str, int]]:
    """The longest names first: words that follow, or characters where the script has no blanks."""
    start = at + (text[at : at + 1] == " ")
    if UNSPACED.match(text, start):
        yield from ((text[start : start + size], start) for size in range(MAX_UNSPACED, 1, -1))
        return
    words: list[re.Match[str]] = []
    while len(words) < MAX_WORDS and (match := WORD.match(text, words[-1].end() + 1 if words else start)):
        words.append(match)
    for last in reversed(words):
        yield text[start : last.end()], start


def _region(part: str) -> str:
    """A country's code, or `US.AL`; two capitals are the state before the country when it stands in an address."""
    known, name = _gazetteer(), " ".join(fold(part).text.split())
    if found := known.countries.get(name):
        return found
    words = part.split()
    code = next((word for word in reversed(words) if len(word) == 2 and word.isascii() and word.isupper()), "")
    if f"US.{code}" in known.codes:
        return f"US.{code}"
    return code if code in known.codes else ""


def _towns(part: str) -> Iterable[Town]:
    """The towns of the longest name in this part."""
    known = _gazetteer().towns
    words = fold(part).text.split()
    for size in range(min(len(words), MAX_WORDS), 0, -1):
        for start in range(len(words) - size + 1):
            found = known.get(" ".join(words[start : start + size]))
            if found and (size == len(words) or words[start] not in _everyday()):
                return found
    return ()


def _agrees(town: Town, regions: set[str]) -> int:
    """2 when the state agrees, 1 when the country does or nothing is known, else 0.

    A state's code may be meant as a country's (`CA`, `DE`); a state's name never is.
    """
    states = {region for region in regions if "." in region}
    if not regions:
        return 1
    if states:
        return 2 * (f"{town.country}.{town.state}" in states) or int(f"US.{town.country}" in states)
    return int(town.country in regions)


@cache
def _everyday() -> frozenset[str]:
    return frozenset(term for row in terms("places")["everyday"].values() for term in row)


@cache
def _gazetteer() -> Gazetteer:
    """The tables of the package, read once: about 0.2 s."""
    towns: dict[str, list[Town]] = {}
    for country, state, at, people, names in _rows("towns.txt"):
        town = Town(country, state, at, int(people))
        for name in names.split("|"):
            towns.setdefault(name, []).append(town)
    countries = {name: code for code, names in _rows("countries.txt") for name in names.split("|")}
    return Gazetteer(towns, countries, frozenset(countries.values()))


def _rows(name: str) -> Iterator[list[str]]:
    text = (files("manumit.detectors.text.places") / name).read_text("utf-8")
    return (line.split("\t") for line in text.splitlines() if not line.startswith("#"))
