"""Value straight to or from an escrow "guarantee" marketplace.

Catalogue entry tx-guarantee-platform-exposure, its direct part: the two-hop part needs the exposure engine.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np

from manumit.detectors.contract import About, FeatureBlock, Mask, Rule, Threshold, Values
from manumit.detectors.labelled import BUSINESSES, labelled
from manumit.detectors.stories import DAY, MICRO, MICROSECOND, edge, fires, innocent, label, near_miss, pay, pays
from manumit.detectors.windows.features import Feature

GUARANTEE: Final = "guarantee"

THRESHOLDS = (Threshold(name="min_usd", value=10, unit="USD", origin="ours: leaves out dust"),)


def features(v: Values) -> Mapping[str, Feature]:
    return {}


def meets_platform(block: FeatureBlock, v: Values) -> Mask:
    worth = (block.usd >= v["min_usd"]) | np.isnan(block.usd)
    return worth & labelled(block.other_labels, GUARANTEE) & ~labelled(block.own_labels, *BUSINESSES, GUARANTEE)


LABELS = (label("platform", GUARANTEE),)
FOR_A_DAY = (label("platform", GUARANTEE, start=DAY, stop=2 * DAY),)

CASES = (
    fires("into the platform", pay("t", "customer", "platform", 500, at=0), on="t", labels=LABELS),
    fires("out of the platform", pay("t", "platform", "customer", 500, at=0), on="t", labels=LABELS),
    fires("worth unknown still counts", pay("t", "customer", "platform", None, at=0), on="t", labels=LABELS),
    near_miss("one wallet in between", pay("t", "customer", "friend", 500, at=0), labels=LABELS),
    near_miss(
        "the platform between its own wallets",
        pay("t", "platform", "vault", 500, at=0),
        labels=(*LABELS, label("vault", GUARANTEE)),
    ),
    innocent(
        "an exchange's own wallet",
        pay("t", "hot-wallet", "platform", 500, at=0),
        labels=(*LABELS, label("hot-wallet", "exchange")),
    ),
    innocent("dust out of the platform", pays("t#", 5, "platform", "customer", 0.5), labels=LABELS),
    edge("exactly 10 USD", pay("t", "customer", "platform", 10, at=0), on="t", labels=LABELS),
    edge("a micro-dollar less", pay("t", "customer", "platform", 10 - MICRO, at=0), labels=LABELS),
    edge("labelled from this microsecond", pay("t", "customer", "platform", 50, at=DAY), on="t", labels=FOR_A_DAY),
    edge("labelled a microsecond later", pay("t", "customer", "platform", 50, at=DAY - MICROSECOND), labels=FOR_A_DAY),
    edge("the label ends at this microsecond", pay("t", "customer", "platform", 50, at=2 * DAY), labels=FOR_A_DAY),
)

RULE = Rule(
    about=About(
        id="tx-guarantee-platform-exposure",
        version=1,
        title="Value straight to or from a guarantee marketplace",
        status="live",
        severity="critical",
        entries=("tx-guarantee-platform-exposure",),
        reason=(
            "{subject} dealt directly, with {usd} USD, with an address labelled as an escrow guarantee marketplace. "
            "Published findings name such marketplaces as launderers for scam compounds."
        ),
        innocent=(
            "an ordinary merchant who uses the same escrow",
            "a label that has gone out of date",
            "a test payment",
        ),
        blind_to=("marketplaces that no label names", "value that comes through one or more wallets in between"),
        next_steps=(
            "Check the label's date and whether the platform stands on a sanctions or section-311 list.",
            "Compare the amount with the labour-placement band of 1,000 to 10,000 USD.",
            "See whether the payment left the escrow in two parts, one of them a commission.",
        ),
        needs=("transfers", "labels:guarantee"),
        thresholds=THRESHOLDS,
        cases=CASES,
    ),
    sides=("sender", "receiver"),
    features=features,
    fires=meets_platform,
)
