"""Payments again and again to services that host commercial-sex adverts.

Catalogue entry tx-adult-ad-platform-payments, its direct part: payments through other wallets need the
exposure engine. Adults pay for their own adverts, lawfully in many places: never a sign by itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from manumit.detectors.contract import About, FeatureBlock, Mask, Rule, Threshold, Values
from manumit.detectors.labelled import BUSINESSES, labelled
from manumit.detectors.stories import DAY, MICROSECOND, edge, fires, innocent, label, near_miss, pay, pays
from manumit.detectors.windows.features import Feature, count_out, where

MONTH = "30d"  # source: catalogue entry, check.window
ADS: Final = "adult-ads"

THRESHOLDS = (Threshold(name="min_payments", value=3, unit="transfers", origin="ours"),)


def features(v: Values) -> Mapping[str, Feature]:
    return {"payments": count_out(MONTH, where(counterparty=(ADS,)))}


def pays_for_adverts(block: FeatureBlock, v: Values) -> Mask:
    often = block["payments"] >= v["min_payments"]
    found: Mask = often & labelled(block.other_labels, ADS) & ~labelled(block.own_labels, *BUSINESSES, ADS)
    return found


LABELS = (label("advert-site", ADS), label("other-site", ADS))
TWO = pays("p#", 2, "payer", "advert-site", 20, every=DAY)

CASES = (
    fires(
        "three payments within a month", TWO, pay("p3", "payer", "other-site", 35, at=9 * DAY), on="p3", labels=LABELS
    ),
    fires(
        "worth unknown still counts", TWO, pay("p3", "payer", "advert-site", None, at=9 * DAY), on="p3", labels=LABELS
    ),
    near_miss("two payments are too few", TWO, labels=LABELS),
    near_miss("the third goes elsewhere", TWO, pay("p3", "payer", "shop", 20, at=2 * DAY), labels=LABELS),
    near_miss("the site pays out", pays("p#", 5, "advert-site", "payee", 20), labels=LABELS),
    innocent(
        "an exchange pays for many customers",
        pays("p#", 9, "desk", "advert-site", 20),
        labels=(*LABELS, label("desk", "exchange")),
    ),
    innocent("one advert sold a season", pays("p#", 4, "payer", "advert-site", 20, every=90 * DAY), labels=LABELS),
    edge("the first is exactly 30 d old", TWO, pay("p3", "payer", "advert-site", 20, at=30 * DAY), labels=LABELS),
    edge(
        "the first is younger",
        TWO,
        pay("p3", "payer", "advert-site", 20, at=30 * DAY - MICROSECOND),
        on="p3",
        labels=LABELS,
    ),
)

RULE = Rule(
    about=About(
        id="tx-adult-ad-platform-payments",
        version=1,
        title="Recurring payments to commercial-sex advertising services",
        status="live",
        severity="medium",
        entries=("tx-adult-ad-platform-payments",),
        reason=(
            "{subject} paid services labelled as hosting commercial-sex adverts {payments} times in 30 days. This "
            "resembles somebody who keeps adverts running."
        ),
        innocent=(
            "an adult who pays for adverts of their own, lawfully",
            "an advertising agency",
            "a label for a site that carries other adverts too",
        ),
        blind_to=("payments by card or through other wallets", "sites that no label names"),
        next_steps=(
            "Give it weight only beside another trafficking sign on the same party.",
            "Look for adverts of several persons or places behind the same payer.",
            "Check the label's source, date and confidence.",
        ),
        needs=("transfers", "labels:adult-ads"),
        thresholds=THRESHOLDS,
        cases=CASES,
    ),
    sides=("sender",),
    features=features,
    fires=pays_for_adverts,
)
