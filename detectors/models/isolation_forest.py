"""Accounts whose week looks unlike quiet traffic: an isolation forest over engine features.

Unsupervised companion of the funnel and pass-through rules: it knows no typology, so its signs are weak. Odd is
not guilty: on one public set of labelled accounts such a forest ranked worse than chance.
The score is a split-conformal tail probability (Laxhammar & Falkman 2010; Bates et al. 2023): half of the
quiet rows grow the forest, the other half say how often quiet traffic is at least this odd.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

import numpy as np

from manumit.detectors.contract import About, Explanation, FeatureBlock, Scorer, Threshold, Values
from manumit.detectors.models.forest import Array, Forest, grow, oddness
from manumit.detectors.stories import DAY, MINUTE, edge, fires, innocent, near_miss, pay, pays
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
MAX_REFERENCE = 65_536  # quiet oddness values kept; more are thinned to evenly spaced ranks
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

THRESHOLDS = (
    Threshold(name="min_score", value=0.9999, unit="share", origin="ours: one quiet transfer in 10,000 is this odd"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """`reference` float64[r], sorted oddness of quiet rows the forest has not seen; `typical` float64[k], medians."""

    forest: Forest
    reference: Floats
    typical: Floats


def features(v: Values) -> Mapping[str, Feature]:
    return FEATURES


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


def learn(quiet: Floats, seed: int) -> Model:
    """A model of float64[n, k] quiet rows: even rows grow the forest, odd rows calibrate it.

    The same rows and seed give the same model. Raises ConfigError for fewer than four rows.
    """
    if len(quiet) < 4:
        raise ConfigError(f"the model needs at least four quiet rows to learn from, not {len(quiet)}")
    forest = grow(quiet[::2], seed)
    reference = np.sort(oddness(forest, quiet[1::2]))
    if len(reference) > MAX_REFERENCE:
        reference = reference[np.linspace(0, len(reference) - 1, MAX_REFERENCE).round().astype(np.int64)]
    return Model(forest=forest, reference=reference, typical=np.median(quiet, axis=0))


def score(model: object, rows: Floats) -> Floats:
    """float64[n] in [0, 1): 1 - (1 + quiet rows at least as odd) / (1 + quiet rows)."""
    known = cast(Model, model)
    quieter = np.searchsorted(known.reference, oddness(known.forest, rows), side="left")
    odder = len(known.reference) - quieter
    return (1.0 - (1.0 + odder) / (1.0 + len(known.reference))).astype(np.float64)


def explain(model: object, row: Floats) -> Explanation:
    """How far the oddness falls when one feature alone is put back to its quiet median (ablation).

    Values are in plain units: transfers, parties, USD, seconds. Features that would not lower it are left out.
    """
    known = cast(Model, model)
    width = len(NAMES)
    variants = np.repeat(row.reshape(1, width), width + 1, axis=0)
    variants[np.arange(width), np.arange(width)] = known.typical
    scores = oddness(known.forest, variants)
    falls = scores[width] - scores[:width]
    ranked = sorted(range(width), key=lambda j: (-falls[j], j))
    parts = [
        (NAMES[j], _plain(row[j]), _plain(known.typical[j]), float(falls[j]))
        for j in ranked[:MAX_PARTS]
        if falls[j] > 0
    ]
    return Explanation(parts=tuple(parts))


def _plain(logged: float) -> float:
    return max(0.0, float(np.expm1(logged)))


def to_parts(model: object) -> dict[str, Array]:
    """Plain arrays by name, for a file."""
    known = cast(Model, model)
    return {**known.forest.parts(), "reference": known.reference, "typical": known.typical}


def from_parts(parts: Mapping[str, Array]) -> Model:
    """The model of `to_parts`. Raises ConfigError when a part is missing, damaged or of other features."""
    reference, typical = _vector(parts, "reference"), _vector(parts, "typical")
    if len(reference) < 2 or (np.diff(reference) < 0).any():
        raise ConfigError("the model's calibration is damaged: train it again")
    forest = Forest.of({name: part for name, part in parts.items() if name not in ("reference", "typical")})
    if len(typical) != len(NAMES) or int(forest.feature.max()) >= len(NAMES):
        raise ConfigError(f"the model was trained on other features than {NAMES}: train it again")
    return Model(forest=forest, reference=reference, typical=typical)


def _vector(parts: Mapping[str, Array], name: str) -> Floats:
    part = parts.get(name)
    if part is None or part.dtype != np.float64 or part.ndim != 1 or not np.isfinite(part).all():
        raise ConfigError(f"the model's part {name!r} is missing or of the wrong type: train it again")
    return part


BURST = "t2 t3 t4 t5 t6 t7 t8 t9 t10 o2 o3 o4 o5 o6 o7 o8 o9"

CASES = (
    fires(
        "large sums in and out within half a minute, again and again",
        pays("t#", 10, "source-#", "conduit", 9_000, every=MINUTE),
        pays("o#", 9, "conduit", "sink-#", 9_000, at=MINUTE // 2, every=MINUTE),
        on=BURST,
    ),
    near_miss("the same once", pay("t", "source", "conduit", 9_000, at=0), pay("o", "conduit", "sink", 9_000, at=DAY)),
    innocent(
        "a person's month",
        pays("t#", 4, "employer", "person", 300, every=7 * DAY),
        pays("o#", 8, "person", "shop-#", 60, at=DAY, every=3 * DAY),
    ),
    edge("the first transfer anybody ever made", pay("t", "payer", "payee", 50, at=0)),
    edge("the earlier transfer is exactly 30 d old", pays("t#", 2, "payer", "payee", 50, every=30 * DAY)),
)

SCORER = Scorer(
    about=About(
        id="tx-isolation-forest",
        version=1,
        title="Account whose recent activity looks unlike quiet traffic",
        status="trial",
        severity="low",
        entries=("tx-funnel-fan-in", "tx-rapid-pass-through"),
        reason="The recent activity of {subject} is odder than nearly all quiet traffic. By itself this says little.",
        innocent=(
            "any new business",
            "an exchange, shop or bridge nobody labelled",
            "somebody who moves house or sells a car",
        ),
        blind_to=(
            "patterns that are common in the quiet traffic it learnt from",
            "a slow drift",
            "typologies: it knows none",
        ),
        needs=("transfers", "model"),
        next_steps=(
            "Read which features moved the score, and whether a rule fired on the same account.",
            "Look for a label or a business that explains the activity.",
            "Dismiss it when nothing else speaks: this sign must not stand alone.",
        ),
        thresholds=THRESHOLDS,
        min_events=3,
        cases=CASES,
    ),
    sides=("sender", "receiver"),
    features=features,
    matrix=matrix,
    learn=learn,
    score=score,
    explain=explain,
)
