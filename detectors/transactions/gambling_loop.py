"""Money of several people goes on to gambling, or goes through gambling with hardly any play.

Catalogue entry tx-gambling-loop. Labels know gambling; investment accounts are not labelled and not seen.
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
    edge,
    fires,
    innocent,
    label,
    near_miss,
    pay,
    pays,
)
from manumit.detectors.windows.features import Feature, senders, sum_in, sum_out, where
from manumit.schemas.block import MICRO_USD
from manumit.schemas.transfer import Transfer

MONTH = "30d"  # source: catalogue entry, check.window
PLAY = "24h"  # source: catalogue entry, check.logic
GAMBLING: Final = "gambling"

THRESHOLDS = (
    Threshold(name="min_senders", value=5, unit="senders", origin="ours"),
    Threshold(name="min_share", value=0.5, unit="share", origin="ours: of what others paid in"),
    Threshold(name="min_back", value=0.9, unit="share", origin="ours: of what went to gambling"),
    Threshold(name="max_back", value=1.1, unit="share", origin="ours: more is luck"),
    Threshold(name="min_staked_usd", value=500, unit="USD", origin="ours"),
    Threshold(name="min_usd", value=10, unit="USD", origin="ours: leaves out dust"),
)


def features(v: Values) -> Mapping[str, Feature]:
    game = where(counterparty=(GAMBLING,))
    return {
        "senders": senders(MONTH, where(low_usd=v["min_usd"])),
        "came": sum_in(MONTH),
        "won": sum_in(MONTH, game),
        "staked": sum_out(MONTH, game),
        "staked_day": sum_out(PLAY, game),
        "back_day": sum_in(PLAY, game),
    }


def loops(block: FeatureBlock, v: Values) -> Mask:
    staked = block["staked"] >= v["min_staked_usd"] * MICRO_USD
    share = block["staked"] >= v["min_share"] * (block["came"] - block["won"])
    gathered = staked & share & (block["senders"] >= v["min_senders"])
    day, back = block["staked_day"], block["back_day"]
    idle = (day >= v["min_staked_usd"] * MICRO_USD) & (back >= v["min_back"] * day) & (back <= v["max_back"] * day)
    found: Mask = (gathered | idle) & labelled(block.other_labels, GAMBLING) & ~labelled(block.own_labels, *BUSINESSES)
    return found


def gathered(count: int = 5, usd: float = 200, first: int = 0) -> tuple[Transfer, ...]:
    """Payments of `count` payers to the runner within hours; the first may have come earlier."""
    others = pays("p#", count, "payer-#", "runner", usd, every=MICROSECOND)[1:]
    return pay("p1", "payer-1", "runner", usd, at=first), *others


def staked(usd: float, at: int = DAY) -> Transfer:
    return pay("g", "runner", "casino", usd, at=at)


def returned(usd: float, at: int = 3 * HOUR) -> tuple[Transfer, ...]:
    """1,000 USD staked, `usd` back at `at`."""
    return staked(1_000, 0), pay("b", "casino", "runner", usd, at=at)


LABELS = (label("casino", GAMBLING),)

CASES = (
    fires("five payers, then the casino", gathered(), staked(900), on="g", labels=LABELS),
    fires("most of the stake is back at once", returned(950), on="b", labels=LABELS),
    fires(
        "winnings do not count as paid in",
        gathered(),
        pay("w", "casino", "runner", 5_000, at=HOUR),
        staked(900),
        on="g",
        labels=LABELS,
    ),
    near_miss("four payers are too few", gathered(4, 250), staked(900), labels=LABELS),
    near_miss("a third is staked", gathered(usd=400), staked(650), labels=LABELS),
    near_miss("half of it is lost", returned(500), labels=LABELS),
    near_miss("the casino is not labelled", gathered(), staked(900)),
    innocent("a lucky night", returned(9_000), labels=LABELS),
    innocent("small stakes of a poker evening", gathered(usd=20), staked(90), labels=LABELS),
    innocent("a labelled payment service", gathered(), staked(900), labels=(*LABELS, label("runner", "service"))),
    edge("exactly half is staked", gathered(usd=400), staked(1_000), on="g", labels=LABELS),
    edge("a micro-dollar less than half", gathered(usd=400), staked(1_000 - MICRO), labels=LABELS),
    edge("exactly 500 USD staked", gathered(usd=100), staked(500), on="g", labels=LABELS),
    edge("a micro-dollar less than 500", gathered(usd=100), staked(500 - MICRO), labels=LABELS),
    edge("exactly 90 % back", returned(900), on="b", labels=LABELS),
    edge("a micro-dollar less than 90 %", returned(900 - MICRO), labels=LABELS),
    edge("exactly 110 % back", returned(1_100), on="b", labels=LABELS),
    edge("a micro-dollar more than 110 %", returned(1_100 + MICRO), labels=LABELS),
    edge(
        "the fifth pays exactly 10 USD",
        gathered(4),
        pay("p5", "payer-5", "runner", 10, at=HOUR),
        staked(900),
        on="g",
        labels=LABELS,
    ),
    edge(
        "the fifth pays less",
        gathered(4),
        pay("p5", "payer-5", "runner", 10 - MICRO, at=HOUR),
        staked(900),
        labels=LABELS,
    ),
    edge("the first payer is exactly 30 d back", gathered(first=-29 * DAY), staked(900), labels=LABELS),
    edge("the first payer is younger", gathered(first=MICROSECOND - 29 * DAY), staked(900), on="g", labels=LABELS),
    edge("back after exactly 24 h", returned(950, DAY), labels=LABELS),
    edge("back within 24 h", returned(950, DAY - MICROSECOND), on="b", labels=LABELS),
)

RULE = Rule(
    about=About(
        id="tx-gambling-loop",
        version=1,
        title="Fan-in then gambling, or gambling with little play",
        status="live",
        severity="medium",
        entries=("tx-gambling-loop",),
        reason=(
            "{subject} was paid by {senders} senders in 30 days and sent {staked} USD of {came} to gambling; in 24 h "
            "{staked_day} USD went there and {back_day} came back. This resembles gambling used to move money."
        ),
        innocent=("a gambling problem", "a poker player with backers", "a betting pool among friends or colleagues"),
        blind_to=("gambling services that no label names", "stakes by card", "investment accounts used the same way"),
        next_steps=(
            "Ask the gambling service for play against deposits, where the law allows it.",
            "See who the payers are and whether they pay others the same way.",
            "Follow withdrawals from the service: do they reach somebody else?",
        ),
        needs=("transfers", "labels:gambling"),
        thresholds=THRESHOLDS,
        cases=CASES,
    ),
    sides=("sender", "receiver"),
    features=features,
    fires=loops,
)
