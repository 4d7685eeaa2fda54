"""Several young people send small sums, once or twice each, to one customer, and no purpose is visible.

Catalogue entry kyc-many-young-one-off-senders. A finding for restricted eyes: the senders may be children under
pressure and are never scored. Ages are what the exchange or its partner knows; an unknown age counts for nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from manumit.detectors.contract import About, CustomerRule, Mask, Threshold, Values
from manumit.detectors.customer_stories import series, whole
from manumit.detectors.customers.block import CustomerBlock
from manumit.detectors.customers.features import Ask, distinct
from manumit.detectors.stories import DAY, HOUR, MICRO, MICROSECOND, Part, edge, fires, innocent, near_miss
from manumit.schemas.account_event import AccountEvent
from manumit.schemas.block import MICRO_USD

WINDOW = "14d"  # source: catalogue entry, check.window
TOO_OFTEN = 3  # source: catalogue entry, "each <= 2 payments"

THRESHOLDS = (
    Threshold(name="min_senders", value=4, unit="senders", origin="ours"),
    Threshold(name="below_age", value=21, unit="years", origin="catalogue entry: age band below 21"),
    Threshold(name="max_cad", value=200, unit="CAD", origin="FINTRAC 2025, child sexual exploitation: below CAD 200"),
    Threshold(name="usd_per_cad", value=0.73, unit="USD per CAD", origin="ours: set to the rate of the deployment"),
)


def classes(block: CustomerBlock, v: Values) -> Mapping[str, Mask]:
    age = block.columns.numbers["counterparty_age"]
    small = (block.columns.usd_micro >= 0) & (
        block.columns.usd_micro <= round(v["max_cad"] * v["usd_per_cad"] * MICRO_USD)
    )
    private = ~block.word("relation", "family") & block.has("counterparty")
    return {"young": block.moved("fiat-in", "deposit") & (age > 0) & (age < v["below_age"]) & small & private}


def asks(v: Values) -> Mapping[str, Ask]:
    return {
        "senders": distinct("counterparty", "young", WINDOW),
        "regulars": distinct("counterparty", "young", WINDOW, at_least=TOO_OFTEN),
    }


def one_off(block: CustomerBlock, v: Values) -> Mask:
    enough = block["senders"] - block["regulars"] >= v["min_senders"]
    found: Mask = block.classes["young"] & enough & (block.fact("business") == 0)
    return found


def sent(count: int, usd: float = 50, *, every: int = DAY, age: int = 16, **more: Any) -> tuple[AccountEvent, ...]:
    given = {"counterparty": "sender-#", "counterparty_age": age, "channel": "p2p", **more}
    return series("s#", count, "c", "fiat-in", usd, every=every, **given)


def last_at(at: int) -> tuple[Part, ...]:
    return (sent(3, every=0), series("t#", 1, "c", "fiat-in", 50, at=at, counterparty="x", counterparty_age=16))


CASES = (
    fires("four senders of 16", sent(4), on="s4"),
    fires(
        "twice each",
        sent(4),
        series("t#", 4, "c", "fiat-in", 50, at=5 * DAY, counterparty="sender-#", counterparty_age=16),
        on="s4 t1 t2 t3 t4",
    ),
    near_miss("three senders", sent(3)),
    near_miss("one sender every day", sent(9, counterparty="friend")),
    near_miss("larger sums", sent(5, 400)),
    innocent("a club's till", whole("c", account_type="business"), sent(9)),
    innocent("nieces and nephews", sent(5, relation="family")),
    innocent("age unknown", sent(9, age=0)),
    innocent("adults", sent(9, age=35)),
    edge("twenty", sent(4, age=20), on="s4"),
    edge("twenty-one", sent(4, age=21)),
    edge("exactly 200 CAD", sent(4, 146), on="s4"),
    edge("a micro-dollar more", sent(4, 146 + MICRO)),
    edge("five", sent(5), on="s4 s5"),
    edge("the first exactly 14 d old", *last_at(14 * DAY)),
    edge("younger", *last_at(14 * DAY - MICROSECOND), on="t1"),
    edge(
        "a third payment within the hour makes a regular",
        sent(4),
        series("t#", 2, "c", "fiat-in", 50, at=4 * DAY, every=HOUR, counterparty="sender-1", counterparty_age=16),
        on="s4 t1",
    ),
    edge(
        "a first payment exactly 14 d before the third",
        series("u#", 1, "c", "fiat-in", 50, counterparty="sender-1", counterparty_age=16),
        series("s#", 4, "c", "fiat-in", 50, at=13 * DAY, every=0, counterparty="sender-#", counterparty_age=16),
        series("t#", 1, "c", "fiat-in", 50, at=14 * DAY, counterparty="sender-1", counterparty_age=16),
        on="s4 t1",
    ),
)

CUSTOMER_RULE = CustomerRule(
    about=About(
        id="kyc-many-young-one-off-senders",
        version=1,
        title="Many young senders paying once or twice, small sums",
        status="trial",
        severity="high",
        entries=("kyc-many-young-one-off-senders",),
        reason=(
            "{subject} received small sums from {senders} young senders in 14 days, all but {regulars} once or twice, "
            "with no visible purpose."
        ),
        innocent=("a student club without an account of its own", "trading of game items", "a birthday collection"),
        blind_to=("senders whose age nobody knows", "gift cards instead of payments"),
        needs=("customers", "account_events"),
        next_steps=(
            "Hand it to the person responsible for child protection; keep it out of general queues.",
            "Read the notes of the payments for pleading or threats.",
            "Follow the mandatory path for children before any contact with a sender.",
        ),
        thresholds=THRESHOLDS,
        nature="protection",
        cases=CASES,
    ),
    classes=classes,
    asks=asks,
    fires=one_off,
)
