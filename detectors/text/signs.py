"""Signs in a text: terms it affirms, told from those it denies. Pure, and linear in the text.

Beside `structure`: a term is denied by a word of the list `guards` close before it, with no comma and at most one other
word between, or by one close after it. A word of denial that is part of a term itself (`no ID needed`) denies nothing
else. Warnings and news quote what they warn of: their wording is counted against the signs.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from manumit.detectors.text.lexicon import UNSPACED, Hit
from manumit.detectors.text.marks import marks

MAX_HITS = 60  # ours: a text that repeats a word more often is bait, and says no more
REACH = 22  # ours: characters before a term in which its denial stands
REACH_UNSPACED = 4  # the same in scripts without blanks
REACH_AFTER = 12
LONGEST_DENIAL = 20
MAX_BETWEEN = 1  # ours: words between a denial and what it denies
NEXT_WORD_ONLY = "no"  # it is `in the` in Portuguese
PREPOSITIONS = ("ne", "di")  # `in` in Albanian and Indonesian, denials in French (with `pas` behind) and Tagalog
PARTED = re.compile(r"[.,;:!?\n|/()،؛。，；：！？、]")
NUMBER = re.compile(r"(?<![\d.])(?<!\d,)(\d{1,3}(?:[.,]\d{3}){1,2}|\d{1,7})(?!\d|[.,]\d)")
LONGEST_NUMBER = 11
Signs = Mapping[str, tuple[Hit, ...]]


def signs(name: str, text: str, facets: Iterable[str]) -> Signs:
    """The terms of each facet of list `name` that folded `text` affirms; facets without one are left out.

    Raises KeyError for a list or facet that does not exist.
    """
    listed = marks(name, text)
    found = {facet: listed.of(facet)[:MAX_HITS] for facet in facets}
    taken = sorted((hit.start, hit.stop) for hits in found.values() for hit in hits)
    kept = {facet: tuple(hit for hit in hits if not _denied(text, hit, taken)) for facet, hits in found.items()}
    return {facet: hits for facet, hits in kept.items() if hits}


def warnings(text: str) -> int:
    """How many different words of warning, news or help folded `text` holds."""
    return different(text, marks("warnings", text).of("warning")[:MAX_HITS])


def seeks(text: str, *what: Literal["work", "room", "way"]) -> bool:
    """The writer looks for one of these: no offer, and nobody to watch."""
    return marks("seeking", text).has(*what)


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


def right_before(name: str, facet: str, text: str, hit: Hit) -> bool:
    """A term of the facet stands before `hit` with nothing but blanks between."""
    hits = marks(name, text).of(facet)
    near = hits[bisect_left(hits, hit.start - LONGEST_DENIAL, key=_start) : bisect_left(hits, hit.start, key=_start)]
    return any(one.stop <= hit.start and not text[one.stop : hit.start].strip() for one in near)


def _denied(text: str, hit: Hit, taken: Sequence[tuple[int, int]]) -> bool:
    guards = marks("guards", text)
    unspaced = UNSPACED.match(text, hit.start) is not None
    earliest = hit.start - (REACH_UNSPACED if unspaced else REACH)
    for no in _between(guards.of("no"), earliest, hit.start):
        word, between = text[no.start : no.stop], text[no.stop : hit.start]
        most = 0 if word == NEXT_WORD_ONLY else MAX_BETWEEN
        near = word not in PREPOSITIONS and not _parted(between, unspaced) and len(between.split()) <= most
        if near and not _within_another(no, hit, taken):
            return True
    after = _between(guards.of("no_after"), hit.stop, hit.stop + REACH_AFTER + LONGEST_DENIAL)
    first = next((no for no in after if no.start - hit.stop <= REACH_AFTER), None)
    if first is None or _within_another(first, None, taken):
        return False
    between = text[hit.stop : first.start]
    return not _parted(between, unspaced) and len(between.split()) <= MAX_BETWEEN


def _parted(between: str, unspaced: bool) -> bool:
    """A comma or the like, or a blank in a script that parts only its phrases by blanks."""
    return PARTED.search(between) is not None or (unspaced and any(character.isspace() for character in between))


def _between(hits: Sequence[Hit], start: int, stop: int) -> Iterator[Hit]:
    """Those that begin at `start` or after and end at `stop` or before."""
    for hit in hits[bisect_left(hits, start, key=_start) : bisect_left(hits, stop, key=_start)]:
        if hit.stop <= stop:
            yield hit


def _start(hit: Hit) -> int:
    return hit.start


def _within_another(no: Hit, hit: Hit | None, taken: Sequence[tuple[int, int]]) -> bool:
    """Another term holds the denial; it ends before `hit`, where that is given."""
    upto = bisect_left(taken, (no.start + 1, 0))
    limit = hit.start if hit else no.stop + REACH + LONGEST_DENIAL
    return any(no.start < stop <= limit for _, stop in taken[max(0, upto - LONGEST_DENIAL) : upto])
