"""The words around a price: currencies, number words, and what it is asked per. Folded text in."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Literal, cast

from manumit.detectors.text.lexicon import UNSPACED, Hit, Terms, pattern, terms
from manumit.detectors.text.normalise import fold

Per = Literal["hour", "night", "day", "week", "month", "year", "once", "unknown"]
KINDS = ("adverb", "noun", "guarded", "short")  # of unit words, the surest first
AHEAD, BACK = 28, 30  # characters after and before a price in which its unit stands
FILLED = 16  # characters between a price and its unit
STOP = re.compile(r"[\d;!?\n,]|\.\s")
ALONE = " :=–—.-("  # what may stand between a price and a bare `hour`
DIGIT_AHEAD = re.compile(r"(?<!\d)1\s?$|(?P<more>\d)\s?$")
GAPS = re.compile(r"[\s-]+")


@dataclass(frozen=True, slots=True)
class Units:
    """Terms in one pattern, with what each of them means."""

    pattern: Terms
    meaning: Mapping[str, str]

    def at_start(self, text: str) -> tuple[str, int] | None:
        """What the term at the start of `text` means, and where the term ends."""
        match = self.pattern.at_start(text)
        return None if match is None else (self.of(match), match.end())

    def at_end(self, text: str) -> tuple[str, int] | None:
        """What the term at the end of `text` means, and where it starts."""
        last = [match for match in self.pattern.finditer(text) if match.end() == len(text)]
        return (self.of(last[0]), last[0].start()) if last else None

    def of(self, match: re.Match[str]) -> str:
        return self.meaning[GAPS.sub(" ", match[0])]


@dataclass(frozen=True, slots=True)
class Stated:
    """A unit, and how many characters stand between it and the price, and where it ends (or starts)."""

    per: Per
    gap: int
    edge: int


def per_after(text: str, at: int, limit: int) -> Stated | None:
    """The unit behind a price that ends at `at`; nothing at or after `limit` is read."""
    piece = text[at : min(limit, at + AHEAD)]
    for hit in _hits(piece):
        made = _before_unit().search(piece[: hit.start])
        lead = piece[: made.start() if made else hit.start].removeprefix(".")  # that of `руб.`
        kind, _, per = hit.facet.partition(" ")
        if len(lead) > FILLED or STOP.search(lead):
            return None
        if _counts(kind, made[0].strip() if made else "", bare=not lead.strip(ALONE)):
            return Stated(cast(Per, per), hit.start, at + hit.stop)
    return None


def per_before(text: str, at: int, floor: int) -> Stated | None:
    """The unit before a price that starts at `at`; nothing before `floor` is read."""
    start = max(floor, at - BACK)
    piece = text[start:at]
    for hit in reversed(list(_hits(piece))):
        tail, kind, _, per = (piece[hit.stop :], *hit.facet.partition(" "))
        if len(tail) > FILLED or STOP.search(tail):
            return None
        ahead = text[max(0, start + hit.start - 14) : start + hit.start]
        counted = DIGIT_AHEAD.search(ahead)
        if counted is not None and counted["more"] and kind != "adverb":
            return None
        made = _before_unit().search(ahead)
        if _counts(kind, made[0].strip() if made else "", bare=not tail.strip(ALONE)):
            return Stated(cast(Per, per), len(tail), start + hit.start)
    return None


def _counts(kind: str, made: str, *, bare: bool) -> bool:
    """True when a word of this kind is a unit here; `made` is the `per` before it, `bare` when it touches the price."""
    if kind == "adverb":
        return True
    if kind == "short":
        return made in ("/", "1", "p/")
    return bool(made) or (kind == "noun" and bare)


def _hits(text: str) -> Iterator[Hit]:
    known = time_units()
    for match in known.pattern.finditer(text):
        yield Hit(known.of(match), match.start(), match.end())


@cache
def units(table: str) -> Units:
    """A table of `lexicons/prices.toml`."""
    rows = terms("prices")[table]
    return _units({term: key for key, row in rows.items() for term in row})


@cache
def time_units() -> Units:
    """Every word for a unit of time; it means `kind unit`."""
    tables = terms("prices")
    return _units(
        {term: f"{kind} {per}" for kind in reversed(KINDS) for per, row in tables[kind].items() for term in row}
    )


def _units(meanings: Mapping[str, str]) -> Units:
    return Units(pattern(meanings), {GAPS.sub(" ", fold(term).text.strip()): key for term, key in meanings.items()})


@cache
def _before_unit() -> re.Pattern[str]:
    """`per`, `/`, `a` and the like at the end of a text."""
    words = sorted(
        {fold(word).text for word in terms("prices")["before_unit"]["any"]}, key=lambda word: (-len(word), word)
    )
    apart = [word for word in words if not word[-1].isalnum() or UNSPACED.match(word[-1])]
    whole = [word for word in words if word not in apart and not word.isdigit()]
    return re.compile(
        rf"(?:{'|'.join(map(re.escape, apart))}|(?<!\w)(?:{'|'.join(map(re.escape, whole))})|(?<![\d.,])1)\s?$"
    )
