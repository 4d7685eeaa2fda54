"""What a pipeline judges by: detectors, thresholds, model; and the digest that tells two packs apart. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256

from manumit.detectors.contract import About, Detector
from manumit.detectors.live_episodes import Policy
from manumit.detectors.windows.features import duration_us
from manumit.schemas.errors import ConfigError
from manumit.streams.judging import Judges

SHARE, LARGEST_SHARE, LARGEST = "share", 2.0, 1e15  # what left may be a little more than what came


@dataclass(frozen=True, slots=True, kw_only=True)
class Configured:
    """The detectors that run, the threshold overrides and the models, fixed for the life of a pipeline.

    `models` by the scorer's id; a scorer without one rests. `model_name` tells sets of models apart.
    """

    detectors: tuple[Detector, ...]
    overrides: Mapping[str, Mapping[str, float]]
    models: Mapping[str, object] = field(default_factory=dict)
    model_name: str = ""

    def judges(self) -> Judges:
        return Judges(detectors=self.detectors, overrides=self.overrides, models=self.models)


def check_thresholds(about: About, values: Mapping[str, float]) -> None:
    """Raises ConfigError for a value that no threshold of its kind can have; an unknown name is left to `About`."""
    units = {threshold.name: threshold.unit for threshold in about.thresholds}
    for name, value in values.items():
        most = LARGEST_SHARE if units.get(name) == SHARE else LARGEST
        if not 0 <= value <= most:
            raise ConfigError(f"thresholds: {about.id}.{name} is {value}; want 0 to {most:g}")


def policy_of(detector: Detector) -> Policy:
    return Policy(quiet_gap_us=duration_us(detector.about.quiet_gap), min_events=detector.about.min_events)


def pack_digest(plans: tuple[str, str], judges: Judges, label_mode: str, model_name: str) -> str:
    """Of all that decides what the same events mean: a checkpoint is good for this only."""
    rules = [
        (one.about.id, one.about.version, sorted(judges.values[one.about.id].of.items())) for one in judges.detectors
    ]
    return sha256(f"{plans[0]} {plans[1]} {rules!r} {label_mode} {model_name}".encode()).hexdigest()
