"""Money paid in at many places for one customer who is in a corridor area.

Catalogue entry tx-many-origins-one-corridor-beneficiary. Corridors are labels on places, dated and of the
deployment's own choice; never a nationality. The customer is where they last logged in or took money out.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from manumit.detectors.contract import About, FeatureBlock, Mask, Rule, Threshold, Values
from manumit.detectors.labelled import BUSINESSES, labelled
from manumit.detectors.stories import (
    DAY,
    HOUR,
    MICRO,
    MICROSECOND,
    Part,
    booked,
    edge,
    fires,
    innocent,
    label,
    near_miss,
)
from manumit.detectors.windows.features import Feature, count_in, senders, where

MONTH = "30d"  # source: catalogue entry, check.window
CORRIDOR: Final = "corridor"

THRESHOLDS = (
    Threshold(name="min_places", value=3, unit="places", origin="ours: catalogue entry tx-funnel-fan-in, g"),
    Threshold(name="min_payments", value=8, unit="transfers", origin="ours: catalogue entry tx-funnel-fan-in, k"),
    Threshold(name="min_usd", value=10, unit="USD", origin="ours"),
)


def features(v: Values) -> Mapping[str, Feature]:
    paid = where(low_usd=v["min_usd"])
    return {"places": senders(MONTH, paid), "payments": count_in(MONTH, paid)}


def gathers_in_corridor(block: FeatureBlock, v: Values) -> Mask:
    many = (block["places"] >= v["min_places"]) & (block["payments"] >= v["min_payments"])
    paid = block.usd >= v["min_usd"]
    return many & paid & labelled(block.own_labels, CORRIDOR) & ~labelled(block.own_labels, *BUSINESSES)


AREA = (label("place:9t", CORRIDOR),)
LATER = (label("place:9t", CORRIDOR, start=10 * DAY),)
HERE = booked("login", "login", at=-DAY, place="9tbq")
TOWNS = ("9v6k", "dp3w", "dn5b")


def paid_in(tag: str, at: int, place: str, usd: float = 200) -> Part:
    return booked(tag, "fiat-in", usd, at=at, channel="cash", place=place, counterparty=f"payer-{tag}")


def payments(count: int = 8, towns: tuple[str, ...] = TOWNS, every: int = HOUR) -> tuple[Part, ...]:
    return tuple(paid_in(f"p{n}", n * every, towns[n % len(towns)]) for n in range(1, count + 1))


SEVEN = payments(7)

CASES = (
    fires("eight payments from three towns", HERE, *payments(), on="p8", labels=AREA),
    fires(
        "seen there when taking money out",
        booked("out", "fiat-out", 100, at=-DAY, place="9tbq"),
        *payments(),
        on="p8",
        labels=AREA,
    ),
    near_miss("seven payments", HERE, *SEVEN, labels=AREA),
    near_miss("two towns", HERE, *payments(9, TOWNS[:2]), labels=AREA),
    near_miss("nobody knows where the customer is", *payments(), labels=AREA),
    near_miss("no corridor is configured", HERE, *payments()),
    innocent("a customer elsewhere", booked("login", "login", at=-DAY, place="u33d"), *payments(), labels=AREA),
    innocent("money from home, one town", HERE, *payments(12, TOWNS[:1]), labels=AREA),
    innocent("the area was listed later", HERE, *payments(), labels=LATER),
    edge("the eighth of exactly 10 USD", HERE, *SEVEN, paid_in("p8", DAY, "9v6k", 10), on="p8", labels=AREA),
    edge("the eighth of less", HERE, *SEVEN, paid_in("p8", DAY, "9v6k", 10 - MICRO), labels=AREA),
    edge("the first is exactly 30 d old", HERE, *SEVEN, paid_in("p8", 30 * DAY + HOUR, "9v6k"), labels=AREA),
    edge(
        "the first is younger", HERE, *SEVEN, paid_in("p8", 30 * DAY + HOUR - MICROSECOND, "9v6k"), on="p8", labels=AREA
    ),
    edge(
        "moved away at that moment",
        HERE,
        *SEVEN,
        booked("l2", "login", at=2 * DAY, place="u33d"),
        paid_in("p8", 2 * DAY + MICROSECOND, "9v6k"),
        labels=AREA,
    ),
)

RULE = Rule(
    about=About(
        id="tx-many-origins-one-corridor-beneficiary",
        version=1,
        title="Senders from many places paying one beneficiary in a transit area",
        status="live",
        severity="medium",
        entries=("tx-many-origins-one-corridor-beneficiary",),
        reason=(
            "{subject}, last seen in an area this deployment lists as a corridor, was paid {payments} times from "
            "{places} places in 30 days. This resembles a collector of passage fees."
        ),
        innocent=(
            "a family in a border town that relatives support",
            "a local shop or landlord",
            "seasonal workers' pay",
        ),
        blind_to=("payments without a place", "areas that nobody listed", "what the payers' occupations explain"),
        next_steps=(
            "Compare with the customer's declared occupation and business.",
            "See whether the payers are related to the customer or to each other.",
            "Look for pairs of payments by the same payer some weeks apart.",
        ),
        needs=("account_events", "labels:corridor"),
        thresholds=THRESHOLDS,
        cases=CASES,
        books=("places",),
    ),
    sides=("receiver",),
    features=features,
    fires=gathers_in_corridor,
)
