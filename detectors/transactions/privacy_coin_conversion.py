"""Most of what a customer buys or sends out is a privacy coin, or small amounts of one again and again.

Catalogue entry tx-privacy-coin-conversion. Purchases and withdrawals are each compared with their own kind; holdings
are not on the wire. XMR, ZEC and DASH count: whether a ZEC transfer was shielded no record tells.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from manumit.detectors.contract import About, FeatureBlock, Mask, Rule, Threshold, Values
from manumit.detectors.labelled import labelled
from manumit.detectors.stories import DAY, HOUR, MICRO, MICROSECOND, Part, booked, edge, fires, innocent, near_miss
from manumit.detectors.windows.features import Feature, count_out, sum_out, where
from manumit.schemas.block import MICRO_USD

MONTH = "30d"  # source: catalogue entry, check.window
PRIVACY: Final = "privacy-coin"
NEXT_MICRO_USD = 1e-6  # filters are half-open, the entry's bound is "<="

THRESHOLDS = (
    Threshold(name="min_share", value=0.5, unit="share", origin="ours"),
    Threshold(name="min_usd", value=1_000, unit="USD", origin="ours: stands for large"),
    Threshold(name="min_small", value=6, unit="purchases", origin="ours"),
    Threshold(name="small_usd", value=100, unit="USD", origin="ours"),
)


def features(v: Values) -> Mapping[str, Feature]:
    return {
        "private": sum_out(MONTH, where(counterparty=(PRIVACY,))),
        "whole": sum_out(MONTH),
        "small": count_out(MONTH, where(low_usd=0, high_usd=v["small_usd"] + NEXT_MICRO_USD, counterparty=(PRIVACY,))),
    }


def turns_private(block: FeatureBlock, v: Values) -> Mask:
    most = (block["private"] >= v["min_share"] * block["whole"]) & (block["private"] >= v["min_usd"] * MICRO_USD)
    return (most | (block["small"] >= v["min_small"])) & labelled(block.other_labels, PRIVACY)


def bought(tag: str, usd: float, at: int, asset: str = "XMR") -> Part:
    return booked(tag, "trade", usd, at=at, channel="spot", asset=asset, direction="buy")


def sent(tag: str, usd: float, at: int, asset: str = "XMR") -> Part:
    return booked(tag, "withdrawal", usd, at=at, channel="crypto", asset=asset, counterparty=f"out-{tag}")


SMALL = tuple(bought(f"s{n}", 40, n * DAY) for n in range(1, 6))
MORE = tuple(bought(f"m{n}", 900, n * DAY, "BTC") for n in range(1, 9))  # so that the share stays small

CASES = (
    fires("most purchases are a privacy coin", bought("b", 800, 0, "BTC"), bought("x", 1_500, DAY), on="x"),
    fires("most withdrawals are", sent("b", 800, 0, "BTC"), sent("x", 1_500, DAY, "DASH"), on="x"),
    fires("six small purchases", *MORE, *SMALL, bought("s6", 40, 9 * DAY), on="s6"),
    near_miss("a third of it", bought("b", 3_000, 0, "BTC"), bought("x", 1_500, DAY)),
    near_miss("five small purchases", *MORE, *SMALL),
    near_miss("another coin", bought("x", 1_500, DAY, "ETH")),
    innocent("a first try", bought("x", 300, 0)),
    innocent(
        "money paid in",
        booked("d", "deposit", 5_000, at=0, asset="XMR", channel="crypto"),
        bought("b", 900, HOUR, "BTC"),
    ),
    edge("exactly half of it", bought("b", 1_500, 0, "BTC"), bought("x", 1_500, DAY), on="x"),
    edge("a micro-dollar less than half", bought("b", 1_500, 0, "BTC"), bought("x", 1_500 - MICRO, DAY)),
    edge("exactly 1,000 USD", bought("x", 1_000, 0), on="x"),
    edge("a micro-dollar less than 1,000", bought("x", 1_000 - MICRO, 0)),
    edge("the sixth of exactly 100 USD", *MORE, *SMALL, bought("s6", 100, 9 * DAY), on="s6"),
    edge("the sixth of a micro-dollar more", *MORE, *SMALL, bought("s6", 100 + MICRO, 9 * DAY)),
    edge("the first small one is exactly 30 d old", *MORE, *SMALL, bought("s6", 40, 31 * DAY)),
    edge("the first small one is younger", *MORE, *SMALL, bought("s6", 40, 31 * DAY - MICROSECOND), on="s6"),
)

RULE = Rule(
    about=About(
        id="tx-privacy-coin-conversion",
        version=1,
        title="Large or repeated conversion into privacy coins",
        status="live",
        severity="low",
        entries=("tx-privacy-coin-conversion",),
        reason=(
            "{subject} turned {private} USD of {whole} USD into privacy coins within 30 days, {small} times in small "
            "sums. Alone this says little."
        ),
        innocent=("a lawful wish for privacy", "an investor in several coins", "donations to projects that take them"),
        blind_to=("what the customer holds", "privacy coins bought elsewhere", "whether a transfer was shielded"),
        next_steps=(
            "Ask for the source of funds first.",
            "Give it weight only beside a trafficking-specific sign on the same customer.",
            "See what paid for the coins and how soon they left.",
        ),
        needs=("account_events",),
        thresholds=THRESHOLDS,
        cases=CASES,
        books=("customers", "trades"),
    ),
    sides=("sender",),
    features=features,
    fires=turns_private,
)
