from __future__ import annotations

import numpy as np
import pytest
from sklearn.ensemble import HistGradientBoostingClassifier

from manumit.detectors.models.activity import NAMES, matrix
from manumit.detectors.models.boosting import LEAVES, RATE, ROUNDS, Boosted, boosted, margin
from manumit.detectors.models.gradient_boosting import explain, from_parts, learn_marked, score, to_parts
from manumit.detectors.models.quiet import marked_block, quiet_block
from manumit.schemas.errors import ConfigError

QUIET, MARKED = matrix(quiet_block(3_000)), matrix(marked_block(400))
MODEL = learn_marked(QUIET, MARKED, 3)


def test_margins_equal_scikit_learn() -> None:
    rows = np.concatenate([QUIET, MARKED])
    fitted = HistGradientBoostingClassifier(
        max_iter=ROUNDS,
        max_leaf_nodes=LEAVES,
        learning_rate=RATE,
        early_stopping=False,
        class_weight="balanced",
        random_state=3,
    ).fit(rows, np.repeat([0, 1], [len(QUIET), len(MARKED)]))
    probe = np.concatenate([rows, np.random.default_rng(1).normal(scale=50, size=(70, len(NAMES)))])
    assert np.array_equal(margin(boosted(QUIET, MARKED, 3), probe), fitted.decision_function(probe))


def test_the_same_rows_and_seed_give_the_same_model_and_parts_give_it_back() -> None:
    parts = to_parts(learn_marked(QUIET, MARKED, 3))
    assert all(np.array_equal(parts[name], part) for name, part in to_parts(MODEL).items())
    assert np.array_equal(score(from_parts(parts), MARKED), score(MODEL, MARKED))


def test_block_size_never_matters() -> None:
    rows = QUIET[:300]
    whole = score(MODEL, rows)
    for size in (1, 7, 64):
        parts = [score(MODEL, rows[i : i + size]) for i in range(0, 300, size)]
        assert np.array_equal(np.concatenate(parts), whole)


def test_marked_rows_stand_out_and_fresh_quiet_rows_score_their_share() -> None:
    assert np.median(score(MODEL, matrix(marked_block(900))[400:])) > 0.99
    fresh = score(MODEL, matrix(quiet_block(6_000))[3_000:])
    for share in (0.01, 0.05):
        assert (fresh >= 1 - share).mean() <= share + 0.03


def test_an_alike_row_is_explained_by_what_makes_it_alike() -> None:
    row = MODEL.calibration.typical.copy()
    row[NAMES.index("senders_7d")] = np.log1p(35)
    row[NAMES.index("in_30d")] = np.log1p(45)
    names = [name for name, *_ in explain(MODEL, row).parts]
    assert names and set(names) & {"senders_7d", "in_30d"}


def test_too_little_to_learn_from() -> None:
    with pytest.raises(ConfigError, match="20 marked rows"):
        learn_marked(QUIET, MARKED[:19], 1)


@pytest.mark.parametrize(
    ("name", "part"),
    [
        ("root", np.zeros(3, np.int64)),
        ("left", np.full(len(MODEL.trees.left), len(MODEL.trees.left), np.int32)),
        ("right", np.full(len(MODEL.trees.right), -1, np.int32)),
        ("feature", np.full(len(MODEL.trees.feature), -1, np.int32)),
        ("depth", np.full(len(MODEL.trees.depth), 10**6, np.int32)),
        ("value", np.zeros(1)),
    ],
)
def test_trees_that_lead_nowhere_are_refused(name: str, part: np.ndarray[tuple[int], np.dtype[np.generic]]) -> None:
    with pytest.raises(ConfigError, match="train it again"):
        Boosted.of({**MODEL.trees.parts(), name: part})


def test_a_model_of_other_features_is_refused() -> None:
    parts = to_parts(MODEL)
    with pytest.raises(ConfigError, match="other features"):
        from_parts({**parts, "feature": np.full_like(parts["feature"], len(NAMES))})
