"""One device operates several people's accounts, one after the other.

Catalogue entry kyc-single-controller. The subject is the device, not the people whose accounts it enters: who is
controlled is not scored. Customers with a declared relation (family, carer, accountant) are left out.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from manumit.detectors.contract import About, CustomerRule, Mask, Threshold, Values
from manumit.detectors.customer_stories import did, whole
from manumit.detectors.customers.block import CustomerBlock
from manumit.detectors.customers.features import Ask, distinct
from manumit.detectors.stories import DAY, MICROSECOND, MINUTE, Part, edge, fires, innocent, near_miss

WINDOW = "30d"  # source: catalogue entry, check.window
INTERLEAVED = "15m"  # source: catalogue entry, "sessions interleaved < 15 min"

THRESHOLDS = (
    Threshold(name="min_customers", value=3, unit="customers", origin="ours"),
    Threshold(name="min_interleaved", value=2, unit="customers", origin="catalogue entry: sessions interleaved"),
)


def classes(block: CustomerBlock, v: Values) -> Mapping[str, Mask]:
    alone = (block.fact("related") == 0) & (block.fact("guarded") == 0)
    return {"entry": block.word("kind", "login") & block.has("device") & alone}


def asks(v: Values) -> Mapping[str, Ask]:
    return {
        "customers": distinct("customer", "entry", WINDOW, key="device"),
        "interleaved": distinct("customer", "entry", INTERLEAVED, key="device"),
    }


def one_hand(block: CustomerBlock, v: Values) -> Mask:
    enough = (block["customers"] >= v["min_customers"]) & (block["interleaved"] >= v["min_interleaved"])
    return block.classes["entry"] & enough


def logins(*whens: int, device: str = "device:d", **facts: Any) -> tuple[Part, ...]:
    people = tuple(whole(f"c{i}", **facts) for i in range(1, len(whens) + 1))
    entered = tuple(
        did(f"l{i}", f"c{i}", "login", at=at, device=device.replace("#", str(i))) for i, at in enumerate(whens, 1)
    )
    return (people, entered)


SOON = 15 * MINUTE

CASES = (
    fires("three people's accounts in ten minutes", *logins(0, 5 * MINUTE, 10 * MINUTE), on="l3"),
    fires("unknown customers too", logins(0, MINUTE, 2 * MINUTE)[1], on="l3"),
    near_miss("two people", *logins(0, MINUTE)),
    near_miss("one person again and again", *(did(f"l{i}", "c", "login", at=i, device="device:d") for i in range(5))),
    near_miss("their own devices", *logins(0, MINUTE, 2 * MINUTE, device="device:#")),
    near_miss("a shared computer, hours apart", *logins(0, DAY, 2 * DAY)),
    innocent("a family that said so", *logins(0, MINUTE, 2 * MINUTE, related=("other",))),
    innocent("children under a guardian", *logins(0, MINUTE, 2 * MINUTE, guardian="parent")),
    edge("exactly 15 minutes apart", *logins(0, DAY, DAY + SOON)),
    edge("a microsecond less", *logins(0, DAY, DAY + SOON - MICROSECOND), on="l3"),
    edge("the first exactly 30 d old", *logins(0, 30 * DAY - MINUTE, 30 * DAY)),
    edge("younger", *logins(0, 30 * DAY - MINUTE, 30 * DAY - MICROSECOND), on="l3"),
    edge("all three interleaved, or two of them", *logins(0, DAY, DAY), on="l3"),
    edge("four, the last alone", *logins(0, 1, 2, DAY), on="l3"),
)

CUSTOMER_RULE = CustomerRule(
    about=About(
        id="kyc-single-controller",
        version=1,
        title="One device operates several people's accounts",
        status="trial",
        severity="critical",
        entries=("kyc-single-controller",),
        reason=(
            "{subject} entered the accounts of {customers} customers in 30 days, {interleaved} of them within "
            "15 minutes. This resembles one person in control of several people's accounts."
        ),
        innocent=("a family's tablet", "an accountant or carer", "an internet cafe, library or dormitory computer"),
        blind_to=("a device of its own for each account", "devices the exchange cannot tell apart or recognise"),
        needs=("customers", "account_events"),
        next_steps=(
            "See whether the customers know each other, work for one employer or were recruited together.",
            "Compare the times of entry with what each customer says they do at that hour.",
            "Speak with each customer alone and safely; do not tell the holder of the device.",
        ),
        thresholds=THRESHOLDS,
        cases=CASES,
    ),
    classes=classes,
    asks=asks,
    fires=one_hand,
    subject="device",
)
