"""Signs in a text: terms it affirms, told from those it denies. Pure, and linear in the text.

A term is denied by a word of denial close before it, with no comma and at most one other word between, or by one
close after it in the languages that deny so. A word of denial that is part of a term itself (`no ID needed`) denies
nothing else. Warnings and news quote what they warn of: their wording is counted against the signs.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from itertools import islice

from manumit.detectors.text.lexicon import UNSPACED, Hit, Lexicon, lexicon

MAX_HITS = 60  # ours: a text that repeats a word more often is bait, and says no more
REACH = 22  # ours: characters before a term in which its denial stands
REACH_UNSPACED = 4  # the same in scripts without blanks
REACH_AFTER = 12
MAX_BETWEEN = 1  # ours: words between a denial and what it denies
BETWEEN = {"before": MAX_BETWEEN, "right_before": 0}
PARTED = re.compile(r"[.,;:!?\n|/()،؛。，；：！？、]")
NUMBER = re.compile(r"(?<![\d.])(?<!\d,)(\d{1,3}(?:[.,]\d{3}){1,2}|\d{1,7})(?!\d|[.,]\d)")
LONGEST_NUMBER = 11
Signs = Mapping[str, tuple[Hit, ...]]


def signs(words: Lexicon, text: str, facets: Iterable[str] = ()) -> Signs:
    """The terms of each facet (of all, where none is named) that folded `text` affirms; facets without one are out."""
    wanted = tuple(facets) or tuple(words.patterns)
    found = {facet: tuple(islice(words.hits(facet, text), MAX_HITS)) for facet in wanted}
    taken = _Spans([hit for hits in found.values() for hit in hits])
    kept = {facet: tuple(hit for hit in hits if not _denied(text, hit, taken)) for facet, hits in found.items()}
    return {facet: hits for facet, hits in kept.items() if hits}


def warnings(text: str) -> tuple[Hit, ...]:
    """Different words of warning, news or help in folded `text`."""
    hits = islice(lexicon("denial").hits("warning", text), MAX_HITS)
    return tuple({text[hit.start : hit.stop]: hit for hit in hits}.values())


def numbered(text: str, hit: Hit, reach: int) -> tuple[Hit, int] | None:
    """The nearest number at most `reach` characters before `hit` in folded `text`, else after it, and its value."""
    start = max(0, hit.start - reach - LONGEST_NUMBER)
    ahead = text[start : hit.start]
    behind = [match for match in NUMBER.finditer(ahead) if len(ahead) - match.end() <= reach]
    if behind:
        match = behind[-1]
        return Hit(hit.facet, start + match.start(), hit.stop), whole(match)
    after = NUMBER.search(text[hit.stop : hit.stop + reach + LONGEST_NUMBER])
    if after is None or after.start() > reach:
        return None
    return Hit(hit.facet, hit.start, hit.stop + after.end()), whole(after)


def whole(match: re.Match[str]) -> int:
    """The value of a NUMBER; `5,000` and `5.000` are five thousand."""
    return int(match[1].replace(",", "").replace(".", ""))


@dataclass(frozen=True, slots=True)
class Weighed:
    """The first term of each sign, and what speaks against them. Each sign counts one, each counter-sign minus one."""

    hits: tuple[Hit, ...] = ()
    against: int = 0

    @property
    def balance(self) -> int:
        return len(self.hits) - self.against


def weighed(told: Signs, facets: Iterable[str], against: int) -> Weighed:
    """`facets` that are told, each by its first term."""
    return Weighed(tuple(told[facet][0] for facet in facets if facet in told), against)


def different(text: str, hits: Iterable[Hit]) -> int:
    """How many different words of folded `text` these are."""
    return len({text[hit.start : hit.stop] for hit in hits})


@dataclass(frozen=True, slots=True)
class _Spans:
    of: Collection[Hit]

    def holds(self, start: int, before: Hit) -> bool:
        """True where a term that ends before `before` covers the character at `start`."""
        return any(hit.start <= start < hit.stop <= before.start for hit in self.of)


def _denied(text: str, hit: Hit, taken: _Spans) -> bool:
    denials = lexicon("denial")
    unspaced = UNSPACED.match(text, hit.start) is not None
    start = max(0, hit.start - (REACH_UNSPACED if unspaced else REACH))
    ahead = text[start : hit.start]
    for facet, most in BETWEEN.items():
        for no in denials.hits(facet, ahead):
            between = ahead[no.stop :]
            near = not PARTED.search(between) and len(between.split()) <= most
            if near and not taken.holds(start + no.start, hit):
                return True
    after = PARTED.split(text[hit.stop : hit.stop + REACH_AFTER], maxsplit=1)[0]
    no_after = next(denials.hits("after", after), None)
    return no_after is not None and len(after[: no_after.start].split()) <= MAX_BETWEEN
