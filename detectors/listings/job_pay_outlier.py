"""A job advert whose pay stands far above that of other adverts of its occupation, country and currency, for no skill.

Catalogue entry li-job-pay-outlier. What is usual is learned from the stream itself (`campaigns/peers.py`): the median
and spread of the latest pay of every other contact within the window, as of the advert. No table of wages ships: none
that may be cited was at hand. Pay is the first stated amount per hour, day, week, month or year, a range's low end,
brought to a month of 40 hours a week. An advert that asks for skill, or pays by commission, is not judged.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from manumit.detectors.campaigns.features import Asked, Number, Seen, standing
from manumit.detectors.campaigns.sightings import country
from manumit.detectors.contract import About, ListingRule, Span, Threshold, Values
from manumit.detectors.stories import DAY, MICROSECOND, advert, edge, fires, innocent, near_miss
from manumit.detectors.text.advert import folded, quote
from manumit.detectors.text.lexicon import Hit
from manumit.detectors.text.marks import marks
from manumit.detectors.text.price_units import Per
from manumit.detectors.text.signs import seeks, signs, warnings
from manumit.schemas.listing import Listing, ListingKind, Price

WINDOW = "90d"  # ours: the catalogue refits weekly; here every advert is judged by the ninety days before it
KINDS = ("job", "recruitment-post", "domestic")
OCCUPATIONS = ("office", "selling", "computing", "hospitality", "household", "manual")
A_MONTH = {"hour": 40 * 52 / 12, "day": 5 * 52 / 12, "week": 52 / 12, "month": 1.0, "year": 1 / 12}

THRESHOLDS = (
    Threshold(name="min_deviations", value=3, unit="deviations", origin="source: catalogue entry, z0 (to calibrate)"),
    Threshold(name="min_peers", value=20, unit="adverts", origin="ours"),
    Threshold(name="least_spread", value=0.15, unit="share", origin="ours: pay differs by so much anywhere"),
)


def pay(listing: Listing) -> Number | None:
    """Monthly pay among its peers; None where occupation, country or pay is not told."""
    where = country(listing.place)
    if listing.kind not in KINDS or not where:
        return None
    wage = next((price for price in listing.prices if price.per in A_MONTH and float(price.amount) > 0), None)
    if wage is None:
        return None
    work = occupation(listing)
    group = f"{work.facet}:{where}:{wage.currency}" if work else ""
    return Number(group, float(wage.amount) * A_MONTH[wage.per]) if work else None


def occupation(listing: Listing) -> Hit | None:
    """The first occupation that title and text name."""
    listed = marks("occupations", folded(listing).text)
    return min((hit for facet in OCCUPATIONS for hit in listed.of(facet)[:1]), key=lambda hit: hit.start, default=None)


def features(v: Values) -> Mapping[str, Asked]:
    least = v["least_spread"]
    return {
        "deviations": standing(pay, "deviations", window=WINDOW, least_spread=least),
        "ratio": standing(pay, "ratio", window=WINDOW, least_spread=least),
        "peers": standing(pay, "peers", window=WINDOW, least_spread=least),
    }


def stands_out(seen: Seen, v: Values) -> bool:
    return seen["peers"] >= v["min_peers"] and seen["deviations"] >= v["min_deviations"] * 1_000


def says(listing: Listing, v: Values) -> tuple[Span, ...]:
    """The occupation and that no skill is asked; nothing where pay is a share or the text warns of such adverts."""
    text = folded(listing)
    told = signs("occupations", text.text, ("unskilled", "other_pay"))
    work = occupation(listing)
    if (
        "unskilled" not in told
        or "other_pay" in told
        or warnings(text.text)
        or seeks(text.text, "work")
        or work is None
    ):
        return ()
    return (quote(listing, text, work), quote(listing, text, told["unskilled"][0]))


def job(
    tag: str,
    amount: str,
    at: int = 0,
    text: str = "Typist wanted, no experience needed",
    place: str = "XA-01",
    currency: str = "USD",
    kind: ListingKind = "job",
) -> Listing:
    row = advert(tag, kind, text, at=at, place=place, contact=tag.partition("-")[0])
    units: Mapping[str, Per] = {"h": "hour", "y": "year"}
    price = Price(amount=amount.rstrip("hy"), currency=currency, per=units.get(amount[-1], "month"))
    return msgspec.structs.replace(row, prices=(price,))


def market(count: int = 20, amount: str = "1000") -> tuple[Listing, ...]:
    return tuple(job(f"m{i}", amount, i) for i in range(count))


CASES = (
    fires("three times the usual", market(), job("a", "3000", DAY), on="a"),
    fires("by the hour", market(), job("a", "17h", DAY), on="a"),
    fires("by the year", market(amount="12000y"), job("a", "3000", DAY), on="a"),
    fires(
        "its own copies make no market",
        market(),
        *(job(f"a-{i}", "3000", DAY + i) for i in range(3)),
        on="a-0 a-1 a-2",
    ),
    near_miss("somewhat above", market(), job("a", "1500", DAY)),
    near_miss("skill is asked", market(), job("a", "3000", DAY, "Typist wanted, five years of practice")),
    near_miss("it denies that", market(), job("a", "3000", DAY, "Typist wanted, not without experience")),
    near_miss("another country", market(), job("a", "3000", DAY, place="XB-01")),
    near_miss("another currency", market(), job("a", "3000", DAY, currency="PHP")),
    near_miss("another occupation", market(), job("a", "3000", DAY, "Welder wanted, no experience needed")),
    near_miss("no country told", market(), job("a", "3000", DAY, place="")),
    innocent("paid by commission", market(), job("a", "3000", DAY, "Typist, no experience, commission, uncapped")),
    innocent(
        "a market where pay varies",
        *(job(f"n{i}", str(400 + 200 * i), i) for i in range(24)),
        job("a", "5500", DAY),
    ),
    innocent("a flat", market(), job("a", "3000", DAY, kind="rental")),
    innocent("a warning", market(), job("a", "3000", DAY, "Beware: typist, no experience, is how victims were lured")),
    edge("just three deviations", market(), job("a", "1949", DAY), on="a"),
    edge("just below", market(), job("a", "1948", DAY)),
    edge("19 peers", market(19), job("a", "3000", DAY)),
    edge("the first peer exactly 90 d old", market(), job("a", "3000", 90 * DAY)),
    edge("younger", market(), job("a", "3000", 90 * DAY - MICROSECOND), on="a"),
)  # fmt: skip

LISTING_RULE = ListingRule(
    about=About(
        id="li-job-pay-outlier",
        version=1,
        title="Pay far above market for the skills asked",
        status="trial",
        severity="high",
        entries=("li-job-pay-outlier",),
        reason=(
            "Job adverts of {subject} ask for no skill and pay {ratio} times the median of {peers} other adverts of "
            "the occupation, country and currency: {deviations} deviations above it."
        ),
        innocent=("hazard pay and shift work", "a mistyped amount", "a firm that pays well"),
        blind_to=("pay told in private chat", "markets of fewer than 20 contacts", "pay without a unit of time"),
        needs=("listings",),
        next_steps=(
            "Compare the amount with official wages for the occupation and country.",
            "Check whether the employer exists and is licensed to recruit.",
            "Look for the same contact under other employers, places or occupations.",
        ),
        thresholds=THRESHOLDS,
        min_events=2,
        cases=CASES,
    ),
    kinds=KINDS,
    subject="contact",
    features=features,
    fires=stands_out,
    says=says,
)
