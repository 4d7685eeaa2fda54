"""Transactions in one town after another for weeks.

Catalogue entry kyc-geographic-movement. Only places where something was paid count: a login's place may be a tunnel's.
Drivers and crews move so too: a low sign, to be read beside others.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from manumit.detectors.contract import About, CustomerRule, Mask, Threshold, Values
from manumit.detectors.customer_stories import series, whole
from manumit.detectors.customers.block import CustomerBlock
from manumit.detectors.customers.features import Ask, distinct
from manumit.detectors.stories import DAY, MICROSECOND, Part, edge, fires, innocent, near_miss
from manumit.schemas.account_event import AccountEvent, AccountEventKind

WINDOW = "30d"  # source: catalogue entry, check.window

THRESHOLDS = (
    Threshold(name="min_cities", value=8, unit="cities", origin="ours: 30 d at the entry's dwell of 4 d, and one more"),
)


def classes(block: CustomerBlock, v: Values) -> Mapping[str, Mask]:
    shown = block.moved("card") | (block.moved("deposit", "fiat-in") & block.word("channel", "cash", "kiosk"))
    return {"seen": shown & block.has("place")}


def asks(v: Values) -> Mapping[str, Ask]:
    return {"cities": distinct("place", "seen", WINDOW)}


def moving(block: CustomerBlock, v: Values) -> Mask:
    private = (block.fact("business") == 0) & (block.fact("mobile") == 0)
    found: Mask = block.classes["seen"] & private & (block["cities"] >= v["min_cities"])
    return found


def paid(
    count: int, kind: AccountEventKind = "card", *, at: int = 0, tag: str = "p#", **more: Any
) -> tuple[AccountEvent, ...]:
    return series(tag, count, "c", kind, 20, at=at, every=3 * DAY, **{"place": "city-#", **more})


def last_at(at: int) -> tuple[Part, ...]:
    return (paid(7), paid(1, at=at, tag="q#", place="city-9"))


CASES = (
    fires("eight towns in three weeks", paid(8), on="p8"),
    fires("cash in eight towns", paid(8, "deposit", channel="cash"), on="p8"),
    near_miss("one town", paid(9, place="city")),
    near_miss("logins from everywhere", paid(9, "login")),
    innocent("a holiday from town to town", paid(6), paid(1, at=20 * DAY, tag="q#", place="home")),
    innocent("a lorry driver", whole("c", occupation="driver"), paid(9)),
    innocent("a firm's cards", whole("c", account_type="business"), paid(9)),
    innocent("bank transfers have no place", paid(9, "fiat-in", channel="bank")),
    edge("seven towns", paid(7)),
    edge("nine towns", paid(9), on="p8 p9"),
    edge("the first exactly 30 d old", *last_at(30 * DAY)),
    edge("younger", *last_at(30 * DAY - MICROSECOND), on="q1"),
)

CUSTOMER_RULE = CustomerRule(
    about=About(
        id="kyc-geographic-movement",
        version=2,
        title="Transacts while moving through many places",
        status="trial",
        severity="low",
        entries=("kyc-geographic-movement",),
        reason="{subject} paid in {cities} towns within 30 days.",
        innocent=("drivers, crews, musicians and sales people", "a holiday on the road", "relatives in several towns"),
        blind_to=("towns nothing was paid in", "cards used by somebody else"),
        needs=("customers", "account_events"),
        next_steps=(
            "Read it beside stays, cash and adverts in the same towns; alone it says little.",
            "See whether somebody else travels the same way on the same days.",
            "Bring the occupation on file up to date.",
        ),
        thresholds=THRESHOLDS,
        cases=CASES,
    ),
    classes=classes,
    asks=asks,
    fires=moving,
)
