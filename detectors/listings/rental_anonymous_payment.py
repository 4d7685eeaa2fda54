"""A dwelling let without asking who comes, or paid by coin or prepaid card with no questions.

Catalogue entry li-rental-anonymous-payment, its half that reads adverts; the half that reads bookings is
`rental_anonymous_booking`. A host that takes coins is no sign by itself. Identity papers, references or a register
number that the advert asks for or gives count against it.
"""

from __future__ import annotations

from manumit.detectors.contract import About, Span, TextFlag, Threshold, Values
from manumit.detectors.stories import advert, edge, fires, innocent, near_miss
from manumit.detectors.text.advert import folded, quote
from manumit.detectors.text.marks import marks
from manumit.detectors.text.signs import Weighed, different, seeks, signs, warnings, weighed
from manumit.schemas.listing import Listing, ListingKind

KINDS = ("rental",)
SIGNS = ("no_identity", "no_questions", "prepaid", "coin", "short")
CORE = ("no_identity", "no_questions")

THRESHOLDS = (Threshold(name="min_facets", value=2, unit="facets", origin="ours"),)


def weigh(listing: Listing) -> Weighed:
    text = folded(listing).text
    if not marks("anonymous_let", text).has(*CORE):
        return Weighed()
    told = signs("anonymous_let", text, (*SIGNS, "asked"))
    quiet_payment = "no_questions" in told and bool({"coin", "prepaid"} & told.keys())
    if ("no_identity" not in told and not quiet_payment) or seeks(text, "room"):
        return Weighed()
    return weighed(told, SIGNS, different(text, told.get("asked", ())) + warnings(text))


def find(listing: Listing, v: Values) -> tuple[Span, ...]:
    found = weigh(listing)
    if not found.hits or found.balance < v["min_facets"]:
        return ()
    return tuple(quote(listing, folded(listing), hit) for hit in found.hits)


def measure(listing: Listing, v: Values) -> dict[str, float]:
    return {"facets": float(weigh(listing).balance)}


def said(text: str, kind: ListingKind = "rental") -> Listing:
    return advert("a", kind, text)


CASES = (
    fires("no papers, no questions", said("Flat in town. No ID needed, no questions asked."), on="a"),
    fires("coins and discretion", said("Discreet apartment, pay in USDT or with gift cards"), on="a"),
    near_miss("coins alone", said("Sunny flat, bitcoin and cash welcome")),
    near_miss("it asks", said("No questions about pets. ID required, crypto accepted, references required")),
    near_miss("discreet alone", said("Discreet garden flat by the park")),
    innocent("a host that likes coins", said("We take crypto, photo ID at check-in, lease agreement")),
    innocent("somebody who seeks a room", said("Looking for a room, no ID, no questions, I pay in crypto")),
    innocent("a warning", said("Warning: a flat with no ID, no questions and crypto is a scam, tell the police")),
    innocent("another kind of advert", said("No ID needed, no questions", "job")),
    edge("two signs", said("Flat. No ID, by the hour."), on="a"),
    edge("one sign", said("Flat. No ID.")),
    edge("three signs, one word against", said("No ID, no questions, by the hour. Licence number 000"), on="a"),
    edge("two signs, one word against", said("No ID, by the hour. Licence number 000")),
)  # fmt: skip

FLAG = TextFlag(
    about=About(
        id="li-rental-anonymous-payment",
        version=1,
        title="Let paid by crypto or prepaid, or 'no ID needed'",
        status="trial",
        severity="medium",
        entries=("li-rental-anonymous-payment",),
        reason="Adverts of {subject} let dwellings without asking who comes, or for payment that names nobody.",
        innocent=("hosts who like coins", "people without papers who need a roof", "hotels by the hour for travellers"),
        blind_to=("terms told in private chat", "platforms that check guests themselves", "languages without a list"),
        needs=("listings",),
        next_steps=(
            "Look whether escort or massage adverts name the same place at the same time.",
            "Look for the same contact under other lets.",
            "Many lets carry one such sign: weigh it only together with others.",
        ),
        thresholds=THRESHOLDS,
        min_events=2,
        cases=CASES,
    ),
    kinds=KINDS,
    find=find,
    measure=measure,
)
