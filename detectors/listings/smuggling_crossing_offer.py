"""A post that sells passage across a border outside its gates.

Catalogue entry li-smuggling-crossing-offer. A route alone is a ferry or a coach: it counts only beside papers nobody
asks for, a promised arrival, or a reward for friends and films. Lawful wording, warnings and news count against it.
Which language a post is in, and which country it names, says nothing. Whoever seeks a way is not who sells one.
"""

from __future__ import annotations

from manumit.detectors.contract import About, Span, TextFlag, Threshold, Values
from manumit.detectors.stories import advert, edge, fires, innocent, near_miss
from manumit.detectors.text.advert import folded, quote
from manumit.detectors.text.marks import marks
from manumit.detectors.text.signs import Weighed, different, numbered, seeks, signs, warnings, weighed
from manumit.schemas.listing import Listing, ListingKind

KINDS = ("travel", "other", "recruitment-post", "supply-post")
SIGNS = ("route", "unpapered", "craft", "guarantee", "seat", "contact", "referral")
PROOFS = frozenset({"unpapered", "guarantee", "referral"})
PRICE_REACH = 24  # ours: characters between a price and its `per person`

THRESHOLDS = (Threshold(name="min_facets", value=3, unit="facets", origin="ours"),)


def weigh(listing: Listing) -> Weighed:
    text = folded(listing).text
    if not marks("crossing", text).has("route"):
        return Weighed()
    told = dict(signs("crossing", text, (*SIGNS, "lawful")))
    if "route" not in told or not PROOFS & told.keys() or seeks(text, "way"):
        return Weighed()
    priced = [found[0] for hit in told.pop("seat", ()) if (found := numbered(text, hit, PRICE_REACH))]
    told |= {"seat": tuple(priced)} if priced else {}
    return weighed(told, SIGNS, different(text, told.get("lawful", ())) + warnings(text))


def find(listing: Listing, v: Values) -> tuple[Span, ...]:
    found = weigh(listing)
    if not found.hits or found.balance < v["min_facets"]:
        return ()
    return tuple(quote(listing, folded(listing), hit) for hit in found.hits)


def measure(listing: Listing, v: Values) -> dict[str, float]:
    return {"facets": float(weigh(listing).balance)}


def said(text: str, kind: ListingKind = "travel") -> Listing:
    return advert("a", kind, text)


CASES = (
    fires("a place in a boat", said("Channel crossing, no visa, speedboat, 2,500 per person, WhatsApp"), on="a"),
    fires("pay when you arrive", said("We cross the border on foot. Payment on arrival. Bring a friend!"), on="a"),
    near_miss("nothing but a route", said("Crossing the border, small boat, 20 per person, WhatsApp me")),
    near_miss("it denies the promise", said("Crossing to the UK. We never guarantee arrival. WhatsApp")),
    innocent("a coach line", said("Border crossing by coach, timetable, valid passport, 100% on time, Telegram")),
    innocent(
        "news", said("Police arrested smugglers who sold a channel crossing, guaranteed, 3000 per person, dinghy")
    ),
    innocent("somebody who seeks a way", said("Who can help me cross? Channel crossing, no visa, guaranteed, dm")),
    innocent("a visa lawyer", said("Visa refused? Our lawyers appeal. No guarantee. Telegram")),
    innocent("another kind of advert", said("Channel crossing, no visa, speedboat, WhatsApp", "rental")),
    edge("three signs", said("Channel crossing, no visa needed, WhatsApp"), on="a"),
    edge("two signs", said("Channel crossing, no visa needed")),
    edge("four signs, one word of lawful trade", said("Channel crossing, no visa, guaranteed, dm, customs"), on="a"),
    edge("four signs, two such words", said("Channel crossing, no visa, guaranteed, dm, customs, guided tour")),
)  # fmt: skip

FLAG = TextFlag(
    about=About(
        id="li-smuggling-crossing-offer",
        version=1,
        title="Advert selling irregular passage",
        status="trial",
        severity="critical",
        entries=("li-smuggling-crossing-offer",),
        reason="Posts of {subject} offer a way across a border without papers or with a promised arrival.",
        innocent=("ferries, coaches and guides", "visa lawyers", "reporting, research and rescue appeals"),
        blind_to=("routes told in pictures or emoji", "code words that change by the week", "languages without a list"),
        needs=("listings",),
        next_steps=(
            "Read the whole post: warnings and appeals quote what they warn of.",
            "Look for the same contact or text in other places and under other names.",
            "If people may be at sea or locked in, tell the emergency service at once; this tool does not.",
        ),
        thresholds=THRESHOLDS,
        min_events=2,
        cases=CASES,
    ),
    kinds=KINDS,
    find=find,
    measure=measure,
)
