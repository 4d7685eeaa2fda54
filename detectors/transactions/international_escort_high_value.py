"""A large transfer, or several of any size, to a service labelled as an international escort broker.

Catalogue entry tx-international-escort-high-value. Everything rests on the label.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from manumit.detectors.contract import About, FeatureBlock, Mask, Rule, Threshold, Values
from manumit.detectors.labelled import BUSINESSES, labelled
from manumit.detectors.stories import DAY, MICRO, MICROSECOND, edge, fires, innocent, label, near_miss, pay, pays
from manumit.detectors.windows.features import Feature, count_out, where

MONTH = "30d"  # source: catalogue entry, check.window
ESCORT: Final = "escort"

THRESHOLDS = (
    Threshold(name="large_usd", value=10_000, unit="USD", origin="Chainalysis Feb 2026: 48.8 % of transfers are over"),
    Threshold(name="min_payments", value=3, unit="transfers", origin="ours"),
)


def features(v: Values) -> Mapping[str, Feature]:
    return {"payments": count_out(MONTH, where(counterparty=(ESCORT,)))}


def pays_broker(block: FeatureBlock, v: Values) -> Mask:
    much = (block.usd > v["large_usd"]) | (block["payments"] >= v["min_payments"])
    found: Mask = much & labelled(block.other_labels, ESCORT) & ~labelled(block.own_labels, *BUSINESSES)
    return found


LABELS = (label("broker", ESCORT),)
TWO = pays("p#", 2, "payer", "broker", 900, every=DAY)

CASES = (
    fires("one transfer of 25,000", pay("p", "payer", "broker", 25_000, at=0), on="p", labels=LABELS),
    fires("three small ones", TWO, pay("p3", "payer", "broker", 900, at=5 * DAY), on="p3", labels=LABELS),
    near_miss("two small ones", TWO, labels=LABELS),
    near_miss("large, to somebody else", pay("p", "payer", "jeweller", 25_000, at=0), labels=LABELS),
    innocent(
        "an exchange pays out for customers",
        pays("p#", 9, "desk", "broker", 12_000),
        labels=(*LABELS, label("desk", "exchange")),
    ),
    innocent("the broker pays its rent", pay("p", "broker", "landlord", 25_000, at=0), labels=LABELS),
    edge("exactly 10,000 USD", pay("p", "payer", "broker", 10_000, at=0), labels=LABELS),
    edge("a micro-dollar more", pay("p", "payer", "broker", 10_000 + MICRO, at=0), on="p", labels=LABELS),
    edge("two micro-dollars more", pay("p", "payer", "broker", 10_000 + 2 * MICRO, at=0), on="p", labels=LABELS),
    edge("the first is exactly 30 d old", TWO, pay("p3", "payer", "broker", 900, at=30 * DAY), labels=LABELS),
    edge(
        "the first is younger",
        TWO,
        pay("p3", "payer", "broker", 900, at=30 * DAY - MICROSECOND),
        on="p3",
        labels=LABELS,
    ),
)

RULE = Rule(
    about=About(
        id="tx-international-escort-high-value",
        version=1,
        title="High-value transfers to a labelled international escort service",
        status="live",
        severity="high",
        entries=("tx-international-escort-high-value",),
        reason=(
            "{subject} sent {usd} USD to a service labelled as an international escort broker, {payments} transfers in "
            "30 days. Published analyses name such payments beside trafficking networks."
        ),
        innocent=("a wrong or outdated label", "a lawful private purchase", "a supplier of the broker who is refunded"),
        blind_to=("brokers that no label names", "payments through other wallets", "payments in cash or by card"),
        next_steps=(
            "Check the label first: who published it, when, and on what evidence.",
            "See whether the payer is a buyer, a partner or another broker: does it also receive from there?",
            "Follow what the broker does with the money: guarantee marketplaces, laundering networks, casinos.",
        ),
        needs=("transfers", "labels:escort"),
        thresholds=THRESHOLDS,
        cases=CASES,
    ),
    sides=("sender",),
    features=features,
    fires=pays_broker,
)
