"""Adverts that hold coded terms of child sexual abuse material: kept from everything else, at the edge.

Catalogue entry li-coded-child-terms. The terms are the operator's, hashed and salted, outside of this repository
(setting `child_terms`); the cases below use invented words. Where it holds, nothing of the advert is analysed or
stored but a counter and a keyed hash of its reference (`streams/protecting.py`). So this flag never signals: it is
a guard, and its span names no text.
"""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from manumit.detectors.contract import About, Span, TextFlag, Values
from manumit.detectors.stories import advert, edge, fires, innocent, near_miss
from manumit.detectors.text.child_wording import child_wording
from manumit.detectors.text.hashed_terms import HashedTerms, hashed_list, read_hashed
from manumit.schemas.listing import LISTING_KINDS, Listing, ListingKind

INVENTED = read_hashed(hashed_list(("florbnik", "zarvel quop", "麦穗风铃"), b"only for the cases here"))
MASKED = (Span(facet="child-wording", start=0, stop=0, text=""),)


def asks(terms: HashedTerms) -> Callable[[Listing, Values], tuple[Span, ...]]:
    """`find` over these terms; its span names no text."""

    def find(listing: Listing, v: Values) -> tuple[Span, ...]:
        return MASKED if child_wording(listing, terms) else ()

    return find


def said(text: str, kind: ListingKind = "other") -> Listing:
    return msgspec.structs.replace(advert("a", kind, text), contacts=())


CASES = (
    fires("two terms", said("florbnik or zarvel quop"), on="a"),
    fires("one term and a price", said("Florbnik 20 USD"), on="a"),
    fires("one term and a handle", said("florbnik, telegram: @quuxname"), on="a"),
    fires("a script without blanks", said("只有麦穗风铃 20 USD"), on="a"),
    fires("look-alike letters and accents", said("flоrbník 20 USD"), on="a"),
    fires("plain wording of a minor", said("Evenings. 16 years old.", kind="escort"), on="a"),
    near_miss("one term alone", said("a florbnik in the garden")),
    near_miss("half of a term", said("zarvel 20 USD, quop 30 USD")),
    near_miss("a part of a longer word", said("florbniks 20 USD")),
    innocent("no such words", said("A bicycle, 20 USD")),
    innocent("adults only", said("Adults only, 18+, no minors.", kind="escort")),
    innocent("a lawful job for the young", said("Holiday job from 16 years old, 8 USD per hour.", kind="job")),
    edge("the second term ends the text", said("florbnik florbnik zarvel-quop"), on="a"),
    edge("the same term twice", said("florbnik florbnik")),
    edge("17 years old", said("17 years old", kind="escort"), on="a"),
    edge("18 years old", said("18 years old", kind="escort")),
)

FLAG = TextFlag(
    about=About(
        id="li-coded-child-terms",
        version=1,
        title="Wording of children: kept from analysis, counted, for the hotline",
        status="trial",
        severity="critical",
        entries=("li-coded-child-terms",),
        reason="A listing was kept from analysis because of its wording; nothing of {subject} is stored.",
        innocent=("innocent use of the same words or pictographs", "a warning against such adverts"),
        blind_to=("terms that the operator's list does not hold", "terms written with blanks or signs inside"),
        needs=("listings",),
        next_steps=(
            "Report to the hotline of your country: `manumit child-wording` lists those that are configured.",
            "Do not open, copy, search or pass on the material.",
            "Ask the hotline or your authority before anything else is done with the source.",
        ),
        min_events=2,
        cases=CASES,
    ),
    kinds=LISTING_KINDS,
    find=asks(INVENTED),
    guard=True,
)
