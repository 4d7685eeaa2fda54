"""A large amount comes in one coin and leaves within hours in a coin, or over a chain, with low fees.

Catalogue entry tx-chain-hop-low-fee-exit. The conversion shows in the coins: what came otherwise and leaves as a
low-fee coin was converted. So the two steps of six hours each become twelve from arrival to exit.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from manumit.detectors.contract import About, FeatureBlock, Mask, Rule, Threshold, Values
from manumit.detectors.labelled import labelled
from manumit.detectors.stories import DAY, HOUR, MICRO, MICROSECOND, Part, booked, edge, fires, innocent, near_miss
from manumit.detectors.windows.features import Feature, sum_in, sum_out, where
from manumit.schemas.block import MICRO_USD

ARRIVAL = "12h"  # ours: catalogue entry thresholds w1 and w2 together
EXIT = "6h"  # ours: catalogue entry threshold w2
CHEAP: Final = "cheap-coin"

THRESHOLDS = (
    Threshold(name="min_usd", value=5_000, unit="USD", origin="ours: catalogue entry threshold v, each arrival"),
    Threshold(name="min_share", value=0.8, unit="share", origin="ours: catalogue entry threshold r"),
)


def features(v: Values) -> Mapping[str, Feature]:
    return {
        "came": sum_in(ARRIVAL, where(low_usd=v["min_usd"])),
        "came_cheap": sum_in(ARRIVAL, where(low_usd=v["min_usd"], counterparty=(CHEAP,))),
        "left_cheap": sum_out(EXIT, where(counterparty=(CHEAP,))),
    }


def hops(block: FeatureBlock, v: Values) -> Mask:
    came = block["came"] - block["came_cheap"]
    most = (came >= v["min_usd"] * MICRO_USD) & (block["left_cheap"] >= v["min_share"] * came)
    found: Mask = most & labelled(block.other_labels, CHEAP)
    return found


def arrives(usd: float = 8_000, at: int = 0, asset: str = "BTC") -> Part:
    return booked("in", "deposit", usd, at=at, channel="crypto", asset=asset, counterparty="a-sender")


def leaves(
    usd: float = 7_900, at: int = 5 * HOUR, asset: str = "TRX", tag: str = "out", to: str = "a-receiver"
) -> Part:
    return booked(tag, "withdrawal", usd, at=at, channel="crypto", asset=asset, counterparty=to)


TRON_WALLET = "tron:0x2b6653dc:T-made-up-receiver"

CASES = (
    fires("in as BTC, out as TRX", arrives(), leaves(), on="out"),
    fires("in as BTC, out as USDT on TRON", arrives(), leaves(asset="USDT", to=TRON_WALLET), on="out"),
    fires("out in two parts", arrives(), leaves(3_900, tag="o1"), leaves(3_900, 6 * HOUR), on="out"),
    near_miss("out as the same coin", arrives(), leaves(asset="BTC")),
    near_miss("half of it leaves", arrives(), leaves(4_000)),
    near_miss("it came as a low-fee coin", arrives(asset="TRX"), leaves()),
    near_miss(
        "two arrivals of 3,000", arrives(3_000), booked("i2", "deposit", 3_000, at=1, asset="BTC"), leaves(5_900)
    ),
    innocent("a bought coin taken to the own wallet next week", arrives(), leaves(at=7 * DAY)),
    innocent("small sums", arrives(900), leaves(890)),
    edge("exactly 5,000 USD came", arrives(5_000), leaves(4_900), on="out"),
    edge("a micro-dollar less", arrives(5_000 - MICRO), leaves(4_900)),
    edge("exactly 80 % leaves", arrives(), leaves(6_400), on="out"),
    edge("a micro-dollar less than 80 %", arrives(), leaves(6_400 - MICRO)),
    edge("it came exactly 12 h before", arrives(), leaves(at=12 * HOUR)),
    edge("it came less than 12 h before", arrives(), leaves(at=12 * HOUR - MICROSECOND), on="out"),
    edge("the first part left exactly 6 h before", arrives(), leaves(3_900, HOUR, tag="o1"), leaves(3_900, 7 * HOUR)),
    edge(
        "the first part left less than 6 h before",
        arrives(),
        leaves(3_900, HOUR, tag="o1"),
        leaves(3_900, 7 * HOUR - MICROSECOND),
        on="out",
    ),
)

RULE = Rule(
    about=About(
        id="tx-chain-hop-low-fee-exit",
        version=1,
        title="Into a cheap-fee coin and out at once",
        status="live",
        severity="medium",
        entries=("tx-chain-hop-low-fee-exit",),
        reason=(
            "{subject} received {came} USD in large amounts within 12 hours and sent {left_cheap} USD out in a low-fee "
            "coin. This resembles the exit of a scam's takings."
        ),
        innocent=(
            "saving fees on the way to a wallet of one's own",
            "a trader between exchanges",
            "paying a supplier in USDT",
        ),
        blind_to=(
            "conversions at a swap service or another exchange",
            "low-fee coins and chains beyond the listed ones",
        ),
        next_steps=(
            "See whether the destination is the customer's own wallet; if it is, stop here.",
            "Look at who sent the large amount: do others pay this customer the same way?",
            "Screen the destination: guarantee marketplaces and laundering networks take USDT on TRON.",
        ),
        needs=("account_events",),
        thresholds=THRESHOLDS,
        cases=CASES,
        books=("customers",),
    ),
    sides=("sender",),
    features=features,
    fires=hops,
)
