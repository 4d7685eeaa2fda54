"""Several new customers send a large first purchase at once to one destination.

Catalogue entry kyc-new-user-large-first-use. The customer is probably the victim of a scam: the destination is the
subject, and one newcomer alone is an investor.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from manumit.detectors.contract import About, CustomerRule, Event, Mask, Threshold, Values
from manumit.detectors.customer_stories import did, whole
from manumit.detectors.customers.block import CustomerBlock
from manumit.detectors.customers.features import Ask, distinct, total
from manumit.detectors.stories import DAY, MICRO, MICROSECOND, edge, fires, innocent, near_miss
from manumit.schemas.block import MICRO_USD

WINDOW = "7d"  # source: catalogue entry, check.window
TOGETHER = "30d"  # ours: how long a destination is watched
DAY_US = 86_400_000_000

THRESHOLDS = (
    Threshold(name="max_age_days", value=14, unit="days", origin="ours"),
    Threshold(name="min_usd", value=5_000, unit="USD", origin="ours"),
    Threshold(name="monthly_incomes", value=2, unit="ratio", origin="ours"),
    Threshold(name="sent_on", value=0.9, unit="share", origin="ours"),
    Threshold(name="min_customers", value=2, unit="customers", origin="ours"),
)


def classes(block: CustomerBlock, v: Values) -> Mapping[str, Mask]:
    opened = block.fact("opened_us")
    new = (opened > 0) & (block.columns.at_us - opened < v["max_age_days"] * DAY_US)
    monthly = block.fact("income_micro") / 12
    large = (block.columns.usd_micro >= v["min_usd"] * MICRO_USD) & (
        block.columns.usd_micro >= v["monthly_incomes"] * monthly
    )
    out = block.moved("withdrawal") & ~block.word("counterparty_kind", "own") & block.has("counterparty")
    return {
        "inflow": block.moved("deposit", "fiat-in"),
        "sent": out & new,
        "large": out & new & large & (block.fact("business") == 0),
    }


def asks(v: Values) -> Mapping[str, Ask]:
    return {
        "inflow": total("inflow", WINDOW),
        "sent": total("sent", WINDOW),
        "customers": distinct("customer", "large", TOGETHER, key="counterparty"),
    }


def all_at_once(block: CustomerBlock, v: Values) -> Mask:
    most = block["sent"] >= v["sent_on"] * block["inflow"]
    return block.classes["large"] & most & (block["customers"] >= v["min_customers"])


def newcomer(
    number: int, usd: float = 6_000, *, at: int = 2 * DAY, paid_in: int = DAY, got: float = 6_000, **facts: Any
) -> tuple[Event, ...]:
    who = f"c{number}"
    return (
        whole(who, at=-DAY, **{"opened": 0, **facts}),
        did(f"i{number}", who, "fiat-in", got, at=paid_in),
        did(f"o{number}", who, "withdrawal", usd, at=at, counterparty="wallet"),
    )


FIRST = newcomer(1)
LATE = {"opened": 20 * DAY, "paid_in": 31 * DAY}

CASES = (
    fires("two newcomers, one wallet", FIRST, newcomer(2, at=3 * DAY), on="o2"),
    fires("three", FIRST, newcomer(2, at=3 * DAY), newcomer(3, at=4 * DAY), on="o2 o3"),
    near_miss("one newcomer", FIRST),
    near_miss("an old customer", FIRST, newcomer(2, opened=-300 * DAY)),
    near_miss("a small first purchase", FIRST, newcomer(2, 900, got=900)),
    innocent("most is kept", FIRST, newcomer(2, got=20_000)),
    innocent("well within the income", FIRST, newcomer(2, declared_income_usd=120_000.0)),
    innocent("a firm", FIRST, newcomer(2, account_type="business")),
    innocent("opening not known", FIRST, newcomer(2, opened=0)[1:]),
    edge("opened exactly 14 d before", FIRST, newcomer(2, at=14 * DAY, paid_in=13 * DAY)),
    edge("a microsecond less", FIRST, newcomer(2, at=14 * DAY - MICROSECOND, paid_in=13 * DAY), on="o2"),
    edge("a day less than 14", FIRST, newcomer(2, at=13 * DAY, paid_in=12 * DAY), on="o2"),
    edge("exactly 5,000", FIRST, newcomer(2, 5_000, at=3 * DAY, got=5_000), on="o2"),
    edge("a micro-dollar less", FIRST, newcomer(2, 5_000 - MICRO, at=3 * DAY, got=5_000)),
    edge("exactly two monthly incomes", FIRST, newcomer(2, at=3 * DAY, declared_income_usd=36_000.0), on="o2"),
    edge("a little less than two", FIRST, newcomer(2, at=3 * DAY, declared_income_usd=36_000.01)),
    edge("exactly 90 %", FIRST, newcomer(2, 9_000, at=3 * DAY, got=10_000), on="o2"),
    edge("a micro-dollar less than 90 %", FIRST, newcomer(2, 9_000 - MICRO, at=3 * DAY, got=10_000)),
    edge(
        "an inflow exactly 7 d old is outside",
        FIRST,
        did("x", "c2", "fiat-in", 9_000, at=-4 * DAY),
        newcomer(2, at=3 * DAY),
        on="o2",
    ),
    edge(
        "a younger one is kept",
        FIRST,
        did("x", "c2", "fiat-in", 9_000, at=MICROSECOND - 4 * DAY),
        newcomer(2, at=3 * DAY),
    ),
    edge("the other newcomer exactly 30 d before", FIRST, newcomer(2, at=32 * DAY, **LATE)),
    edge("younger", FIRST, newcomer(2, at=32 * DAY - MICROSECOND, **LATE), on="o2"),
)

CUSTOMER_RULE = CustomerRule(
    about=About(
        id="kyc-new-user-large-first-use",
        version=1,
        title="New customers send large first purchases to one destination",
        status="trial",
        severity="medium",
        entries=("kyc-new-user-large-first-use",),
        reason=(
            "{customers} new customers sent large first purchases to {subject} in 30 days, nearly all they had "
            "paid in. This resembles an investment scam; the customers are probably its victims."
        ),
        innocent=("investors who move to one popular service", "colleagues paid in coins for the first time"),
        blind_to=("a destination of its own for each customer", "purchases split into small ones"),
        needs=("customers", "account_events"),
        next_steps=(
            "Warn the customers now, and hold what has not left.",
            "Screen the destination on chain and tell other exchanges.",
            "Ask how the customers heard of it: adverts, messages, a new acquaintance.",
        ),
        thresholds=THRESHOLDS,
        cases=CASES,
    ),
    classes=classes,
    asks=asks,
    fires=all_at_once,
    subject="counterparty",
)
