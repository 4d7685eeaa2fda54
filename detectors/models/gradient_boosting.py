"""Accounts whose recent activity looks like that of known stories: gradient-boosted trees over engine features.

`manumit train --marked` teaches it a replay with its answer sheet: confirmed cases, or a generated world. It knows
the stories it was taught and nothing else. The margin becomes a tail probability on quiet rows it has not learned.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

from manumit.detectors.contract import About, Explanation, Scorer, Threshold
from manumit.detectors.models.activity import NAMES, ablated, check_features, features, matrix
from manumit.detectors.models.boosting import Boosted, boosted, margin
from manumit.detectors.models.calibration import Calibration, calibrated
from manumit.detectors.models.forest import Array
from manumit.detectors.models.quiet import marked_block
from manumit.detectors.stories import DAY, HOUR, edge, fires, innocent, near_miss, pay, pays
from manumit.schemas.block import Floats

THRESHOLDS = (
    Threshold(name="min_score", value=0.9999, unit="share", origin="ours: one quiet transfer in 10,000 is so alike"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """The trees, and the margin of quiet rows they have not seen."""

    trees: Boosted
    calibration: Calibration


def learn(quiet: Floats, seed: int) -> Model:
    """Against the made-up marked rows of `quiet.marked_block`: for the cases below, never for use."""
    return learn_marked(quiet, matrix(marked_block()), seed)


def learn_marked(quiet: Floats, marked: Floats, seed: int) -> Model:
    """A model of quiet and marked rows: even quiet rows teach, odd ones calibrate.

    The same rows and seed give the same model. Raises ConfigError for too few rows of either kind.
    """
    trees = boosted(quiet[::2], marked, seed)
    return Model(trees=trees, calibration=calibrated(quiet, margin(trees, quiet[1::2])))


def score(model: object, rows: Floats) -> Floats:
    """float64[n] in [0, 1): how much of quiet traffic is less like the marked rows."""
    known = cast(Model, model)
    return known.calibration.tail(margin(known.trees, rows))


def explain(model: object, row: Floats) -> Explanation:
    """As `activity.ablated`."""
    known = cast(Model, model)
    return ablated(lambda rows: margin(known.trees, rows), known.calibration.typical, row)


def to_parts(model: object) -> dict[str, Array]:
    """Plain arrays by name, for a file."""
    known = cast(Model, model)
    return {**known.trees.parts(), **known.calibration.parts()}


def from_parts(parts: Mapping[str, Array]) -> Model:
    """The model of `to_parts`. Raises ConfigError when a part is missing, damaged or of other features."""
    trees = Boosted.of(parts)
    check_features(trees.feature)
    return Model(trees=trees, calibration=Calibration.of(parts, len(NAMES)))


SIXTH_ON = " ".join(f"p{n}" for n in range(6, 41))

CASES = (
    fires(
        "many payers within days, of many times the usual sum",
        pays("p#", 40, "payer-#", "collector", 900, every=HOUR),
        on=SIXTH_ON,
    ),
    near_miss("three payers", pays("p#", 3, "payer-#", "collector", 90, every=HOUR)),
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
        id="tx-gradient-boosting",
        version=1,
        title="Account whose recent activity looks like that of known stories",
        status="trial",
        severity="low",
        entries=("tx-funnel-fan-in", "tx-rapid-pass-through"),
        reason=(
            "The recent activity of {subject} is more like the stories the model was taught than nearly all quiet "
            "traffic. It resembles them; what it is, the model cannot say."
        ),
        innocent=(
            "an unlabelled shop, exchange or payment processor",
            "a crowd gift or a ticket sale",
            "whoever lives as the people of the marked stories do",
        ),
        blind_to=(
            "stories it was not taught",
            "what the generator of a taught world left out",
            "habits of places its quiet traffic does not come from",
        ),
        needs=("transfers", "marked_model"),
        next_steps=(
            "Read which features moved the score, and whether a rule fired on the same account.",
            "Ask what the model was taught: the file's name says which training it was.",
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
    marked=learn_marked,
)
