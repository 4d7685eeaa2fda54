from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.ensemble import IsolationForest

from manumit.detectors.models.activity import NAMES, matrix
from manumit.detectors.models.forest import Array, Forest, grow, oddness
from manumit.detectors.models.isolation_forest import (
    Model,
    explain,
    from_parts,
    learn,
    score,
    to_parts,
)
from manumit.detectors.models.quiet import quiet_block
from manumit.detectors.windows.features import NEVER
from manumit.schemas.errors import ConfigError
from tests.detectors.judge import quiet_model

QUIET = matrix(quiet_block(4_000))


def known() -> Model:
    model = quiet_model()
    assert isinstance(model, Model)
    return model


@settings(max_examples=8, deadline=None)
@given(st.integers(2, 400), st.integers(1, 5), st.integers(0, 2**31 - 1))
def test_oddness_equals_scikit_learn(rows: int, width: int, seed: int) -> None:
    random = np.random.default_rng(seed)
    train = random.lognormal(size=(rows, width)).round(1)  # ties on purpose
    fitted = IsolationForest(n_estimators=100, max_samples=min(256, rows), random_state=seed)
    fitted.fit(train.astype(np.float32))
    probe = np.concatenate([train, random.normal(scale=50, size=(70, width))])
    ours = oddness(grow(train, seed), probe)
    assert np.abs(ours + fitted.score_samples(probe.astype(np.float32))).max() <= 1e-12


def test_same_rows_and_seed_same_model() -> None:
    assert learn(QUIET, 3).forest.digest() == learn(QUIET, 3).forest.digest()
    assert learn(QUIET, 3).forest.digest() != learn(QUIET, 4).forest.digest()


def test_block_size_never_matters() -> None:
    rows = QUIET[:500]
    whole = score(quiet_model(), rows)
    for size in (1, 7, 64):
        parts = [score(quiet_model(), rows[i : i + size]) for i in range(0, 500, size)]
        assert np.array_equal(np.concatenate(parts), whole)


def test_the_score_is_a_tail_probability_on_fresh_quiet_rows() -> None:
    """Split-conformal: at most about a share a of unseen quiet rows scores 1 - a or more."""
    model = learn(QUIET[:3_000], 5)
    fresh = score(model, QUIET[3_000:])
    for share in (0.01, 0.05, 0.2, 0.5):
        assert abs((fresh >= 1 - share).mean() - share) <= 0.03


def test_the_calibration_at_its_edges() -> None:
    """A row exactly as odd as r of n quiet rows scores 1 - (1 + r) / (1 + n)."""
    oddest = QUIET[:1]
    odd = float(oddness(known().forest, oddest)[0])
    for reference, want in (
        (np.array([odd - 2, odd - 1, odd - 0.5]), 0.75),
        (np.array([odd - 2, odd - 1, odd]), 0.5),
        (np.array([odd, odd, odd]), 0.0),
        (np.array([odd + 1, odd + 1, odd + 1]), 0.0),
    ):
        model = replace(known(), calibration=replace(known().calibration, reference=reference))
        assert score(model, oddest)[0] == pytest.approx(want)


def test_an_odd_row_is_explained_by_what_makes_it_odd() -> None:
    row = known().calibration.typical.copy()
    strange = NAMES.index("senders_7d")
    row[strange] = np.log1p(500)
    parts = explain(quiet_model(), row).parts
    name, value, typical, weight = parts[0]
    assert (name, round(value)) == ("senders_7d", 500)
    assert typical < 10
    assert weight > 0
    assert [part[3] for part in parts] == sorted((part[3] for part in parts), reverse=True)


def test_a_typical_row_needs_no_explanation() -> None:
    assert explain(quiet_model(), known().calibration.typical).parts == ()


def test_unknown_worth_and_no_earlier_transfer_have_values() -> None:
    block = quiet_block(4)
    block.columns["since_in"][:] = NEVER
    rows = matrix(replace(block, usd=np.full(4, np.nan)))
    assert np.isfinite(rows).all()
    assert rows[0, NAMES.index("usd")] == pytest.approx(-1)
    assert rows[0, NAMES.index("since_in")] == pytest.approx(np.log1p(30 * 86_400))


def test_too_little_to_learn_from() -> None:
    with pytest.raises(ConfigError, match="four quiet rows"):
        learn(QUIET[:3], 1)


def damaged(name: str, part: Array | None) -> dict[str, Array]:
    parts = to_parts(quiet_model())
    if part is None:
        del parts[name]
    else:
        parts[name] = part
    return parts


@pytest.mark.parametrize("name", ["feature", "threshold", "depth", "expected_depth", "reference", "typical"])
def test_a_part_that_is_missing_or_cut_is_refused(name: str) -> None:
    whole = to_parts(quiet_model())[name]
    with pytest.raises(ConfigError):
        from_parts(damaged(name, None))
    with pytest.raises(ConfigError):
        from_parts(damaged(name, whole[:0]))
    with pytest.raises(ConfigError):
        from_parts(damaged(name, whole.astype(np.complex128)))


def test_trees_of_other_features_are_refused() -> None:
    parts = to_parts(quiet_model())
    feature = parts["feature"].copy()
    feature[0, 0] = len(NAMES)
    with pytest.raises(ConfigError, match="other features"):
        from_parts({**parts, "feature": feature})
    feature[0, 0] = -1
    with pytest.raises(ConfigError, match="damaged"):
        Forest.of({**parts, "feature": feature})
