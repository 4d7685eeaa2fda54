"""Accounts whose recent activity is rare in the traffic just before: half-space trees over engine features.

Unlike the isolation forest it goes on learning: each window of rows is scored against the window before. The scorer
uses a model as it stands in its file, so that a replay gives the same alerts and a reorganisation has nothing to take
back; `manumit train --streaming` lets a file learn on from newer traffic. Odd is not guilty.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

from manumit.detectors.contract import About, Explanation, Scorer, Threshold
from manumit.detectors.models.activity import NAMES, ablated, check_features, features, matrix
from manumit.detectors.models.calibration import Calibration, calibrated
from manumit.detectors.models.forest import Array
from manumit.detectors.models.half_space import WINDOW, HalfSpaceTrees, planted
from manumit.detectors.stories import DAY, MINUTE, edge, fires, innocent, near_miss, pay, pays
from manumit.schemas.block import Floats
from manumit.schemas.errors import ConfigError

THRESHOLDS = (
    Threshold(name="min_score", value=0.9999, unit="share", origin="ours: one quiet transfer in 10,000 is this rare"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """The trees as the last row left them, and how rare rows of the newest traffic were before they were learned."""

    trees: HalfSpaceTrees
    calibration: Calibration


def learn(quiet: Floats, seed: int) -> Model:
    """Trees over the ranges of float64[n, k] quiet rows, which then learn them in order.

    The same rows and seed give the same model. Raises ConfigError for fewer rows than three windows.
    """
    if not len(quiet):
        raise ConfigError("no quiet rows to learn from")
    return learned_on(planted(quiet.min(axis=0), quiet.max(axis=0), seed), quiet)


def learned_on(trees: HalfSpaceTrees, rows: Floats) -> Model:
    """The trees after `rows`, calibrated on those that were scored against a whole window. Raises ConfigError."""
    if len(rows) < 3 * WINDOW:
        raise ConfigError(f"half-space trees need {3 * WINDOW:,} rows to learn from, not {len(rows):,}")
    begun = 0 if trees.seen[1] else WINDOW
    scores = trees.take(rows)
    return Model(trees=trees, calibration=calibrated(rows, scores[begun:]))


def score(model: object, rows: Floats) -> Floats:
    """float64[n] in [0, 1): how much of quiet traffic is less rare. Learns nothing."""
    known = cast(Model, model)
    return known.calibration.tail(known.trees.score(rows))


def explain(model: object, row: Floats) -> Explanation:
    """As `activity.ablated`."""
    known = cast(Model, model)
    return ablated(known.trees.score, known.calibration.typical, row)


def to_parts(model: object) -> dict[str, Array]:
    """Plain arrays by name, for a file."""
    known = cast(Model, model)
    return {**known.trees.parts(), **known.calibration.parts(), "half_reference": known.trees.reference.copy()}


def from_parts(parts: Mapping[str, Array]) -> Model:
    """The model of `to_parts`. Raises ConfigError when a part is missing, damaged or of other features."""
    if "half_reference" not in parts:
        raise ConfigError("not a model of half-space trees: train it again")
    trees = HalfSpaceTrees.of({**parts, "reference": parts["half_reference"]})
    check_features(trees.feature)
    return Model(trees=trees, calibration=Calibration.of(parts, len(NAMES)))


RARE = " ".join((*(f"t{n}" for n in range(3, 11)), *(f"o{n}" for n in range(3, 10))))

CASES = (
    fires(
        "large sums in and out within half a minute, again and again",
        pays("t#", 10, "source-#", "conduit", 9_000, every=MINUTE),
        pays("o#", 9, "conduit", "sink-#", 9_000, at=MINUTE // 2, every=MINUTE),
        on=RARE,
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
        id="tx-half-space-trees",
        version=1,
        title="Account whose recent activity is rare in recent traffic",
        status="trial",
        severity="low",
        entries=("tx-funnel-fan-in", "tx-rapid-pass-through"),
        reason="The recent activity of {subject} is rarer than nearly all before it. By itself this says little.",
        innocent=("any new business", "an exchange, shop or bridge nobody labelled", "a feast day or a sale"),
        blind_to=(
            "what has become common in the traffic it learnt last, a swarm of fraud among it",
            "features apart from each other: it cuts along one at a time",
            "typologies: it knows none",
        ),
        needs=("transfers", "streaming_model"),
        next_steps=(
            "Read which features moved the score, and whether a rule fired on the same account.",
            "Look at `manumit drift`: when all traffic has moved, let the model learn on first.",
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
