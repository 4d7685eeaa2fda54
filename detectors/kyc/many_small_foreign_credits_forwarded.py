"""Numerous small credits from several countries, sent on or withdrawn within a day.

Catalogue entry kyc-many-small-foreign-credits-forwarded. Streamers and sellers of crafts are paid so too, but keep it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from manumit.detectors.contract import About, CustomerRule, Mask, Threshold, Values
from manumit.detectors.customer_stories import did, whole
from manumit.detectors.customers.block import CustomerBlock
from manumit.detectors.customers.features import Ask, distinct, last, total
from manumit.detectors.stories import DAY, HOUR, MICRO, MICROSECOND, Part, edge, fires, innocent, near_miss
from manumit.schemas.account_event import AccountEvent
from manumit.schemas.block import MICRO_USD

WINDOW = "30d"  # source: catalogue entry, check.window
SOON = "24h"  # source: catalogue entry, threshold w (ours)
SOON_US = 24 * 3_600_000_000

THRESHOLDS = (
    Threshold(name="min_senders", value=10, unit="senders", origin="ours"),
    Threshold(name="min_countries", value=3, unit="countries", origin="ours"),
    Threshold(name="max_cad", value=200, unit="CAD", origin="FINTRAC 2025, child sexual exploitation: below CAD 200"),
    Threshold(name="usd_per_cad", value=0.73, unit="USD per CAD", origin="ours: set to the rate of the deployment"),
    Threshold(name="forwarded", value=0.8, unit="share", origin="ours"),
)


def classes(block: CustomerBlock, v: Values) -> Mapping[str, Mask]:
    largest = round(v["max_cad"] * v["usd_per_cad"] * MICRO_USD)
    small = (block.columns.usd_micro > 0) & (block.columns.usd_micro <= largest)
    passed_on = ~block.word("counterparty_kind", "own", "merchant", "authority")
    return {
        "credit": block.moved("fiat-in", "deposit") & small & block.has("country") & ~block.word("relation", "family"),
        "sent_on": block.moved("fiat-out", "withdrawal") & passed_on,
    }


def asks(v: Values) -> Mapping[str, Ask]:
    return {
        "senders": distinct("counterparty", "credit", WINDOW),
        "countries": distinct("country", "credit", WINDOW),
        "received": total("credit", WINDOW),
        "forwarded": total("sent_on", WINDOW, after=("credit", SOON, "customer")),
        "since_credit": last("credit"),
    }


def forwarded(block: CustomerBlock, v: Values) -> Mask:
    soon = block.classes["sent_on"] & (block["since_credit"] <= SOON_US) & (block.fact("business") == 0)
    many = (block["senders"] >= v["min_senders"]) & (block["countries"] >= v["min_countries"])
    found: Mask = soon & many & (block["forwarded"] >= v["forwarded"] * block["received"])
    return found


def credits(count: int, usd: float = 100, *, countries: int = 3, at: int = 0, **more: Any) -> tuple[AccountEvent, ...]:
    places = ("DE", "CA", "JP", "FR")[:countries]
    return tuple(
        did(f"i{i}", "c", "fiat-in", usd, at=at + i * HOUR,
            **{"counterparty": f"s{i}", "country": places[i % countries], **more})
        for i in range(1, count + 1)
    )  # fmt: skip


def out(usd: float, *, at: int = 11 * HOUR, tag: str = "o", **more: Any) -> AccountEvent:
    return did(tag, "c", "fiat-out", usd, at=at, counterparty="collector", **more)


def later(at: int) -> tuple[Part, ...]:
    """One credit at 0, nine more in the day before `at`."""
    first = did("first", "c", "fiat-in", 100, counterparty="s0", country="FR")
    return (first, credits(9, countries=2, at=at - 10 * HOUR), out(1_000, at=at))


def sent_before(at: int) -> tuple[Part, ...]:
    """200 of it was sent on so long after the last credit; then one more credit and 700."""
    return (
        credits(9),
        out(200, at=at, tag="o1"),
        credits(1, at=at, counterparty="s10"),
        out(700, at=at + 2 * HOUR, tag="o2"),
    )


CASES = (
    fires("ten senders from three countries", credits(10), out(900), on="o"),
    fires("in two parts", credits(10), out(500, tag="o1"), out(500, at=12 * HOUR, tag="o2"), on="o2"),
    near_miss("nine senders", credits(9), out(900)),
    near_miss("two countries", credits(10, countries=2), out(900)),
    near_miss("large credits", credits(10, 900), out(9_000)),
    innocent("a streamer who moves it to the own bank", credits(20), out(2_000, at=21 * HOUR, counterparty_kind="own")),
    innocent("a streamer who pays bills", credits(20), out(2_000, at=21 * HOUR, counterparty_kind="merchant")),
    innocent("a streamer who keeps it", credits(20), out(300, at=21 * HOUR)),
    innocent("a shop", whole("c", account_type="business"), credits(20), out(2_000, at=21 * HOUR)),
    innocent("relatives abroad", credits(12, relation="family"), out(1_200, at=13 * HOUR)),
    edge("exactly 80 %", credits(10), out(800), on="o"),
    edge("a micro-dollar less", credits(10), out(800 - MICRO)),
    edge("exactly 200 CAD each", credits(10, 146), out(1_460), on="o"),
    edge("a micro-dollar more each", credits(10, 146 + MICRO), out(1_500)),
    edge("eleven senders, four countries", credits(11, countries=4), out(1_100, at=12 * HOUR), on="o"),
    edge("exactly a day after", credits(10), out(900, at=34 * HOUR), on="o"),
    edge("later", credits(10), out(900, at=34 * HOUR + MICROSECOND)),
    edge("a part exactly a day after", *sent_before(33 * HOUR), on="o2"),
    edge("a part later", *sent_before(33 * HOUR + MICROSECOND)),
    edge("a credit exactly 30 d old", *later(30 * DAY)),
    edge("a credit younger", *later(30 * DAY - MICROSECOND), on="o"),
)

CUSTOMER_RULE = CustomerRule(
    about=About(
        id="kyc-many-small-foreign-credits-forwarded",
        version=2,
        title="Numerous small credits from abroad sent on at once",
        status="trial",
        severity="high",
        entries=("kyc-many-small-foreign-credits-forwarded",),
        reason=(
            "{subject} received {received} USD in small credits from {senders} senders in {countries} countries in "
            "30 days and sent {forwarded} USD on within 24 hours."
        ),
        innocent=("streamers and sellers of crafts who pay their costs at once", "somebody who collects for a group"),
        blind_to=(
            "money passed on through an own account",
            "credits through one processor",
            "money that rests more than a day",
        ),
        needs=("customers", "account_events"),
        next_steps=(
            "See who receives what is sent on; that party is the lead.",
            "Ask what the credits are paid for, and by whom.",
            "Where children may be concerned, follow the mandatory path first.",
        ),
        thresholds=THRESHOLDS,
        cases=CASES,
    ),
    classes=classes,
    asks=asks,
    fires=forwarded,
)
