"""Short lets booked or changed at the last moment, again and again, in different dwellings.

Catalogue entry li-rental-late-changes. It reads bookings, not adverts: account events of kind `lodging` that a platform
gives, with its guests as customers and the unit as counterparty. A booking, and a move to another unit, is one event
each; `starts_us` says when the stay begins.
"""

from __future__ import annotations

from collections.abc import Mapping

from manumit.detectors.contract import About, CustomerRule, Mask, Threshold, Values
from manumit.detectors.customer_stories import did, whole
from manumit.detectors.customers.block import CustomerBlock
from manumit.detectors.customers.features import Ask, count, distinct
from manumit.detectors.stories import DAY, HOUR, MICROSECOND, START_US, edge, fires, innocent, near_miss
from manumit.schemas.account_event import AccountEvent, Outcome

WINDOW = "30d"  # source: catalogue entry, check.window
HOUR_US = 3_600_000_000

THRESHOLDS = (
    Threshold(name="min_bookings", value=4, unit="bookings", origin="ours"),
    Threshold(name="max_lead", value=12, unit="hours", origin="ours"),
    Threshold(name="min_units", value=3, unit="units", origin="ours"),
)


def classes(block: CustomerBlock, v: Values) -> Mapping[str, Mask]:
    soon = block.columns.numbers["lead_us"] <= round(v["max_lead"] * HOUR_US)
    return {"late": block.moved("lodging") & soon & block.has("counterparty")}


def asks(v: Values) -> Mapping[str, Ask]:
    return {"bookings": count("late", WINDOW), "units": distinct("counterparty", "late", WINDOW)}


def again_and_again(block: CustomerBlock, v: Values) -> Mask:
    often = (block["bookings"] >= v["min_bookings"]) & (block["units"] >= v["min_units"])
    found: Mask = block.classes["late"] & often & (block.fact("business") == 0)
    return found


def booking(tag: str, unit: str, *, at: int, lead: int = 2 * HOUR, outcome: Outcome = "") -> AccountEvent:
    starts_us = START_US + at + lead if lead >= 0 else 0
    return did(tag, "c", "lodging", 70, at=at, counterparty=unit, nights=1, starts_us=starts_us, outcome=outcome)


def bookings(*units: str, lead: int = 2 * HOUR, outcome: Outcome = "") -> tuple[AccountEvent, ...]:
    return tuple(booking(f"b{i}", unit, at=i * DAY, lead=lead, outcome=outcome) for i, unit in enumerate(units, 1))


CASES = (
    fires("four units in four days", bookings("p", "q", "r", "s"), on="b4"),
    fires("moved during the stay", bookings("p", "q", "r", "s", lead=0), on="b4"),
    near_miss("booked a day ahead", bookings("p", "q", "r", "s", lead=DAY)),
    near_miss("nobody knows when it begins", bookings("p", "q", "r", "s", lead=-1)),
    near_miss("none came about", bookings("p", "q", "r", "s", outcome="refunded")),
    near_miss("one flat, prolonged night by night", bookings("p", "p", "p", "p", "p", "p")),
    innocent("a firm books for its staff", whole("c", account_type="business"), bookings("p", "q", "r", "s")),
    innocent("stranded twice", bookings("p", "q")),
    edge("three bookings", bookings("p", "q", "r")),
    edge("a fourth and a fifth", bookings("p", "q", "r", "s", "t"), on="b4 b5"),
    edge("two units", bookings("p", "q", "p", "q", "p")),
    edge("three units", bookings("p", "q", "p", "r"), on="b4"),
    edge("twelve hours ahead", bookings("p", "q", "r", "s", lead=12 * HOUR), on="b4"),
    edge("a microsecond more", bookings("p", "q", "r", "s", lead=12 * HOUR + MICROSECOND)),
    edge("the first exactly 30 d old", bookings("p", "q", "r"), booking("b9", "s", at=31 * DAY)),
    edge("younger", bookings("p", "q", "r"), booking("b9", "s", at=31 * DAY - MICROSECOND), on="b9"),
)

CUSTOMER_RULE = CustomerRule(
    about=About(
        id="li-rental-late-changes",
        version=1,
        title="Late-notice booking and repeated last-minute changes of place",
        status="trial",
        severity="medium",
        entries=("li-rental-late-changes",),
        reason="{subject} booked {bookings} stays in {units} different lets at the last moment within 30 days.",
        innocent=(
            "stranded travellers and cancelled hosts",
            "workers sent from site to site",
            "people who fled a home",
        ),
        blind_to=("stays booked by others", "platforms that give no bookings", "stays paid in cash"),
        needs=("account_events",),
        next_steps=(
            "See who pays the stays and for whom else.",
            "Look whether adverts name these places on these days.",
            "Never contact the guest: the one who books may be under somebody's control.",
        ),
        thresholds=THRESHOLDS,
        cases=CASES,
    ),
    classes=classes,
    asks=asks,
    fires=again_and_again,
)
