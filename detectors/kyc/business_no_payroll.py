"""A business with staff and turnover pays no wages, payroll tax or insurance.

Catalogue entry kyc-business-no-payroll. Payroll in another bank is the usual reason; the business is asked first.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from manumit.detectors.contract import About, CustomerRule, Mask, Threshold, Values
from manumit.detectors.customer_stories import did, whole
from manumit.detectors.customers.block import CustomerBlock
from manumit.detectors.customers.features import Ask, count, total
from manumit.detectors.stories import DAY, MICRO, MICROSECOND, Part, edge, fires, innocent, near_miss
from manumit.schemas.block import MICRO_USD

WINDOW = "180d"  # source: catalogue entry, check.window
RECENT = "90d"  # source: catalogue entry, "for >= 3 months"

THRESHOLDS = (
    Threshold(name="share", value=0.02, unit="share", origin="ours"),
    Threshold(name="min_staff", value=3, unit="people", origin="ours: stands for the entry's sector table"),
    Threshold(name="min_usd", value=30_000, unit="USD", origin="ours: below it a business hardly pays wages"),
)


def classes(block: CustomerBlock, v: Values) -> Mapping[str, Mask]:
    return {
        "revenue": block.moved("fiat-in", "deposit") & ~block.word("counterparty_kind", "own"),
        "payroll": block.moved("fiat-out", "withdrawal") & block.word("purpose", "payroll", "tax", "insurance"),
    }


def asks(v: Values) -> Mapping[str, Ask]:
    return {
        "revenue": total("revenue", WINDOW),
        "payroll": total("payroll", WINDOW),
        "receipts": count("revenue", WINDOW),
        "receipts_lately": count("revenue", RECENT),
    }


def no_payroll(block: CustomerBlock, v: Values) -> Mask:
    staffed = (block.fact("business") == 1) & (block.fact("staff") >= v["min_staff"])
    old_enough = block["receipts"] > block["receipts_lately"]
    large = block["revenue"] >= v["min_usd"] * MICRO_USD
    found: Mask = (
        block.classes["revenue"] & staffed & old_enough & large & (block["payroll"] <= v["share"] * block["revenue"])
    )
    return found


def firm(
    first: float, second: float, *, wages: float = 0, at: int = 120 * DAY, purpose: str = "payroll", **facts: Any
) -> tuple[Part, ...]:
    paid = (did("w", "c", "fiat-out", wages, at=DAY, purpose=purpose),) if wages else ()
    return (
        whole("c", **{"account_type": "business", "staff": 8, **facts}),
        did("r1", "c", "fiat-in", first),
        paid,
        did("r2", "c", "fiat-in", second, at=at),
    )


CASES = (
    fires("four months, eight people, no wages", *firm(20_000, 20_000), on="r2"),
    fires("a token wage", *firm(50_000, 50_000, wages=500), on="r2"),
    near_miss("wages are paid", *firm(20_000, 20_000, wages=9_000)),
    near_miss("a month old", *firm(20_000, 20_000, at=30 * DAY)),
    near_miss("a small turnover", *firm(5_000, 5_000)),
    innocent("a sole trader", *firm(50_000, 50_000, staff=1)),
    innocent("a person", *firm(50_000, 50_000, account_type="personal")),
    innocent("insurance and tax are paid", *firm(20_000, 20_000, wages=2_000, purpose="tax")),
    edge("three people", *firm(20_000, 20_000, staff=3), on="r2"),
    edge("two people", *firm(20_000, 20_000, staff=2)),
    edge("exactly 2 %", *firm(20_000, 20_000, wages=800), on="r2"),
    edge("a micro-dollar more", *firm(20_000, 20_000, wages=800 + MICRO)),
    edge("exactly 30,000", *firm(15_000, 15_000), on="r2"),
    edge("a micro-dollar less", *firm(15_000, 15_000 - MICRO)),
    edge("exactly 90 d", *firm(20_000, 20_000, at=90 * DAY), on="r2"),
    edge("less than 90 d", *firm(20_000, 20_000, at=90 * DAY - MICROSECOND)),
    edge("the first receipt exactly 180 d old", *firm(20_000, 40_000, at=180 * DAY)),
    edge("younger", *firm(20_000, 40_000, at=180 * DAY - MICROSECOND), on="r2"),
)

CUSTOMER_RULE = CustomerRule(
    about=About(
        id="kyc-business-no-payroll",
        version=1,
        title="Business with turnover but no payroll or deductions",
        status="trial",
        severity="high",
        entries=("kyc-business-no-payroll",),
        reason=(
            "{subject}, a business with staff, received {revenue} USD in 180 days and paid {payroll} USD of wages, tax "
            "and insurance."
        ),
        innocent=("payroll in another bank", "a payroll bureau paid in one sum", "owners who work themselves"),
        blind_to=("wages paid and taken back", "staff who are not declared at all"),
        needs=("customers", "account_events"),
        next_steps=(
            "Ask the business where it pays wages from.",
            "Compare turnover and staff with others of its sector.",
            "Look for cash withdrawals, lodging and transport that would fit unpaid workers.",
        ),
        thresholds=THRESHOLDS,
        cases=CASES,
    ),
    classes=classes,
    asks=asks,
    fires=no_payroll,
)
