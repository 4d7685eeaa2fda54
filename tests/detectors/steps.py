"""By how little a threshold is moved to see whether a case stands on its edge."""

from __future__ import annotations

from manumit.detectors.contract import Detector, Finder, Threshold

STEPS: dict[str, tuple[float, float]] = {
    "USD": (1e-6, 1e-6),
    "CAD": (1e-5, 1e-5),
    "USD per CAD": (0.01, 0.01),
    "USD per EUR": (0.01, 0.01),
    "USD per JPY": (0.0001, 0.0001),
    "hours": (1 / 3.6e9, 1 / 3.6e9),
    "share": (0.001, -0.1),
    "ratio": (0.001, -0.25),
}


DAYS_OF_A_STORY = (1 / 8.64e10, 1 / 8.64e10)


def steps(detector: Detector, threshold: Threshold) -> tuple[float, float]:
    """How far up and down a threshold is moved; a negative number is a part of the value."""
    if isinstance(detector, Finder) and threshold.unit == "days":
        return DAYS_OF_A_STORY
    up, down = STEPS.get(threshold.unit, (1.0, 1.0))
    return up, down if down > 0 else -down * threshold.value
