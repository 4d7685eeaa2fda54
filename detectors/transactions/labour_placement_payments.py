"""Regular payments in one middle band of amounts to a service that places workers.

Catalogue entry tx-labour-placement-payments. The steadiness of the intervals becomes a number of
payments older than a week: a burst is not a regular business.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from manumit.detectors.contract import About, FeatureBlock, Mask, Rule, Threshold, Values
from manumit.detectors.labelled import BUSINESSES, labelled
from manumit.detectors.stories import DAY, HOUR, MICRO, MICROSECOND, edge, fires, innocent, label, near_miss, pay, pays
from manumit.detectors.windows.features import Feature, count_out, where
from manumit.schemas.transfer import Transfer

QUARTER = "90d"  # source: catalogue entry, check.window
RECENT = "7d"  # ours
PLACEMENT: Final = "labour-placement"
NEXT_MICRO_USD = 1e-6  # filters are half-open, the entry's band is closed

THRESHOLDS = (
    Threshold(name="min_usd", value=1_000, unit="USD", origin="Chainalysis Feb 2026: labour placement, 1,000-10,000"),
    Threshold(name="max_usd", value=10_000, unit="USD", origin="Chainalysis Feb 2026: labour placement, 1,000-10,000"),
    Threshold(name="min_payments", value=3, unit="transfers", origin="ours"),
    Threshold(name="min_older", value=1, unit="transfers", origin="ours: stands for the cv of the intervals"),
)


def features(v: Values) -> Mapping[str, Feature]:
    band = where(low_usd=v["min_usd"], high_usd=v["max_usd"] + NEXT_MICRO_USD, counterparty=(PLACEMENT,))
    return {"payments": count_out(QUARTER, band), "recent": count_out(RECENT, band)}


def pays_placement(block: FeatureBlock, v: Values) -> Mask:
    band = (block.usd >= v["min_usd"]) & (block.usd <= v["max_usd"])
    regular = (block["payments"] >= v["min_payments"]) & (block["payments"] - block["recent"] >= v["min_older"])
    found: Mask = band & regular & labelled(block.other_labels, PLACEMENT) & ~labelled(block.own_labels, *BUSINESSES)
    return found


def fees(count: int = 3, usd: float = 4_000, every: int = 14 * DAY) -> tuple[Transfer, ...]:
    return pays("p#", count, "site", "placement", usd, every=every)


def fee(tag: str, usd: float, at: int) -> Transfer:
    return pay(tag, "site", "placement", usd, at=at)


LABELS = (label("placement", PLACEMENT),)
TWO = fees(2)
WEEK = fees(2, every=DAY)

CASES = (
    fires("three fees, two weeks apart", fees(), on="p3", labels=LABELS),
    near_miss("two fees are too few", TWO, labels=LABELS),
    near_miss("four within two days", fees(4, every=12 * HOUR), labels=LABELS),
    near_miss("an unlabelled receiver", fees()),
    innocent("small application fees", fees(6, usd=50), labels=LABELS),
    innocent("an exchange's own wallet", fees(6), labels=(*LABELS, label("site", "exchange"))),
    edge("exactly 1,000 USD", fees(usd=1_000), on="p3", labels=LABELS),
    edge("a micro-dollar less than 1,000", fees(usd=1_000 - MICRO), labels=LABELS),
    edge("exactly 10,000 USD", fees(usd=10_000), on="p3", labels=LABELS),
    edge("a micro-dollar more than 10,000", fees(usd=10_000 + MICRO), labels=LABELS),
    edge("the first is exactly 90 d old", TWO, fee("p3", 4_000, 90 * DAY), labels=LABELS),
    edge("the first is younger", TWO, fee("p3", 4_000, 90 * DAY - MICROSECOND), on="p3", labels=LABELS),
    edge(
        "two of three within a week",
        fee("p1", 4_000, 0),
        fee("p2", 4_000, 20 * DAY),
        fee("p3", 4_000, 21 * DAY),
        on="p3",
        labels=LABELS,
    ),
    edge("the first of three is younger than a week", WEEK, fee("p3", 4_000, 7 * DAY - MICROSECOND), labels=LABELS),
    edge("the first of three is exactly a week old", WEEK, fee("p3", 4_000, 7 * DAY), on="p3", labels=LABELS),
)

RULE = Rule(
    about=About(
        id="tx-labour-placement-payments",
        version=1,
        title="Regular payments to a labour-placement service",
        status="live",
        severity="high",
        entries=("tx-labour-placement-payments",),
        reason=(
            "{subject} paid a service labelled as placing workers {payments} times in 90 days, each between "
            "{min_usd} and {max_usd} USD. This resembles fees for workers delivered."
        ),
        innocent=("a genuine recruitment agency paid in coin", "a staffing firm's ordinary invoices", "a wrong label"),
        blind_to=(
            "services that no label names",
            "addresses printed in job adverts only",
            "fees split into small parts",
        ),
        next_steps=(
            "Check the label: who published it, when, and on what evidence.",
            "See who else pays the service, and whether amounts repeat per person delivered.",
            "Look for job adverts that print the service's address or contact.",
        ),
        needs=("transfers", "labels:labour-placement"),
        thresholds=THRESHOLDS,
        cases=CASES,
    ),
    sides=("sender",),
    features=features,
    fires=pays_placement,
)
