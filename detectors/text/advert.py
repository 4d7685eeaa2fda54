"""An advert as one text, and quotations from it."""

from __future__ import annotations

from functools import lru_cache

from manumit.detectors.contract import Span
from manumit.detectors.text.lexicon import Hit
from manumit.detectors.text.normalise import Folded, fold
from manumit.schemas.listing import Listing

MAX_CHARACTERS = 12_000  # a longer advert is cut: the flags read what a person would read
TEXTS_KEPT = 8  # all flags read one advert after the other


def said(listing: Listing) -> str:
    """Title and text; every Span of a TextFlag counts characters of this."""
    return f"{listing.title}\n{listing.text}"[:MAX_CHARACTERS] if listing.title else listing.text[:MAX_CHARACTERS]


def folded(listing: Listing) -> Folded:
    return _folded(said(listing))


@lru_cache(TEXTS_KEPT)
def _folded(text: str) -> Folded:
    return fold(text)


def quote(listing: Listing, text: Folded, hit: Hit, facet: str = "") -> Span:
    """The hit as evidence, in the advert's own spelling."""
    start, stop = text.origin(hit.start, hit.stop)
    return Span(facet=facet or hit.facet, start=start, stop=stop, text=said(listing)[start:stop])
