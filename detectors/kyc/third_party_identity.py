"""One document or portrait turns up under different names on different customers.

Catalogue entry kyc-third-party-identity. The subject is the document or portrait; who presented it may be a victim
whose paper was taken. A name changed on one customer is no sign.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from manumit.detectors.contract import About, CustomerRule, Mask, Threshold, Values
from manumit.detectors.customer_stories import known
from manumit.detectors.customers.block import CustomerBlock
from manumit.detectors.customers.columns import LINK
from manumit.detectors.customers.features import Ask, distinct
from manumit.detectors.stories import DAY, MICROSECOND, edge, fires, innocent, near_miss
from manumit.schemas.customer import Customer

WINDOW = "3650d"  # source: catalogue entry, check.window "all time"; papers are renewed within ten years

THRESHOLDS = (
    Threshold(name="min_names", value=2, unit="names", origin="catalogue entry: different name"),
    Threshold(name="min_customers", value=2, unit="customers", origin="ours: one customer may change a name"),
)


def classes(block: CustomerBlock, v: Values) -> Mapping[str, Mask]:
    paper = block.columns.keys["identifier"].starts("document:", "portrait:")
    return {"paper": block.word("kind", LINK) & paper & block.has("name")}


def asks(v: Values) -> Mapping[str, Ask]:
    return {
        "names": distinct("name", "paper", WINDOW, key="identifier"),
        "customers": distinct("customer", "paper", WINDOW, key="identifier"),
    }


def under_other_names(block: CustomerBlock, v: Values) -> Mask:
    several = (block["names"] >= v["min_names"]) & (block["customers"] >= v["min_customers"])
    return block.classes["paper"] & several


def holder(customer: str, name: str, at: int = 0, **facts: Any) -> Customer:
    return known(customer, at=at, name=name, **(facts or {"documents": ("document:p",)}))


CASES = (
    fires("one passport, two people", holder("c1", "name:a"), holder("c2", "name:b", DAY), on="c2"),
    fires(
        "one portrait, two names",
        holder("c1", "name:a", portraits=("portrait:f",)),
        holder("c2", "name:b", DAY, portraits=("portrait:f",)),
        on="c2",
    ),
    fires("three people", holder("c1", "name:a"), holder("c2", "name:b", 1), holder("c3", "name:c", 2), on="c2 c3"),
    near_miss("one person with two accounts", holder("c1", "name:a"), holder("c2", "name:a", DAY)),
    near_miss("two passports", holder("c1", "name:a"), holder("c2", "name:b", documents=("document:q",))),
    near_miss(
        "a shared phone is no paper",
        holder("c1", "name:a", contacts=("contact:p",)),
        holder("c2", "name:b", DAY, contacts=("contact:p",)),
    ),
    innocent("a name changed at marriage", holder("c1", "name:a"), holder("c1", "name:b", DAY)),
    innocent("a renewal", holder("c1", "name:a"), holder("c1", "name:a", DAY, documents=("document:q",))),
    innocent("a name that is not on file", holder("c1", "name:a"), holder("c2", "", DAY)),
    edge("exactly ten years apart", holder("c1", "name:a"), holder("c2", "name:b", 3650 * DAY)),
    edge("a microsecond less", holder("c1", "name:a"), holder("c2", "name:b", 3650 * DAY - MICROSECOND), on="c2"),
)

CUSTOMER_RULE = CustomerRule(
    about=About(
        id="kyc-third-party-identity",
        version=1,
        title="One document or portrait under several names",
        status="trial",
        severity="high",
        entries=("kyc-third-party-identity",),
        reason=(
            "{subject} was presented by {customers} customers under {names} names. This resembles papers of one person "
            "used by or for another."
        ),
        innocent=("a clerk's mistake when a number was typed", "one person under two spellings of a name"),
        blind_to=("forged papers with numbers of their own", "portraits the provider did not compare"),
        needs=("customers",),
        next_steps=(
            "Have the identity provider compare the pictures; manumit never sees them.",
            "See who gave the paper in: the same device, place or agent for all.",
            "Ask each person alone where their papers are kept.",
        ),
        thresholds=THRESHOLDS,
        cases=CASES,
    ),
    classes=classes,
    asks=asks,
    fires=under_other_names,
    subject="identifier",
)
