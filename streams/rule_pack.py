"""What a pipeline judges by: detectors, thresholds, model; and the digest that tells two packs apart. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256

from manumit.detectors.contract import Detector
from manumit.detectors.live_episodes import Policy
from manumit.detectors.windows.features import duration_us
from manumit.streams.judging import Judges


@dataclass(frozen=True, slots=True, kw_only=True)
class Configured:
    """The detectors that run, the threshold overrides and the model, fixed for the life of a pipeline.

    `model_name` tells models apart.
    """

    detectors: tuple[Detector, ...]
    overrides: Mapping[str, Mapping[str, float]]
    model: object | None = None
    model_name: str = ""

    def judges(self) -> Judges:
        return Judges(detectors=self.detectors, overrides=self.overrides, model=self.model)


def policy_of(detector: Detector) -> Policy:
    return Policy(quiet_gap_us=duration_us(detector.about.quiet_gap), min_events=detector.about.min_events)


def pack_digest(plans: tuple[str, str], judges: Judges, label_mode: str, model_name: str) -> str:
    """Of all that decides what the same events mean: a checkpoint is good for this only."""
    rules = [
        (one.about.id, one.about.version, sorted(judges.values[one.about.id].of.items())) for one in judges.detectors
    ]
    return sha256(f"{plans[0]} {plans[1]} {rules!r} {label_mode} {model_name}".encode()).hexdigest()
