"""Flows to or from services labelled as illicit: one of some size, or small ones that are a share of all.

Catalogue entry tx-darknet-illicit-service-exposure, its direct part: the score over several hops needs the
exposure engine. Child-abuse labels have a rule of their own, tx-csam-labelled-exposure.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from manumit.detectors.contract import About, FeatureBlock, Mask, Rule, Threshold, Values
from manumit.detectors.labelled import BUSINESSES, labelled
from manumit.detectors.stories import DAY, MICRO, MICROSECOND, edge, fires, innocent, label, near_miss, pay, pays
from manumit.detectors.windows.features import Feature, sum_in, sum_out, where
from manumit.schemas.block import MICRO_USD

PERIOD = "90d"  # source: catalogue entry, check.window
ILLICIT = ("darknet", "scam", "trafficking", "ransomware")

THRESHOLDS = (
    Threshold(name="min_direct_usd", value=50, unit="USD", origin="ours: catalogue entry threshold v"),
    Threshold(name="min_share", value=0.1, unit="share", origin="ours: catalogue entry threshold s, of volume"),
    Threshold(name="min_usd", value=1, unit="USD", origin="ours: leaves out dust"),
)


def features(v: Values) -> Mapping[str, Feature]:
    dealt = where(counterparty=ILLICIT)
    return {
        "illicit_in": sum_in(PERIOD, dealt),
        "illicit_out": sum_out(PERIOD, dealt),
        "all_in": sum_in(PERIOD),
        "all_out": sum_out(PERIOD),
    }


def meets_illicit(block: FeatureBlock, v: Values) -> Mask:
    illicit, whole = block["illicit_in"] + block["illicit_out"], block["all_in"] + block["all_out"]
    share = (illicit >= v["min_share"] * whole) & (illicit >= v["min_direct_usd"] * MICRO_USD)
    worth = (block.usd >= v["min_direct_usd"]) | np.isnan(block.usd) | (share & (block.usd >= v["min_usd"]))
    return worth & labelled(block.other_labels, *ILLICIT) & ~labelled(block.own_labels, *BUSINESSES, *ILLICIT)


LABELS = (label("market", "darknet"), label("shop", "scam"))
SMALL = pays("t#", 4, "customer", "market", 12, every=DAY)


CASES = (
    fires("into a darknet market", pay("t", "customer", "market", 80, at=0), on="t", labels=LABELS),
    fires("out of a scam", pay("t", "shop", "customer", 80, at=0), on="t", labels=LABELS),
    fires("worth unknown still counts", pay("t", "customer", "market", None, at=0), on="t", labels=LABELS),
    fires("the fifth small one", SMALL, pay("t5", "customer", "shop", 12, at=4 * DAY), on="t5", labels=LABELS),
    near_miss("one wallet in between", pay("t", "customer", "friend", 80, at=0), labels=LABELS),
    near_miss("four small ones", SMALL, labels=LABELS),
    innocent(
        "an exchange's own wallet",
        pay("t", "hot-wallet", "market", 500, at=0),
        labels=(*LABELS, label("hot-wallet", "exchange")),
    ),
    innocent("dust out of a market", pays("t#", 5, "market", "customer", 0.5), labels=LABELS),
    innocent(
        "small ones beside much else",
        pays("o#", 4, "customer", "friend", 900),
        SMALL,
        pay("t5", "customer", "market", 12, at=4 * DAY),
        labels=LABELS,
    ),
    edge("exactly 50 USD", pay("t", "customer", "market", 50, at=0), on="t", labels=LABELS),
    edge("a micro-dollar less", pay("t", "customer", "market", 50 - MICRO, at=0), labels=LABELS),
    edge(
        "two that make exactly 50",
        pay("t1", "customer", "market", 30, at=0),
        pay("t2", "customer", "market", 20, at=DAY),
        on="t2",
        labels=LABELS,
    ),
    edge(
        "exactly a tenth of all",
        pay("o", "friend", "customer", 540, at=0),
        SMALL,
        pay("t5", "customer", "market", 12, at=4 * DAY),
        on="t5",
        labels=LABELS,
    ),
    edge(
        "a little less than a tenth",
        pay("o", "friend", "customer", 540.001, at=0),
        SMALL,
        pay("t5", "customer", "market", 12, at=4 * DAY),
        labels=LABELS,
    ),
    edge(
        "the fifth brings exactly 1 USD",
        pays("t#", 4, "customer", "market", 12.25),
        pay("t5", "customer", "market", 1, at=DAY),
        on="t5",
        labels=LABELS,
    ),
    edge(
        "the fifth brings less",
        pays("t#", 4, "customer", "market", 12.5 - MICRO),
        pay("t5", "customer", "market", 1 - MICRO, at=DAY),
        labels=LABELS,
    ),
    edge(
        "the first small one is exactly 90 d old",
        SMALL,
        pay("t5", "customer", "market", 12, at=90 * DAY),
        labels=LABELS,
    ),
    edge(
        "the first small one is younger",
        SMALL,
        pay("t5", "customer", "market", 12, at=90 * DAY - MICROSECOND),
        on="t5",
        labels=LABELS,
    ),
)

RULE = Rule(
    about=About(
        id="tx-darknet-illicit-service-exposure",
        version=1,
        title="Flows to or from darknet markets or labelled illicit services",
        status="live",
        severity="high",
        entries=("tx-darknet-illicit-service-exposure",),
        reason=(
            "{subject} dealt directly with addresses labelled as illicit services: {illicit_in} USD came and "
            "{illicit_out} USD went in 90 days, of {all_in} and {all_out} in all."
        ),
        innocent=("the victim of a scam who pays it", "dust above the dust level", "a wrong or outdated label"),
        blind_to=("services that no label names", "value that comes through wallets in between"),
        next_steps=(
            "Check the label: its source, date and what kind of service it names.",
            "If the label is a scam, ask first whether the subject is its victim.",
            "Look whether the service carries adverts or content that concern trafficking.",
        ),
        needs=("transfers", "labels:darknet", "labels:scam", "labels:trafficking"),
        thresholds=THRESHOLDS,
        cases=CASES,
    ),
    sides=("sender", "receiver"),
    features=features,
    fires=meets_illicit,
)
