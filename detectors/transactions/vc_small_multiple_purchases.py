"""Small purchases of virtual currency, often, most of them multiples of one price.

Catalogue entry tx-vc-small-multiple-purchases. The source's example amounts 3, 12 and 24 are all multiples of 3,
so one base price stands for the table. Amounts are compared in US dollars.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from manumit.detectors.contract import About, FeatureBlock, Mask, Rule, Threshold, Values
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
    near_miss,
    pays,
)
from manumit.detectors.windows.features import Feature, count_out, where
from manumit.schemas.block import MICRO_USD

WEEK = "7d"  # source: catalogue entry, check.window

THRESHOLDS = (
    Threshold(name="base_usd", value=3, unit="USD", origin="FINTRAC 2016, virtual currencies: multiples of 3, 12, 24"),
    Threshold(name="slack_usd", value=0.05, unit="USD", origin="ours: network fee"),
    Threshold(name="max_usd", value=100, unit="USD", origin="FINTRAC 2016: under 100"),
    Threshold(name="min_purchases", value=5, unit="purchases", origin="ours"),
    Threshold(name="min_share", value=0.7, unit="share", origin="ours"),
)


def features(v: Values) -> Mapping[str, Feature]:
    price = (v["base_usd"], v["slack_usd"])
    return {
        "purchases": count_out(WEEK, where(low_usd=0, high_usd=v["max_usd"])),
        "multiples": count_out(WEEK, where(low_usd=0, high_usd=v["max_usd"], multiple_of=price)),
    }


def buys_multiples(block: FeatureBlock, v: Values) -> Mask:
    small = (block.usd >= 0) & (block.usd < v["max_usd"])
    often = block["purchases"] >= v["min_purchases"]
    return small & often & (block["multiples"] >= v["min_share"] * block["purchases"]) & _is_multiple(block, v)


def _is_multiple(block: FeatureBlock, v: Values) -> Mask:
    """The engine's own test, in its micro-dollars: unknown worth is none."""
    usd = np.rint(np.nan_to_num(block.usd, nan=-1) * MICRO_USD).astype(np.int64)
    base, slack = round(v["base_usd"] * MICRO_USD), round(v["slack_usd"] * MICRO_USD)
    over = usd % base
    found: Mask = (usd >= base - slack) & (np.minimum(over, base - over) <= slack)
    return found


def buy(tag: str, usd: float | None, at: int) -> Part:
    return booked(tag, "trade", usd, at=at, channel="spot", asset="BTC", direction="buy")


def buys(*usd: float, every: int = HOUR) -> tuple[Part, ...]:
    return tuple(buy(f"b{n}", amount, (n - 1) * every) for n, amount in enumerate(usd, 1))


FOUR = buys(12, 24, 3, 36)
NINE = buys(12, 24, 3, 36, 48, 12, 10, 20, 40)

CASES = (
    fires("five multiples of three", *FOUR, buy("b5", 24, DAY), on="b5"),
    fires("with a fee on top", *FOUR, buy("b5", 24.03, DAY), on="b5"),
    near_miss("four are too few", *FOUR),
    near_miss("amounts of no price", *buys(11, 25, 7, 37, 50, 13)),
    near_miss(
        "sales, not purchases", *(booked(f"s{n}", "trade", 24, at=n, asset="BTC", direction="sell") for n in range(6))
    ),
    innocent("twice a month", *buys(12, 24, 3, 36, 48, 12, every=14 * DAY)),
    innocent("payments on a chain", pays("p#", 8, "payer", "shop", 24)),
    innocent("investments", *buys(300, 600, 900, 300, 1_200, 600)),
    edge("exactly 5 cents more", *FOUR, buy("b5", 24.05, DAY), on="b5"),
    edge("a micro-dollar further above", *FOUR, buy("b5", 24.05 + MICRO, DAY)),
    edge("exactly 5 cents less", *FOUR, buy("b5", 23.95, DAY), on="b5"),
    edge("a micro-dollar further below", *FOUR, buy("b5", 23.95 - MICRO, DAY)),
    edge(
        "one of a micro-dollar under 100 counts", *FOUR[:3], buy("x", 100 - MICRO, DAY), buy("b5", 24, DAY + 1), on="b5"
    ),
    edge("one of exactly 100 does not", *FOUR[:3], buy("x", 100, DAY), buy("b5", 24, DAY + 1)),
    edge("nearly 33 times the price", *FOUR, buy("b5", 99.04, DAY), on="b5"),
    edge("seven of ten", *NINE, buy("b10", 24, DAY), on="b5 b6 b10"),
    edge("six of nine", *buys(12, 24, 3, 36, 48, 10, 20, 40, 12), on="b5"),
    edge("the first is exactly 7 d old", *FOUR, buy("b5", 24, 7 * DAY)),
    edge("the first is younger", *FOUR, buy("b5", 24, 7 * DAY - MICROSECOND), on="b5"),
)

RULE = Rule(
    about=About(
        id="tx-vc-small-multiple-purchases",
        version=1,
        title="Frequent small virtual-currency purchases in multiples of one price",
        status="live",
        severity="high",
        entries=("tx-vc-small-multiple-purchases",),
        reason=(
            "{subject} made {purchases} small purchases of virtual currency in 7 days, {multiples} of them multiples "
            "of {base_usd} USD. This resembles buying what posting adverts costs."
        ),
        innocent=(
            "buying a fixed sum at fixed times to save",
            "a gamer who buys items at list prices",
            "round small sums",
        ),
        blind_to=("prices in other currencies", "purchases at another exchange or a kiosk", "amounts of unknown worth"),
        next_steps=(
            "See whether the purchases come in bursts near midnight or at steady times.",
            "Follow the coins: do they leave soon for an advertising site or payment processor?",
            "Compare the amounts with posting prices known for the customer's region.",
        ),
        needs=("account_events",),
        thresholds=THRESHOLDS,
        cases=CASES,
        books=("trades",),
    ),
    sides=("sender",),
    features=features,
    fires=buys_multiples,
)
