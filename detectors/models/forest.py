"""An isolation forest as flat arrays: grown by scikit-learn, walked by compiled code.

Liu, Ting & Zhou 2008, "Isolation Forest": the oddness of a row is 2^(-E[h] / c(n)), h the depth at which
random cuts isolate it, c(n) the expected depth of an unsuccessful search in a tree of n rows. scikit-learn
(BSD-3) compares in float32; so does this, hence equal scores.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from hashlib import sha256
from typing import Any

import numpy as np
import numpy.typing as npt

from manumit.detectors.windows.interner import njit
from manumit.schemas.block import Floats, Int32s
from manumit.schemas.errors import ConfigError

EULER_GAMMA = 0.5772156649015329
NO_CHILD = -1
ROWS_AT_ONCE = 64  # rows walked through one tree together, so that the tree stays in cache
MAX_LEVELS = 20
Array = npt.NDArray[Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Forest:
    """t trees filled up to the same depth L, so that a walk needs no branch and cannot leave its arrays.

    Node k of a tree has the children 2k + 1 (row[feature] <= threshold) and 2k + 2. feature int32[t, 2^L - 1],
    threshold float32[t, 2^L - 1] (infinite below an early leaf), depth float64[t, 2^L] the expected depth of
    each leaf, `expected_depth` float64[1] = t * c(rows a tree saw).
    """

    feature: Int32s
    threshold: npt.NDArray[np.float32]
    depth: Floats
    expected_depth: Floats

    def parts(self) -> dict[str, Array]:
        return {field.name: getattr(self, field.name) for field in fields(self)}

    @classmethod
    def of(cls, parts: Mapping[str, Array]) -> Forest:
        """From `parts`. Raises ConfigError when one is missing or of the wrong type or shape."""
        wanted = {"feature": np.int32, "threshold": np.float32, "depth": np.float64, "expected_depth": np.float64}
        for name, kind in wanted.items():
            if not isinstance(parts.get(name), np.ndarray) or parts[name].dtype != kind:
                raise ConfigError(f"the model's part {name!r} is missing or of the wrong type: train it again")
        forest = cls(**{name: np.ascontiguousarray(parts[name]) for name in wanted})
        levels = forest.depth.shape[-1].bit_length() - 1
        trees = len(forest.depth)
        inner = (trees, 2**levels - 1)
        whole = forest.depth.shape == (trees, 2**levels) and 0 < levels <= MAX_LEVELS
        whole = whole and forest.feature.shape == inner and forest.threshold.shape == inner
        if not whole or forest.expected_depth.shape != (1,) or int(forest.feature.min()) < 0:
            raise ConfigError("the model's trees are damaged: train it again")
        return forest

    def digest(self) -> str:
        """sha256 over every array, in the order of the fields."""
        hashed = sha256()
        for name, array in self.parts().items():
            hashed.update(f"{name}:{array.dtype.str}:{array.shape}".encode())
            hashed.update(np.ascontiguousarray(array).tobytes())
        return hashed.hexdigest()


def grow(matrix: Floats, seed: int, *, trees: int = 100, rows_a_tree: int = 256) -> Forest:
    """A forest on float64[n, k]. The same matrix and seed give the same forest. Raises ConfigError for n < 2."""
    if len(matrix) < 2:
        raise ConfigError("an isolation forest needs at least two rows to learn from")
    from sklearn.ensemble import IsolationForest  # slow to import, and only training needs it

    rows = min(rows_a_tree, len(matrix))
    fitted = IsolationForest(n_estimators=trees, max_samples=rows, random_state=seed, n_jobs=1)
    fitted.fit(matrix.astype(np.float32))
    return filled([estimator.tree_ for estimator in fitted.estimators_], rows)


def filled(trees: list[Any], rows: int) -> Forest:
    """One Forest of scikit-learn's fitted trees, each grown on `rows` rows."""
    levels = max(1, *(tree.max_depth for tree in trees))
    inner = (len(trees), 2**levels - 1)
    feature, threshold = np.zeros(inner, np.int32), np.full(inner, np.inf, np.float32)
    depth = np.zeros((len(trees), 2**levels), np.float64)
    for t, tree in enumerate(trees):
        waiting = [(0, 0, 0)]  # node of scikit-learn, place in the filled tree, level
        while waiting:
            node, place, level = waiting.pop()
            if tree.children_left[node] == NO_CHILD:
                _fill_leaf(depth[t], place, level, levels, _search_depth(tree.n_node_samples[node]) + level)
                continue
            feature[t, place] = tree.feature[node]
            threshold[t, place] = _not_above(tree.threshold[node])
            waiting.append((tree.children_left[node], 2 * place + 1, level + 1))
            waiting.append((tree.children_right[node], 2 * place + 2, level + 1))
    expected = np.array([len(trees) * _search_depth(rows)], np.float64)
    return Forest(feature=feature, threshold=threshold, depth=depth, expected_depth=expected)


def _fill_leaf(depth: Floats, place: int, level: int, levels: int, value: float) -> None:
    """A leaf above the last level stands for every place below it."""
    width = 1 << (levels - level)
    first = ((place + 1) << (levels - level)) - (1 << levels)
    depth[first : first + width] = value


def _not_above(threshold: float) -> np.float32:
    """The largest float32 not above a cut: float32 rows compare with it as with the cut itself."""
    near = np.float32(threshold)
    return near if near <= threshold else np.nextafter(near, np.float32(-np.inf))


def _search_depth(rows: int) -> float:
    """c(n) of the paper: 0 for one row, 1 for two, else 2 (ln(n - 1) + gamma) - 2 (n - 1) / n."""
    if rows <= 2:
        return float(rows == 2)
    return 2.0 * (math.log(rows - 1.0) + EULER_GAMMA) - 2.0 * (rows - 1.0) / rows


def oddness(forest: Forest, matrix: Floats) -> Floats:
    """float64[n] in (0, 1], high = odd: minus scikit-learn's `score_samples`."""
    scores = np.zeros(len(matrix), np.float64)
    rows = np.ascontiguousarray(matrix, np.float32)
    walk(rows, forest.feature, forest.threshold, forest.depth, forest.expected_depth[0], scores)
    return scores


def _walk(
    rows: npt.NDArray[np.float32],
    feature: Int32s,
    threshold: npt.NDArray[np.float32],
    depth: Floats,
    expected_depth: float,
    out: Floats,
) -> None:
    """Write the oddness of row i to out[i], which starts at 0; one row at a time, so no block size shows in it."""
    inner, levels = feature.shape[1], 0
    while 1 << levels <= inner:
        levels += 1
    place = np.zeros(ROWS_AT_ONCE, np.uint64)  # unsigned: numba wraps signed places round at every look
    for start in range(0, len(rows), ROWS_AT_ONCE):
        some = rows[start : start + ROWS_AT_ONCE]
        for t in range(len(feature)):
            axes, cuts, leaves = feature[t], threshold[t], depth[t]
            place[:] = 0
            for _ in range(levels):
                for i in range(len(some)):
                    at = place[i]
                    place[i] = 2 * at + 1 + np.uint64(some[i, np.uint64(axes[at])] > cuts[at])
            for i in range(len(some)):
                out[start + i] += leaves[place[i] - np.uint64(inner)]
        for i in range(start, start + len(some)):
            out[i] = 2.0 ** (-out[i] / expected_depth)


walk: Callable[..., None] = njit(_walk)
