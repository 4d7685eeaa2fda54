"""One contact stands in escort or massage adverts of several places within days.

Catalogue entry li-phone-many-cities. A place is a coarse cell, so wide that two of them are a journey apart; the
entry's distance is not asked for beyond that. Touring is lawful and common: a link, not a suspicion.
"""

from __future__ import annotations

from collections.abc import Mapping

from manumit.detectors.campaigns.features import Distinct, Seen, distinct
from manumit.detectors.contract import About, ListingRule, Threshold, Values
from manumit.detectors.stories import DAY, HOUR, MICROSECOND, advert, edge, fires, innocent, near_miss
from manumit.schemas.listing import Listing, ListingKind

WINDOW = "14d"  # source: catalogue entry, check.window
KINDS = ("escort", "massage")

THRESHOLDS = (Threshold(name="min_cells", value=3, unit="places", origin="ours"),)


def features(v: Values) -> Mapping[str, Distinct]:
    return {"cells": distinct("cells", by="contact", window=WINDOW, kinds=KINDS)}


def travels(seen: Seen, v: Values) -> bool:
    return seen["cells"] >= v["min_cells"]


def post(tag: str, place: str, at: int, contact: str = "one", kind: ListingKind = "escort") -> Listing:
    return advert(tag, kind, f"Advert {tag}", at=at, contact=contact, place=place)


TWO = (post("a", "XA-01", 0), post("b", "XA-02", DAY))

CASES = (
    fires("three places in a week", *TWO, post("c", "XA-03", 7 * DAY), on="c"),
    fires(
        "a second number joins",
        *TWO,
        post("c", "XA-03", 2 * DAY, "two one"),
        post("d", "XA-04", 3 * DAY, "two"),
        on="c d",
    ),
    near_miss("three contacts in three places", *TWO, post("c", "XA-03", 2 * DAY, "two")),
    near_miss("the third in another month", *TWO, post("c", "XA-03", 40 * DAY)),
    innocent("many adverts at home", *(post(f"a{i}", "XA-01", i * HOUR) for i in range(9))),
    innocent(
        "a courier firm hires in many places", *(post(f"j{i}", f"XA-0{i}", i * HOUR, kind="job") for i in range(9))
    ),
    innocent("nobody says where", *(post(f"n{i}", "", i * HOUR) for i in range(9))),
    edge("a third and a fourth place", *TWO, post("c", "XA-03", 2 * DAY), post("d", "XA-04", 3 * DAY), on="c d"),
    edge("two places", *TWO),
    edge("the first exactly 14 d old", *TWO, post("c", "XA-03", 14 * DAY)),
    edge("the first a microsecond younger", *TWO, post("c", "XA-03", 14 * DAY - MICROSECOND), on="c"),
)

LISTING_RULE = ListingRule(
    about=About(
        id="li-phone-many-cities",
        version=1,
        title="Same contact advertised in several places in a short time",
        status="trial",
        severity="medium",
        entries=("li-phone-many-cities",),
        reason="Escort or massage adverts with contact {subject} named {cells} places within 14 days.",
        innocent=("an independent worker on tour", "an agency with branches", "a booking service's number"),
        blind_to=("a new number for every place", "places told in private chat", "towns inside one coarse cell"),
        needs=("listings",),
        next_steps=(
            "Look whether the adverts describe one person or several; one who travels is no sign of coercion.",
            "Compare times and places with payments for travel and lodging.",
            "Do not contact anybody named in the adverts.",
        ),
        thresholds=THRESHOLDS,
        min_events=2,
        cases=CASES,
    ),
    kinds=KINDS,
    subject="contact",
    features=features,
    fires=travels,
)
