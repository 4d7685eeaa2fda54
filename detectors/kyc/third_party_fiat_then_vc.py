"""Money from many private senders is turned into virtual currency within a day, more than once.

Catalogue entry kyc-third-party-fiat-then-vc.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from manumit.detectors.contract import About, CustomerRule, Mask, Threshold, Values
from manumit.detectors.customer_stories import did, series, whole
from manumit.detectors.customers.block import CustomerBlock
from manumit.detectors.customers.features import Ask, count, distinct, last, total
from manumit.detectors.stories import DAY, HOUR, MICRO, MICROSECOND, Part, edge, fires, innocent, near_miss
from manumit.schemas.account_event import AccountEvent
from manumit.schemas.block import MICRO_USD

WINDOW = "7d"  # source: catalogue entry, check.window
CYCLES = "30d"  # source: the same
SOON = "24h"  # source: the same
SOON_US = 24 * 3_600_000_000

THRESHOLDS = (
    Threshold(name="min_senders", value=4, unit="senders", origin="ours"),
    Threshold(name="spent", value=0.7, unit="share", origin="ours"),
    Threshold(name="min_usd", value=300, unit="USD", origin="ours: below it pocket money decides"),
    Threshold(name="min_cycles", value=2, unit="purchases", origin="ours"),
)


def classes(block: CustomerBlock, v: Values) -> Mapping[str, Mask]:
    person = block.word("counterparty_kind", "person") | (
        block.word("channel", "p2p") & ~block.word("counterparty_kind", "own")
    )
    bought = block.word("kind", "trade") & block.word("direction", "buy")
    return {
        "received": block.moved("fiat-in", "deposit") & person & ~block.word("relation", "family"),
        "spent": bought | (block.moved("withdrawal") & block.word("channel", "crypto")),
    }


def asks(v: Values) -> Mapping[str, Ask]:
    return {
        "senders": distinct("counterparty", "received", WINDOW),
        "received": total("received", WINDOW),
        "spent": total("spent", WINDOW, after=("received", SOON, "customer")),
        "cycles": count("spent", CYCLES, after=("received", SOON, "customer")),
        "since_received": last("received"),
    }


def straight_into_coins(block: CustomerBlock, v: Values) -> Mask:
    soon = (
        block.classes["spent"]
        & (block["since_received"] <= SOON_US)
        & (block.fact("business") == 0)
        & (block.fact("money_service") == 0)
    )
    many = (
        (block["senders"] >= v["min_senders"])
        & (block["received"] >= v["min_usd"] * MICRO_USD)
        & (block["cycles"] >= v["min_cycles"])
    )
    found: Mask = soon & many & (block["spent"] >= v["spent"] * block["received"])
    return found


def received(count: int, *, at: int = 0, **more: Any) -> tuple[AccountEvent, ...]:
    given = {"channel": "p2p", "counterparty": "payer-#", "counterparty_kind": "person", **more}
    return series("r#", count, "c", "fiat-in", 100, at=at, **given)


def bought(tag: str, usd: float, *, at: int, **more: Any) -> AccountEvent:
    return did(tag, "c", "trade", usd, at=at, **{"direction": "buy", **more})


def twice(
    usd: float = 200, *, second: int = 5 * HOUR, count: int = 4, first: int = 4 * HOUR, **more: Any
) -> tuple[Part, ...]:
    return (received(count, **more), bought("b1", usd, at=first), bought("b2", usd, at=second))


def small(usd: float) -> tuple[Part, ...]:
    """Four payers, so much from all of them together."""
    three = series("r#", 3, "c", "fiat-in", 60, channel="p2p", counterparty="payer-#", counterparty_kind="person")
    last = did("r4", "c", "fiat-in", usd - 180, at=3 * HOUR, channel="p2p", counterparty="payer-4")
    return (three, last, bought("b1", 150, at=4 * HOUR), bought("b2", 150, at=5 * HOUR))


LATER = (
    did("r9", "c", "fiat-in", 100, at=30 * HOUR, channel="p2p", counterparty="late"),
    bought("b2", 100, at=31 * HOUR),
)


def spread(at: int) -> tuple[Part, ...]:
    """One payer, and three more in the last hours before the purchases."""
    three = series("q#", 3, "c", "fiat-in", 100, at=at - 6 * HOUR, channel="p2p", counterparty="other-#")
    return (received(1), three, bought("b1", 200, at=at - HOUR), bought("b2", 200, at=at))


def months(at: int) -> tuple[Part, ...]:
    """One purchase, and the next so long after."""
    four = series("q#", 4, "c", "fiat-in", 100, at=at - 6 * HOUR, channel="p2p", counterparty="other-#")
    return (received(1), bought("b1", 100, at=0), four, bought("b2", 300, at=at))


CASES = (
    fires("four payers, two purchases", *twice(), on="b2"),
    fires(
        "sent to a wallet",
        received(4),
        bought("b1", 200, at=4 * HOUR),
        did("b2", "c", "withdrawal", 200, at=5 * HOUR, channel="crypto"),
        on="b2",
    ),
    near_miss("three payers", *twice(count=3)),
    near_miss("one purchase", received(4), bought("b1", 400, at=4 * HOUR)),
    near_miss("half is kept", *twice(100)),
    near_miss(
        "sold, not bought",
        received(4),
        bought("b1", 200, at=4 * HOUR, direction="sell"),
        bought("b2", 200, at=5 * HOUR, direction="sell"),
    ),
    innocent("a family pools its savings", *twice(relation="family")),
    innocent("a registered market maker", whole("c", registers=("money-service",)), *twice()),
    innocent("a seller of second-hand goods", *small(299)),
    innocent("a shop that takes transfers", whole("c", account_type="business"), *twice()),
    innocent("from the customer's own accounts", *twice(counterparty_kind="own")),
    edge("exactly 300", *small(300), on="b2"),
    edge("a micro-dollar less than 300", *small(300 - MICRO)),
    edge("exactly 70 %", *twice(140), on="b2"),
    edge("a micro-dollar less", *twice(140 - MICRO)),
    edge("exactly 24 h after the last", *twice(second=27 * HOUR), on="b2"),
    edge("later", *twice(second=27 * HOUR + MICROSECOND)),
    edge("the first purchase exactly 24 h after", received(4), bought("b1", 300, at=27 * HOUR), *LATER, on="b2"),
    edge("the first purchase later", received(4), bought("b1", 300, at=27 * HOUR + MICROSECOND), *LATER),
    edge("a payer exactly 7 d ago", *spread(7 * DAY)),
    edge("a payer younger", *spread(7 * DAY - MICROSECOND), on="b2"),
    edge("the first purchase exactly 30 d ago", *months(30 * DAY)),
    edge("the first purchase younger", *months(30 * DAY - MICROSECOND), on="b2"),
    edge("five payers", *twice(300, count=5), on="b2"),
    edge("three purchases", *twice(), bought("b3", 100, at=6 * HOUR), on="b2 b3"),
)

CUSTOMER_RULE = CustomerRule(
    about=About(
        id="kyc-third-party-fiat-then-vc",
        version=2,
        title="Many incoming person-to-person transfers, then straight into virtual currency",
        status="trial",
        severity="high",
        entries=("kyc-third-party-fiat-then-vc",),
        reason=(
            "{subject} received {received} USD from {senders} private senders in 7 days and turned {spent} USD into "
            "virtual currency within 24 hours of it, {cycles} times in 30 days."
        ),
        innocent=("a savings club or a group purchase", "a small trader without a business account"),
        blind_to=("money that rests more than a day", "senders behind one processor"),
        needs=("customers", "account_events"),
        next_steps=(
            "Read the notes of the incoming payments and see whether the senders know each other.",
            "Follow the coins on chain to where they gather.",
            "Look for adverts that name the customer's contact; ask who keeps the money.",
        ),
        thresholds=THRESHOLDS,
        cases=CASES,
    ),
    classes=classes,
    asks=asks,
    fires=straight_into_coins,
)
