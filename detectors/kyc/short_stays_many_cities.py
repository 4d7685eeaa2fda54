"""Brief stays in several cities within weeks.

Catalogue entry kyc-short-stays-many-cities. Musicians and sales people travel so too; two rooms or a refund are told
beside it. The role of the traveller is unknown: whoever pays may travel, or send others.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from manumit.detectors.contract import About, CustomerRule, Mask, Threshold, Values
from manumit.detectors.customer_stories import did, series, whole
from manumit.detectors.customers.block import CustomerBlock
from manumit.detectors.customers.features import Ask, count, distinct
from manumit.detectors.stories import DAY, MICROSECOND, Part, edge, fires, innocent, near_miss
from manumit.schemas.account_event import AccountEvent

WINDOW = "30d"  # source: catalogue entry, check.window
HOLIDAY = "14d"  # ours: a journey of a fortnight is a holiday

THRESHOLDS = (
    Threshold(name="min_stays", value=5, unit="stays", origin="ours"),
    Threshold(name="max_nights", value=3, unit="nights", origin="ours"),
    Threshold(name="min_earlier", value=2, unit="stays", origin="ours: before the last fortnight"),
    Threshold(name="min_cities", value=3, unit="cities", origin="ours"),
)


def classes(block: CustomerBlock, v: Values) -> Mapping[str, Mask]:
    nights = block.columns.numbers["nights"]
    short = block.word("kind", "lodging") & (nights > 0) & (nights <= v["max_nights"])
    return {
        "stay": short & ~block.word("outcome", "abandoned", "refused", "refunded"),
        "two_rooms": short & (block.columns.numbers["rooms"] > 1),
    }


def asks(v: Values) -> Mapping[str, Ask]:
    return {
        "stays": count("stay", WINDOW),
        "stays_lately": count("stay", HOLIDAY),
        "cities": distinct("place", "stay", WINDOW),
        "with_two_rooms": count("two_rooms", WINDOW),
    }


def on_tour(block: CustomerBlock, v: Values) -> Mask:
    private = (block.fact("business") == 0) & (block.fact("mobile") == 0)
    long = block["stays"] - block["stays_lately"] >= v["min_earlier"]
    enough = (block["stays"] >= v["min_stays"]) & (block["cities"] >= v["min_cities"])
    found: Mask = block.classes["stay"] & private & long & enough
    return found


def stays(
    count: int, place: str = "city-#", *, every: int = 5 * DAY, nights: int = 2, **more: Any
) -> tuple[AccountEvent, ...]:
    return series("s#", count, "c", "lodging", 90, every=every, place=place, nights=nights, **more)


def last_at(at: int) -> tuple[Part, ...]:
    return (stays(4), series("t#", 1, "c", "lodging", 90, at=at, place="city-9", nights=2))


def more(tag: str, at: int, place: str) -> AccountEvent:
    return did(tag, "c", "lodging", 90, at=at, place=place, nights=1)


def since(at: int) -> tuple[Part, ...]:
    """Two stays at 0, two on the tenth day, one at `at`."""
    return (stays(2, every=0), more("y1", 10 * DAY, "b1"), more("y2", 10 * DAY, "b2"), more("z", at, "b3"))


CASES = (
    fires("five cities in three weeks", stays(5), on="s5"),
    fires("two rooms each", stays(6, rooms=2), on="s5 s6"),
    near_miss("four stays", stays(4)),
    near_miss("a week each", stays(6, nights=7)),
    near_miss("one city", stays(8, place="city")),
    innocent("a tour of a fortnight", stays(7, every=2 * DAY)),
    innocent("a musician", whole("c", occupation="musician"), stays(9)),
    innocent("a firm books for its staff", whole("c", account_type="business"), stays(9)),
    innocent("cancelled and paid back", stays(6, outcome="refunded")),
    edge("three nights each", stays(5, nights=3), on="s5"),
    edge("four nights each", stays(5, nights=4)),
    edge("two cities", stays(3, place="a"), *(more(f"t{i}", at, "b") for i, at in ((1, DAY), (2, 16 * DAY)))),
    edge(
        "one stay before the last fortnight", stays(1), *(more(f"t{i}", (11 + i) * DAY, f"b{i}") for i in range(1, 5))
    ),
    edge("two stays exactly a fortnight before", *since(14 * DAY), on="z"),
    edge("two stays just within it", *since(14 * DAY - MICROSECOND)),
    edge(
        "three cities",
        stays(3, place="a"),
        series("t#", 1, "c", "lodging", 90, at=DAY, place="b", nights=1),
        series("u#", 1, "c", "lodging", 90, at=16 * DAY, place="d", nights=1),
        on="u1",
    ),
    edge("the first exactly 30 d old", *last_at(30 * DAY)),
    edge("younger", *last_at(30 * DAY - MICROSECOND), on="t1"),
)

CUSTOMER_RULE = CustomerRule(
    about=About(
        id="kyc-short-stays-many-cities",
        version=2,
        title="Short stays in several cities in quick succession",
        status="trial",
        severity="high",
        entries=("kyc-short-stays-many-cities",),
        reason="{subject} paid for {stays} brief stays in {cities} cities in 30 days, {with_two_rooms} with two rooms.",
        innocent=("sales people, musicians, athletes", "technicians and drivers", "a family visiting relatives"),
        blind_to=("stays paid in cash", "lodging booked by somebody else"),
        needs=("customers", "account_events"),
        next_steps=(
            "Look for adverts in those cities on those days.",
            "See whether cash or kiosk deposits follow in the same cities.",
            "See who else's lodging the customer pays.",
        ),
        thresholds=THRESHOLDS,
        cases=CASES,
    ),
    classes=classes,
    asks=asks,
    fires=on_tour,
)
