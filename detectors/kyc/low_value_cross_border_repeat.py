"""Small sums go abroad several times a week to the same few people with no known tie.

Catalogue entry kyc-low-value-cross-border-repeat. Families send so as well, so a declared tie silences it, and the
entry asks for one more sign before anything follows. No country is named here: a deployment may restrict the rule.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from manumit.detectors.contract import About, CustomerRule, Mask, Threshold, Values
from manumit.detectors.customer_stories import did, series, whole
from manumit.detectors.customers.block import CustomerBlock
from manumit.detectors.customers.facts import CODED_COUNTRIES
from manumit.detectors.customers.features import Ask, count, distinct
from manumit.detectors.stories import DAY, MICRO, MICROSECOND, Part, edge, fires, innocent, near_miss
from manumit.schemas.account_event import AccountEvent
from manumit.schemas.block import MICRO_USD

WINDOW = "14d"  # source: catalogue entry, check.window

THRESHOLDS = (
    Threshold(name="max_cad", value=200, unit="CAD", origin="FINTRAC 2025, child sexual exploitation: below CAD 200"),
    Threshold(name="usd_per_cad", value=0.73, unit="USD per CAD", origin="ours: set to the rate of the deployment"),
    Threshold(name="min_count", value=10, unit="transfers", origin="ours: 5 a week; eager fans tip 4"),
    Threshold(name="max_receivers", value=3, unit="receivers", origin="ours"),
)


def classes(block: CustomerBlock, v: Values) -> Mapping[str, Mask]:
    largest = round(v["max_cad"] * v["usd_per_cad"] * MICRO_USD)
    small = (block.columns.usd_micro > 0) & (block.columns.usd_micro <= largest)
    person = ~block.word("counterparty_kind", "merchant", "own", "authority", "processor", "provider")
    untied = ~block.word("relation", "family", "employer", "friend")
    sent = block.moved("fiat-out", "withdrawal") & block.has("counterparty")
    return {"sent": sent & small & person & untied & _abroad(block)}


def _abroad(block: CustomerBlock) -> Mask:
    """The country of the counterparty is known, and is not the customer's."""
    coded = block.columns.keys["country"]
    codes = [CODED_COUNTRIES.index(name) if name in CODED_COUNTRIES else 0 for name in coded.names]
    there = np.array([*codes, 0])[coded.codes]
    abroad: Mask = (there > 0) & (block.fact("country") > 0) & (there != block.fact("country"))
    return abroad


def asks(v: Values) -> Mapping[str, Ask]:
    return {"transfers": count("sent", WINDOW), "receivers": distinct("counterparty", "sent", WINDOW)}


def repeated(block: CustomerBlock, v: Values) -> Mask:
    often = (block["transfers"] >= v["min_count"]) & (block["receivers"] <= v["max_receivers"])
    found: Mask = block.classes["sent"] & often & (block.fact("business") == 0)
    return found


def sent(count: int, usd: float = 40, *, tag: str = "p#", at: int = 0, **more: Any) -> tuple[AccountEvent, ...]:
    return series(tag, count, "c", "fiat-out", usd, at=at, every=DAY, **{"counterparty": "r", "country": "CA", **more})


HOME = whole("c")


def last_at(at: int) -> tuple[Part, ...]:
    return (HOME, sent(9), sent(1, tag="q#", at=at))


CASES = (
    fires("every day to one person abroad", HOME, sent(10), on="p10"),
    fires("to two", HOME, sent(9), sent(2, tag="q#", at=9 * DAY, counterparty="r2"), on="q1 q2"),
    near_miss("nine", HOME, sent(9)),
    near_miss("within the country", HOME, sent(12, country="NL")),
    near_miss("larger sums", HOME, sent(12, 300)),
    near_miss("to many people", HOME, sent(12, counterparty="r#")),
    near_miss("the customer's own country unknown", sent(12)),
    innocent("remittances to family", HOME, sent(12, relation="family")),
    innocent("a streaming service", HOME, sent(12, counterparty_kind="merchant")),
    innocent("a firm", whole("c", account_type="business"), sent(12)),
    edge("exactly 200 CAD", HOME, sent(10, 146), on="p10"),
    edge("a micro-dollar more", HOME, sent(10, 146 + MICRO)),
    edge("three receivers", HOME, sent(8), did("x", "c", "fiat-out", 40, at=8 * DAY, counterparty="r2", country="CA"),
         did("y", "c", "fiat-out", 40, at=9 * DAY, counterparty="r3", country="CA"), on="y"),
    edge("four receivers", HOME, sent(8), did("x", "c", "fiat-out", 40, at=8 * DAY, counterparty="r2", country="CA"),
         did("w", "c", "fiat-out", 40, at=8 * DAY, counterparty="r4", country="CA"),
         did("y", "c", "fiat-out", 40, at=9 * DAY, counterparty="r3", country="CA"), on="w"),
    edge("eleven", HOME, sent(11), on="p10 p11"),
    edge("the first exactly 14 d old", *last_at(14 * DAY)),
    edge("younger", *last_at(14 * DAY - MICROSECOND), on="q1"),
)  # fmt: skip

CUSTOMER_RULE = CustomerRule(
    about=About(
        id="kyc-low-value-cross-border-repeat",
        version=2,
        title="Very frequent small cross-border transfers to few people without a tie",
        status="trial",
        severity="medium",
        entries=("kyc-low-value-cross-border-repeat",),
        reason="{subject} sent {transfers} small sums abroad in 14 days to {receivers} people with no known tie.",
        innocent=("family remittances whose tie was not asked", "tips to artists", "payments inside games"),
        blind_to=("sums sent through a processor", "a new receiver for each transfer"),
        needs=("customers", "account_events"),
        next_steps=(
            "Ask for the tie to the receivers before anything else.",
            "Look for one more sign of this kind; alone it is often wrong.",
            "Where children may be concerned, follow the mandatory path first.",
        ),
        thresholds=THRESHOLDS,
        cases=CASES,
    ),
    classes=classes,
    asks=asks,
    fires=repeated,
)
