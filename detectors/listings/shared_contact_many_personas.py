"""One contact serves escort or massage adverts with several unlike texts, in more than one place.

Catalogue entry li-shared-contact-many-personas. Names, ages and pictures of people are never kept, so persons are
not counted: unlike texts (campaigns) under one contact, joined over contacts that stood together, stand in.
"""

from __future__ import annotations

from collections.abc import Mapping

from manumit.detectors.campaigns.features import Distinct, Seen, distinct
from manumit.detectors.contract import About, ListingRule, Threshold, Values
from manumit.detectors.stories import DAY, HOUR, MICROSECOND, advert, edge, fires, innocent, near_miss
from manumit.schemas.listing import Listing, ListingKind

WINDOW = "60d"  # source: catalogue entry, check.window
KINDS = ("escort", "massage")

THRESHOLDS = (
    Threshold(name="min_texts", value=3, unit="texts", origin="ours"),
    Threshold(name="min_cells", value=2, unit="places", origin="ours"),
)


def features(v: Values) -> Mapping[str, Distinct]:
    return {
        "texts": distinct("texts", by="contact", window=WINDOW, kinds=KINDS),
        "cells": distinct("cells", by="contact", window=WINDOW, kinds=KINDS),
    }


def serves_many(seen: Seen, v: Values) -> bool:
    return seen["texts"] >= v["min_texts"] and seen["cells"] >= v["min_cells"]


TEXTS = (
    "calm evening company near the river park every weekday after six o'clock only",
    "deep tissue work by certified hands in a quiet studio behind the old theatre",
    "dinner dates and long walks with someone who loves jazz records and strong coffee",
    "warm oil treatment for tired office backs open until late on saturdays and sundays",
)


def post(tag: str, text: int, place: str, at: int, contact: str = "one", kind: ListingKind = "escort") -> Listing:
    return advert(tag, kind, TEXTS[text], at=at, contact=contact, place=place)


TWO = (post("a", 0, "XA-01", 0), post("b", 1, "XA-02", DAY))

CASES = (
    fires("three texts in two places", *TWO, post("c", 2, "XA-01", 2 * DAY), on="c"),
    fires("a wallet or number beside joins two contacts", *TWO, post("c", 2, "XA-01", 2 * DAY, "two one"), on="c"),
    fires(
        "the texts of the second contact count too",
        post("a", 0, "XA-01", 0),
        post("b", 1, "XA-02", DAY, "two"),
        post("c", 2, "XA-01", 2 * DAY, "two one"),
        on="c",
    ),
    near_miss(
        "one text again and again in two places", *(post(f"a{i}", 0, f"XA-0{i % 2}", i * HOUR) for i in range(6))
    ),
    near_miss("three contacts", *TWO, post("c", 2, "XA-01", 2 * DAY, "two")),
    innocent("a studio of three at one place", *(post(f"s{i}", i, "XA-01", i * DAY) for i in range(3))),
    innocent(
        "a letting agent with many flats", *(post(f"r{i}", i, f"XA-0{i}", i * DAY, kind="rental") for i in range(4))
    ),
    edge("three texts, three places", *TWO, post("c", 2, "XA-03", 2 * DAY), post("d", 3, "XA-04", 3 * DAY), on="c d"),
    edge("two texts", *TWO),
    edge("the first exactly 60 d old", *TWO, post("c", 2, "XA-01", 60 * DAY)),
    edge("the first a microsecond younger", *TWO, post("c", 2, "XA-01", 60 * DAY - MICROSECOND), on="c"),
)

LISTING_RULE = ListingRule(
    about=About(
        id="li-shared-contact-many-personas",
        version=1,
        title="One contact, many unlike adverts",
        status="trial",
        severity="high",
        entries=("li-shared-contact-many-personas",),
        reason=(
            "Contact {subject}, or one that stood beside it, serves {texts} unlike escort or massage adverts in "
            "{cells} places within 60 days. This resembles one operator advertising several people."
        ),
        innocent=(
            "a lawful agency or studio",
            "independents who screen clients for each other",
            "one person's new text",
        ),
        blind_to=("a contact for each person", "one text for several people", "contacts only in pictures"),
        needs=("listings",),
        next_steps=(
            "Read whether the adverts describe different people; unlike texts alone do not say so.",
            "Check whether the contact is a registered agency's or a booking service's.",
            "Look for payments of the adverts from one account; do not contact anybody named in them.",
        ),
        thresholds=THRESHOLDS,
        min_events=2,
        cases=CASES,
    ),
    kinds=KINDS,
    subject="contact",
    features=features,
    fires=serves_many,
)
