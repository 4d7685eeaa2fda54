"""Lets paid with coins or prepaid cards by somebody who is not the guest, more than once.

Catalogue entry li-rental-anonymous-payment, its half that reads bookings; adverts are read by
`rental_anonymous_payment`. A gift is one such booking, so one is never enough.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from manumit.detectors.contract import About, CustomerRule, Mask, Threshold, Values
from manumit.detectors.customer_stories import series, whole
from manumit.detectors.customers.block import CustomerBlock
from manumit.detectors.customers.features import Ask, count
from manumit.detectors.stories import DAY, MICROSECOND, edge, fires, innocent, near_miss
from manumit.schemas.account_event import AccountEvent

WINDOW = "60d"  # ours
CHANNELS = ("crypto", "prepaid")

THRESHOLDS = (Threshold(name="min_bookings", value=2, unit="bookings", origin="ours: a gift is one"),)


def classes(block: CustomerBlock, v: Values) -> Mapping[str, Mask]:
    others = block.columns.numbers["other_pays"] > 0
    return {"unnamed": block.moved("lodging") & block.word("channel", *CHANNELS) & others}


def asks(v: Values) -> Mapping[str, Ask]:
    return {"bookings": count("unnamed", WINDOW)}


def paid_unnamed(block: CustomerBlock, v: Values) -> Mask:
    enough = block["bookings"] >= v["min_bookings"]
    found: Mask = block.classes["unnamed"] & enough & (block.fact("business") == 0)
    return found


def bookings(count: int, every: int = 5 * DAY, **more: Any) -> tuple[AccountEvent, ...]:
    facts = {"channel": "crypto", "payer": "payer:one", "counterparty": "unit-#", **more}
    return series("b#", count, "c", "lodging", 80, every=every, **facts)


CASES = (
    fires("two paid with coins by another", bookings(2), on="b2"),
    fires("prepaid cards", bookings(2, channel="prepaid"), on="b2"),
    near_miss("the guest pays", bookings(4, payer="")),
    near_miss("by card", bookings(4, channel="card")),
    near_miss("none came about", bookings(4, outcome="refused")),
    innocent("a gift", bookings(1)),
    innocent("a firm", whole("c", account_type="business"), bookings(4)),
    edge("a second and a third", bookings(3), on="b2 b3"),
    edge("one", bookings(1, channel="prepaid")),
    edge("exactly 60 d apart", bookings(2, every=60 * DAY)),
    edge("a microsecond less", bookings(2, every=60 * DAY - MICROSECOND), on="b2"),
)

CUSTOMER_RULE = CustomerRule(
    about=About(
        id="li-rental-anonymous-booking",
        version=1,
        title="Lets paid by another with crypto or prepaid cards",
        status="trial",
        severity="medium",
        entries=("li-rental-anonymous-payment",),
        reason="{bookings} lets of {subject} were paid with coins or prepaid cards by somebody else within 60 days.",
        innocent=("parents or friends who pay", "an assistant who books", "charities that house people quietly"),
        blind_to=("payers a platform does not tell", "payment outside the platform", "stays paid in cash"),
        needs=("account_events",),
        next_steps=(
            "See for how many other guests the same payer pays.",
            "Look whether adverts name these places on these days.",
            "Look where the coins came from.",
        ),
        thresholds=THRESHOLDS,
        cases=CASES,
    ),
    classes=classes,
    asks=asks,
    fires=paid_unnamed,
)
