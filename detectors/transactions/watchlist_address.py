"""A transfer from or to an address that a recognised list names at that time.

Catalogue entry tx-watchlist-address. Labels are matched as of the block's time. Dust does not count in
either direction: anybody can send it to a listed address, and token contracts let anybody move zero from one.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from manumit.detectors.contract import About, FeatureBlock, Mask, Rule, Threshold, Values
from manumit.detectors.labelled import labelled
from manumit.detectors.stories import DAY, MICRO, MICROSECOND, edge, fires, innocent, label, near_miss, pay, pays
from manumit.detectors.windows.features import Feature

LISTS = ("sanctions", "law-enforcement", "frozen", "trafficking", "child-abuse")

THRESHOLDS = (Threshold(name="min_usd", value=1, unit="USD", origin="ours: leaves out dust and poisoning"),)


def features(v: Values) -> Mapping[str, Feature]:
    return {}


def is_listed(block: FeatureBlock, v: Values) -> Mask:
    worth = (block.usd >= v["min_usd"]) | np.isnan(block.usd)
    return labelled(block.own_labels, *LISTS) & worth


LISTED = (label("listed", "sanctions"),)
FOR_A_DAY = (label("listed", "sanctions", start=DAY, stop=2 * DAY),)

RULE = Rule(
    about=About(
        id="tx-watchlist-address",
        version=1,
        title="Address on a recognised list",
        status="live",
        severity="critical",
        entries=("tx-watchlist-address",),
        reason="{subject} is named by a sanctions, law-enforcement or reported list and moved money.",
        innocent=("dust or poisoned transfers above the dust level", "a refund forced by a court", "an outdated list"),
        blind_to=("addresses of the same owner that no list names", "lists that were not imported"),
        next_steps=(
            "Open the list entry: who is named, since when, by whom.",
            "See which of your customers stand on the other side, and apply the list's legal duty.",
            "Look one hop on: where did the money come from, where does it go.",
        ),
        needs=("transfers", *(f"labels:{name}" for name in LISTS)),
        thresholds=THRESHOLDS,
        cases=(
            fires("money to a listed address", pay("t", "payer", "listed", 50, at=0), on="t", labels=LISTED),
            fires("money from a listed address", pay("t", "listed", "payee", 50, at=0), on="t", labels=LISTED),
            fires("worth unknown still counts", pay("t", "payer", "listed", None, at=0), on="t", labels=LISTED),
            near_miss(
                "the other categories are other rules",
                pay("t", "payer", "listed", 50, at=0),
                labels=(label("listed", "gambling"),),
            ),
            near_miss("a neighbour of a listed address", pay("t", "payer", "neighbour", 50, at=0), labels=LISTED),
            innocent("dust to a listed address", pays("t#", 5, "payer", "listed", 0.01), labels=LISTED),
            innocent("zero moved from a listed address", pay("t", "listed", "payee", 0, at=0), labels=LISTED),
            edge("exactly 1 USD", pay("t", "payer", "listed", 1, at=0), on="t", labels=LISTED),
            edge("a micro-dollar less", pay("t", "payer", "listed", 1 - MICRO, at=0), labels=LISTED),
            edge("listed from this microsecond", pay("t", "payer", "listed", 50, at=DAY), on="t", labels=FOR_A_DAY),
            edge("listed a microsecond later", pay("t", "payer", "listed", 50, at=DAY - MICROSECOND), labels=FOR_A_DAY),
            edge("delisted at this microsecond", pay("t", "payer", "listed", 50, at=2 * DAY), labels=FOR_A_DAY),
            edge(
                "delisted a microsecond later",
                pay("t", "payer", "listed", 50, at=2 * DAY - MICROSECOND),
                on="t",
                labels=FOR_A_DAY,
            ),
        ),
    ),
    sides=("sender", "receiver"),
    features=features,
    fires=is_listed,
)
