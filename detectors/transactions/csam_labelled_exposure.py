"""A payment to an address that a published source identifies with the sale of child sexual abuse material.

Catalogue entry tx-csam-labelled-exposure, its direct part: the two-hop part needs the exposure engine.
Driven by labels alone. No content, no address list and no word list is kept here or shown.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np

from manumit.detectors.contract import About, FeatureBlock, Mask, Rule, Threshold, Values
from manumit.detectors.labelled import BUSINESSES, labelled
from manumit.detectors.stories import DAY, MICRO, MICROSECOND, edge, fires, innocent, label, near_miss, pay, pays
from manumit.detectors.windows.features import Feature

LABELLED: Final = "child-abuse"

THRESHOLDS = (Threshold(name="min_usd", value=1, unit="USD", origin="ours: leaves out dust and forged zero transfers"),)


def features(v: Values) -> Mapping[str, Feature]:
    return {}


def pays_labelled(block: FeatureBlock, v: Values) -> Mask:
    worth = (block.usd >= v["min_usd"]) | np.isnan(block.usd)
    return worth & labelled(block.other_labels, LABELLED) & ~labelled(block.own_labels, *BUSINESSES)


LABELS = (label("labelled", LABELLED),)
FOR_A_DAY = (label("labelled", LABELLED, start=DAY, stop=2 * DAY),)

CASES = (
    fires("one small payment", pay("t", "payer", "labelled", 15, at=0), on="t", labels=LABELS),
    fires("worth unknown still counts", pay("t", "payer", "labelled", None, at=0), on="t", labels=LABELS),
    near_miss("one wallet in between", pay("t", "payer", "friend", 15, at=0), labels=LABELS),
    near_miss(
        "a label of another kind", pay("t", "payer", "labelled", 15, at=0), labels=(label("labelled", "darknet"),)
    ),
    innocent(
        "an exchange's own wallet pays out for a customer",
        pay("t", "hot-wallet", "labelled", 15, at=0),
        labels=(*LABELS, label("hot-wallet", "exchange")),
    ),
    innocent("dust from the labelled address", pays("t#", 3, "labelled", "anybody", 0.01), labels=LABELS),
    innocent("zero moved in the holder's name", pay("t", "payer", "labelled", 0, at=0), labels=LABELS),
    edge("exactly 1 USD", pay("t", "payer", "labelled", 1, at=0), on="t", labels=LABELS),
    edge("a micro-dollar less", pay("t", "payer", "labelled", 1 - MICRO, at=0), labels=LABELS),
    edge("labelled from this microsecond", pay("t", "payer", "labelled", 15, at=DAY), on="t", labels=FOR_A_DAY),
    edge("labelled a microsecond later", pay("t", "payer", "labelled", 15, at=DAY - MICROSECOND), labels=FOR_A_DAY),
    edge("the label ends at this microsecond", pay("t", "payer", "labelled", 15, at=2 * DAY), labels=FOR_A_DAY),
)

RULE = Rule(
    about=About(
        id="tx-csam-labelled-exposure",
        version=1,
        title="Payment to an address labelled as selling child sexual abuse material",
        status="live",
        severity="critical",
        entries=("tx-csam-labelled-exposure",),
        reason=(
            "{subject} sent {usd} USD to an address that a published source labels as connected with the sale of child "
            "sexual abuse material. The label may be wrong; nothing is concluded about the sender."
        ),
        innocent=("a wrong or outdated label", "an address reused or sold", "a payment by police or a hotline"),
        blind_to=("addresses that no label names", "payments through one or more wallets in between"),
        next_steps=(
            "Do not look for the content. Have a trained person check the label's source, date and evidence.",
            "Follow the mandatory path of your law: report to the authority or hotline it names.",
            "Keep the records as they are; do not contact the customer.",
        ),
        needs=("transfers", "labels:child-abuse"),
        thresholds=THRESHOLDS,
        cases=CASES,
    ),
    sides=("sender",),
    features=features,
    fires=pays_labelled,
)
