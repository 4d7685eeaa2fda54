"""Word lists as facets to search for, and the clauses of a text.

A list lives in `lexicons/NAME.toml`: `[about]` with sources and reviewers, then `[facet]` tables of terms
by language. A term ending in `*` is a stem. Terms are folded like the text. They are searched in every
language at once: adverts mix languages, and short texts fool language identification.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from itertools import chain
from typing import Any

from manumit.detectors.text.normalise import fold

# Scripts written without spaces between words: Thai, Lao, Burmese, Khmer, kana, Han.
UNSPACED_RANGES = r"\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff"
UNSPACED = re.compile(f"[{UNSPACED_RANGES}]")
LETTER = rf"[^\W{UNSPACED_RANGES}]"  # a letter or digit that would make a term part of a longer word
BREAK = re.compile(r"[!?;。！？；]+|\.(?=\s|$)|\n(?<![:：]\n)(?!\s{0,8}[-*•·✓✔–—►▪])")
GAP = r"[\s-]{1,3}"
WORD = re.compile(LETTER)
STEM_TAIL = f"{LETTER}{{0,14}}"
WORD_END = f"(?!{LETTER})"
ENDINGS = (STEM_TAIL, WORD_END)


@dataclass(frozen=True, slots=True)
class Hit:
    """A term found: its facet and where it stands in the folded text."""

    facet: str
    start: int
    stop: int


@dataclass(frozen=True, slots=True)
class Lexicon:
    name: str
    languages: frozenset[str]
    patterns: Mapping[str, Terms]

    def hits(self, facet: str, text: str) -> Iterator[Hit]:
        """Every term of `facet` in folded `text`, left to right. Raises KeyError for an unknown facet."""
        for match in self.patterns[facet].finditer(text):
            yield Hit(facet, match.start(), match.end())

    def has(self, facet: str, text: str) -> bool:
        return self.patterns[facet].search(text) is not None


@cache
def lexicon(name: str) -> Lexicon:
    """The list `name`, read from the package once. Raises FileNotFoundError for an unknown name."""
    tables = terms(name)
    languages = frozenset(language for table in tables.values() for language in table) - {"any"}
    patterns = {facet: pattern(chain.from_iterable(table.values())) for facet, table in tables.items()}
    return Lexicon(name, languages, patterns)


def terms(name: str) -> Mapping[str, Mapping[str, tuple[str, ...]]]:
    """The terms of a list: facet, then language (or another key), then the terms."""
    path = files("manumit.detectors.text.lexicons") / f"{name}.toml"
    tables = tomllib.loads(path.read_text("utf-8"))
    return {
        facet: {key: tuple(listed) for key, listed in table.items()}
        for facet, table in tables.items()
        if facet != "about"
    }


@dataclass(frozen=True, slots=True)
class Terms:
    """A compiled set of terms. The letter before a hit is checked here: a look-behind would slow every search."""

    of: re.Pattern[str]

    def finditer(self, text: str) -> Iterator[re.Match[str]]:
        """Every term that is a word or phrase of its own, left to right."""
        at = 0
        while match := self.of.search(text, at):
            inside = match.start() > 0 and match[0][0].isalnum() and UNSPACED.match(match[0]) is None
            if inside and WORD.match(text, match.start() - 1):
                at = match.start() + 1
                continue
            yield match
            at = match.end()

    def at_start(self, text: str) -> re.Match[str] | None:
        return self.of.match(text)

    def search(self, text: str) -> re.Match[str] | None:
        return next(self.finditer(text), None)


def pattern(of: Iterable[str]) -> Terms:
    """One pattern for these terms, longest first. Only our own, escaped terms ever become patterns."""
    return Terms(re.compile(any_of(_pieces(term) for term in of)))


def any_of(sequences: Iterable[tuple[str, ...]]) -> str:
    """A pattern for any of these sequences of small patterns, common beginnings tried once (a trie)."""
    tree: dict[str, Any] = {}
    for sequence in sorted(set(sequences)):
        node = tree
        for piece in sequence:
            node = node.setdefault(piece, {})
        node[""] = {}
    return _branches(tree)


def _branches(node: Mapping[str, Any]) -> str:
    """Longer terms before the shorter ones they begin with."""
    ordered = sorted(node.items(), key=lambda branch: (branch[0].startswith(ENDINGS), branch[0]))
    longer = [piece + _branches(below) for piece, below in ordered if piece]
    options = [*longer, ""] if "" in node else longer
    return options[0] if len(options) == 1 else f"(?:{'|'.join(options)})"


def _pieces(term: str) -> tuple[str, ...]:
    folded = fold(term.rstrip("*")).text.strip()
    pieces = [GAP if c == " " else re.escape(c) for c in " ".join(folded.split())]
    if term.endswith("*"):
        return (*pieces, STEM_TAIL)
    ends_word = folded[-1].isalnum() and UNSPACED.match(folded[-1]) is None
    return (*pieces, WORD_END) if ends_word else tuple(pieces)


def clauses(text: str) -> Iterator[tuple[int, int]]:
    """Half-open spans between sentence ends. A list under a colon, or of bullets, stays one clause."""
    start = 0
    for match in BREAK.finditer(text):
        if match.start() > start:
            yield start, match.start()
        start = match.end()
    if start < len(text):
        yield start, len(text)
