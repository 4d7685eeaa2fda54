"""Customers at kiosks far apart pay one address within days, and several call it their own.

Catalogue entry tx-kiosk-scatter-same-address, which rests on a summary of the notice. Places are geohash cells
and distances those of their middles; a customer without a cell counts as a customer, but not for a distance.
Addresses of labelled businesses are left out before.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import NamedTuple

from manumit.detectors.contract import About, FeatureBlock, Finder, Mask, Story, Threshold, Values
from manumit.detectors.geohash import distance_km
from manumit.detectors.parties import kiosk_sender
from manumit.detectors.payers import hours_us, worth
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
from manumit.detectors.windows.features import Aggregate, Feature, Filter, Side
from manumit.detectors.windows.view import Leg, View
from manumit.schemas.block import MICRO_USD

LATEST = 64  # payouts to the address that are looked at

THRESHOLDS = (
    Threshold(name="min_customers", value=3, unit="customers", origin="ours: catalogue entry, n"),
    Threshold(name="min_km", value=100, unit="km", origin="ours: catalogue entry, d"),
    Threshold(name="min_pairs", value=2, unit="pairs", origin="catalogue entry, check.logic"),
    Threshold(name="min_owners", value=2, unit="customers", origin="catalogue entry, check.logic"),
    Threshold(name="window_hours", value=72, unit="hours", origin="catalogue entry, check.window"),
    Threshold(name="dust_usd", value=1, unit="USD", origin="ours"),
)


class Payout(NamedTuple):
    """What the sender's name in the kiosks' book tells of one payout."""

    leg: Leg
    place: str
    own: bool
    customer: str


def features(v: Values) -> Mapping[str, tuple[Side, Feature]]:
    paid = Filter(low=round(v["dust_usd"] * MICRO_USD))
    window_us = hours_us(v["window_hours"])
    senders = Aggregate(measure="counterparties", direction="in", window_us=window_us, where=paid)
    return {"senders": ("receiver", senders)}


def may_be_scattered(block: FeatureBlock, v: Values) -> Mask:
    found: Mask = (block["senders"] >= v["min_customers"]) & (block.usd >= v["dust_usd"])
    return found


def scattered(view: View, v: Values) -> Story | None:
    """The latest payouts to the address, and how far apart the kiosks of different customers stand."""
    if view.usd_micro < round(v["dust_usd"] * MICRO_USD):
        return None
    legs = worth(view.inflows(view.receiver, hours_us(v["window_hours"]), LATEST), v["dust_usd"])
    payouts = [payout(leg, view.memory.name(leg.other)) for leg in reversed(legs)]
    customers = list(dict.fromkeys(one.customer for one in payouts))
    owners = {one.customer for one in payouts if one.own}
    distances = apart(payouts)
    far = [km for km in distances if km >= v["min_km"]]
    if len(customers) < v["min_customers"] or len(owners) < v["min_owners"] or len(far) < v["min_pairs"]:
        return None
    senders = list(dict.fromkeys(one.leg.other for one in payouts))
    return Story(
        subject=view.receiver,
        events=tuple(one.leg.sequence for one in payouts),
        parties=(
            ("paid at kiosks", view.receiver),
            *(("a customer at a kiosk", sender) for sender in senders),
        ),
        numbers={"customers": len(customers), "owners": len(owners), "pairs": len(far), "km": max(far)},
    )


def payout(leg: Leg, name: str) -> Payout:
    return Payout(leg, *kiosk_sender(name))


def apart(payouts: Sequence[Payout]) -> list[float]:
    """Distances in km between kiosks of different customers."""
    kiosks = dict.fromkeys((one.customer, one.place) for one in payouts if one.place)
    return [
        distance_km(place, other_place)
        for (customer, place), (other, other_place) in combinations(kiosks, 2)
        if customer != other
    ]


HERE, NEAR, FAR, FURTHER = "9whx5gt", "9wks5ym", "9wks7bj", "9wsw7yt"  # 99.4, 100.5 and 299.9 km from HERE
WALLET = account("collecting")


def cash(tag: str, place: str, at: int, *, own: bool = True, who: str = "", usd: float = 400, to: str = WALLET) -> Part:
    return booked(
        tag, "withdrawal", usd, at=at, channel="kiosk", counterparty=to, place=place, own=own, customer=who or tag
    )


def third(at: int = 2 * DAY, *, place: str = FURTHER, own: bool = False, usd: float = 400) -> tuple[Part, ...]:
    """Two neighbours and then a third customer far away: two pairs."""
    return cash("k1", HERE, 0), cash("k2", HERE, HOUR), cash("k3", place, at, own=own, usd=usd)


CASES = (
    fires("three customers, one of them far away", *third(), on="k3"),
    fires("a later payout again", *third(), cash("k4", HERE, 2 * DAY + HOUR, who="k1"), on="k3 k4"),
    fires("only the last two call it their own", cash("k1", HERE, 0, own=False), *third(own=True)[1:], on="k3"),
    near_miss("two customers", *third()[1:]),
    near_miss("two customers at three kiosks", *third(own=True)[1:], cash("k4", NEAR, 2 * DAY + HOUR, who="k2")),
    near_miss("all in one town", *third(place=HERE)),
    near_miss("one owner, two who pay somebody", cash("k1", HERE, 0, own=False), *third()[1:]),
    near_miss("nobody knows where the third paid", *third(place="")),
    near_miss(
        "each pays an address of their own",
        *(cash(f"k{n}", place, n, to=account(f"w{n}")) for n, place in enumerate((HERE, FAR, FURTHER))),
    ),
    innocent("a labelled merchant address", *third(), labels=(label("collecting", "service"),)),
    innocent(
        "one customer who travels",
        *(cash(f"t{n}", place, n * HOUR, who="salesman") for n, place in enumerate((HERE, FAR, FURTHER))),
    ),
    innocent(
        "a shop that nobody calls their own",
        *(cash(f"s{n}", place, n * HOUR, own=False) for n, place in enumerate((HERE, FAR, FURTHER))),
    ),
    edge("100.5 km", *third(place=FAR), on="k3"),
    edge("99.4 km", *third(place=NEAR)),
    edge("one pair far apart", cash("k0", "", 0), cash("k1", HERE, HOUR), cash("k2", FURTHER, DAY)),
    edge("three pairs far apart", cash("k0", FAR, 0), cash("k1", HERE, HOUR), cash("k2", FURTHER, DAY), on="k2"),
    edge("the first is exactly 72 h old", *third(3 * DAY)),
    edge("the first is younger", *third(3 * DAY - MICROSECOND), on="k3"),
    edge("the third of exactly 1 USD", *third(usd=1), on="k3"),
    edge("the third of less", *third(usd=1 - MICRO)),
)

FINDER = Finder(
    about=About(
        id="tx-kiosk-scatter-same-address",
        version=1,
        title="Kiosk deposits from distant places to one address",
        status="live",
        severity="high",
        entries=("tx-kiosk-scatter-same-address",),
        reason=(
            "{customers} customers paid {subject} at kiosks within {window_hours} hours, {pairs} pairs of kiosks at "
            "least {min_km} km apart and up to {km} km, and {owners} called the address their own. This resembles "
            "payments that somebody directs. Parties: {parties}."
        ),
        innocent=("a merchant's address that several customers pay", "customers who mistake the question of ownership"),
        blind_to=(
            "kiosks whose place is no geohash",
            "operators who do not share their records",
            "more than 64 payouts in the window: only the latest are looked at",
        ),
        next_steps=(
            "The customers may be victims of a scam or of coercion: have a trained person speak to them.",
            "Screen the address and follow where the coins go next.",
            "Ask other operators for payouts to the same address.",
        ),
        needs=("account_events",),
        thresholds=THRESHOLDS,
        cases=CASES,
        books=("kiosks",),
    ),
    features=features,
    triggers=may_be_scattered,
    within_us=lambda v: hours_us(v["window_hours"]),
    numbers=("customers", "owners", "pairs", "km"),
    story=scattered,
)
