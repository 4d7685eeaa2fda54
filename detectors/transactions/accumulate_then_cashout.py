"""Small amounts from many wallets build up, then nearly all of it leaves at once to an exchange.

Catalogue entry tx-accumulate-then-cashout. A median inflow of at most `max_median_usd` is read as: at
least half of the month's inflows are no larger.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from manumit.detectors.contract import About, FeatureBlock, Mask, Rule, Threshold, Values
from manumit.detectors.labelled import BUSINESSES, labelled
from manumit.detectors.stories import DAY, HOUR, MICRO, MICROSECOND, edge, fires, innocent, label, near_miss, pay, pays
from manumit.detectors.windows.features import UNITS_US, Feature, count_in, senders, since, sum_in, sum_out, where
from manumit.schemas.block import MICRO_USD
from manumit.schemas.transfer import Transfer

PERIOD = "30d"  # source: catalogue entry, check.window "accumulation <= 30 d"
NEXT_MICRO_USD = 1e-6  # filters are half-open, the entry's median is "<="

THRESHOLDS = (
    Threshold(name="min_payers", value=10, unit="senders", origin="ours"),
    Threshold(name="max_median_usd", value=500, unit="USD", origin="ours"),
    Threshold(name="min_exit_share", value=0.8, unit="share", origin="ours"),
    Threshold(name="max_wait_hours", value=24, unit="hours", origin="ours"),
    Threshold(name="min_built_up", value=0.5, unit="share", origin="ours: of the month's inflow is still there"),
    Threshold(name="min_usd", value=1, unit="USD", origin="ours: leaves out dust"),
)


def features(v: Values) -> Mapping[str, Feature]:
    paid = where(low_usd=v["min_usd"])
    return {
        "payers": senders(PERIOD, paid),
        "inflows": count_in(PERIOD, paid),
        "small_inflows": count_in(PERIOD, where(low_usd=v["min_usd"], high_usd=v["max_median_usd"] + NEXT_MICRO_USD)),
        "came": sum_in(PERIOD),
        "left": sum_out(PERIOD),
        "last_in": since("last-in", PERIOD),
    }


def cashes_out(block: FeatureBlock, v: Values) -> Mask:
    this = np.nan_to_num(block.usd) * MICRO_USD
    came = block["came"]
    built_up = came - (block["left"] - this)
    exits = (built_up >= v["min_built_up"] * came) & (this >= v["min_exit_share"] * built_up) & (this > 0)
    many_small = (block["payers"] >= v["min_payers"]) & (2 * block["small_inflows"] >= block["inflows"])
    soon = block["last_in"] <= v["max_wait_hours"] * UNITS_US["h"]
    to_exchange = labelled(block.other_labels, "exchange")
    return exits & many_small & soon & to_exchange & ~labelled(block.own_labels, *BUSINESSES)


EXCHANGE = (label("exchange", "exchange"),)
GIFTS = pays("p#", 10, "payer-#", "collector", 100, every=DAY)  # 1,000 USD, the last on day 9


def out(usd: float, at: int = 9 * DAY + HOUR, tag: str = "out", to: str = "exchange") -> Transfer:
    return pay(tag, "collector", to, usd, at=at)


CASES = (
    fires("ten small payments, then all to an exchange", GIFTS, out(990), on="out", labels=EXCHANGE),
    near_miss("nine payers are too few", GIFTS[1:], out(890), labels=EXCHANGE),
    near_miss("to an unlabelled wallet", GIFTS, out(990, to="friend"), labels=EXCHANGE),
    near_miss("most of it stays", GIFTS, out(300), labels=EXCHANGE),
    near_miss(
        "half of the payers pay much",
        GIFTS,
        pays("q#", 11, "big-#", "collector", 900, every=HOUR),
        out(10_800),
        labels=EXCHANGE,
    ),
    innocent(
        "a freelancer who cashes out every few days",
        GIFTS,
        pays("w#", 3, "collector", "exchange", 300, at=2 * DAY + HOUR, every=3 * DAY),
        out(100),
        labels=EXCHANGE,
    ),
    innocent("a labelled shop", GIFTS, out(990), labels=(*EXCHANGE, label("collector", "service"))),
    innocent(
        "dust from many, then a sale",
        pays("d#", 30, "dust-#", "collector", 0.01),
        out(990, at=31 * HOUR),
        labels=EXCHANGE,
    ),
    edge("exactly 0.8 of what built up", GIFTS, out(800), on="out", labels=EXCHANGE),
    edge("a micro-dollar less", GIFTS, out(800 - MICRO), labels=EXCHANGE),
    edge(
        "exactly half is still there",
        GIFTS,
        out(500, tag="x", to="friend", at=9 * DAY + HOUR),
        out(450),
        on="out",
        labels=EXCHANGE,
    ),
    edge("less than half is still there", GIFTS, out(500 + MICRO, tag="x", to="friend"), out(450), labels=EXCHANGE),
    edge("24 h after the last inflow", GIFTS, out(990, at=10 * DAY), on="out", labels=EXCHANGE),
    edge("later than that", GIFTS, out(990, at=10 * DAY + MICROSECOND), labels=EXCHANGE),
    edge(
        "every payment is exactly 500 USD",
        pays("p#", 10, "payer-#", "collector", 500, every=DAY),
        out(4_900),
        on="out",
        labels=EXCHANGE,
    ),
    edge(
        "a micro-dollar more",
        pays("p#", 10, "payer-#", "collector", 500 + MICRO, every=DAY),
        out(4_900),
        labels=EXCHANGE,
    ),
    edge(
        "the tenth pays exactly 1 USD",
        GIFTS[:9],
        pay("p10", "payer-10", "collector", 1, at=9 * DAY),
        out(890),
        on="out",
        labels=EXCHANGE,
    ),
    edge(
        "the tenth pays less",
        GIFTS[:9],
        pay("p10", "payer-10", "collector", 1 - MICRO, at=9 * DAY),
        out(890),
        labels=EXCHANGE,
    ),
    edge(
        "the first inflow is exactly 30 d old",
        GIFTS,
        pay("z", "payer-2", "collector", 100, at=29 * DAY),
        out(990, at=30 * DAY),
        labels=EXCHANGE,
    ),
    edge(
        "the first inflow is younger",
        GIFTS,
        pay("z", "payer-2", "collector", 100, at=29 * DAY),
        out(1_090, at=30 * DAY - MICROSECOND),
        on="out",
        labels=EXCHANGE,
    ),
)

RULE = Rule(
    about=About(
        id="tx-accumulate-then-cashout",
        version=1,
        title="Small inflows from many wallets, then one transfer to an exchange",
        status="live",
        severity="medium",
        entries=("tx-accumulate-then-cashout",),
        reason=(
            "{subject} gathered {came} USD from {payers} senders in 30 days, {small_inflows} of {inflows} payments "
            "small, and then sent nearly all that was left to an exchange. This resembles collecting to cash out."
        ),
        innocent=("a freelancer or small shop paid in coin", "a savings club", "a gift or ticket collection"),
        blind_to=("cash-out through an unlabelled broker", "an exit split over several transfers"),
        next_steps=(
            "Ask the exchange whose deposit address received the money.",
            "Look at the payers: regulars of a business, or strangers who pay once?",
            "Search adverts and customer records for the collecting address.",
        ),
        thresholds=THRESHOLDS,
        cases=CASES,
    ),
    sides=("sender",),
    features=features,
    fires=cashes_out,
)
