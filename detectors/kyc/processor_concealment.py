"""A personal account is fed by several payment processors, so that nobody sees who pays.

Catalogue entry kyc-processor-concealment. Gig workers and lawful creators are paid so too: a sign beside others.
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

THRESHOLDS = (
    Threshold(name="min_credits", value=16, unit="credits", origin="ours: weekly payouts of three make 15"),
    Threshold(name="min_processors", value=2, unit="processors", origin="ours"),
)


def classes(block: CustomerBlock, v: Values) -> Mapping[str, Mask]:
    processed = block.word("counterparty_kind", "processor") & block.has("provider")
    plain = ~block.word("purpose", "payroll", "refund")
    return {"credit": block.moved("fiat-in", "deposit") & processed & plain}


def asks(v: Values) -> Mapping[str, Ask]:
    return {"credits": count("credit", WINDOW), "processors": distinct("provider", "credit", WINDOW)}


def hidden(block: CustomerBlock, v: Values) -> Mask:
    many = (block["credits"] >= v["min_credits"]) & (block["processors"] >= v["min_processors"])
    found: Mask = block.classes["credit"] & many & (block.fact("business") == 0)
    return found


def paid(
    count: int, tag: str = "p#", provider: str = "processor-a", *, at: int = 0, **more: Any
) -> tuple[AccountEvent, ...]:
    given = {"counterparty_kind": "processor", "provider": provider, **more}
    return series(tag, count, "c", "fiat-in", 60, at=at, every=DAY, **given)


def last_at(at: int) -> tuple[Part, ...]:
    given = {"counterparty_kind": "processor", "provider": "processor-b"}
    return (paid(15), did("q", "c", "fiat-in", 60, at=at, **given))


CASES = (
    fires("fifteen from one, one from another", *last_at(15 * DAY), on="q"),
    fires("two processors in turn", paid(15), paid(2, "q#", "processor-b", at=15 * DAY), on="q1 q2"),
    near_miss("one processor", paid(20)),
    near_miss("fifteen credits", paid(8), paid(7, "q#", "processor-b")),
    near_miss("from people", paid(20, provider="processor-#", counterparty_kind="person")),
    innocent("a business", whole("c", account_type="business"), paid(20, provider="processor-#")),
    innocent("wages through processors", paid(20, provider="processor-#", purpose="payroll")),
    edge("three processors", paid(14), paid(2, "q#", "processor-#", at=14 * DAY), on="q2"),
    edge("seventeen credits", paid(16), paid(1, "q#", "processor-b", at=16 * DAY), on="q1"),
    edge("the first exactly 30 d old", *last_at(30 * DAY)),
    edge("younger", *last_at(30 * DAY - MICROSECOND), on="q"),
)

CUSTOMER_RULE = CustomerRule(
    about=About(
        id="kyc-processor-concealment",
        version=2,
        title="Payments through several processors that hide who pays",
        status="trial",
        severity="medium",
        entries=("kyc-processor-concealment",),
        reason="{subject}, a personal account, received {credits} credits through {processors} processors in 30 days.",
        innocent=("gig workers on several platforms", "lawful creators and streamers", "sellers of handmade goods"),
        blind_to=("one processor that hides as well", "processors the exchange does not know as such"),
        needs=("customers", "account_events"),
        next_steps=(
            "Ask the processors what the payments are for.",
            "See where the money goes on to, and whether it leaves at once.",
            "Look for adverts or pages that take payment through the same processors.",
        ),
        thresholds=THRESHOLDS,
        cases=CASES,
    ),
    classes=classes,
    asks=asks,
    fires=hidden,
)
