"""Prepaid cards pay in, and within days about as much goes to commercial-sex adverts; more than once.

Catalogue entry tx-prepaid-to-crypto-to-ads. The purchase in between is not asked for: what goes to an advert site in
coin was bought. Sums of three days are compared, so several cards may pay for one advert or one for several.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np

from manumit.detectors.contract import About, FeatureBlock, Mask, Rule, Threshold, Values
from manumit.detectors.labelled import BUSINESSES, labelled
from manumit.detectors.stories import (
    DAY,
    HOUR,
    MICRO,
    MICROSECOND,
    Part,
    account,
    booked,
    edge,
    fires,
    innocent,
    label,
    near_miss,
)
from manumit.detectors.windows.features import Feature, count_in, count_out, sum_in, sum_out, where
from manumit.schemas.block import Int64s

SEQUENCE = "72h"  # ours: catalogue entry threshold w
MONTH = "30d"  # source: catalogue entry, check.window
ADS: Final = "adult-ads"

THRESHOLDS = (
    Threshold(name="tolerance", value=0.15, unit="share", origin="ours: of what the cards paid in"),
    Threshold(name="min_sequences", value=2, unit="sequences", origin="ours"),
)


def features(v: Values) -> Mapping[str, Feature]:
    cards, adverts = where(counterparty=("prepaid",)), where(counterparty=(ADS,))
    return {
        "cards": count_in(MONTH, cards),
        "adverts": count_out(MONTH, adverts),
        "paid_in": sum_in(MONTH, cards),
        "spent": sum_out(MONTH, adverts),
        "paid_in_now": sum_in(SEQUENCE, cards),
        "spent_now": sum_out(SEQUENCE, adverts),
    }


def cards_to_adverts(block: FeatureBlock, v: Values) -> Mask:
    now = _alike(block["paid_in_now"], block["spent_now"], v) & _alike(block["paid_in"], block["spent"], v)
    often = (block["cards"] >= v["min_sequences"]) & (block["adverts"] >= v["min_sequences"])
    return now & often & labelled(block.other_labels, ADS) & ~labelled(block.own_labels, *BUSINESSES)


def _alike(came: Int64s, went: Int64s, v: Values) -> Mask:
    found: Mask = (came > 0) & (np.abs(went - came) <= v["tolerance"] * came)
    return found


def card(tag: str, at: int, usd: float = 100, channel: str = "prepaid") -> Part:
    return booked(tag, "fiat-in", usd, at=at, channel=channel)


def advert(tag: str, at: int, usd: float = 95) -> Part:
    return booked(tag, "withdrawal", usd, at=at, channel="crypto", counterparty=account("advert-site"))


LABELS = (label("advert-site", ADS),)
FIRST = (card("c1", 0), advert("a1", 5 * HOUR))
SECOND = card("c2", 10 * DAY)

CASES = (
    fires("twice a card, twice an advert", *FIRST, SECOND, advert("a2", 11 * DAY), on="a2", labels=LABELS),
    fires(
        "two cards for one advert",
        card("c1", 0),
        card("c2", HOUR),
        advert("a1", 2 * HOUR, 190),
        card("c3", 3 * HOUR),
        advert("a2", 5 * HOUR, 95),
        on="a2",
        labels=LABELS,
    ),
    near_miss("one sequence", *FIRST, labels=LABELS),
    near_miss(
        "a bank paid in the second time",
        *FIRST,
        card("c2", 10 * DAY, channel="bank"),
        advert("a2", 11 * DAY),
        labels=LABELS,
    ),
    near_miss("a quarter of it goes to adverts", *FIRST, SECOND, advert("a2", 11 * DAY, 25), labels=LABELS),
    near_miss("the receiver is no advert site", *FIRST, SECOND, advert("a2", 11 * DAY)),
    innocent(
        "cards for everyday spending",
        *FIRST,
        *(card(f"d{n}", n * DAY, 300) for n in range(1, 9)),
        advert("a2", 11 * DAY),
        labels=LABELS,
    ),
    edge("15 % less", *FIRST, SECOND, advert("a2", 11 * DAY, 85), on="a2", labels=LABELS),
    edge("a micro-dollar less than that", *FIRST, SECOND, advert("a2", 11 * DAY, 85 - MICRO), labels=LABELS),
    edge("15 % more", *FIRST, SECOND, advert("a2", 11 * DAY, 115), on="a2", labels=LABELS),
    edge("a micro-dollar more than that", *FIRST, SECOND, advert("a2", 11 * DAY, 115 + MICRO), labels=LABELS),
    edge("the card paid in exactly 72 h before", *FIRST, SECOND, advert("a2", 13 * DAY), labels=LABELS),
    edge(
        "the card paid in less than 72 h before",
        *FIRST,
        SECOND,
        advert("a2", 13 * DAY - MICROSECOND),
        on="a2",
        labels=LABELS,
    ),
    edge("the first card is exactly 30 d old", *FIRST, card("c2", 29 * DAY), advert("a2", 30 * DAY), labels=LABELS),
    edge(
        "the first card is younger",
        *FIRST,
        card("c2", 29 * DAY),
        advert("a2", 30 * DAY - MICROSECOND),
        on="a2",
        labels=LABELS,
    ),
)

RULE = Rule(
    about=About(
        id="tx-prepaid-to-crypto-to-ads",
        version=1,
        title="Prepaid cards to virtual currency to adverts",
        status="live",
        severity="high",
        entries=("tx-prepaid-to-crypto-to-ads",),
        reason=(
            "{subject} was paid into by {cards} prepaid or gift cards in 30 days, {paid_in} USD, and sent {spent} USD "
            "to services that host commercial-sex adverts. This resembles adverts paid for without a name."
        ),
        innocent=(
            "an adult without a bank account who pays for adverts of their own",
            "somebody who keeps payments private",
        ),
        blind_to=(
            "cards sold to a private dealer in coins",
            "advert sites that no label names",
            "other ways to pay in",
        ),
        next_steps=(
            "Ask where the cards were bought and by whom, if the law allows it.",
            "Look at the adverts behind the payments: one person or several, one town or several?",
            "Look for other accounts that the same cards, devices or contacts use.",
        ),
        needs=("account_events", "labels:adult-ads"),
        thresholds=THRESHOLDS,
        cases=CASES,
        books=("customers",),
    ),
    sides=("sender",),
    features=features,
    fires=cards_to_adverts,
)
