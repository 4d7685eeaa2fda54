"""What a model's score means beside quiet traffic: a tail probability, and how the traffic has drifted since.

Split-conformal (Laxhammar & Falkman 2010; Bates et al. 2023): rows the model has not learned say how often quiet
traffic is at least this odd.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from manumit.detectors.models.forest import Array
from manumit.schemas.block import Floats
from manumit.schemas.errors import ConfigError

MAX_REFERENCE = 65_536  # quiet scores kept; more are thinned to evenly spaced ranks
DECILES = np.linspace(0.1, 0.9, 9)


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibration:
    """Of quiet rows. `reference` float64[r], sorted scores of rows not learned; `typical` float64[k], medians;
    `deciles` float64[k, 9] and `shares` float64[k, 10]: between which cuts how much of each feature lies."""

    reference: Floats
    typical: Floats
    deciles: Floats
    shares: Floats

    def tail(self, scores: Floats) -> Floats:
        """float64[n] in [0, 1): 1 - (1 + quiet rows at least as odd) / (1 + quiet rows)."""
        odder = len(self.reference) - np.searchsorted(self.reference, scores, side="left")
        return (1.0 - (1.0 + odder) / (1.0 + len(self.reference))).astype(np.float64)

    def parts(self) -> dict[str, Array]:
        return {
            "reference": self.reference,
            "typical": self.typical,
            "deciles": self.deciles,
            "shares": self.shares,
        }

    @classmethod
    def of(cls, parts: Mapping[str, Array], width: int) -> Calibration:
        """From `parts`, for `width` features. Raises ConfigError when one is missing or damaged."""
        reference, typical = _numbers(parts, "reference"), _numbers(parts, "typical")
        deciles, shares = _numbers(parts, "deciles"), _numbers(parts, "shares")
        if reference.ndim != 1 or len(reference) < 2 or bool((np.diff(reference) < 0).any()):
            raise ConfigError("the model's calibration is damaged: train it again")
        if typical.shape != (width,) or deciles.shape != (width, 9) or shares.shape != (width, 10):
            raise ConfigError("the model was trained on other features than it is asked about: train it again")
        return cls(reference=reference, typical=typical, deciles=deciles, shares=shares)


def calibrated(quiet: Floats, scores: Floats) -> Calibration:
    """From float64[n, k] quiet rows and the scores of those among them that were not learned."""
    reference = np.sort(scores)
    if len(reference) > MAX_REFERENCE:
        reference = reference[np.linspace(0, len(reference) - 1, MAX_REFERENCE).round().astype(np.int64)]
    deciles = np.quantile(quiet, DECILES, axis=0).T.copy()
    return Calibration(
        reference=reference, typical=np.median(quiet, axis=0), deciles=deciles, shares=shares_of(quiet, deciles)
    )


def shares_of(rows: Floats, deciles: Floats) -> Floats:
    """float64[k, 10]: the share of rows in (-inf, d1], (d1, d2], …, (d9, inf) of each feature."""
    cut = [np.searchsorted(deciles[j], rows[:, j], side="left") for j in range(rows.shape[1])]
    return np.stack([np.bincount(places, minlength=10) / max(1, len(rows)) for places in cut])


@dataclass(frozen=True, slots=True, kw_only=True)
class Drift:
    """How far one feature of new rows lies from the quiet rows the model was calibrated on.

    `psi`: population stability index over deciles (under 0.1 little, over 0.25 much: Siddiqi 2006); `ks`: the
    Kolmogorov-Smirnov distance of the two distributions, at the deciles.
    """

    feature: str
    psi: float
    ks: float


LEAST_SHARE = 1e-4  # ours: an empty bin counts as this, or one visitor would make the index infinite


def drifted(calibration: Calibration, names: tuple[str, ...], rows: Floats) -> list[Drift]:
    """One for each feature, the furthest first. Raises ConfigError when there are no rows."""
    if not len(rows):
        raise ConfigError("no transfers to compare with")
    shares = shares_of(rows, calibration.deciles)
    found = []
    for j, name in enumerate(names):
        now, then = np.maximum(shares[j], LEAST_SHARE), np.maximum(calibration.shares[j], LEAST_SHARE)
        psi = float(((now - then) * np.log(now / then)).sum())
        ks = float(np.abs(np.cumsum(shares[j]) - np.cumsum(calibration.shares[j])).max())
        found.append(Drift(feature=name, psi=psi, ks=ks))
    return sorted(found, key=lambda drift: (-drift.psi, drift.feature))


def _numbers(parts: Mapping[str, Array], name: str) -> Floats:
    part = parts.get(name)
    if part is None or part.dtype != np.float64 or not np.isfinite(part).all():
        raise ConfigError(f"the model's part {name!r} is missing or of the wrong type: train it again")
    return part
