"""Copies or revisions of one job advert, all with one contact, name places of work in different countries.

Catalogue entry li-job-location-shift, its first half. The other half, a border town or airport named in the text
of an advert for another place, needs a list of such towns and is not judged here.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from manumit.detectors.campaigns.features import Distinct, Seen, distinct
from manumit.detectors.contract import About, ListingRule, Threshold, Values
from manumit.detectors.stories import DAY, MICROSECOND, advert, edge, fires, innocent, near_miss
from manumit.schemas.listing import Listing, ListingKind

WINDOW = "60d"  # source: catalogue entry, check.window
KINDS = ("job", "recruitment-post")

THRESHOLDS = (
    Threshold(name="min_countries", value=2, unit="countries", origin="ours"),
    Threshold(name="max_countries", value=3, unit="countries", origin="ours: a firm with sites everywhere says so"),
)


def features(v: Values) -> Mapping[str, Distinct]:
    return {
        "countries": distinct("countries", by="campaign", window=WINDOW, kinds=KINDS),
        "authors": distinct("authors", by="campaign", window=WINDOW, kinds=KINDS),
    }


def shifts(seen: Seen, v: Values) -> bool:
    return v["min_countries"] <= seen["countries"] <= v["max_countries"] and seen["authors"] == 1


TEXT = "typing clerk wanted {} good salary free training young friendly team start soon write to the office today"
NURSE = "night nurse for a small clinic by the lake {} shifts paid monthly with pension"


def post(
    tag: str, place: str, at: int, contact: str = "one", text: str = TEXT, kind: ListingKind = "job", revision: int = 0
) -> Listing:
    row = advert(tag, kind, text.format(f"number {tag}"), at=at, contact=contact, place=place)
    return msgspec.structs.replace(row, revision=revision)


def unnamed(listing: Listing) -> Listing:
    return msgspec.structs.replace(listing, contacts=(), poster="somebody")


FIRST = post("a", "XA-01", 0)

CASES = (
    fires("a copy in another country", FIRST, post("b", "XB-01", 5 * DAY), on="b"),
    fires("a revision in another country", FIRST, post("a", "XB-01", DAY, revision=1), on="a"),
    fires("a poster without contact", unnamed(FIRST), unnamed(post("b", "XB-01", DAY)), on="b"),
    near_miss("another town of the country", FIRST, post("b", "XA-02", DAY)),
    near_miss("a copy by somebody else", FIRST, post("b", "XB-01", DAY, "two")),
    near_miss("another job abroad", FIRST, post("b", "XB-01", DAY, text=NURSE)),
    innocent("flats to let", FIRST, post("b", "XB-01", DAY, kind="rental")),
    edge("a third country", FIRST, *(post(c, f"X{c.upper()}-01", DAY + i) for i, c in enumerate("bcd")), on="b c"),
    edge("exactly 60 d later", FIRST, post("b", "XB-01", 60 * DAY)),
    edge("a microsecond earlier", FIRST, post("b", "XB-01", 60 * DAY - MICROSECOND), on="b"),
)  # fmt: skip

LISTING_RULE = ListingRule(
    about=About(
        id="li-job-location-shift",
        version=1,
        title="The place of work changes country between copies of one job advert",
        status="trial",
        severity="high",
        entries=("li-job-location-shift",),
        reason=(
            "Copies of one job advert with contact {subject} name places of work in {countries} countries within "
            "60 days."
        ),
        innocent=("an employer with a site on each side of a border", "a mistake that was put right"),
        blind_to=("a change told in private chat", "a border town named in the text", "a new contact for each copy"),
        needs=("listings",),
        next_steps=(
            "Read the copies side by side: what else changed with the place.",
            "Check whether the employer exists in either country and is licensed to recruit.",
            "Look whether travel is promised to one place and paid to another.",
        ),
        thresholds=THRESHOLDS,
        min_events=2,
        cases=CASES,
    ),
    kinds=KINDS,
    subject="contact",
    features=features,
    fires=shifts,
)
