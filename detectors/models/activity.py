"""What the models read of an account's recent activity: engine features, as logarithms, one row for each side."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import numpy.typing as npt

from manumit.detectors.contract import Explanation, FeatureBlock, Values
from manumit.detectors.windows.features import (
    NEVER,
    Aggregate,
    Feature,
    Since,
    count_in,
    count_out,
    pair_count,
    receivers,
    senders,
    since,
    sum_in,
    sum_out,
)
from manumit.schemas.block import MICRO_USD, Floats, Int64s
from manumit.schemas.errors import ConfigError

DAY_WINDOW, WEEK, MONTH = "24h", "7d", "30d"
MONTH_S = 30 * 86_400
SECOND_US = 1_000_000
MAX_PARTS = 5  # ours: features named in an explanation

FEATURES: Mapping[str, Feature] = {
    "in_24h": count_in(DAY_WINDOW),
    "out_24h": count_out(DAY_WINDOW),
    "usd_in_24h": sum_in(DAY_WINDOW),
    "usd_out_24h": sum_out(DAY_WINDOW),
    "senders_7d": senders(WEEK),
    "receivers_7d": receivers(WEEK),
    "in_30d": count_in(MONTH),
    "out_30d": count_out(MONTH),
    "usd_in_30d": sum_in(MONTH),
    "usd_out_30d": sum_out(MONTH),
    "since_in": since("last-in", MONTH),
    "since_out": since("last-out", MONTH),
    "pair_30d": pair_count(MONTH),
}
NAMES = (*FEATURES, "usd")


def features(v: Values) -> Mapping[str, Feature]:
    return FEATURES


def check_features(chosen: npt.NDArray[np.int32]) -> None:
    """Raises ConfigError when a model's trees read (`chosen`, int32) a feature that is not among these."""
    if int(chosen.max()) >= len(NAMES):
        raise ConfigError(f"the model was trained on other features than {NAMES}: train it again")


def matrix(block: FeatureBlock) -> Floats:
    """float64[n, len(NAMES)]: log(1 + x) of counts, USD and seconds; unknown USD is -1, no earlier transfer 30 d."""
    columns = [_logged(feature, block[name]) for name, feature in FEATURES.items()]
    usd = np.log1p(np.nan_to_num(block.usd, nan=-1 + np.exp(-1.0)))
    return np.column_stack([*columns, usd]).astype(np.float64)


def _logged(feature: Feature, column: Int64s) -> Floats:
    if isinstance(feature, Since):
        return np.log1p(np.where(column >= NEVER, MONTH_S, column / SECOND_US))
    unit = MICRO_USD if isinstance(feature, Aggregate) and feature.measure == "sum" else 1
    return np.log1p(np.maximum(column, 0) / unit)


def ablated(oddness: Callable[[Floats], Floats], typical: Floats, row: Floats) -> Explanation:
    """How far the oddness falls when one feature alone is put back to its quiet median.

    Values are in plain units: transfers, parties, USD, seconds. Features that would not lower it are left out.
    """
    width = len(NAMES)
    variants = np.repeat(row.reshape(1, width), width + 1, axis=0)
    variants[np.arange(width), np.arange(width)] = typical
    scores = oddness(variants)
    falls = scores[width] - scores[:width]
    ranked = sorted(range(width), key=lambda j: (-falls[j], j))
    parts = [
        (NAMES[j], _plain(row[j]), _plain(typical[j]), float(falls[j])) for j in ranked[:MAX_PARTS] if falls[j] > 0
    ]
    return Explanation(parts=tuple(parts))


def _plain(logged: float) -> float:
    return max(0.0, float(np.expm1(logged)))
