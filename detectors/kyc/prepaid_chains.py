"""Prepaid or gift cards are loaded over and over, or a card is only ever fed from one other card.

Catalogue entry kyc-prepaid-chains.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from manumit.detectors.contract import About, CustomerRule, Mask, Threshold, Values
from manumit.detectors.customer_stories import did, series
from manumit.detectors.customers.block import CustomerBlock
from manumit.detectors.customers.features import Ask, count, distinct
from manumit.detectors.stories import DAY, MICROSECOND, Part, edge, fires, innocent, near_miss
from manumit.schemas.account_event import AccountEvent

WINDOW = "30d"  # source: catalogue entry, check.window

THRESHOLDS = (
    Threshold(name="min_loads", value=10, unit="loads", origin="ours: people without a bank load three or four times"),
    Threshold(name="min_from_card", value=3, unit="transfers", origin="ours"),
)


def classes(block: CustomerBlock, v: Values) -> Mapping[str, Mask]:
    load = block.moved("deposit", "fiat-in") & block.word("channel", "prepaid", "gift-card")
    to_card = block.moved("deposit", "fiat-in") & block.has("instrument") & ~block.word("relation", "family")
    fed = to_card & block.has("source_instrument")
    return {"load": load & ~fed & ~block.word("relation", "family"), "fed": fed, "own": to_card & ~fed}


def asks(v: Values) -> Mapping[str, Ask]:
    return {
        "loads": count("load", WINDOW),
        "from_card": count("fed", WINDOW, key="instrument"),
        "cards": distinct("source_instrument", "fed", WINDOW, key="instrument"),
        "own_loads": count("own", WINDOW, key="instrument"),
    }


def chained(block: CustomerBlock, v: Values) -> Mask:
    many = block.classes["load"] & (block["loads"] >= v["min_loads"])
    single = (block["cards"] == 1) & (block["own_loads"] == 0)
    found: Mask = many | (block.classes["fed"] & single & (block["from_card"] >= v["min_from_card"]))
    return found


def loads(count: int, tag: str = "p#", *, at: int = 0, every: int = DAY, **more: Any) -> tuple[AccountEvent, ...]:
    return series(tag, count, "c", "deposit", 100, at=at, every=every, **{"channel": "prepaid", **more})


def fed(count: int, source: str = "card:s", **more: Any) -> tuple[AccountEvent, ...]:
    return loads(count, "f#", **{"channel": "card", "instrument": "card:t", "source_instrument": source, **more})


def then(at: int, *before: Part, **more: Any) -> tuple[Part, ...]:
    return (*before, did("z", "c", "deposit", 100, at=at, **{"channel": "prepaid", **more}))


CARD = {"channel": "card", "instrument": "card:t", "source_instrument": "card:s"}
LONG = 30 * DAY

CASES = (
    fires("ten loads", loads(10), on="p10"),
    fires("gift cards", loads(11, channel="gift-card"), on="p10 p11"),
    fires("a card fed from one other card", fed(3), on="f3"),
    near_miss("nine loads", loads(9)),
    near_miss("fed twice", fed(2)),
    near_miss("bank transfers", loads(12, channel="bank")),
    innocent("a parent feeds a child's card", fed(6, relation="family")),
    innocent("a card with a life of its own", *then(0, fed(4, at=DAY), channel="card", instrument="card:t")),
    innocent("fed from several cards", fed(5, "card:#")[1:]),
    edge("eleven loads", loads(11), on="p10 p11"),
    edge("four from one card", fed(4), on="f3 f4"),
    edge("the first load exactly 30 d old", *then(LONG, loads(9))),
    edge("younger", *then(LONG - MICROSECOND, loads(9)), on="z"),
    edge("the first transfer exactly 30 d old", *then(LONG, fed(2), **CARD)),
    edge("a younger transfer", *then(LONG - MICROSECOND, fed(2), **CARD), on="z"),
)

CUSTOMER_RULE = CustomerRule(
    about=About(
        id="kyc-prepaid-chains",
        version=2,
        title="Frequent prepaid or gift-card funding and card-to-card transfers",
        status="trial",
        severity="medium",
        entries=("kyc-prepaid-chains",),
        reason=(
            "{subject} made {loads} prepaid or gift-card loads in 30 days; the card of the latest was fed {from_card} "
            "times from {cards} other cards."
        ),
        innocent=("people without a bank account", "a parent who feeds a child's card", "a staff benefit card"),
        blind_to=("cards the exchange cannot tell apart", "loads made by others under their own names"),
        needs=("account_events",),
        next_steps=(
            "See where and by whom the cards were bought.",
            "Follow the other card: who else does it feed.",
            "Compare with the customer's income and with what the money buys.",
        ),
        thresholds=THRESHOLDS,
        cases=CASES,
    ),
    classes=classes,
    asks=asks,
    fires=chained,
)
