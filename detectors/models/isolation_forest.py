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

from manumit.detectors.contract import About, Explanation, Scorer, Threshold
from manumit.detectors.models.activity import NAMES, ablated, check_features, features, matrix
from manumit.detectors.models.calibration import Calibration, calibrated
from manumit.detectors.models.forest import Array, Forest, grow, oddness
from manumit.detectors.stories import DAY, MINUTE, edge, fires, innocent, near_miss, pay, pays
from manumit.schemas.block import Floats
from manumit.schemas.errors import ConfigError

THRESHOLDS = (
    Threshold(name="min_score", value=0.9999, unit="share", origin="ours: one quiet transfer in 10,000 is this odd"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """The forest, and the oddness of quiet rows it has not seen."""

    forest: Forest
    calibration: Calibration


def learn(quiet: Floats, seed: int) -> Model:
    """A model of float64[n, k] quiet rows: even rows grow the forest, odd rows calibrate it.

    The same rows and seed give the same model. Raises ConfigError for fewer than four rows.
    """
    if len(quiet) < 4:
        raise ConfigError(f"the model needs at least four quiet rows to learn from, not {len(quiet)}")
    forest = grow(quiet[::2], seed)
    return Model(forest=forest, calibration=calibrated(quiet, oddness(forest, quiet[1::2])))


def score(model: object, rows: Floats) -> Floats:
    """float64[n] in [0, 1): how much of quiet traffic is less odd."""
    known = cast(Model, model)
    return known.calibration.tail(oddness(known.forest, rows))


def explain(model: object, row: Floats) -> Explanation:
    """As `activity.ablated`."""
    known = cast(Model, model)
    return ablated(lambda rows: oddness(known.forest, rows), known.calibration.typical, row)


def to_parts(model: object) -> dict[str, Array]:
    """Plain arrays by name, for a file."""
    known = cast(Model, model)
    return {**known.forest.parts(), **known.calibration.parts()}


def from_parts(parts: Mapping[str, Array]) -> Model:
    """The model of `to_parts`. Raises ConfigError when a part is missing, damaged or of other features."""
    forest = Forest.of(parts)
    check_features(forest.feature)
    return Model(forest=forest, calibration=Calibration.of(parts, len(NAMES)))


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
    to_parts=to_parts,
    from_parts=from_parts,
)
