"""A customer often pays classified-advert sites established in another country than their own.

Catalogue entry tx-foreign-classified-payments. The site's country is told by its label or by the record of the
payment, the customer's by the latest snapshot; where one is unknown nothing is concluded.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import msgspec

from manumit.detectors.contract import About, FeatureBlock, Mask, Rule, Threshold, Values
from manumit.detectors.labelled import BUSINESSES, labelled
from manumit.detectors.stories import (
    DAY,
    MICROSECOND,
    Part,
    account,
    booked,
    edge,
    fires,
    innocent,
    label,
    near_miss,
    snapshot,
)
from manumit.detectors.windows.features import Feature, count_out, where

MONTH = "30d"  # source: catalogue entry, check.window
ABROAD: Final = "classifieds-abroad"

THRESHOLDS = (Threshold(name="min_payments", value=4, unit="transfers", origin="ours"),)


def features(v: Values) -> Mapping[str, Feature]:
    return {"payments": count_out(MONTH, where(counterparty=(ABROAD,)))}


def pays_abroad(block: FeatureBlock, v: Values) -> Mask:
    often = block["payments"] >= v["min_payments"]
    found: Mask = often & labelled(block.other_labels, ABROAD) & ~labelled(block.own_labels, *BUSINESSES)
    return found


def paid(tag: str, at: int, *, country: str = "", to: str = "site", customer: str = "customer") -> Part:
    return booked(
        tag, "withdrawal", 30, at=at, channel="crypto", counterparty=account(to), country=country, customer=customer
    )


def three(country: str = "") -> tuple[Part, ...]:
    return tuple(paid(f"p{n}", n * DAY, country=country) for n in (1, 2, 3))


SITE = (msgspec.structs.replace(label("site", "classifieds"), country="NL"),)
UNPLACED = (label("site", "classifieds"),)
HOME = snapshot(residence="CA")

CASES = (
    fires("four payments abroad", HOME, *three(), paid("p4", 9 * DAY), on="p4", labels=SITE),
    fires(
        "the payment's record tells the country",
        HOME,
        *three("NL"),
        paid("p4", 9 * DAY, country="NL"),
        on="p4",
        labels=UNPLACED,
    ),
    near_miss("three are too few", HOME, *three(), labels=SITE),
    near_miss("nobody knows where the customer lives", *three(), paid("p4", 9 * DAY), labels=SITE),
    near_miss("nobody knows where the site is", HOME, *three(), paid("p4", 9 * DAY), labels=UNPLACED),
    near_miss("it is no classified site", HOME, *three("NL"), paid("p4", 9 * DAY, country="NL")),
    innocent("a site of the own country", snapshot(residence="NL"), *three(), paid("p4", 9 * DAY), labels=SITE),
    innocent(
        "moved there meanwhile", HOME, *three(), snapshot(residence="NL", at=4 * DAY), paid("p4", 9 * DAY), labels=SITE
    ),
    edge("the first is exactly 30 d old", HOME, *three(), paid("p4", 31 * DAY), labels=SITE),
    edge("the first is younger", HOME, *three(), paid("p4", 31 * DAY - MICROSECOND), on="p4", labels=SITE),
)

RULE = Rule(
    about=About(
        id="tx-foreign-classified-payments",
        version=1,
        title="Frequent payments to classified sites based abroad",
        status="live",
        severity="low",
        entries=("tx-foreign-classified-payments",),
        reason=(
            "{subject} paid classified-advert sites established abroad {payments} times in 30 days. This resembles "
            "somebody who runs adverts in another country."
        ),
        innocent=(
            "somebody who sells across a border",
            "somebody who is about to move country",
            "a wrong country on a label",
        ),
        blind_to=("sites that no label names", "customers and sites whose country is unknown", "payments by others"),
        next_steps=(
            "Give it weight only beside another sign on the same customer.",
            "Look what is advertised on the sites and for which places.",
            "Compare with the customer's declared occupation.",
        ),
        needs=("account_events", "customers", "labels:classifieds"),
        thresholds=THRESHOLDS,
        cases=CASES,
        books=("customers",),
    ),
    sides=("sender",),
    features=features,
    fires=pays_abroad,
)
