"""A few small trial transfers, a pause, then large transfers to parties never paid before.

Catalogue entry tx-trial-then-large. "At least ten times the median small transfer" becomes two fixed
bounds: small is at most `max_small_usd`, large is at least ten times that. The subject is likely a
scam's victim; the trafficking lead is downstream, at the receivers.
"""

from __future__ import annotations

from collections.abc import Mapping

from manumit.detectors.contract import About, FeatureBlock, Mask, Rule, Threshold, Values
from manumit.detectors.labelled import BUSINESSES, labelled
from manumit.detectors.stories import DAY, MICRO, MICROSECOND, edge, fires, innocent, label, near_miss, pay, pays
from manumit.detectors.windows.features import NEVER, Feature, count_out, since, where
from manumit.schemas.transfer import Transfer

TRIAL = "30d"  # source: catalogue entry, check.logic "in 30 d"
PAUSE = "3d"  # ours: catalogue entry threshold g
LARGE = "7d"  # ours: the large transfers follow each other
NEW_FOR = "90d"  # source: catalogue entry, check.window
NEXT_MICRO_USD = 1e-6  # filters are half-open, the entry's bound is "<="

THRESHOLDS = (
    Threshold(name="min_trials", value=2, unit="transfers", origin="ours"),
    Threshold(name="max_trials", value=10, unit="transfers", origin="ours: a short run, not a spender's month"),
    Threshold(name="min_small_usd", value=1, unit="USD", origin="ours: leaves out dust"),
    Threshold(name="max_small_usd", value=200, unit="USD", origin="ours"),
    Threshold(name="min_ratio", value=10, unit="ratio", origin="ours"),
    Threshold(name="min_large", value=2, unit="transfers", origin="ours"),
)


def features(v: Values) -> Mapping[str, Feature]:
    small = where(low_usd=v["min_small_usd"], high_usd=v["max_small_usd"] + NEXT_MICRO_USD)
    return {
        "trials": count_out(TRIAL, small),
        "recent_trials": count_out(PAUSE, small),
        "large": count_out(LARGE, where(low_usd=_large_usd(v), new_pair=NEW_FOR)),
        "paid_before": since("pair", NEW_FOR),
    }


def trial_then_large(block: FeatureBlock, v: Values) -> Mask:
    trials = (block["trials"] >= v["min_trials"]) & (block["trials"] <= v["max_trials"])
    paused = block["recent_trials"] == 0
    this_large = (block.usd >= _large_usd(v)) & (block["paid_before"] == NEVER)
    large = this_large & (block["large"] >= v["min_large"])
    found: Mask = trials & paused & large & ~labelled(block.own_labels, *BUSINESSES)
    return found


def _large_usd(v: Values) -> float:
    return round(v["min_ratio"] * v["max_small_usd"], 6)


def trials(count: int = 2, usd: float = 100, at: int = 0) -> tuple[Transfer, ...]:
    return pays("s#", count, "saver", "provider", usd, at=at, every=MICROSECOND)


def large(at: int = 5 * DAY, usd: float = 5_000, first: int = 0) -> tuple[Transfer, ...]:
    """Two large transfers to new parties, one `first` (default a day) before the other."""
    start = at - (first or DAY)
    return pay("l1", "saver", "company-1", usd, at=start), pay("l2", "saver", "company-2", usd, at=at)


CASES = (
    fires("two trials, a pause, two large ones", trials(), large(), on="l2"),
    near_miss("one trial is too few", trials(1), large()),
    near_miss("only one large one", trials(), large()[1:]),
    near_miss("no pause", trials(), large(at=2 * DAY)),
    near_miss(
        "both large ones go to the provider paid before",
        trials(),
        pays("l#", 2, "saver", "provider", 5_000, at=5 * DAY),
    ),
    innocent(
        "buys a car after a month of everyday spending",
        pays("s#", 14, "saver", "shop-#", 40, every=DAY),
        large(at=18 * DAY),
    ),
    innocent("a labelled business", trials(), large(), labels=(label("saver", "service"),)),
    edge("ten trials are a short run", trials(10), large(), on="l2"),
    edge("eleven are not", trials(11), large()),
    edge("exactly 2,000 USD", trials(), large(usd=2_000), on="l2"),
    edge("a micro-dollar less than 2,000", trials(), large(usd=2_000 - MICRO)),
    edge("trials of exactly 200 USD", trials(usd=200), large(), on="l2"),
    edge("a micro-dollar more than 200", trials(usd=200 + MICRO), large()),
    edge("trials of exactly 1 USD", trials(usd=1), large(), on="l2"),
    edge("a micro-dollar less than 1", trials(usd=1 - MICRO), large()),
    edge("the last trial is exactly 3 d old", trials(), large(at=3 * DAY + MICROSECOND), on="l2"),
    edge("the last trial is younger", trials(), large(at=3 * DAY)),
    edge("the first trial is exactly 30 d old", trials(), large(at=30 * DAY)),
    edge("the first trial is younger than 30 d", trials(), large(at=30 * DAY - MICROSECOND), on="l2"),
    edge("the first large one is exactly 7 d old", trials(), large(at=15 * DAY, first=7 * DAY)),
    edge("the first large one is younger", trials(), large(at=15 * DAY, first=7 * DAY - MICROSECOND), on="l2"),
    edge(
        "paid the company exactly 90 d ago",
        pay("o", "saver", "company-2", 5_000, at=-85 * DAY),
        trials(),
        large(),
        on="l2",
    ),
    edge(
        "paid the company less than 90 d ago",
        pay("o", "saver", "company-2", 5_000, at=MICROSECOND - 85 * DAY),
        trials(),
        large(),
    ),
)

RULE = Rule(
    about=About(
        id="tx-trial-then-large",
        version=1,
        title="Small trial transfers, stop, then large transfers to new parties",
        status="live",
        severity="medium",
        entries=("tx-trial-then-large",),
        reason=(
            "{subject} made {trials} small transfers within 30 days, stopped for 3 days, then sent {large} large ones "
            "to parties it had never paid. This resembles the victim of an investment scam."
        ),
        innocent=("buying a home or car", "moving savings to a new exchange", "the first orders at a new supplier"),
        blind_to=(
            "trials paid by card or bank",
            "small everyday transfers that hide the pause",
            "a run beyond 30 days",
        ),
        next_steps=(
            "The sender may be a victim: have a trained person speak to the customer first.",
            "Follow the receivers: do other savers pay them the same way?",
            "Check the receivers against lists of scam addresses and guarantee platforms.",
        ),
        thresholds=THRESHOLDS,
        role="potential_victim",
        cases=CASES,
    ),
    sides=("sender",),
    features=features,
    fires=trial_then_large,
)
