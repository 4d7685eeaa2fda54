"""The three detectors of the comparison, as rules over the engine's features.

They are measures, not red flags: every implementation here must find exactly the same alerts.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from manumit.detectors.contract import About, FeatureBlock, Mask, Rule, Values
from manumit.detectors.windows.features import (
    Feature,
    Side,
    count_out,
    pair_count,
    receivers,
    senders,
    sum_in,
    sum_out,
    where,
)
from manumit.schemas.block import MICRO_USD

FAN, FAN_WINDOW = 25, "24h"
LEAST_INFLOW_USD, PASS_WINDOW = 1_000, "1h"
BAND_LOW_USD, BAND_HIGH_USD, BAND_COUNT, BAND_WINDOW = 9_000, 10_000, 5, "7d"


def fan_out(_: Values) -> Mapping[str, Feature]:
    return {"others": receivers(FAN_WINDOW), "pair": pair_count(FAN_WINDOW)}


def fan_in(_: Values) -> Mapping[str, Feature]:
    return {"others": senders(FAN_WINDOW), "pair": pair_count(FAN_WINDOW)}


def crosses(block: FeatureBlock, _: Values) -> Mask:
    """This transfer brought the 25th counterparty."""
    mask: Mask = (block["others"] == FAN) & (block["pair"] == 1)
    return mask


def hour(_: Values) -> Mapping[str, Feature]:
    return {"came": sum_in(PASS_WINDOW), "went": sum_out(PASS_WINDOW)}


def passes_through(block: FeatureBlock, _: Values) -> Mask:
    """At least nine tenths of an hour's inflow went out again within it."""
    mask: Mask = (block["came"] >= LEAST_INFLOW_USD * MICRO_USD) & (block["went"] * 10 >= block["came"] * 9)
    return mask


def band(_: Values) -> Mapping[str, Feature]:
    return {"below": count_out(BAND_WINDOW, where(low_usd=BAND_LOW_USD, high_usd=BAND_HIGH_USD))}


def structures(block: FeatureBlock, _: Values) -> Mask:
    """The fifth transfer just below the threshold in a week."""
    in_band = (block.usd >= BAND_LOW_USD) & (block.usd < BAND_HIGH_USD)
    return in_band & (block["below"] >= BAND_COUNT)


def _rule(
    rule_id: str,
    side: Side,
    features: Callable[[Values], Mapping[str, Feature]],
    fires: Callable[[FeatureBlock, Values], Mask],
) -> Rule:
    about = About(
        id=rule_id,
        version=1,
        title=rule_id,
        status="trial",
        severity="low",
        entries=(),
        reason="",
        innocent=(),
        blind_to=(),
        next_steps=(),
    )
    return Rule(about=about, sides=(side,), features=features, fires=fires)


THREE_RULES = (
    _rule("fan-out", "sender", fan_out, crosses),
    _rule("fan-in", "receiver", fan_in, crosses),
    _rule("pass-through", "sender", hour, passes_through),
    _rule("structuring", "sender", band, structures),
)
