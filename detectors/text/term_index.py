"""The terms of all word lists that are searched together, by how they begin.

A list takes part when its `[about]` says `marked = true`; it is written like any other (`lexicon.py`), and a term
begins with a letter, a digit or a pictograph.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from itertools import pairwise

from manumit.detectors.text.lexicon import LETTER, UNSPACED_RANGES
from manumit.detectors.text.normalise import fold

STEM_HEAD = 3  # letters; a stem has at least as many
LONGEST_TAIL = 14  # letters behind a stem
WORDS = re.compile(rf"{LETTER}+")
SIGNS = "\u20a0-\u20bf\u2190-\u2bff\U0001f000-\U0001faff"  # currencies, arrows, pictographs
DENSE = UNSPACED_RANGES + SIGNS  # written without blanks between
STARTS_DENSE = re.compile(f"[{DENSE}]")
# one letter for the spellings of one: hamza seats, final ya, ta marbuta; typographic apostrophes
SPELLINGS = str.maketrans("أإآٱىة’‘ʼ`", "اااايه''''")
SPELT = re.compile("[أإآٱىة’‘ʼ`]")

Key = tuple[str, str]  # list and facet


@dataclass(frozen=True, slots=True)
class Term:
    """`words` with `gaps` between them ("" is a blank or hyphen), then `tail`; the last word may be a stem."""

    key: Key
    words: tuple[str, ...]
    gaps: tuple[str, ...]
    tail: str
    stem: bool


@dataclass(frozen=True, slots=True)
class Begun:
    """Terms that begin with one word: it `alone` and a tail, by their `second` word, or with a stem as second."""

    alone: tuple[tuple[Key, str], ...]
    second: Mapping[str, tuple[Term, ...]]
    stems: tuple[Term, ...]

    @property
    def longer(self) -> bool:
        """Some term goes on with a second word."""
        return bool(self.second or self.stems)


@dataclass(slots=True)
class Node:
    """Terms of unspaced scripts, character by character: which of them end here, and where they go on."""

    ends: list[Key] = field(default_factory=list)
    below: dict[str, Node] = field(default_factory=dict)

    def put(self, term: str, key: Key) -> None:
        node = self
        for character in term:
            node = node.below.setdefault(character, Node())
        node.ends.append(key)


@dataclass(frozen=True, slots=True)
class Index:
    """Terms by a whole first word, by the head of a single stem, by the characters of an unspaced script.

    `first` finds the characters that some term of `dense` begins with.
    """

    names: frozenset[str]
    facets: frozenset[Key]
    languages: Mapping[Key, frozenset[str]]
    whole: Mapping[str, Begun]
    stems: Mapping[str, tuple[Term, ...]]
    dense: Node
    first: re.Pattern[str]

    def begun(self, word: str) -> Begun | None:
        """Every term that may begin with this word, stems that it is of among them; None for no term at all."""
        whole = self.whole.get(word)
        of_stems = (term for term in self.stems.get(word[:STEM_HEAD], ()) if is_of(word, term.words[0]))
        stems = tuple((term.key, term.tail) for term in of_stems)
        if whole is None:
            return Begun(stems, {}, ()) if stems else None
        return Begun((*whole.alone, *stems), whole.second, whole.stems)


def is_of(word: str, stem: str) -> bool:
    return word.startswith(stem) and len(word) - len(stem) <= LONGEST_TAIL


@cache
def index() -> Index:
    """Of all lists that take part, read from the package once. Raises ValueError for a term that begins otherwise."""
    whole: dict[str, list[Term]] = {}
    stems: dict[str, list[Term]] = {}
    dense = Node()
    spoken: dict[Key, set[str]] = {}
    for key, language, written in _listed():
        spoken.setdefault(key, set()).add(language)
        folded = fold(written.rstrip("*")).text.strip().translate(SPELLINGS)
        if STARTS_DENSE.match(folded):
            dense.put("".join(folded.split()), key)
            continue
        term = _term(key, folded, stem=written.endswith("*"))
        single = term.stem and len(term.words) == 1
        (stems.setdefault(folded[:STEM_HEAD], []) if single else whole.setdefault(term.words[0], [])).append(term)
    return Index(
        names=frozenset(name for name, _ in spoken),
        facets=frozenset(spoken),
        languages={key: frozenset(found) for key, found in spoken.items()},
        whole={head: _begun(found) for head, found in whole.items()},
        stems={head: tuple(found) for head, found in stems.items()},
        dense=dense,
        first=_one_of(dense.below),
    )


def _one_of(characters: Iterable[str]) -> re.Pattern[str]:
    """A pattern for one of our own characters; for none at all, one that never matches."""
    listed = "".join(re.escape(c) for c in sorted(characters))
    return re.compile(f"[{listed}]" if listed else r"(?!)")


def _begun(terms: list[Term]) -> Begun:
    second: dict[str, list[Term]] = {}
    for term in terms:
        if len(term.words) > 1 and not _stem_second(term):
            second.setdefault(term.words[1], []).append(term)
    return Begun(
        alone=tuple((term.key, term.tail) for term in terms if len(term.words) == 1),
        second={word: tuple(found) for word, found in second.items()},
        stems=tuple(term for term in terms if _stem_second(term)),
    )


def _stem_second(term: Term) -> bool:
    return term.stem and len(term.words) == 2


def _listed() -> Iterator[tuple[Key, str, str]]:
    for file in files("manumit.detectors.text.lexicons").iterdir():
        if not file.name.endswith(".toml"):
            continue
        tables = tomllib.loads(file.read_text("utf-8"))
        if tables["about"].get("marked"):
            name = file.name.removesuffix(".toml")
            for facet, rows in tables.items():
                for language, terms in rows.items() if facet != "about" else ():
                    yield from (((name, facet), language, term) for term in terms)


def _term(key: Key, folded: str, *, stem: bool) -> Term:
    found = list(WORDS.finditer(folded))
    if not found or found[0].start() or "*" in folded or (stem and len(found) == 1 and len(folded) < STEM_HEAD):
        raise ValueError(f"{key[0]}.toml, {key[1]}: {folded!r} cannot be looked up")
    gaps = tuple("".join(folded[a.end() : b.start()].replace("-", " ").split()) for a, b in pairwise(found))
    return Term(key, tuple(one[0] for one in found), gaps, folded[found[-1].end() :], stem)
