"""A transfer straight to or from a mixing service.

Catalogue entry tx-mixer-exposure, its direct part: the two-hop part needs the exposure engine.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from manumit.detectors.contract import About, FeatureBlock, Mask, Rule, Threshold, Values
from manumit.detectors.labelled import BUSINESSES, labelled
from manumit.detectors.stories import DAY, MICRO, MICROSECOND, edge, fires, innocent, label, near_miss, pay, pays
from manumit.detectors.windows.features import Feature

THRESHOLDS = (Threshold(name="min_usd", value=10, unit="USD", origin="ours: anybody can send dust out of a mixer"),)


def features(v: Values) -> Mapping[str, Feature]:
    return {}


def meets_mixer(block: FeatureBlock, v: Values) -> Mask:
    worth = (block.usd >= v["min_usd"]) | np.isnan(block.usd)
    return worth & labelled(block.other_labels, "mixer") & ~labelled(block.own_labels, *BUSINESSES)


MIXER = (label("mixer", "mixer"),)
FOR_A_DAY = (label("mixer", "mixer", start=DAY, stop=2 * DAY),)

RULE = Rule(
    about=About(
        id="tx-mixer-exposure",
        version=1,
        title="Value straight to or from a mixer",
        status="live",
        severity="medium",
        entries=("tx-mixer-exposure",),
        reason="{subject} dealt directly with an address labelled as a mixing service.",
        innocent=("lawful wish for privacy", "a donation sent through a mixer", "a researcher's or exchange's test"),
        blind_to=("mixers that no label names", "value that comes through one or more wallets in between"),
        next_steps=(
            "Give it weight only beside a trafficking-specific sign on the same party.",
            "See whether the value splits over several wallets or reaches an exchange within two days.",
            "Check the label's source and date.",
        ),
        needs=("transfers", "labels:mixer"),
        thresholds=THRESHOLDS,
        cases=(
            fires("into a mixer", pay("t", "customer", "mixer", 500, at=0), on="t", labels=MIXER),
            fires("out of a mixer", pay("t", "mixer", "customer", 500, at=0), on="t", labels=MIXER),
            fires("worth unknown still counts", pay("t", "customer", "mixer", None, at=0), on="t", labels=MIXER),
            near_miss("one wallet in between", pay("t", "customer", "friend", 500, at=0), labels=MIXER),
            innocent(
                "an exchange's own wallet",
                pay("t", "hot-wallet", "mixer", 500, at=0),
                labels=(*MIXER, label("hot-wallet", "exchange")),
            ),
            innocent("dust out of a mixer", pays("t#", 5, "mixer", "customer", 0.5), labels=MIXER),
            edge("exactly 10 USD", pay("t", "customer", "mixer", 10, at=0), on="t", labels=MIXER),
            edge("a micro-dollar less", pay("t", "customer", "mixer", 10 - MICRO, at=0), labels=MIXER),
            edge("labelled from this microsecond", pay("t", "customer", "mixer", 50, at=DAY), on="t", labels=FOR_A_DAY),
            edge(
                "labelled a microsecond later",
                pay("t", "customer", "mixer", 50, at=DAY - MICROSECOND),
                labels=FOR_A_DAY,
            ),
            edge("the label ends at this microsecond", pay("t", "customer", "mixer", 50, at=2 * DAY), labels=FOR_A_DAY),
        ),
    ),
    sides=("sender", "receiver"),
    features=features,
    fires=meets_mixer,
)
