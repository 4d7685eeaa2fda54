"""Cohen's kappa of two raters, with an interval of resampled adverts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Marks = npt.NDArray[np.bool_]
RESAMPLES = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """Kappa and its 95 % interval; NaN where one rater never varies, or in half of the resamples."""

    kappa: float
    low: float
    high: float

    def __str__(self) -> str:
        if np.isnan(self.kappa):
            return "undefined"
        return f"{self.kappa:5.2f} ({self.low:5.2f} to {self.high:5.2f})"


def kappa(one: Marks, other: Marks) -> float:
    """Cohen 1960: agreement beyond chance; NaN where chance alone gives full agreement."""
    seen = float((one == other).mean())
    chance = float(one.mean() * other.mean() + (1 - one.mean()) * (1 - other.mean()))
    return float("nan") if chance == 1.0 else (seen - chance) / (1.0 - chance)


def agreement(one: Marks, other: Marks, seed: int) -> Agreement:
    """Percentile bootstrap over adverts."""
    dice = np.random.default_rng(seed)
    rows = (dice.integers(0, len(one), len(one)) for _ in range(RESAMPLES))
    resampled = np.array([kappa(one[row], other[row]) for row in rows])
    low, high = np.nanpercentile(resampled, [2.5, 97.5]) if np.isfinite(resampled).any() else (np.nan, np.nan)
    return Agreement(kappa=kappa(one, other), low=float(low), high=float(high))
