"""Which trained model each scorer uses, and how far traffic has drifted from what a model learned."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import cast

from manumit.connectors.models import load
from manumit.detectors.contract import Scorer
from manumit.detectors.models import gradient_boosting, half_space_trees, isolation_forest
from manumit.detectors.models.activity import NAMES
from manumit.detectors.models.calibration import Calibration, Drift, drifted
from manumit.schemas.block import Floats
from manumit.schemas.settings import Settings

Model = isolation_forest.Model | gradient_boosting.Model | half_space_trees.Model
FOREST, BOOSTING, HALF_SPACE = isolation_forest.SCORER, gradient_boosting.SCORER, half_space_trees.SCORER


def scorer_models(settings: Settings) -> tuple[Mapping[str, object], str]:
    """The models that the settings name, by scorer, and a name that tells this set, with the adverts' model, from any
    other.

    Raises ConfigError for a file that is missing, damaged, or another scorer's.
    """
    named: list[tuple[Scorer, str]] = [
        (FOREST, settings.model),
        (BOOSTING, settings.marked_model),
        (HALF_SPACE, settings.streaming_model),
    ]
    given = [(scorer, Path(path)) for scorer, path in named if path]
    models = {scorer.about.id: scorer.from_parts(load(path)) for scorer, path in given}
    names = [path.name for _, path in given]
    return models, " ".join([*names, Path(settings.advert_model).name] if settings.advert_model else names)


def drift_of(model: Path, rows: Floats) -> list[Drift]:
    """How far `rows` lie from the quiet rows of a model file. Raises ConfigError for a file that is no model."""
    parts = load(model)
    scorer = BOOSTING if "baseline" in parts else HALF_SPACE if "seen" in parts else FOREST
    held = cast(Model, scorer.from_parts(parts))
    calibration: Calibration = held.calibration
    return drifted(calibration, NAMES, rows)
