"""Nearly all of a sum that left an account is back within a day, by way of addresses in between.

The catalogue has no entry for round trips; the nearest is tx-rapid-multi-hop, value that runs through addresses
that serve no other purpose: here the line ends where it began. Wages returned by way of a straw person and
turnover made up for a front look so.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from manumit.detectors.contract import About, FeatureBlock, Finder, Mask, Story, Threshold, Values
from manumit.detectors.labelled import BUSINESSES, labelled
from manumit.detectors.parties import NUMBER, is_person
from manumit.detectors.payers import hours_us, micro, passed_on
from manumit.detectors.stories import (
    DAY,
    HOUR,
    MICRO,
    MICROSECOND,
    MINUTE,
    edge,
    fires,
    innocent,
    label,
    near_miss,
    pay,
    pays,
)
from manumit.detectors.windows.features import Aggregate, Feature, Side
from manumit.detectors.windows.view import Leg, View
from manumit.schemas.block import MICRO_USD
from manumit.schemas.transfer import Transfer

LONGEST = 8

THRESHOLDS = (
    Threshold(name="keeps", value=0.9, unit="share", origin="ours: as in tx-rapid-multi-hop"),
    Threshold(name="min_hops", value=4, unit="transfers", origin="ours: two are a refund, three a shop among friends"),
    Threshold(name="window_hours", value=24, unit="hours", origin="ours"),
    Threshold(name="min_usd", value=500, unit="USD", origin="ours: small sums go round by chance"),
    Threshold(name="max_legs", value=8, unit="transfers", origin="ours: a busier address is taken for a service"),
    Threshold(name="max_looks", value=24, unit="addresses", origin="ours: how many are looked at for one transfer"),
)


def features(v: Values) -> Mapping[str, tuple[Side, Feature]]:
    window_us = hours_us(v["window_hours"])
    return {
        "came": ("sender", Aggregate(measure="sum", direction="in", window_us=window_us)),
        "inflows": ("sender", Aggregate(measure="count", direction="in", window_us=window_us)),
        "left": ("receiver", Aggregate(measure="sum", direction="out", window_us=window_us)),
    }


def may_close(block: FeatureBlock, v: Values) -> Mask:
    business = labelled(block.own_labels | block.other_labels, *BUSINESSES)
    usd = np.floor(block.usd * MICRO_USD) - 1
    enough = (block["came"] >= usd) & (block["left"] >= usd) & (block.usd >= v["min_usd"])
    found: Mask = enough & (block["inflows"] <= v["max_legs"]) & ~business
    return found


@dataclass(slots=True)
class Way:
    """The transfers walked back so far, and how many addresses may still be looked at."""

    legs: list[Leg]
    left: int


def comes_back(view: View, v: Values) -> Story | None:
    """A way by which the sum of this transfer left its receiver before."""
    way = Way([view.event], int(v["max_looks"]))
    small = view.usd_micro < micro(v["min_usd"])
    if small or not is_person(view, view.receiver) or not walked_back(view, way, v):
        return None
    hops = [leg.other for leg in way.legs[-2::-1]]  # in the order the money took
    return Story(
        subject=view.receiver,
        events=tuple(leg.sequence for leg in way.legs),
        parties=(
            ("sends and gets back", view.receiver),
            *((f"passed on as number {NUMBER}", hop) for hop in hops),
        ),
        numbers={
            "hops": len(way.legs),
            "minutes": (way.legs[0].at_us - way.legs[-1].at_us) / MINUTE,
            "share": way.legs[0].usd_micro / way.legs[-1].usd_micro,
        },
    )


def walked_back(view: View, way: Way, v: Values) -> bool:
    """Depth first, newest inflows first; True when `way` ends in a transfer of the receiver."""
    went, account = way.legs[-1], way.legs[-1].other
    way.left -= 1
    limit = int(v["max_legs"]) + 1
    inflows = view.inflows(account, hours_us(v["window_hours"]), limit)
    if len(inflows) == limit or not is_person(view, account):
        return False
    for came in inflows:
        if came.sequence >= went.sequence or not passed_on(went.usd_micro, came.usd_micro, v["keeps"]):
            continue
        way.legs.append(came)
        closes = came.other == view.receiver and len(way.legs) >= v["min_hops"]
        if closes or (may_go_on(view, way, came) and walked_back(view, way, v)):
            return True
        way.legs.pop()
    return False


def may_go_on(view: View, way: Way, came: Leg) -> bool:
    """No address twice, not for ever."""
    known = {view.receiver, *(leg.other for leg in way.legs[:-1])}
    return way.left > 0 and len(way.legs) < LONGEST and came.other not in known


def ring(
    hops: int = 4, usd: float = 2000, *, keeps: float = 0.99, every: int = HOUR, at: int = DAY
) -> tuple[Transfer, ...]:
    """Transfers t1, t2, … from `origin` through `hop-1`, `hop-2`, … and back."""
    names = ["origin", *(f"hop-{i}" for i in range(1, hops)), "origin"]
    return tuple(
        pay(f"t{i}", names[i - 1], names[i], round(usd * keeps ** (i - 1), 6), at=at + (i - 1) * every)
        for i in range(1, hops + 1)
    )


def closing(usd: float, *, at: int = DAY + 4 * HOUR, before: float = 2000) -> tuple[Transfer, ...]:
    """Three transfers of one sum, and the fourth of `usd` back to the origin (tag t4)."""
    return *ring(4, before, keeps=1)[:3], pay("t4", "hop-3", "origin", usd, at=at)


def tree(leaves: int) -> tuple[Transfer, ...]:
    """Newer inflows of hop-3, all wrong ways: from 7 twigs, each with a leaf of its own and `leaves` more in turn."""
    rows = [pay(f"l{i}", f"leaf-{i}", f"twig-{i % 7}", 2000, at=DAY + 2 * HOUR + MINUTE + i) for i in range(7 + leaves)]
    return (
        *rows,
        *pays("u#", 6, "twig-#", "hop-3", 2000, at=DAY + 3 * HOUR - MINUTE, every=1),
        pay("u0", "twig-0", "hop-3", 2000, at=DAY + 3 * HOUR - 1),
    )


CASES = (
    fires("the fourth transfer comes home", ring(), on="t4"),
    fires("by way of seven addresses", ring(8), on="t8"),
    fires(
        "a wrong way is looked at first", ring(), pay("x", "friend", "hop-3", 1950, at=DAY + 2 * HOUR + MINUTE), on="t4"
    ),
    near_miss("a refund", ring(2)),
    near_miss("by way of two addresses", ring(3)),
    near_miss("half of it stays on the way", ring(5, keeps=0.5)),
    near_miss("it comes home to another", ring()[:3], pay("t4", "hop-3", "friend", 1900, at=DAY + 4 * HOUR)),
    innocent("through a labelled exchange", ring(5), labels=(label("hop-2", "exchange"),)),
    innocent("through a router that serves many", ring(5), pays("x#", 8, "user-#", "hop-2", 900, at=DAY, every=MINUTE)),
    innocent("friends share a bill", ring(5, 80)),
    edge("0.9 of it comes home", closing(1800), on="t4"),
    edge("a micro-dollar less comes home", closing(1800 - MICRO)),
    edge("all of it comes home", closing(2000), on="t4"),
    edge("more than it comes home", closing(2000 + MICRO)),
    edge("exactly 24 h later", closing(1900, at=2 * DAY)),
    edge("less than 24 h later", closing(1900, at=2 * DAY - MICROSECOND), on="t4"),
    edge("exactly 500 USD", closing(500, before=550), on="t4"),
    edge("a micro-dollar less than 500 USD", closing(500 - MICRO, before=550)),
    edge("8 inflows", closing(1900), pays("x#", 7, "user-#", "hop-2", 5, at=DAY, every=MICROSECOND), on="t4"),
    edge("9 inflows", closing(1900), pays("x#", 8, "user-#", "hop-2", 5, at=DAY, every=MICROSECOND)),
    edge("24 addresses looked at", tree(7), closing(1900), on="t4"),
    edge("25 addresses would be", tree(8), closing(1900)),
)

FINDER = Finder(
    about=About(
        id="tx-round-trip",
        version=1,
        title="A sum leaves and comes back by way of others",
        status="live",
        severity="medium",
        entries=("tx-rapid-multi-hop",),
        reason=(
            "{share:%} of a sum that left {subject} came back to it within {minutes} minutes, by {hops} transfers "
            "through other addresses. This resembles turnover that is made up, or a payment taken back. "
            "Parties: {parties}."
        ),
        innocent=("moves between wallets of one owner", "market making and arbitrage", "a loan repaid the same day"),
        blind_to=(
            "sums that split or join on the way, or come back in another asset without a USD rate",
            "ways through an address with more than max_legs inflows in window_hours, taken for a service",
            "ways of more than 8 transfers, and those not found after max_looks addresses",
        ),
        next_steps=(
            "See whether the addresses in between belong to the same owner.",
            "If the account pays wages, see whether those in between are its workers.",
            "Look for the same round at regular times, and for what the turnover is shown to.",
        ),
        thresholds=THRESHOLDS,
        cases=CASES,
    ),
    features=features,
    triggers=may_close,
    within_us=lambda v: hours_us(v["window_hours"]),
    numbers=("hops", "minutes", "share"),
    story=comes_back,
)
