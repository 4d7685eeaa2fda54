"""Chat, typing, marketing or computer work at a place where published reports name scam compounds.

Catalogue entry li-job-hotspot-destination. Places are in `text/lexicons/compound_places.toml`, with their sources and
date; an advert is there by what it says or by its coarse cell, which is wider than the catalogue's 15 km. A place that
one leaves from is none. Other trades there are not looked at, and warnings count against it.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from itertools import chain

from manumit.detectors.contract import About, Span, TextFlag, Threshold, Values
from manumit.detectors.stories import advert, edge, fires, innocent, near_miss
from manumit.detectors.text.advert import folded, quote
from manumit.detectors.text.lexicon import Hit
from manumit.detectors.text.marks import marks
from manumit.detectors.text.signs import right_before, seeks, signs, warnings
from manumit.schemas.listing import Listing, ListingKind

KINDS = ("job", "recruitment-post", "other")

THRESHOLDS = (Threshold(name="max_warnings", value=0, unit="warnings", origin="ours: one word of warning is enough"),)


def trades(listing: Listing) -> list[Hit]:
    return list(signs("lure_trades", folded(listing).text, ("trade",)).get("trade", ()))


def places(listing: Listing) -> list[Hit]:
    """Places the text names as where the work is."""
    text = folded(listing).text
    named = signs("compound_places", text, ("place",)).get("place", ())
    return [hit for hit in named if not right_before("lure_trades", "away", text, hit)]


@cache
def cells() -> frozenset[str]:
    """The coarse cells of the places, read once from the package."""
    text = (files("manumit.detectors.text.places") / "compounds.txt").read_text("utf-8")
    rows = (line.split("\t")[1] for line in text.splitlines() if not line.startswith("#"))
    return frozenset(chain.from_iterable(row.split() for row in rows))


def find(listing: Listing, v: Values) -> tuple[Span, ...]:
    work = trades(listing)
    if not work or seeks(folded(listing).text, "work"):
        return ()
    where = [quote(listing, folded(listing), hit, "place") for hit in places(listing)[:1]]
    if not where and listing.place in cells() and not marks("compound_places", folded(listing).text).has("place"):
        where = [Span(facet="cell", start=0, stop=0, text=listing.place)]
    if not where or warned(listing) > v["max_warnings"]:
        return ()
    return (quote(listing, folded(listing), work[0]), *where)


def warned(listing: Listing) -> int:
    text = folded(listing).text
    return warnings(text)


def measure(listing: Listing, v: Values) -> dict[str, float]:
    return {"warnings": float(warned(listing))}


def said(text: str, kind: ListingKind = "job", place: str = "") -> Listing:
    return advert("a", kind, text, place=place)


CASES = (
    fires("chat work at a zone", said("Chat operator wanted in Sihanoukville, good salary"), on="a"),
    fires("place in a list", said("Data entry\nLocation: Myawaddy\nHousing given"), on="a"),
    fires("by its cell", said("Customer service, typing", place="KH-w3cs"), on="a"),
    near_miss("another trade", said("Cook for a small bakery in Sihanoukville")),
    near_miss("another place", said("Chat operator wanted in Springfield")),
    near_miss("leaving from there", said("Customer service in Springfield, bus from Poipet")),
    near_miss("it says where not", said("Customer service, not in Sihanoukville, in Springfield")),
    innocent("a hotel's kitchen", said("Waiters and cooks, beach hotel, Sihanoukville")),
    innocent("somebody who seeks work", said("I need a job: chat operator, I live in Sihanoukville")),
    innocent("a warning", said("Beware of chat operator jobs in Myawaddy, victims were rescued")),
    innocent("a flat", said("Flat for data entry staff in Bavet", "rental")),
    edge("one word of warning", said("Data entry in Bavet. The police asked for a typist.")),
    edge("none", said("Data entry in Bavet. The mayor asked for a typist."), on="a"),
    edge("the cell beside it", said("Customer service, typing", place="KH-w3ct")),
)  # fmt: skip

FLAG = TextFlag(
    about=About(
        id="li-job-hotspot-destination",
        version=1,
        title="Office or 'customer service' job at a known compound location",
        status="trial",
        severity="high",
        entries=("li-job-hotspot-destination",),
        reason="Job adverts of {subject} offer office work at a place where published reports name scam compounds.",
        innocent=("employers of the town itself", "banks and hotels with a call centre there", "a place since cleared"),
        blind_to=("a city named instead of the place", "compounds that moved after the list's date", "other spellings"),
        needs=("listings",),
        next_steps=(
            "Check the list's date and source for this place.",
            "Check whether the employer exists and is licensed to recruit.",
            "Look for adverts of the same contact that name another place.",
        ),
        thresholds=THRESHOLDS,
        min_events=2,
        cases=CASES,
    ),
    kinds=KINDS,
    find=find,
    measure=measure,
)
