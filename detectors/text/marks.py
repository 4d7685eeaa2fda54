"""Every term of many word lists in one pass over a text: which facets stand where, and in which clause.

A list takes part when its `[about]` says `marked = true`; it is written like any other (`lexicon.py`). Words are
looked up whole, stems (`term*`) by their first letters; scripts without spaces are looked up character by character,
blanks between them passed over. No pattern is ever made of a text, and the work is linear in it.
"""

from __future__ import annotations

import re
import tomllib
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from itertools import pairwise

from manumit.detectors.text.lexicon import GAP, LETTER, UNSPACED, UNSPACED_RANGES, Hit, clauses
from manumit.detectors.text.normalise import fold

TEXTS_KEPT = 32  # all flags read one advert after the other
STEM_HEAD = 3  # letters; a stem has at least as many
LONGEST_TAIL = 14  # letters behind a stem
DENSE_HEAD = 2  # characters
WORDS = re.compile(rf"{LETTER}+")
SIGNS = "\u20a0-\u20bf\u2190-\u2bff\U0001f000-\U0001faff"  # currencies, arrows, pictographs
SIGN = re.compile(f"[{SIGNS}]")
MAX_BLANKS = 2
DENSE = re.compile(
    rf"(?P<first>[{UNSPACED_RANGES}{SIGNS}])(?=[ \u00a0]{{0,{MAX_BLANKS}}}(?P<second>[{UNSPACED_RANGES}0-9a-z])?)"
)
LOOSE = re.compile(GAP)
# one letter for the spellings of one: hamza seats, final ya, ta marbuta; typographic apostrophes
SPELLINGS = str.maketrans("أإآٱىة’‘ʼ`", "اااايه''''")
ARABIC = re.compile("[\u0600-\u06ff]")
FIRST_ARABIC = "\u0600"
CLITICS = ("وال", "بال", "فال", "كال", "لل", "ال", "و", "ب", "ل", "ف")  # and, with, the, for: written onto the word
SHORTEST_BARE = 3  # letters that must be left of a word without them

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
    """Terms that begin with one word: it `alone`, by their `second` word, or with a stem as their second."""

    alone: tuple[Term, ...]
    second: Mapping[str, tuple[Term, ...]]
    stems: tuple[Term, ...]


@dataclass(frozen=True, slots=True)
class Index:
    """Terms by how they begin: a whole first word, the head of a single stem, two characters of an unspaced script."""

    names: frozenset[str]
    facets: frozenset[Key]
    languages: Mapping[Key, frozenset[str]]
    whole: Mapping[str, Begun]
    stems: Mapping[str, tuple[Term, ...]]
    dense: Mapping[str, tuple[tuple[str, Key], ...]]


@dataclass(frozen=True, slots=True)
class Marks:
    """What one list has in one folded text. `clauses` are half-open spans."""

    name: str
    text: str
    clauses: tuple[tuple[int, int], ...]
    found: Mapping[Key, tuple[Hit, ...]]

    def of(self, facet: str) -> tuple[Hit, ...]:
        """Every term of `facet`, left to right, the longest where several begin. Raises KeyError for an unknown one."""
        key = (self.name, facet)
        if key not in index().facets:
            raise KeyError(facet)
        return self.found.get(key, ())

    def has(self, *facets: str) -> bool:
        """True when any of these facets stands in the text."""
        return any(self.of(facet) for facet in facets)

    def within(self, facet: str, start: int, stop: int) -> tuple[Hit, ...]:
        """Terms of `facet` that lie in a half-open span."""
        return tuple(hit for hit in self.of(facet) if start <= hit.start and hit.stop <= stop)

    def clause(self, hit: Hit) -> tuple[int, int]:
        """The clause a hit begins in."""
        at = bisect_right(self.clauses, (hit.start, len(self.text))) - 1
        return self.clauses[max(at, 0)]

    def near(self, facet: str, hit: Hit, before: int, after: int) -> tuple[Hit, ...]:
        """Terms of `facet` in the clause of `hit`, at most so many characters before it or after it, or in it."""
        start, stop = self.clause(hit)
        return tuple(
            one
            for one in self.of(facet)
            if start <= one.start
            and one.stop <= stop
            and hit.start - one.stop <= before
            and one.start - hit.stop <= after
        )


def marks(name: str, text: str) -> Marks:
    """Of folded `text`. Raises KeyError for a list that takes no part."""
    if name not in index().names:
        raise KeyError(name)
    cut, found = _found(text)
    return Marks(name, text, cut, found)


def languages(name: str, facet: str) -> frozenset[str]:
    """The languages a facet has terms in. Raises KeyError for an unknown one."""
    return index().languages[name, facet]


@cache
def index() -> Index:
    """Of all lists that take part, read from the package once."""
    whole: dict[str, list[Term]] = {}
    stems: dict[str, list[Term]] = {}
    dense: dict[str, list[tuple[str, Key]]] = {}
    spoken: dict[Key, set[str]] = {}
    for key, language, written in _listed():
        spoken.setdefault(key, set()).add(language)
        folded = fold(written.rstrip("*")).text.strip().translate(SPELLINGS)
        if UNSPACED.match(folded) or SIGN.match(folded):
            bare = "".join(folded.split())
            dense.setdefault(bare[:DENSE_HEAD], []).append((bare, key))
            continue
        term = _term(key, folded, stem=written.endswith("*"))
        first = term.words[0]
        if term.stem and len(term.words) == 1:
            stems.setdefault(first[:STEM_HEAD], []).append(term)
        else:
            whole.setdefault(first, []).append(term)
    return Index(
        names=frozenset(name for name, _ in spoken),
        facets=frozenset(spoken),
        languages={key: frozenset(found) for key, found in spoken.items()},
        whole={head: _begun(found) for head, found in whole.items()},
        stems={head: tuple(found) for head, found in stems.items()},
        dense={head: tuple(found) for head, found in dense.items()},
    )


def _begun(terms: list[Term]) -> Begun:
    second: dict[str, list[Term]] = {}
    for term in terms:
        if len(term.words) > 1 and not _stem_second(term):
            second.setdefault(term.words[1], []).append(term)
    return Begun(
        alone=tuple(term for term in terms if len(term.words) == 1),
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
    """Raises ValueError for a term that begins with no letter or digit, or a stem that is too short to look up."""
    found = list(WORDS.finditer(folded))
    if not found or found[0].start() or (stem and len(found) == 1 and len(folded) < STEM_HEAD):
        raise ValueError(f"{key[0]}.toml, {key[1]}: {folded!r} cannot be looked up")
    between = pairwise(found)
    gaps = tuple("".join(folded[a.end() : b.start()].replace("-", " ").split()) for a, b in between)
    return Term(key, tuple(one[0] for one in found), gaps, folded[found[-1].end() :], stem)


@lru_cache(TEXTS_KEPT)
def _found(text: str) -> tuple[tuple[tuple[int, int], ...], Mapping[Key, tuple[Hit, ...]]]:
    """Clauses, and the hits of every list: for each facet, of terms that overlap the first and longest."""
    spelt = text if text.isascii() else text.translate(SPELLINGS)
    hits: dict[Key, list[Hit]] = {}
    for key, start, stop in (*_in_words(spelt), *_in_runs(spelt)):
        hits.setdefault(key, []).append(Hit(key[1], start, stop))
    cut = tuple(clauses(text)) or ((0, len(text)),)
    return cut, {key: _apart(found) for key, found in hits.items()}


def _apart(found: list[Hit]) -> tuple[Hit, ...]:
    if len(found) == 1:
        return tuple(found)
    kept: list[Hit] = []
    for hit in sorted(found, key=lambda one: (one.start, -one.stop)):
        if not kept or hit.start >= kept[-1].stop:
            kept.append(hit)
    return tuple(kept)


def _in_words(text: str) -> Iterator[tuple[Key, int, int]]:
    whole, stems = index().whole, index().stems
    found = [(match[0], match.start(), match.end()) for match in WORDS.finditer(text)]
    arabic = not text.isascii() and ARABIC.search(text) is not None
    for at, (written, start, stop) in enumerate(found):
        for word in _forms(written) if arabic else (written,):
            begun = whole.get(word)
            if begun is not None:
                yield from _from_word(text, begun, found, at)
            for term in stems.get(word[:STEM_HEAD], ()):
                if _begins(word, term.words[0]) and text.startswith(term.tail, stop):
                    yield term.key, start, stop


def _from_word(
    text: str, begun: Begun, found: Sequence[tuple[str, int, int]], at: int
) -> Iterator[tuple[Key, int, int]]:
    _, start, stop = found[at]
    for term in begun.alone:
        if not term.tail or text.startswith(term.tail, stop):
            yield term.key, start, stop + len(term.tail)
    if at + 1 == len(found) or not (begun.second or begun.stems):
        return
    for second in _forms(found[at + 1][0]):
        for term in (*begun.second.get(second, ()), *begun.stems):
            end = _end(text, term, found, at)
            if end:
                yield term.key, start, end


def _forms(word: str) -> tuple[str, ...]:
    """An Arabic word with and without the words written onto its front."""
    if word[0] < FIRST_ARABIC or not ARABIC.match(word):
        return (word,)
    bare = (word[len(c) :] for c in CLITICS if word.startswith(c) and len(word) - len(c) >= SHORTEST_BARE)
    return (word, *bare)


def _begins(word: str, stem: str) -> bool:
    return word.startswith(stem) and len(word) - len(stem) <= LONGEST_TAIL


def _end(text: str, term: Term, found: Sequence[tuple[str, int, int]], at: int) -> int:
    """Where the term ends that begins with word `at`; 0 when another word or gap follows."""
    last = at + len(term.words) - 1
    if last >= len(found):
        return 0
    for i, (wanted, gap) in enumerate(zip(term.words[1:], term.gaps, strict=True), at + 1):
        word, start, _ = found[i]
        same = word == wanted or (term.stem and i == last and _begins(word, wanted)) or wanted in _forms(word)
        if not same or not _gap(text[found[i - 1][2] : start], gap):
            return 0
    stop = found[last][2]
    return stop + len(term.tail) if text.startswith(term.tail, stop) else 0


def _gap(written: str, wanted: str) -> bool:
    if not wanted:
        return written == " " or LOOSE.fullmatch(written) is not None
    return "".join(written.split()) == wanted


def _in_runs(text: str) -> Iterator[tuple[Key, int, int]]:
    if text.isascii():
        return
    dense = index().dense
    for found in DENSE.finditer(text):
        start, first, second = found.start(), found["first"], found["second"]
        for head in (first + second, first) if second else (first,):
            for term, key in dense.get(head, ()):
                stop = _dense_end(text, term, start)
                if stop:
                    yield key, start, stop


def _dense_end(text: str, term: str, start: int) -> int:
    """Where `term` ends that begins at `start`, up to two blanks before each character passed over; else 0."""
    at = start
    for character in term:
        blanks = 0
        while blanks < MAX_BLANKS and text.startswith((" ", "\u00a0"), at):
            at, blanks = at + 1, blanks + 1
        if not text.startswith(character, at):
            return 0
        at += 1
    return at
