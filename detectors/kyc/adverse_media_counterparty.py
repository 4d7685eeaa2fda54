"""Customers deal with somebody whom a supplied record names for trafficking.

Catalogue entry kyc-adverse-media. As `adverse_media`, for a counterparty that the exchange gives as a token. The
subject is the counterparty; the customers who pay or are paid may be the ones exploited.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from manumit.detectors.contract import About, CustomerRule, Mask, Threshold, Values
from manumit.detectors.customer_stories import did
from manumit.detectors.customers.block import CustomerBlock
from manumit.detectors.customers.columns import NAMED
from manumit.detectors.customers.features import NEVER, Ask, distinct, last
from manumit.detectors.stories import DAY, MICROSECOND, edge, fires, innocent, label, near_miss
from manumit.schemas.account_event import AccountEvent
from manumit.schemas.label import TOKENS, Label
from manumit.schemas.subject import person_token

WINDOW = "365d"  # ours: older dealings say little of today
MOVED = ("deposit", "withdrawal", "fiat-in", "fiat-out", "card")
PERSON = person_token("name:a", "birth:b")

THRESHOLDS = (Threshold(name="min_customers", value=1, unit="customers", origin="catalogue entry: the customer"),)


def classes(block: CustomerBlock, v: Values) -> Mapping[str, Mask]:
    counterparty = block.columns.keys["counterparty"]
    return {"named": block.word("kind", NAMED), "dealt": block.moved(*MOVED) & counterparty.starts(*TOKENS)}


def asks(v: Values) -> Mapping[str, Ask]:
    return {
        "customers": distinct("customer", "dealt", WINDOW, key="counterparty"),
        "since_named": last("named", key="counterparty"),
    }


def named(block: CustomerBlock, v: Values) -> Mask:
    dealt = block.classes["dealt"] & (block["since_named"] < NEVER)
    found: Mask = (dealt | block.classes["named"]) & (block["customers"] >= v["min_customers"])
    return found


def record(subject: str, *, start: int | None = None, stop: int | None = None) -> tuple[Label, ...]:
    return (label(subject, "trafficking", start=start, stop=stop),)


def paid(party: str = "document:p", *, at: int = 0, **more: Any) -> AccountEvent:
    return did("p", "c", "fiat-out", 200, at=at, counterparty=party, **more)


CASES = (
    fires("a payment to somebody on record", paid(), on="p", labels=record("document:p")),
    fires("to a name with its birthday", paid(PERSON), on="p", labels=record(PERSON)),
    fires("the record comes later", paid(), on="named:document:p", labels=record("document:p", start=DAY)),
    near_miss("somebody else", paid("document:q"), labels=record("document:p")),
    near_miss("a record nobody dealt with", paid("shop"), labels=record("document:p", start=DAY)),
    innocent("a refused attempt", paid(outcome="refused"), labels=record("document:p")),
    innocent("a record that was taken back before", paid(), labels=record("document:p", start=-DAY, stop=-1)),
    edge("paid at that moment", paid(), on="p", labels=record("document:p", start=0)),
    edge("paid exactly a year ago", paid(at=-365 * DAY), labels=record("document:p", start=0)),
    edge("less", paid(at=MICROSECOND - 365 * DAY), on="named:document:p", labels=record("document:p", start=0)),
)

CUSTOMER_RULE = CustomerRule(
    about=About(
        id="kyc-adverse-media-counterparty",
        version=1,
        title="Counterparty in a record about trafficking",
        status="trial",
        severity="high",
        entries=("kyc-adverse-media",),
        reason=(
            "{customers} customers dealt in a year with {subject}, which stands in a supplied record about trafficking "
            "or child abuse. A person must confirm that the record means this party."
        ),
        innocent=("namesakes born on the same day", "support paid to a victim named in the press"),
        blind_to=("counterparties the exchange knows by a name alone", "records without a number or birthday"),
        needs=("account_events", "labels:trafficking"),
        next_steps=(
            "Read the record at its source, and confirm by a second identifier that it means this party.",
            "See in which direction the money went; who pays such a party may be exploited by it.",
            "Note who confirmed it; without that nothing follows from the match.",
        ),
        thresholds=THRESHOLDS,
        cases=CASES,
    ),
    classes=classes,
    asks=asks,
    fires=named,
    subject="counterparty",
)
