"""A guest from the same or the next town who books single nights or hours, again and again or several lets at once.

Catalogue entry li-rental-local-guest-hourly. It reads bookings that a platform gives, as `rental_late_changes` does.
Distance is between coarse cells, `home` and `place`. Lets that begin on the same day stand for overlapping dates.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from manumit.detectors.contract import About, CustomerRule, Mask, Threshold, Values
from manumit.detectors.customer_stories import did, whole
from manumit.detectors.customers.block import CustomerBlock
from manumit.detectors.customers.features import Ask, count, distinct
from manumit.detectors.stories import DAY, MICROSECOND, START_US, edge, fires, innocent, near_miss
from manumit.schemas.account_event import AccountEvent

WINDOW = "60d"  # source: catalogue entry, check.window

THRESHOLDS = (
    Threshold(name="max_distance", value=40, unit="kilometres", origin="ours"),
    Threshold(name="min_stays", value=3, unit="stays", origin="ours"),
    Threshold(name="min_units", value=2, unit="units", origin="source: catalogue entry, check.logic"),
)


def classes(block: CustomerBlock, v: Values) -> Mapping[str, Mask]:
    numbers = block.columns.numbers
    near = (numbers["home_km"] >= 0) & (numbers["home_km"] <= v["max_distance"])
    local = block.moved("lodging") & near & block.has("counterparty")
    return {"local": local, "brief": local & ((numbers["nights"] == 1) | (numbers["hours"] > 0))}


def asks(v: Values) -> Mapping[str, Ask]:
    return {
        "stays": count("brief", WINDOW),
        "units": distinct("counterparty", "local", WINDOW, key="arrival"),
    }


def so_near(block: CustomerBlock, v: Values) -> Mask:
    often = block.classes["brief"] & (block["stays"] >= v["min_stays"])
    several = block.classes["local"] & (block["units"] >= v["min_units"])
    found: Mask = (often | several) & (block.fact("business") == 0)
    return found


def stay(tag: str, *, at: int, home: str = "XA-whrn", unit: str = "u", **more: Any) -> AccountEvent:
    starts_us = START_US + more.pop("starts", at)
    facts = {"nights": 1, "place": "XA-whrn", **more}
    return did(tag, "c", "lodging", 60, at=at, counterparty=unit, home=home, starts_us=starts_us, **facts)


def stays(count: int, **more: Any) -> tuple[AccountEvent, ...]:
    return tuple(stay(f"s{i}", at=i * 5 * DAY, **more) for i in range(1, count + 1))


CASES = (
    fires("three nights near home", stays(3), on="s3"),
    fires("by the hour", stays(3, nights=0, hours=3), on="s3"),
    fires("two lets at once", stay("a", at=0), stay("b", at=1, unit="v"), on="b"),
    near_miss("far from home", stays(4, home="XB-u33d")),
    near_miss("nobody knows where the guest lives", stays(4, home="")),
    near_miss("a country is no place", stays(4, home="XA")),
    near_miss("a week each", stays(4, nights=7)),
    near_miss("none came about", stays(4, outcome="refunded")),
    innocent("works at home, once", stay("a", at=0, nights=9)),
    innocent("a firm", whole("c", account_type="business"), stays(5)),
    edge("two nights", stays(2)),
    edge("four", stays(4), on="s3 s4"),
    edge("40 km", stays(3, home="XA-whrr"), on="s3"),
    edge("41 km", stays(3, home="XA-w5xh", place="XA-w5xm")),
    edge("one let, booked twice for a day", stay("a", at=0), stay("b", at=1)),
    edge("three at once", *(stay(u, at=i, unit=u) for i, u in enumerate("abc")), on="b c"),
    edge("the first exactly 60 d old", stays(2), stay("z", at=65 * DAY)),
    edge("younger", stays(2), stay("z", at=65 * DAY - MICROSECOND), on="z"),
)  # fmt: skip

CUSTOMER_RULE = CustomerRule(
    about=About(
        id="li-rental-local-guest-hourly",
        version=1,
        title="Local guest, one-night or hourly stays, many at once",
        status="trial",
        severity="medium",
        entries=("li-rental-local-guest-hourly",),
        reason="{subject} booked {stays} nights or hours near home within 60 days, {units} of them begun on one day.",
        innocent=("works at home, a party, a couple", "family that visits", "somebody who cannot stay at home"),
        blind_to=("guests who give another home", "lets that overlap but begin on other days", "stays paid in cash"),
        needs=("account_events",),
        next_steps=(
            "See whether the same guest or payer holds several lets at once.",
            "Look whether adverts name these places on these days.",
            "Where minors may be concerned, follow the protection procedure at once.",
        ),
        thresholds=THRESHOLDS,
        cases=CASES,
    ),
    classes=classes,
    asks=asks,
    fires=so_near,
)
