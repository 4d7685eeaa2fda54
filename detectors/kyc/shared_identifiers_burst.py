"""Many customers, newly opened within days, share one device, contact, address or payout wallet.

Catalogue entry kyc-shared-identifiers-burst. The subject is the identifier, not the people: they may be controlled.
Customers who said that they belong together are left out, and so are addresses where many live by their nature.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from manumit.detectors.contract import About, CustomerRule, Mask, Threshold, Values
from manumit.detectors.customer_stories import known
from manumit.detectors.customers.block import CustomerBlock
from manumit.detectors.customers.columns import LINK
from manumit.detectors.customers.facts import FACTS
from manumit.detectors.customers.features import Ask, distinct
from manumit.detectors.stories import DAY, HOUR, MICROSECOND, Part, edge, fires, innocent, near_miss
from manumit.schemas.customer import Customer

WINDOW = "7d"  # source: catalogue entry, threshold w (ours)
SHARED = ("device:", "contact:", "address:", "wallet:")
MANY_LIVE_THERE = ("dormitory", "shelter", "care-home", "hotel")
DAY_US = 86_400_000_000

THRESHOLDS = (
    Threshold(name="min_customers", value=4, unit="customers", origin="ours"),
    Threshold(name="max_age_days", value=7, unit="days", origin="ours: how new an account is"),
)


def classes(block: CustomerBlock, v: Values) -> Mapping[str, Mask]:
    own = block.columns.own_facts()
    opened = own[:, FACTS.index("opened_us")]
    new = (opened > 0) & (block.columns.at_us - opened < v["max_age_days"] * DAY_US)
    identifier = block.columns.keys["identifier"]
    alone = (own[:, FACTS.index("related")] == 0) & (own[:, FACTS.index("guarded")] == 0)
    crowded = identifier.starts("address:") & block.lives_at(*MANY_LIVE_THERE)
    return {"opened": block.word("kind", LINK) & identifier.starts(*SHARED) & new & alone & ~crowded}


def asks(v: Values) -> Mapping[str, Ask]:
    return {"customers": distinct("customer", "opened", WINDOW, key="identifier")}


def burst(block: CustomerBlock, v: Values) -> Mask:
    found: Mask = block.classes["opened"] & (block["customers"] >= np.int64(v["min_customers"]))
    return found


def newcomers(count: int, *, every: int = HOUR, **facts: Any) -> tuple[Customer, ...]:
    shared = {"devices": ("device:d",)} if "address" not in facts and "wallets" not in facts else {}
    return tuple(known(f"c{i}", at=i * every, **{"opened": i * every, **shared, **facts}) for i in range(1, count + 1))


def at(last: int) -> tuple[Part, ...]:
    """Three on the first hour, the fourth at `last`."""
    return (newcomers(3, every=0), known("c4", at=last, opened=last, devices=("device:d",)))


CASES = (
    fires("four on one device", newcomers(4), on="c4"),
    fires("five", newcomers(5), on="c4 c5"),
    fires("one address", newcomers(4, address="address:a", address_type="home"), on="c4"),
    fires("one payout wallet", newcomers(4, wallets=("wallet:w",)), on="c4"),
    near_miss("three", newcomers(3)),
    near_miss("old customers whose data were refreshed", newcomers(6, opened=-90 * DAY)),
    near_miss(
        "one customer, seen four times", tuple(known("c1", at=i, opened=0, devices=("device:d",)) for i in range(4))
    ),
    innocent("a family that said so", newcomers(5, related=("other",))),
    innocent("a student hall", newcomers(6, address="address:a", address_type="dormitory")),
    innocent("a care home", newcomers(6, address="address:a", address_type="care-home")),
    innocent("opening not known", tuple(known(f"c{i}", at=i, devices=("device:d",)) for i in range(5))),
    edge("the first exactly 7 d ago", *at(7 * DAY)),
    edge("less", *at(7 * DAY - MICROSECOND), on="c4"),
    edge("opened exactly 7 d before it is known", newcomers(4, every=0, opened=-7 * DAY)),
    edge("a microsecond less", newcomers(4, every=0, opened=MICROSECOND - 7 * DAY), on="c4"),
    edge("a day more", newcomers(4, every=0, opened=-6 * DAY), on="c4"),
)

CUSTOMER_RULE = CustomerRule(
    about=About(
        id="kyc-shared-identifiers-burst",
        version=1,
        title="Many accounts opened in a short time with shared identifiers",
        status="trial",
        severity="high",
        entries=("kyc-shared-identifiers-burst",),
        reason=(
            "{customers} customers opened within 7 days share {subject}. This resembles accounts opened by one hand "
            "for many people, who may be victims."
        ),
        innocent=(
            "families and flats that did not say so",
            "hostels and student halls",
            "firms that enrol their staff",
        ),
        blind_to=("an identifier of its own for each account", "history loaded at one moment without opening dates"),
        needs=("customers",),
        next_steps=(
            "See who pays into and out of the accounts, and whether it is one party.",
            "Ask each customer alone who opened the account and why.",
            "Look for an employer, agency or landlord that all of them have in common.",
        ),
        thresholds=THRESHOLDS,
        cases=CASES,
    ),
    classes=classes,
    asks=asks,
    fires=burst,
    subject="identifier",
)
