"""Gradient-boosted trees as flat arrays: grown by scikit-learn, walked by compiled code.

Friedman 2001, "Greedy function approximation"; histogram cuts as in LightGBM (Ke et al. 2017), by scikit-learn's
HistGradientBoostingClassifier (BSD-3), whose `decision_function` these sums equal bit for bit.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields

import numpy as np

from manumit.detectors.models.forest import Array
from manumit.detectors.windows.interner import njit
from manumit.schemas.block import Floats, Int32s
from manumit.schemas.errors import ConfigError

ROUNDS, LEAVES, RATE = 150, 15, 0.1
LEAST_ROWS = 20
ROWS_AT_ONCE = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Boosted:
    """t trees end to end, m nodes in all; a leaf is its own child. root int32[t]; feature, left, right int32[m];
    threshold (row[feature] <= threshold goes left) and value (0 but at leaves) float64[m]; baseline float64[1];
    depth int32[t], how many steps a walk needs."""

    root: Int32s
    feature: Int32s
    threshold: Floats
    left: Int32s
    right: Int32s
    value: Floats
    baseline: Floats
    depth: Int32s

    def parts(self) -> dict[str, Array]:
        return {field.name: getattr(self, field.name) for field in fields(self)}

    @classmethod
    def of(cls, parts: Mapping[str, Array]) -> Boosted:
        """From `parts`. Raises ConfigError when one is missing, of the wrong type, or leads out of the trees."""
        held = {}
        for field in fields(cls):
            kind = np.float64 if field.name in ("threshold", "value", "baseline") else np.int32
            part = parts.get(field.name)
            if not isinstance(part, np.ndarray) or part.dtype != kind or part.ndim != 1 or not len(part):
                raise ConfigError(f"the model's part {field.name!r} is missing or of the wrong type: train it again")
            held[field.name] = np.ascontiguousarray(part)
        found = cls(**held)
        nodes = len(found.feature)
        whole = all(len(held[name]) == nodes for name in ("threshold", "left", "right", "value"))
        inside = all(held[n].min() >= 0 and held[n].max() < nodes for n in ("root", "left", "right"))
        whole = whole and inside and len(found.depth) == len(found.root) and len(found.baseline) == 1
        if not whole or int(found.feature.min()) < 0 or int(found.depth.min()) < 0 or int(found.depth.max()) > nodes:
            raise ConfigError("the model's trees are damaged: train it again")
        return found


def boosted(quiet: Floats, marked: Floats, seed: int) -> Boosted:
    """Trees that tell float64[m, k] marked rows from float64[n, k] quiet ones; both kinds weigh the same.

    The same rows and seed give the same trees. Raises ConfigError for fewer than 20 rows of a kind.
    """
    if min(len(quiet), len(marked)) < LEAST_ROWS:
        raise ConfigError(f"boosting needs {LEAST_ROWS} quiet and {LEAST_ROWS} marked rows to learn from")
    from sklearn.ensemble import HistGradientBoostingClassifier  # slow to import, and only training needs it
    from threadpoolctl import threadpool_limits

    rows = np.concatenate([quiet, marked])
    is_marked = np.repeat([0, 1], [len(quiet), len(marked)])
    with threadpool_limits(1):  # threads would wait for each other on a busy machine
        fitted = HistGradientBoostingClassifier(
            max_iter=ROUNDS,
            max_leaf_nodes=LEAVES,
            learning_rate=RATE,
            early_stopping=False,
            class_weight="balanced",
            random_state=seed,
        ).fit(rows, is_marked)
    trees = [stage[0].nodes for stage in fitted._predictors]
    return flat(trees, float(fitted._baseline_prediction[0, 0]))


def flat(trees: list[Array], baseline: float) -> Boosted:
    """One Boosted of scikit-learn's node tables."""
    sizes = [len(nodes) for nodes in trees]
    root = np.cumsum([0, *sizes[:-1]])
    nodes = np.concatenate(trees)
    first, own = np.repeat(root, sizes), np.arange(sum(sizes))
    leaf = nodes["is_leaf"].astype(np.bool_)
    return Boosted(
        root=root.astype(np.int32),
        feature=np.where(leaf, 0, nodes["feature_idx"]).astype(np.int32),
        threshold=np.where(leaf, 0.0, nodes["num_threshold"]),
        left=np.where(leaf, own, first + nodes["left"]).astype(np.int32),
        right=np.where(leaf, own, first + nodes["right"]).astype(np.int32),
        value=np.where(leaf, nodes["value"], 0.0),
        baseline=np.array([baseline]),
        depth=np.array([int(nodes["depth"].max()) for nodes in trees], np.int32),
    )


def margin(trees: Boosted, matrix: Floats) -> Floats:
    """float64[n], high = like the marked rows: scikit-learn's `decision_function`."""
    out = np.full(len(matrix), trees.baseline[0])
    descend(
        np.ascontiguousarray(matrix, np.float64),
        trees.root,
        trees.feature,
        trees.threshold,
        trees.left,
        trees.right,
        trees.value,
        trees.depth,
        out,
    )
    return out


def _descend(
    rows: Floats,
    root: Int32s,
    feature: Int32s,
    threshold: Floats,
    left: Int32s,
    right: Int32s,
    value: Floats,
    depth: Int32s,
    out: Floats,
) -> None:
    """Add to out[i] the leaf of every tree, in the order of the trees, so that no block size shows in the sum."""
    place = np.zeros(ROWS_AT_ONCE, np.uint64)  # unsigned: numba wraps signed places round at every look
    for start in range(0, len(rows), ROWS_AT_ONCE):
        some = rows[start : start + ROWS_AT_ONCE]
        for t in range(len(root)):
            place[:] = np.uint64(root[t])
            for _ in range(depth[t]):
                for i in range(len(some)):
                    at = place[i]
                    low = some[i, np.uint64(feature[at])] <= threshold[at]
                    place[i] = np.uint64(left[at] if low else right[at])
            for i in range(len(some)):
                out[start + i] += value[place[i]]


descend: Callable[..., None] = njit(_descend)
