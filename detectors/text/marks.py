"""Every term of many word lists in one pass over a text: which facets stand where, and in which clause.

Words are looked up whole, stems (`term*`) by their first letters; scripts without spaces are looked up character by
character, blanks between them passed over. No pattern is ever made of a text, and the work is linear in it.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from manumit.detectors.text.lexicon import GAP, Hit, clauses
from manumit.detectors.text.term_index import SPELLINGS, SPELT, WORDS, Begun, Key, Node, Term, index, is_of

TEXTS_KEPT = 32  # all flags read one advert after the other
WORDS_KEPT = 65_536
MOST_HITS = 200  # ours: an advert that repeats a facet more often is bait, and says no more
BLANKS, MAX_BLANKS = " \u00a0", 2
LOOSE = re.compile(GAP)
ARABIC = re.compile("[\u0600-\u06ff]")
FIRST_ARABIC = "\u0600"
CLITICS = ("وال", "بال", "فال", "كال", "لل", "ال", "و", "ب", "ل", "ف")  # and, with, the, for: written onto the word
SHORTEST_BARE = 3  # letters that must be left of a word without them

Place = tuple[int, int]
Word = tuple[str, int, int]


@dataclass(frozen=True, slots=True)
class Found:
    """Of one text: its clauses as half-open spans, where terms stand by list and facet, and those asked for as hits."""

    clauses: tuple[Place, ...]
    places: dict[Key, list[Place]]
    hits: dict[Key, tuple[Hit, ...]] = field(default_factory=dict)

    def of(self, key: Key) -> tuple[Hit, ...]:
        known = self.hits.get(key)
        if known is None:
            places = self.places.get(key)
            known = self.hits[key] = _apart(key[1], places) if places else ()
        return known


@dataclass(frozen=True, slots=True)
class Marks:
    """What one list has in one folded text."""

    name: str
    text: str
    found: Found

    @property
    def clauses(self) -> tuple[Place, ...]:
        """Half-open spans."""
        return self.found.clauses

    def of(self, facet: str) -> tuple[Hit, ...]:
        """Every term of `facet`, left to right, the longest where several begin. Raises KeyError for an unknown one."""
        key = (self.name, facet)
        if key not in index().facets:
            raise KeyError(facet)
        return self.found.of(key)

    def has(self, *facets: str) -> bool:
        """True when any of these facets stands in the text."""
        return any(self.of(facet) for facet in facets)

    def within(self, facet: str, start: int, stop: int) -> tuple[Hit, ...]:
        """Terms of `facet` that lie in a half-open span."""
        hits = self.of(facet)
        first = bisect_left(hits, start, key=_start)
        return hits[first : max(first, bisect_right(hits, stop, key=_stop))]

    def clause(self, hit: Hit) -> Place:
        """The clause a hit begins in."""
        at = bisect_right(self.clauses, (hit.start, len(self.text))) - 1
        return self.clauses[max(at, 0)]

    def near(self, facet: str, hit: Hit, before: int, after: int) -> tuple[Hit, ...]:
        """Terms of `facet` in the clause of `hit`, at most so many characters before it or after it, or in it."""
        start, stop = self.clause(hit)
        hits = self.of(facet)
        first = max(bisect_left(hits, start, key=_start), bisect_left(hits, hit.start - before, key=_stop))
        last = min(bisect_right(hits, stop, key=_stop), bisect_right(hits, hit.stop + after, key=_start))
        return hits[first : max(first, last)]


def marks(name: str, text: str) -> Marks:
    """Of folded `text`. Raises KeyError for a list that takes no part."""
    if name not in index().names:
        raise KeyError(name)
    return Marks(name, text, _found(text))


@lru_cache(TEXTS_KEPT)
def places_of(text: str) -> tuple[Place, ...]:
    """Where any term of any list stands in folded `text`, in order of their beginnings."""
    return tuple(sorted({place for places in _found(text).places.values() for place in places}))


def languages(name: str, facet: str) -> frozenset[str]:
    """The languages a facet has terms in. Raises KeyError for an unknown one."""
    return index().languages[name, facet]


@lru_cache(TEXTS_KEPT)
def _found(text: str) -> Found:
    spelt = text.translate(SPELLINGS) if SPELT.search(text) else text
    places: dict[Key, list[Place]] = {}
    _in_words(spelt, places)
    for key, start, stop in _in_runs(spelt):
        places.setdefault(key, []).append((start, stop))
    return Found(tuple(clauses(text)) or ((0, len(text)),), places)


def _apart(facet: str, places: list[Place]) -> tuple[Hit, ...]:
    """In order; of terms that overlap the first and longest."""
    kept: list[Hit] = []
    for start, stop in sorted(places, key=lambda one: (one[0], -one[1])):
        if not kept or start >= kept[-1].stop:
            kept.append(Hit(facet, start, stop))
    return tuple(kept[:MOST_HITS])


def _start(hit: Hit) -> int:
    return hit.start


def _stop(hit: Hit) -> int:
    return hit.stop


@lru_cache(WORDS_KEPT)
def _begun(word: str) -> Begun | None:
    return index().begun(word)


def _in_words(text: str, places: dict[Key, list[Place]]) -> None:
    """Adds the places of terms that begin with a word. One flat loop: it runs for every word of every advert."""
    found: list[Word] = [(match[0], match.start(), match.end()) for match in WORDS.finditer(text)]
    arabic = not text.isascii() and ARABIC.search(text) is not None
    for at, (written, start, stop) in enumerate(found):
        for word in _forms(written) if arabic else (written,):
            begun = _begun(word)
            if begun is None:
                continue
            for key, tail in begun.alone:
                if not tail or text.startswith(tail, stop):
                    places.setdefault(key, []).append((start, stop + len(tail)))
            if begun.longer:
                for key, first, last in _longer(text, begun, found, at):
                    places.setdefault(key, []).append((first, last))


def _longer(text: str, begun: Begun, found: Sequence[Word], at: int) -> Iterator[tuple[Key, int, int]]:
    """Terms of several words that begin with word `at`."""
    if at + 1 == len(found):
        return
    for second in _forms(found[at + 1][0]):
        for term in (*begun.second.get(second, ()), *begun.stems):
            stop = _end(text, term, found, at)
            if stop:
                yield term.key, found[at][1], stop


def _forms(word: str) -> tuple[str, ...]:
    """An Arabic word with and without the words written onto its front."""
    if word[0] < FIRST_ARABIC or not ARABIC.match(word):
        return (word,)
    bare = (word[len(c) :] for c in CLITICS if word.startswith(c) and len(word) - len(c) >= SHORTEST_BARE)
    return (word, *bare)


def _end(text: str, term: Term, found: Sequence[Word], at: int) -> int:
    """Where the term ends that begins at word `at`; 0 when another word or gap follows."""
    last = at + len(term.words) - 1
    if last >= len(found):
        return 0
    for i, (wanted, gap) in enumerate(zip(term.words[1:], term.gaps, strict=True), at + 1):
        word, start, _ = found[i]
        same = word == wanted or (term.stem and i == last and is_of(word, wanted)) or wanted in _forms(word)
        if not same or not _is_gap(text[found[i - 1][2] : start], gap):
            return 0
    stop = found[last][2]
    return stop + len(term.tail) if text.startswith(term.tail, stop) else 0


def _is_gap(written: str, wanted: str) -> bool:
    if not wanted:
        return written == " " or LOOSE.fullmatch(written) is not None
    return "".join(written.split()) == wanted


def _in_runs(text: str) -> Iterator[tuple[Key, int, int]]:
    if text.isascii():
        return
    for match in index().first.finditer(text):
        yield from _from_character(text, match.start(), index().dense)


def _from_character(text: str, start: int, node: Node) -> Iterator[tuple[Key, int, int]]:
    """Terms that begin at `start`, a few blanks before each further character passed over."""
    at, blanks = start, 0
    while at < len(text):
        below = node.below.get(text[at])
        if below is not None:
            at, blanks, node = at + 1, 0, below
            yield from ((key, start, at) for key in node.ends)
        elif at > start and blanks < MAX_BLANKS and text[at] in BLANKS:
            at, blanks = at + 1, blanks + 1
        else:
            return
