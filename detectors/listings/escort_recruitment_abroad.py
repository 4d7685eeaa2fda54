"""One contact stands both in recruiting adverts and in escort or massage adverts, in different countries.

Catalogue entry li-escort-recruitment-abroad. Countries are those the adverts name as their place; nobody's
nationality or language is looked at.
"""

from __future__ import annotations

from collections.abc import Mapping

from manumit.detectors.campaigns.features import Distinct, Seen, distinct
from manumit.detectors.contract import About, ListingRule, Threshold, Values
from manumit.detectors.stories import DAY, MICROSECOND, advert, edge, fires, innocent, near_miss
from manumit.schemas.listing import Listing, ListingKind

WINDOW = "180d"  # source: catalogue entry, check.window
RECRUITING = ("job", "recruitment-post")
SELLING = ("escort", "massage")

THRESHOLDS = (Threshold(name="min_countries", value=2, unit="countries", origin="ours"),)


def features(v: Values) -> Mapping[str, Distinct]:
    return {
        "recruiting": distinct("adverts", by="contact", window=WINDOW, kinds=RECRUITING),
        "selling": distinct("adverts", by="contact", window=WINDOW, kinds=SELLING),
        "countries": distinct("countries", by="contact", window=WINDOW, kinds=(*RECRUITING, *SELLING)),
    }


def both_abroad(seen: Seen, v: Values) -> bool:
    return seen["recruiting"] > 0 and seen["selling"] > 0 and seen["countries"] >= v["min_countries"]


def post(tag: str, kind: ListingKind, place: str, at: int, contact: str = "one") -> Listing:
    return advert(tag, kind, f"Advert {tag}", at=at, contact=contact, place=place)


HIRES = post("a", "job", "XA-01", 0)

CASES = (
    fires("hires here, sells there", HIRES, post("b", "escort", "XB-01", 9 * DAY), on="b"),
    fires("sells first", post("a", "massage", "XB-01", 0), post("b", "recruitment-post", "XA-01", DAY), on="b"),
    fires(
        "over a second contact", HIRES, post("b", "other", "XA-01", DAY, "one two"),
        post("c", "escort", "XB-01", 2 * DAY, "two"), on="c",
    ),
    near_miss("hires in two countries", HIRES, post("b", "job", "XB-01", DAY)),
    near_miss("another contact sells", HIRES, post("b", "escort", "XB-01", DAY, "two")),
    near_miss("a country nobody named", HIRES, post("b", "escort", "", DAY)),
    innocent("a spa that hires at home", HIRES, post("b", "massage", "XA-02", DAY)),
    innocent("a firm that hires and lets abroad", HIRES, post("b", "rental", "XB-01", DAY)),
    edge(
        "a second and a third country", HIRES, post("b", "escort", "XB-01", DAY), post("c", "escort", "XC-01", 2 * DAY),
        on="b c",
    ),
    edge("exactly 180 d apart", HIRES, post("b", "escort", "XB-01", 180 * DAY)),
    edge("a microsecond less", HIRES, post("b", "escort", "XB-01", 180 * DAY - MICROSECOND), on="b"),
)  # fmt: skip

LISTING_RULE = ListingRule(
    about=About(
        id="li-escort-recruitment-abroad",
        version=1,
        title="One contact recruits in one country and advertises escorts in another",
        status="trial",
        severity="high",
        entries=("li-escort-recruitment-abroad",),
        reason=(
            "Contact {subject}, or one that stood beside it, stands in {recruiting} recruiting and {selling} escort or "
            "massage adverts in {countries} countries within 180 days."
        ),
        innocent=("a spa chain in several countries", "an advertising agency's number", "a recycled phone number"),
        blind_to=("a contact for each side", "recruiting in private chat", "adverts that name no place"),
        needs=("listings",),
        next_steps=(
            "Read what the recruiting adverts promise and whether they name the work that the others sell.",
            "Check whether the contact belongs to a registered employer in these countries.",
            "Look for payments for travel from the one country to the other.",
        ),
        thresholds=THRESHOLDS,
        min_events=2,
        cases=CASES,
    ),
    kinds=(*RECRUITING, *SELLING),
    subject="contact",
    features=features,
    fires=both_abroad,
)
