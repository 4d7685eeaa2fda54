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
from manumit.detectors.customers.features import Ask, count, distinct
from manumit.detectors.stories import DAY, MICROSECOND, MINUTE, Part, edge, fires, innocent, near_miss

WINDOW = "30d"  # source: catalogue entry, check.window
INTERLEAVED = "15m"  # source: catalogue entry, "sessions interleaved < 15 min"

THRESHOLDS = (
    Threshold(name="min_customers", value=3, unit="customers", origin="ours"),
    Threshold(name="min_interleaved", value=2, unit="customers", origin="catalogue entry: sessions interleaved"),
    Threshold(name="min_close", value=4, unit="entries", origin="ours: a shared computer sees one now and then"),
)


def classes(block: CustomerBlock, v: Values) -> Mapping[str, Mask]:
    alone = (block.fact("related") == 0) & (block.fact("guarded") == 0)
    return {"entry": block.word("kind", "login") & block.has("device") & alone}


def asks(v: Values) -> Mapping[str, Ask]:
    return {
        "customers": distinct("customer", "entry", WINDOW, key="device"),
        "interleaved": distinct("customer", "entry", INTERLEAVED, key="device"),
        "close": count("entry", WINDOW, key="device", after=("entry", INTERLEAVED, "device")),
    }


def one_hand(block: CustomerBlock, v: Values) -> Mask:
    enough = (block["customers"] >= v["min_customers"]) & (block["interleaved"] >= v["min_interleaved"])
    return block.classes["entry"] & enough & (block["close"] >= v["min_close"])


def logins(*entries: tuple[int, int], device: str = "device:d", **facts: Any) -> tuple[Part, ...]:
    """Who enters when: pairs of a customer's number and a moment."""
    people = tuple(whole(f"c{i}", **facts) for i in sorted({who for who, _ in entries}))
    entered = tuple(
        did(f"l{i}", f"c{who}", "login", at=at, device=device.replace("#", str(who)))
        for i, (who, at) in enumerate(entries, 1)
    )
    return (people, entered)


def rounds(*whens: int, people: int = 3, every: int = 5 * MINUTE) -> tuple[tuple[int, int], ...]:
    """At each moment everybody in turn."""
    return tuple((who, at + (who - 1) * every) for at in whens for who in range(1, people + 1))


SOON = 15 * MINUTE
FIRST = rounds(0)
AGAIN = ((1, DAY), (2, DAY + MINUTE))

CASES = (
    fires("three people's accounts in turn, two days running", *logins(*rounds(0, DAY)), on="l6"),
    fires("unknown customers too", logins(*rounds(0, DAY))[1], on="l6"),
    near_miss("one round", *logins(*FIRST)),
    near_miss("two people", *logins(*rounds(0, DAY, 2 * DAY, people=2))),
    near_miss("one person again and again", *logins(*((1, i * MINUTE) for i in range(9)))),
    near_miss("their own devices", *logins(*rounds(0, DAY), device="device:#")),
    near_miss("a shared computer, hours apart", *logins(*((1 + i % 5, i * DAY // 4) for i in range(20)))),
    innocent("a family that said so", *logins(*rounds(0, DAY), related=("other",))),
    innocent("children under a guardian", *logins(*rounds(0, DAY), guardian="parent")),
    edge("the last exactly 15 minutes after", *logins(*FIRST, *AGAIN, (3, DAY + MINUTE + SOON))),
    edge("a microsecond less", *logins(*FIRST, *AGAIN, (3, DAY + MINUTE + SOON - MICROSECOND)), on="l6"),
    edge("the first exactly 30 d old", *logins(*FIRST, *rounds(30 * DAY - MINUTE, every=3 * MINUTE))),
    edge("younger", *logins(*FIRST, *rounds(30 * DAY - 2 * MINUTE, every=3 * MINUTE)), on="l6"),
    edge("the second, which came soon after, exactly 30 d old", *logins(*FIRST, *rounds(30 * DAY - 5 * MINUTE))),
    edge(
        "the second younger",
        *logins(*FIRST, (1, 30 * DAY), (2, 30 * DAY + MINUTE), (3, 30 * DAY + 5 * MINUTE - MICROSECOND)),
        on="l6",
    ),
    edge("four people", *logins(*rounds(0, DAY, people=4)), on="l6 l7 l8"),
    edge("the third alone", *logins((1, 0), (2, MINUTE), (1, 2 * MINUTE), (2, 3 * MINUTE), (1, 4 * MINUTE), (3, DAY))),
    edge(
        "the third together with one",
        *logins((1, 0), (2, MINUTE), (1, 2 * MINUTE), (2, 3 * MINUTE), (1, 4 * MINUTE), (3, 19 * MINUTE - MICROSECOND)),
        on="l6",
    ),
)

CUSTOMER_RULE = CustomerRule(
    about=About(
        id="kyc-single-controller",
        version=2,
        title="One device operates several people's accounts",
        status="trial",
        severity="critical",
        entries=("kyc-single-controller",),
        reason=(
            "{subject} entered the accounts of {customers} customers in 30 days, {close} times within 15 minutes of "
            "the entry before. This resembles one person in control of several people's accounts."
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
