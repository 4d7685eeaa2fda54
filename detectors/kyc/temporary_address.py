"""Several customers give one hotel, short let or mail drop as their address.

Catalogue entry kyc-temporary-address. The subject is the address; one person at a hotel is a traveller. Shelters, care
homes and dormitories are no such place: people live there by their nature.
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

WINDOW = "365d"  # ours: the entry says all time; an old guest and a new one never met
TEMPORARY = ("hotel", "short-let", "mail-drop")

THRESHOLDS = (Threshold(name="min_customers", value=3, unit="customers", origin="ours"),)


def classes(block: CustomerBlock, v: Values) -> Mapping[str, Mask]:
    address = block.columns.keys["identifier"].starts("address:")
    alone = block.fact("related") == 0
    return {"temporary": block.word("kind", LINK) & address & block.lives_at(*TEMPORARY) & alone}


def asks(v: Values) -> Mapping[str, Ask]:
    return {"customers": distinct("customer", "temporary", WINDOW, key="identifier")}


def shared(block: CustomerBlock, v: Values) -> Mask:
    found: Mask = block.classes["temporary"] & (block["customers"] >= v["min_customers"])
    return found


def guests(count: int, *, every: int = DAY, last: int = 0, kind: str = "hotel", **facts: Any) -> tuple[Customer, ...]:
    given = {"address": "address:a", "address_type": kind, **facts}
    return tuple(known(f"c{i}", at=last if last and i == count else i * every, **given) for i in range(1, count + 1))


CASES = (
    fires("three at one hotel", guests(3), on="c3"),
    fires("a mail drop", guests(3, kind="mail-drop"), on="c3"),
    near_miss("two", guests(2)),
    near_miss(
        "one guest, seen three times",
        tuple(known("c", at=i, address="address:a", address_type="hotel") for i in range(3)),
    ),
    near_miss("a home", guests(5, kind="home")),
    innocent("a family on the move that said so", guests(4, related=("other",))),
    innocent("a shelter", guests(6, kind="shelter")),
    innocent("a care home", guests(6, kind="care-home")),
    innocent("a dormitory of seasonal staff", guests(6, kind="dormitory")),
    edge("the first exactly a year ago", guests(3, every=0, last=365 * DAY)),
    edge("less", guests(3, every=0, last=365 * DAY - MICROSECOND), on="c3"),
    edge("a fourth", guests(4), on="c3 c4"),
)

CUSTOMER_RULE = CustomerRule(
    about=About(
        id="kyc-temporary-address",
        version=1,
        title="Several customers at one hotel or other temporary address",
        status="trial",
        severity="medium",
        entries=("kyc-temporary-address",),
        reason="{customers} customers gave {subject}, a hotel or another short-stay place, as their address in a year.",
        innocent=("travellers and seasonal staff", "people without a home", "a tour or a crew"),
        blind_to=("an address of its own for each customer", "places whose type the exchange does not know"),
        needs=("customers",),
        next_steps=(
            "See who pays for the place and whether it is one party for all.",
            "Look for adverts that name the place or its street.",
            "Ask each customer alone where they live and who arranged it.",
        ),
        thresholds=THRESHOLDS,
        cases=CASES,
    ),
    classes=classes,
    asks=asks,
    fires=shared,
    subject="identifier",
)
