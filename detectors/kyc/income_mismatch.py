"""Inflow far above the means the customer declared.

Catalogue entry kyc-income-mismatch. Declared means grow old and gains are lawful: a sign to ask, never to report on.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from manumit.detectors.contract import About, CustomerRule, Mask, Threshold, Values
from manumit.detectors.customer_stories import did, whole
from manumit.detectors.customers.block import CustomerBlock
from manumit.detectors.customers.features import Ask, total
from manumit.detectors.stories import DAY, MICRO, MICROSECOND, Part, edge, fires, innocent, near_miss
from manumit.schemas.block import MICRO_USD

WINDOW = "90d"  # source: catalogue entry, check.window

THRESHOLDS = (
    Threshold(name="ratio", value=3, unit="ratio", origin="ours"),
    Threshold(name="min_usd", value=10_000, unit="USD", origin="ours: below it a small income decides too much"),
)


def classes(block: CustomerBlock, v: Values) -> Mapping[str, Mask]:
    return {"inflow": block.moved("deposit", "fiat-in") & ~block.word("counterparty_kind", "own")}


def asks(v: Values) -> Mapping[str, Ask]:
    return {"inflow": total("inflow", WINDOW)}


def above_means(block: CustomerBlock, v: Values) -> Mask:
    quarter = block.fact("income_micro") / 4
    personal = (block.fact("business") == 0) & (block.fact("money_service") == 0) & (block.fact("income_micro") > 0)
    much = (block["inflow"] >= v["ratio"] * quarter) & (block["inflow"] >= v["min_usd"] * MICRO_USD)
    found: Mask = block.classes["inflow"] & personal & much
    return found


def earns(income: float | None, *usd: float, first: int = 0, **more: Any) -> tuple[Part, ...]:
    customer = whole("c", at=-DAY, declared_income_usd=income, **more.pop("facts", {}))
    paid = tuple(did(f"p{i}", "c", "deposit", amount, at=(i - 1) * first, **more) for i, amount in enumerate(usd, 1))
    return (customer, paid)


CASES = (
    fires("a student with 30,000 in a quarter", *earns(12_000, 30_000), on="p1"),
    fires("in two payments", *earns(20_000, 10_000, 5_000, first=DAY), on="p2"),
    near_miss("twice the means", *earns(20_000, 10_000)),
    near_miss("a little to somebody without income", *earns(1_000, 5_000)),
    near_miss("means unknown", *earns(None, 90_000)),
    innocent("a business", *earns(20_000, 90_000, facts={"account_type": "business"})),
    innocent("a registered market maker", *earns(20_000, 90_000, facts={"registers": ("money-service",)})),
    innocent("from the customer's own account elsewhere", *earns(20_000, 90_000, counterparty_kind="own")),
    edge("exactly three times", *earns(20_000, 15_000), on="p1"),
    edge("a micro-dollar less", *earns(20_000, 15_000 - MICRO)),
    edge("exactly 10,000", *earns(1_000, 10_000), on="p1"),
    edge("a micro-dollar less than 10,000", *earns(1_000, 10_000 - MICRO)),
    edge("the first exactly 90 d old", *earns(20_000, 10_000, 5_000, first=90 * DAY)),
    edge("younger", *earns(20_000, 10_000, 5_000, first=90 * DAY - MICROSECOND), on="p2"),
)

CUSTOMER_RULE = CustomerRule(
    about=About(
        id="kyc-income-mismatch",
        version=2,
        title="Volume far above declared means",
        status="trial",
        severity="medium",
        entries=("kyc-income-mismatch",),
        reason="{subject} received {inflow} USD in 90 days, at least {ratio} times the declared means of a quarter.",
        innocent=(
            "gains on coins held for years",
            "a gift, an inheritance or a sale",
            "an income grown since it was declared",
        ),
        blind_to=("income declared high on purpose", "customers who declared none"),
        needs=("customers", "account_events"),
        next_steps=(
            "Ask for the source of funds and bring the declared income up to date.",
            "See who pays, and whether it goes on to one party.",
            "Look for other signs before any report; this one alone says little.",
        ),
        thresholds=THRESHOLDS,
        cases=CASES,
    ),
    classes=classes,
    asks=asks,
    fires=above_means,
)
