"""A supplied record names for trafficking somebody whose document, contact, or name with birthday a customer gave.

Catalogue entry kyc-adverse-media. Tokens meet tokens: never a name alone. The subject is the identifier; who gave it
may be a namesake, or a victim wrongly named, and a person must confirm.
"""

from __future__ import annotations

from collections.abc import Mapping

from manumit.detectors.contract import About, CustomerRule, Mask, Threshold, Values
from manumit.detectors.customer_stories import known
from manumit.detectors.customers.block import CustomerBlock
from manumit.detectors.customers.columns import LINK, NAMED
from manumit.detectors.customers.features import NEVER, Ask, distinct, last
from manumit.detectors.stories import DAY, MICROSECOND, edge, fires, innocent, label, near_miss
from manumit.schemas.customer import Customer
from manumit.schemas.label import TOKENS, Label
from manumit.schemas.subject import person_token

WINDOW = "3650d"  # source: catalogue entry, check.window "all time"; papers are renewed within ten years
PERSON = person_token("name:a", "birth:b")

THRESHOLDS = (Threshold(name="min_customers", value=1, unit="customers", origin="catalogue entry: the customer"),)


def classes(block: CustomerBlock, v: Values) -> Mapping[str, Mask]:
    identifier = block.columns.keys["identifier"]
    return {"named": block.word("kind", NAMED), "given": block.word("kind", LINK) & identifier.starts(*TOKENS)}


def asks(v: Values) -> Mapping[str, Ask]:
    return {
        "customers": distinct("customer", "given", WINDOW, key="identifier"),
        "since_named": last("named", key="identifier"),
    }


def named(block: CustomerBlock, v: Values) -> Mask:
    given = block.classes["given"] & (block["since_named"] < NEVER)
    found: Mask = (given | block.classes["named"]) & (block["customers"] >= v["min_customers"])
    return found


def record(subject: str, *, start: int | None = None, stop: int | None = None) -> tuple[Label, ...]:
    return (label(subject, "trafficking", start=start, stop=stop),)


def gave(at: int = 0) -> Customer:
    return known("c", at=at, documents=("document:p",))


CASES = (
    fires("a passport in a record", gave(), on="c", labels=record("document:p")),
    fires("a telephone", known("c", contacts=("contact:t",)), on="c", labels=record("contact:t")),
    fires("a name with its birthday", known("c", name="name:a", birth="birth:b"), on="c", labels=record(PERSON)),
    fires("the record comes later", gave(), on="named:document:p", labels=record("document:p", start=DAY)),
    near_miss("a name with another birthday", known("c", name="name:a", birth="birth:x"), labels=record(PERSON)),
    near_miss("a name without a birthday", known("c", name="name:a"), labels=record(PERSON)),
    near_miss("another passport", known("c", documents=("document:q",)), labels=record("document:p")),
    near_miss("a record of nobody's", known("c"), labels=record("document:p", start=DAY)),
    innocent("a shared device is no person", known("c", devices=("device:d",)), labels=record("document:d")),
    innocent("a record that was taken back before", gave(), labels=record("document:p", start=-DAY, stop=-1)),
    edge("given at that moment", gave(), on="c", labels=record("document:p", start=0)),
    edge("a microsecond before", gave(-MICROSECOND), on="named:document:p", labels=record("document:p", start=0)),
    edge("ends at that moment", gave(), labels=record("document:p", start=-DAY, stop=0)),
    edge("given exactly ten years ago", gave(-3650 * DAY), labels=record("document:p", start=0)),
    edge("less", gave(1 - 3650 * DAY), on="named:document:p", labels=record("document:p", start=0)),
)

CUSTOMER_RULE = CustomerRule(
    about=About(
        id="kyc-adverse-media",
        version=1,
        title="Identifier of a customer in a record about trafficking",
        status="trial",
        severity="high",
        entries=("kyc-adverse-media",),
        reason=(
            "{subject}, given by {customers} customers, stands in a supplied record about trafficking or child abuse. "
            "A person must confirm that the record means the customer, and in which role."
        ),
        innocent=(
            "namesakes born on the same day",
            "victims and witnesses named in the press",
            "a number that a clerk mistyped",
        ),
        blind_to=("records without a number, contact or birthday", "people named only in pictures or free text"),
        needs=("customers", "labels:trafficking"),
        next_steps=(
            "Read the record at its source, and confirm by a second identifier that it means this person.",
            "See which role the record gives the person; a victim or a witness is no suspect.",
            "Note who confirmed it; without that nothing follows from the match.",
        ),
        thresholds=THRESHOLDS,
        cases=CASES,
    ),
    classes=classes,
    asks=asks,
    fires=named,
    subject="identifier",
)
