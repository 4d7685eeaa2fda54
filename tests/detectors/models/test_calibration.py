from __future__ import annotations

import numpy as np
import pytest

from manumit.detectors.models.calibration import Calibration, calibrated, drifted, shares_of
from manumit.schemas.errors import ConfigError

ROWS = np.random.default_rng(4).normal(size=(5_000, 2))
KNOWN = calibrated(ROWS, ROWS[:, 0])
NAMES = ("still", "moved")


def test_rows_like_the_quiet_ones_have_hardly_drifted() -> None:
    found = drifted(KNOWN, NAMES, np.random.default_rng(5).normal(size=(5_000, 2)))
    assert all(one.psi < 0.02 and one.ks < 0.05 for one in found)


def test_what_moved_comes_first() -> None:
    """Shifted by one standard deviation: PSI over deciles about 1 and KS at most 2 Phi(1/2) - 1 = 0.383."""
    moved = ROWS + np.array([0.0, 1.0])
    first, second = drifted(KNOWN, NAMES, moved)
    assert (first.feature, second.feature) == ("moved", "still")
    assert 0.7 < first.psi < 1.2
    assert first.ks == pytest.approx(0.383, abs=0.03)
    assert (second.psi, second.ks) == (0.0, 0.0)


def test_a_feature_with_one_value_drifts_only_when_it_moves() -> None:
    flat = np.zeros((100, 1))
    known = calibrated(flat, flat[:, 0])
    assert shares_of(flat, known.deciles)[0].tolist() == [1.0, *[0.0] * 9]
    assert drifted(known, ("flat",), flat)[0].psi == 0
    assert drifted(known, ("flat",), flat + 1)[0].ks == 1


def test_nothing_to_compare_with() -> None:
    with pytest.raises(ConfigError, match="no transfers"):
        drifted(KNOWN, NAMES, ROWS[:0])


@pytest.mark.parametrize(
    ("name", "part"),
    [
        ("reference", np.array([2.0, 1.0])),
        ("reference", np.array([1.0, np.nan])),
        ("typical", np.zeros(3)),
        ("deciles", np.zeros((2, 8))),
        ("shares", np.zeros((2, 10), np.float32)),
    ],
)
def test_damaged_parts_are_refused(name: str, part: np.ndarray[tuple[int, ...], np.dtype[np.generic]]) -> None:
    with pytest.raises(ConfigError, match="train it again"):
        Calibration.of({**KNOWN.parts(), name: part}, 2)
