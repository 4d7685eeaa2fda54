"""One dwelling with far more stays in a month than its pace of the year: reviews or bookings tell it.

Catalogue entry li-rental-local-guest-hourly, seen from the dwelling, which is the subject and no person. Where a
platform gives no bookings, a review stands for a stay (`channel` `review`, a guest token of its own); fewer stays are
reviewed than happen, so the count is a lower bound: 22 reviewed stays in 30 days hardly fit whole nights.
"""

from __future__ import annotations

from collections.abc import Mapping

from manumit.detectors.contract import About, CustomerRule, Mask, Threshold, Values
from manumit.detectors.customer_stories import series
from manumit.detectors.customers.block import CustomerBlock
from manumit.detectors.customers.features import Ask, count
from manumit.detectors.stories import DAY, HOUR, MICROSECOND, edge, fires, innocent, near_miss
from manumit.schemas.account_event import AccountEvent

WINDOW, YEAR = "30d", "365d"  # ours
WINDOW_DAYS, BEFORE_DAYS = 30, 335

THRESHOLDS = (
    Threshold(
        name="min_stays",
        value=22,
        unit="stays",
        origin="ours: of 10,099 lets in Oslo, 7 ever had as many reviews in 30 days",
    ),
    Threshold(name="min_growth", value=3, unit="times", origin="ours"),
)


def classes(block: CustomerBlock, v: Values) -> Mapping[str, Mask]:
    return {"stay": block.moved("lodging") & block.has("counterparty")}


def asks(v: Values) -> Mapping[str, Ask]:
    return {
        "stays": count("stay", WINDOW, key="counterparty"),
        "stays_in_a_year": count("stay", YEAR, key="counterparty"),
    }


def bursts(block: CustomerBlock, v: Values) -> Mask:
    """So many stays, and so many times the pace of the rest of the year."""
    stays = block["stays"]
    before = block["stays_in_a_year"] - stays
    faster = stays * BEFORE_DAYS >= v["min_growth"] * before * WINDOW_DAYS
    found: Mask = block.classes["stay"] & (stays >= v["min_stays"]) & faster
    return found


def stays(tag: str, count: int, *, at: int = 0, every: int = 30 * HOUR, unit: str = "unit") -> tuple[AccountEvent, ...]:
    return series(
        f"{tag}#", count, f"{tag}-guest-#", "lodging", at=at, every=every, counterparty=unit, channel="review"
    )


CASES = (
    fires("a quiet let, then a rush", stays("q", 10, every=20 * DAY), stays("r", 22, at=250 * DAY), on="r22"),
    fires("a new let in use without a break", stays("r", 23), on="r22 r23"),
    near_miss("busy all year", stays("p", 180, every=44 * HOUR)),
    near_miss("21 stays", stays("q", 5, every=30 * DAY), stays("r", 21, at=250 * DAY)),
    near_miss("two lets share them", stays("r", 12), stays("s", 12, unit="other")),
    innocent("a summer let", stays("q", 12, every=60 * HOUR), stays("r", 14, at=200 * DAY, every=50 * HOUR)),
    edge("twice 22", stays("r", 22), on="r22"),
    edge("three times the pace", stays("q", 81, every=3 * DAY), stays("r", 22, at=300 * DAY), on="r22"),
    edge("just less", stays("q", 82, every=3 * DAY), stays("r", 22, at=300 * DAY)),
    edge("the first exactly 30 d old", stays("p", 1), stays("r", 21, at=10 * DAY, every=DAY)),
    edge("younger", stays("p", 1, at=MICROSECOND), stays("r", 21, at=10 * DAY, every=DAY), on="r21"),
    edge("the 1st a year old", stays("q", 82, every=3 * DAY), stays("r", 22, at=365 * DAY - 630 * HOUR), on="r22"),
    edge(
        "younger by a microsecond",
        stays("q", 82, every=3 * DAY),
        stays("r", 22, at=365 * DAY - 630 * HOUR - MICROSECOND),
    ),
)  # fmt: skip

CUSTOMER_RULE = CustomerRule(
    about=About(
        id="li-rental-turnover-burst",
        version=1,
        title="A let with a sudden rush of short stays",
        status="trial",
        severity="low",
        entries=("li-rental-local-guest-hourly",),
        reason="{subject} had at least {stays} stays within 30 days, of {stays_in_a_year} in a year.",
        innocent=("a fair, a festival, a season", "a let that opened or was listed anew", "reviews that came late"),
        blind_to=("stays nobody reviews", "lets listed under several numbers", "platforms that hide dates"),
        needs=("account_events",),
        next_steps=(
            "See whether the town had an event at that time: then many lets are as busy.",
            "Look whether adverts name the place on these days.",
            "See who books: many guests from the same town, or one payer for many.",
        ),
        thresholds=THRESHOLDS,
        min_events=2,
        cases=CASES,
    ),
    classes=classes,
    asks=asks,
    fires=bursts,
    subject="counterparty",
)
