"""Half-space trees: how sparsely the neighbourhood of a row was visited in the window before, learned in the stream.

Tan, Ting & Liu 2011, "Fast Anomaly Detection for Streaming Data" (IJCAI). A tree halves a random dimension of a
random work range at every node; each node counts the rows that pass it. When a window of rows is full its counts
become the reference, and the next window is scored against it. On equal trees the scores equal those of river
(BSD-3), which stops a walk below a tenth of a window and divides by the largest sum there can be.

Rows are scored and then learned one after the other, so no batch size shows. Within a window the reference stands
still: the compiled walk may take tree after tree, which keeps a tree in cache.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields

import numpy as np

from manumit.detectors.models.forest import Array
from manumit.detectors.windows.interner import njit
from manumit.schemas.block import Floats, Int32s, Int64s
from manumit.schemas.errors import ConfigError

TREES, HEIGHT, WINDOW = 25, 8, 4_096
ROWS_AT_ONCE = 32
SPARSE = 0.1  # of a window: Tan et al., section 4.1


@dataclass(frozen=True, slots=True, kw_only=True)
class HalfSpaceTrees:
    """t trees of 2^(h+1) - 1 nodes; node k has the children 2k + 1 (row[feature] < threshold) and 2k + 2.

    feature int32[t, 2^h - 1]; threshold float64[t, 2^h - 1]; reference, latest int32[t, 2^(h+1) - 1] counts of the
    window before and of this one; seen int64[3]: rows of this window, windows so far, rows a window has. The last
    three change as rows are learned.
    """

    feature: Int32s
    threshold: Floats
    reference: Int32s
    latest: Int32s
    seen: Int64s

    def parts(self) -> dict[str, Array]:
        """Plain arrays by name: a snapshot, or a file."""
        return {field.name: getattr(self, field.name).copy() for field in fields(self)}

    @classmethod
    def of(cls, parts: Mapping[str, Array]) -> HalfSpaceTrees:
        """From `parts`; goes on exactly where they stood. Raises ConfigError when one is missing or damaged."""
        kinds = {
            "feature": np.int32,
            "threshold": np.float64,
            "reference": np.int32,
            "latest": np.int32,
            "seen": np.int64,
        }
        for name, kind in kinds.items():
            if not isinstance(parts.get(name), np.ndarray) or parts[name].dtype != kind:
                raise ConfigError(f"the model's part {name!r} is missing or of the wrong type: train it again")
        found = cls(**{name: np.array(parts[name], order="C") for name in kinds})
        inner, nodes = found.feature.shape, found.latest.shape
        whole = len(inner) == 2 and inner[1] >= 1 and (inner[1] & (inner[1] + 1)) == 0
        whole = whole and nodes == (inner[0], 2 * inner[1] + 1) and found.reference.shape == nodes
        whole = whole and found.threshold.shape == inner and found.seen.shape == (3,) and int(found.seen[2]) >= 1
        if not whole or int(found.feature.min()) < 0:
            raise ConfigError("the model's trees are damaged: train it again")
        return found

    def take(self, rows: Floats) -> Floats:
        """float64[n] in [0, 1], high = sparse; 0 in the first window. Learns each row after scoring it."""
        scores = np.zeros(len(rows), np.float64)
        some, start = np.ascontiguousarray(rows, np.float64), 0
        while start < len(some):
            stop = min(len(some), start + int(self.seen[2] - self.seen[0]))
            self._walk(some[start:stop], scores[start:stop], learn=1)
            self.seen[0] += stop - start
            if self.seen[0] == self.seen[2]:
                self._turn()
            start = stop
        return scores

    def score(self, rows: Floats) -> Floats:
        """float64[n] as `take`, of rows that are not learned."""
        scores = np.zeros(len(rows), np.float64)
        self._walk(np.ascontiguousarray(rows, np.float64), scores, learn=0)
        return scores

    def _turn(self) -> None:
        self.reference[:] = self.latest
        self.latest[:] = 0
        self.seen[0] = 0
        self.seen[1] += 1

    def _walk(self, rows: Floats, scores: Floats, learn: int) -> None:
        window = int(self.seen[2])
        largest = len(self.feature) * window * self.reference.shape[1]
        if len(rows):
            walk(rows, self.feature, self.threshold, self.reference, self.latest, SPARSE * window, learn, scores)
        scores[:] = 1.0 - scores / largest if self.seen[1] else 0.0


def planted(low: Floats, high: Floats, seed: int, *, trees: int = TREES, height: int = HEIGHT) -> HalfSpaceTrees:
    """Fresh trees over the ranges [low, high] of float64[k] features, which rows may leave.

    Section 3.2 of the paper: each tree works in a range of its own around a random middle. The same arguments give
    the same trees.
    """
    return sized(low, high, seed, trees=trees, height=height, window=WINDOW)


def sized(low: Floats, high: Floats, seed: int, *, trees: int, height: int, window: int) -> HalfSpaceTrees:
    """As `planted`, with `window` rows to a window."""
    dice, width = np.random.default_rng(seed), np.where(high > low, high - low, 1.0)
    inner = 2**height - 1
    feature = np.zeros((trees, inner), np.int32)
    threshold = np.zeros((trees, inner), np.float64)
    for tree in range(trees):
        middle = dice.random(len(low))
        reach = 2 * np.maximum(middle, 1 - middle)
        bounds = {0: (low + (middle - reach) * width, low + (middle + reach) * width)}
        for node in range(inner):
            least, most = bounds.pop(node)
            axis = int(dice.integers(len(low)))
            cut = (least[axis] + most[axis]) / 2
            feature[tree, node], threshold[tree, node] = axis, cut
            below, above = most.copy(), least.copy()
            below[axis] = above[axis] = cut
            bounds[2 * node + 1], bounds[2 * node + 2] = (least, below), (above, most)
    counts = np.zeros((trees, 2 * inner + 1), np.int32)
    seen = np.array([0, 0, window], np.int64)
    return HalfSpaceTrees(feature=feature, threshold=threshold, reference=counts, latest=counts.copy(), seen=seen)


def _walk(
    rows: Floats,
    feature: Int32s,
    threshold: Floats,
    reference: Int32s,
    latest: Int32s,
    sparse: float,
    learn: int,
    out: Floats,
) -> None:
    """Write to out[i] the sum over trees of count * 2^depth along the way of row i, up to the first sparse node."""
    inner, height = feature.shape[1], 0
    while 1 << height <= inner:
        height += 1
    place, going = np.zeros(ROWS_AT_ONCE, np.uint64), np.zeros(ROWS_AT_ONCE, np.int64)
    total = np.zeros(ROWS_AT_ONCE, np.int64)
    for start in range(0, len(rows), ROWS_AT_ONCE):
        some = rows[start : start + ROWS_AT_ONCE]
        total[:] = 0
        for tree in range(len(feature)):
            cuts, axes, past, now = threshold[tree], feature[tree], reference[tree], latest[tree]
            place[:] = 0
            going[:] = 1
            for level in range(height):
                for i in range(len(some)):
                    at = place[i]
                    here = np.int64(past[at])
                    total[i] += (going[i] * here) << level
                    going[i] &= here >= sparse
                    now[at] += learn
                    place[i] = 2 * at + 1 + np.uint64(some[i, np.uint64(axes[at])] >= cuts[at])
            for i in range(len(some)):
                total[i] += (going[i] * np.int64(past[place[i]])) << height
                now[place[i]] += learn
        out[start : start + len(some)] = total[: len(some)]


walk: Callable[..., None] = njit(_walk)
