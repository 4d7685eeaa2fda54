"""One party that deals with several kinds of illicit service.

Catalogue entry tx-cluster-multi-illicit-category. A cluster is one address here: wallets of one owner are
told apart by nobody on account-based chains.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from manumit.detectors.contract import About, FeatureBlock, Mask, Rule, Threshold, Values
from manumit.detectors.labelled import BUSINESSES, labelled
from manumit.detectors.stories import DAY, MICRO, MICROSECOND, Part, edge, fires, innocent, label, near_miss, pay, pays
from manumit.detectors.windows.features import Feature, sum_in, sum_out, where
from manumit.schemas.block import MICRO_USD

PERIOD = "180d"  # source: catalogue entry, check.window
KINDS: Mapping[str, tuple[str, ...]] = {
    "escort": ("escort",),
    "casino": ("gambling",),
    "laundering": ("laundering", "guarantee"),
    "scam": ("scam",),
    "darknet": ("darknet",),
    "placement": ("labour-placement", "trafficking"),
}
CATEGORIES = tuple(category for kind in KINDS.values() for category in kind)

THRESHOLDS = (
    Threshold(name="min_kinds", value=3, unit="kinds", origin="ours"),
    Threshold(name="min_usd", value=500, unit="USD", origin="ours: with each kind, both ways together"),
)


def features(v: Values) -> Mapping[str, Feature]:
    came = {f"{kind}_in": sum_in(PERIOD, where(counterparty=labels)) for kind, labels in KINDS.items()}
    went = {f"{kind}_out": sum_out(PERIOD, where(counterparty=labels)) for kind, labels in KINDS.items()}
    return {**came, **went}


def deals_with_several(block: FeatureBlock, v: Values) -> Mask:
    kinds = np.zeros(len(block), np.int64)
    for kind in KINDS:
        kinds += block[f"{kind}_in"] + block[f"{kind}_out"] >= v["min_usd"] * MICRO_USD
    business = labelled(block.own_labels, *BUSINESSES, *CATEGORIES)
    found: Mask = (kinds >= v["min_kinds"]) & labelled(block.other_labels, *CATEGORIES) & ~business
    return found


LABELS = (
    label("broker", "escort"),
    label("casino", "gambling"),
    label("platform", "guarantee"),
    label("scammer", "scam"),
    label("market", "darknet"),
    label("placement", "labour-placement"),
)
TWO: tuple[Part, ...] = (
    pay("t1", "hub", "broker", 800, at=0),
    pay("t2", "casino", "hub", 2_000, at=DAY),
)


def third(usd: float = 900, at: int = 3 * DAY, party: str = "platform") -> Part:
    return pay("t3", "hub", party, usd, at=at)


CASES = (
    fires("broker, casino and platform", *TWO, third(), on="t3", labels=LABELS),
    fires("broker, casino and scam", *TWO, third(party="scammer"), on="t3", labels=LABELS),
    fires("broker, casino and market", *TWO, third(party="market"), on="t3", labels=LABELS),
    fires("broker, casino and placement", *TWO, third(party="placement"), on="t3", labels=LABELS),
    fires("both ways add up", *TWO, third(300), pay("t4", "platform", "hub", 250, at=4 * DAY), on="t4", labels=LABELS),
    near_miss("two kinds are too few", *TWO, labels=LABELS),
    near_miss("three parties of one kind", pays("t#", 3, "hub", "broker", 900), labels=LABELS),
    innocent("an exchange's hot wallet", *TWO, third(), labels=(*LABELS, label("hub", "exchange"))),
    innocent(
        "small sums to three kinds",
        *(pay(f"s{n}", "fan", party, 40, at=n * DAY) for n, party in enumerate(("casino", "scammer", "market"))),
        labels=LABELS,
    ),
    edge("exactly 500 USD with the third", *TWO, third(500), on="t3", labels=LABELS),
    edge("a micro-dollar less", *TWO, third(500 - MICRO), labels=LABELS),
    edge("the first is exactly 180 d old", *TWO, third(at=180 * DAY), labels=LABELS),
    edge("the first is younger", *TWO, third(at=180 * DAY - MICROSECOND), on="t3", labels=LABELS),
)

RULE = Rule(
    about=About(
        id="tx-cluster-multi-illicit-category",
        version=1,
        title="One party active with several kinds of illicit service",
        status="live",
        severity="high",
        entries=("tx-cluster-multi-illicit-category",),
        reason=(
            "{subject} dealt with at least {min_kinds} kinds of labelled illicit service in 180 days, each with "
            "{min_usd} USD or more. This resembles a wallet that several illicit businesses share."
        ),
        innocent=("an unlabelled exchange or payment desk", "a gambler who was also scammed", "wrong labels"),
        blind_to=("other wallets of the same owner", "services that no label names"),
        next_steps=(
            "Find out whether the address belongs to an unlabelled exchange, broker or over-the-counter desk.",
            "Read which kinds meet here and in which direction the money runs.",
            "Check the labels' sources: are they independent of each other?",
        ),
        needs=("transfers", "labels:escort", "labels:gambling", "labels:guarantee", "labels:scam", "labels:darknet"),
        thresholds=THRESHOLDS,
        cases=CASES,
    ),
    sides=("sender", "receiver"),
    features=features,
    fires=deals_with_several,
)
