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

from manumit.detectors.text.normalise import fold

# Scripts written without spaces between words: Thai, Lao, Burmese, Khmer, kana, Han.
UNSPACED_RANGES = r"\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff"
UNSPACED = re.compile(f"[{UNSPACED_RANGES}]")
LETTER = rf"[^\W{UNSPACED_RANGES}]"  # a letter or digit that would make a term part of a longer word
BREAK = re.compile(r"(?<![:：])\n(?!\s{0,8}[-*•·✓✔–—►▪])|[!?;。！？；]+|\.(?=\s|$)")
MAX_STEM_TAIL = 14


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
    patterns: Mapping[str, re.Pattern[str]]

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


def pattern(of: Iterable[str]) -> re.Pattern[str]:
    """One pattern for these terms, longest first. Only our own, escaped terms ever become patterns."""
    ordered = sorted(set(of), key=lambda term: (-len(term), term))
    return re.compile("|".join(_term(term) for term in ordered))


def _term(term: str) -> str:
    stem = term.endswith("*")
    folded = fold(term.rstrip("*")).text
    body = r"[\s-]{1,3}".join(re.escape(word) for word in folded.split())
    if stem:
        return rf"(?<!{LETTER}){body}{LETTER}{{0,{MAX_STEM_TAIL}}}"
    before = f"(?<!{LETTER})" if folded[0].isalnum() and not UNSPACED.match(folded[0]) else ""
    after = f"(?!{LETTER})" if folded[-1].isalnum() and not UNSPACED.match(folded[-1]) else ""
    return before + body + after


def clauses(text: str) -> Iterator[tuple[int, int]]:
    """Half-open spans between sentence ends. A list under a colon, or of bullets, stays one clause."""
    start = 0
    for match in BREAK.finditer(text):
        if match.start() > start:
            yield start, match.start()
        start = match.end()
    if start < len(text):
        yield start, len(text)
