"""Cash or kiosk deposits where lodging was booked, city after city.

Catalogue entry kyc-lodging-cash-colocation. A deposit counts when the same customer's lodging in the same place began
at most two days before. Places are towns or coarse cells, about the entry's 10 km.
"""

from __future__ import annotations

from collections.abc import Mapping

from manumit.detectors.contract import About, CustomerRule, Mask, Threshold, Values
from manumit.detectors.customer_stories import did, whole
from manumit.detectors.customers.block import CustomerBlock
from manumit.detectors.customers.features import Ask, Last, count, distinct
from manumit.detectors.stories import DAY, HOUR, MICROSECOND, Part, edge, fires, innocent, near_miss

WINDOW = "60d"  # source: catalogue entry, check.window
SOON = "48h"  # source: catalogue entry, threshold h (ours)
SOON_US = 48 * 3_600_000_000

THRESHOLDS = (
    Threshold(name="min_matches", value=3, unit="deposits", origin="ours"),
    Threshold(name="min_cities", value=2, unit="cities", origin="ours"),
)


def classes(block: CustomerBlock, v: Values) -> Mapping[str, Mask]:
    return {
        "stay": block.word("kind", "lodging") & ~block.word("outcome", "abandoned", "refused", "refunded"),
        "cash": block.moved("deposit", "fiat-in") & block.word("channel", "cash", "kiosk"),
    }


def asks(v: Values) -> Mapping[str, Ask]:
    return {
        "matches": count("cash", WINDOW, after=("stay", SOON, "whereabouts")),
        "cities": distinct("place", "cash", WINDOW, after=("stay", SOON, "whereabouts")),
        "since_stay": Last(key="whereabouts", of="stay"),
    }


def where_they_slept(block: CustomerBlock, v: Values) -> Mask:
    here = block.classes["cash"] & (block["since_stay"] <= SOON_US) & (block.fact("business") == 0)
    found: Mask = here & (block["matches"] >= v["min_matches"]) & (block["cities"] >= v["min_cities"])
    return found


def trip(
    number: int, place: str, *, at: int, later: int = 6 * HOUR, channel: str = "cash", paid_at: str = ""
) -> tuple[Part, ...]:
    return (
        did(f"s{number}", "c", "lodging", 90, at=at, place=place, nights=1),
        did(f"d{number}", "c", "deposit", 400, at=at + later, place=paid_at or place, channel=channel),
    )


TWO = (*trip(1, "a", at=0), *trip(2, "b", at=3 * DAY))

CASES = (
    fires("three cities", *TWO, *trip(3, "e", at=6 * DAY), on="d3"),
    fires("a kiosk", *TWO, *trip(3, "b", at=6 * DAY, channel="kiosk"), on="d3"),
    near_miss("two matches", *TWO),
    near_miss("paid in elsewhere", *TWO, *trip(3, "e", at=6 * DAY, paid_at="home")),
    near_miss("paid by card", *TWO, *trip(3, "e", at=6 * DAY, channel="card")),
    innocent("a trading firm", whole("c", account_type="business"), *TWO, *trip(3, "e", at=6 * DAY)),
    innocent("one town, where the customer works", *(p for i in range(4) for p in trip(i, "a", at=i * 3 * DAY))),
    edge("exactly 48 h after", *TWO, *trip(3, "e", at=6 * DAY, later=48 * HOUR), on="d3"),
    edge("later", *TWO, *trip(3, "e", at=6 * DAY, later=48 * HOUR + MICROSECOND)),
    edge(
        "the first exactly 48 h after",
        *trip(1, "a", at=0, later=48 * HOUR),
        *TWO[2:],
        *trip(3, "e", at=6 * DAY),
        on="d3",
    ),
    edge("the first later", *trip(1, "a", at=0, later=48 * HOUR + MICROSECOND), *TWO[2:], *trip(3, "e", at=6 * DAY)),
    edge("the first match exactly 60 d old", *TWO, *trip(3, "e", at=60 * DAY)),
    edge("younger", *TWO, *trip(3, "e", at=60 * DAY - MICROSECOND), on="d3"),
    edge("four matches in three cities", *TWO, *trip(3, "b", at=6 * DAY), *trip(4, "e", at=9 * DAY), on="d3 d4"),
)

CUSTOMER_RULE = CustomerRule(
    about=About(
        id="kyc-lodging-cash-colocation",
        version=1,
        title="Cash or crypto-ATM deposits where the lodging was booked",
        status="trial",
        severity="high",
        entries=("kyc-lodging-cash-colocation",),
        reason=(
            "{matches} cash or kiosk deposits of {subject} in 60 days were made where lodging had begun, "
            "in {cities} cities."
        ),
        innocent=("a travelling trader who banks the day's takings", "somebody who lives between two towns"),
        blind_to=("lodging paid by somebody else", "deposits made on the way"),
        needs=("customers", "account_events"),
        next_steps=(
            "Look for adverts in those cities on those days.",
            "See where the money goes next, and whether it reaches one party.",
            "Ask the kiosk operator for what it holds on the deposits.",
        ),
        thresholds=THRESHOLDS,
        cases=CASES,
    ),
    classes=classes,
    asks=asks,
    fires=where_they_slept,
)
