"""How the terms of a clause stand to each other: what is denied, what stands together, what an amount belongs to.

Distances are characters of folded text; a Chinese character says about as much as four letters.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from manumit.detectors.contract import Span
from manumit.detectors.text.advert import folded, quote
from manumit.detectors.text.lexicon import LETTER, UNSPACED, Hit
from manumit.detectors.text.marks import Marks, marks
from manumit.schemas.listing import Listing

DENIED_BEFORE = 28  # ours: `we do not charge any …`
DENIED_BEHIND = 24  # ours: `… is not required`
HAN = re.compile("[\u3400-\u9fff]")
LETTERS_OF_HAN = 4  # ours
PARTED = frozenset(",，、،;؛|")
AMOUNT = re.compile(
    rf"(?<!{LETTER})(?:[$€£¥₹₫฿₽₩₱៛]\s?)?\d[\d.,]{{0,12}}"
    rf"(?:\s?(?:[%$€£¥₹₫฿₽₩₱៛]|[a-z]{{2,5}}|元|美元|บาท|руб\w{{0,3}}))?(?!{LETTER})"
)
AMOUNT_GAP = 32  # ours: characters between a charge and its amount
MAX_SPANS = 12  # pieces of evidence of one advert


def listed(name: str, listing: Listing) -> Marks:
    """What the list `name` has in the advert."""
    return marks(name, folded(listing).text)


def spans(listing: Listing, hits: Iterable[Hit]) -> tuple[Span, ...]:
    """The hits as evidence, each once, in the advert's own spelling and in its order."""
    text = folded(listing)
    ordered = sorted(dict.fromkeys(hits), key=lambda hit: (hit.start, hit.stop))
    return tuple(quote(listing, text, hit) for hit in ordered[:MAX_SPANS])


def denied(hit: Hit, found: Marks) -> bool:
    """A word of negation stands close before it or behind it in its clause, nothing parting the two."""
    guards = marks("guards", found.text)
    reach = LETTERS_OF_HAN if HAN.match(found.text, hit.start) else 1
    before, behind = DENIED_BEFORE // reach, DENIED_BEHIND // reach
    if any(not parted(found.text, no, hit) for no in guards.near("no", hit, before, 0) if no.stop <= hit.start):
        return True
    after = (no for no in guards.near("no_after", hit, 0, behind) if no.start >= hit.stop)
    return any(PARTED.isdisjoint(found.text[hit.stop : no.start]) for no in after)


def parted(text: str, first: Hit, second: Hit) -> bool:
    """A comma stands between them, or a blank in a script that parts its phrases by blanks."""
    between = text[first.stop : second.start]
    dense = UNSPACED.match(text[first.start]) is not None and any(c.isspace() for c in between)
    return dense or not PARTED.isdisjoint(between)


def gap(one: Hit, other: Hit) -> int:
    """Characters between two hits; 0 where they touch or overlap."""
    return max(one.start - other.stop, other.start - one.stop, 0)


def paired(found: Marks, facet: str, other: str, max_gap: float) -> Iterator[tuple[Hit, Hit]]:
    """Each term of `facet` with the nearest of `other` in its clause, at most `max_gap` characters away."""
    for hit in found.of(facet):
        near = [one for one in found.near(other, hit, int(max_gap), int(max_gap)) if not overlap(one, hit)]
        if near:
            yield hit, min(near, key=lambda one: (gap(one, hit), one.start))


def amount(found: Marks, hit: Hit) -> Hit | None:
    """The nearest number behind it, else before it, in its clause."""
    start, stop = found.clause(hit)
    behind = AMOUNT.search(found.text, hit.stop, min(stop, hit.stop + AMOUNT_GAP))
    if behind is not None:
        return Hit("amount", *behind.span())
    ahead = list(AMOUNT.finditer(found.text, max(start, hit.start - AMOUNT_GAP), hit.start))
    return Hit("amount", *ahead[-1].span()) if ahead else None


def overlap(one: Hit, other: Hit) -> bool:
    """True where the two share a character."""
    return one.start < other.stop and other.start < one.stop
