from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from manumit.detectors.models.half_space import SPARSE, HalfSpaceTrees, planted, sized
from manumit.schemas.block import Floats
from manumit.schemas.errors import ConfigError

WIDTH = 3


def rows(seed: int, count: int) -> Floats:
    """Now and then outside the ranges the trees were planted over, and often equal."""
    return np.random.default_rng(seed).normal(0.5, 0.3, (count, WIDTH)).round(1)


def small(seed: int = 1, window: int = 8) -> HalfSpaceTrees:
    return sized(np.zeros(WIDTH), np.ones(WIDTH), seed, trees=3, height=4, window=window)


def plain(trees: HalfSpaceTrees, some: Floats) -> list[float]:
    """The paper's algorithm, one row and one node at a time."""
    window, inner = int(trees.seen[2]), trees.feature.shape[1]
    reference, latest = trees.reference.astype(int).tolist(), trees.latest.astype(int).tolist()
    seen, turned, found = int(trees.seen[0]), int(trees.seen[1]), []
    for row in some.tolist():
        total = 0
        for tree, counts in enumerate(reference):
            node, weight = 0, 1
            while True:
                total += counts[node] * weight
                if node >= inner or counts[node] < SPARSE * window:
                    break
                node = 2 * node + 1 + (row[trees.feature[tree, node]] >= trees.threshold[tree, node])
                weight *= 2
        found.append(1 - total / (len(reference) * window * (2 * inner + 1)) if turned else 0.0)
        for tree, counts in enumerate(latest):
            node = 0
            while node < len(counts):
                counts[node] += 1
                if node >= inner:
                    break
                node = 2 * node + 1 + (row[trees.feature[tree, node]] >= trees.threshold[tree, node])
        seen += 1
        if seen == window:
            reference, latest = latest, [[0] * len(counts) for counts in latest]
            seen, turned = 0, turned + 1
    return found


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10**6), st.integers(1, 60), st.integers(1, 9))
def test_the_kernel_is_the_paper(seed: int, count: int, window: int) -> None:
    assert small(seed, window).take(rows(seed, count)).tolist() == plain(small(seed, window), rows(seed, count))


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10**6), st.lists(st.integers(1, 40), min_size=1, max_size=6))
def test_batches_and_a_snapshot_never_matter(seed: int, sizes: list[int]) -> None:
    some = rows(seed, sum(sizes))
    whole = small().take(some)
    trees, parts, start = small(), [], 0
    for size in sizes:
        parts.append(trees.take(some[start : start + size]))
        trees, start = HalfSpaceTrees.of(trees.parts()), start + size
    assert np.array_equal(np.concatenate(parts), whole)


def test_scoring_learns_nothing() -> None:
    trees = small()
    trees.take(rows(1, 20))
    before = trees.parts()
    assert trees.score(rows(2, 9)).shape == (9,)
    assert all(np.array_equal(before[name], part) for name, part in trees.parts().items())
    assert trees.take(np.empty((0, WIDTH))).shape == (0,)


def test_the_same_seed_plants_the_same_trees() -> None:
    low, high = np.zeros(WIDTH), np.array([1.0, 5.0, 0.0])  # a feature that never moved has a range all the same
    first, again, other = (planted(low, high, seed).parts() for seed in (3, 3, 4))
    assert all(np.array_equal(first[name], again[name]) for name in first)
    assert not np.array_equal(first["threshold"], other["threshold"])
    assert np.isfinite(first["threshold"]).all()


def test_a_row_far_from_all_others_is_odd() -> None:
    dice = np.random.default_rng(5)
    usual = np.clip(dice.normal(0.3, 0.03, (1_000, WIDTH)), 0, 1)
    trees = sized(np.zeros(WIDTH), np.ones(WIDTH), 2, trees=25, height=8, window=250)
    trees.take(usual)
    assert trees.score(np.full((1, WIDTH), 0.95))[0] > np.quantile(trees.score(usual), 0.99)


def test_equal_to_river_on_equal_trees() -> None:
    pytest.importorskip("river", reason="river is the bench's peer")
    from bench.models import half_space

    assert {differ for *_, differ in half_space(rounds=1, rows=600, width=5)} == {"0e+00"}


@pytest.mark.parametrize(
    ("name", "part"),
    [
        ("feature", np.zeros((3, 15), np.int64)),
        ("feature", np.zeros((3, 14), np.int32)),
        ("feature", np.full((3, 15), -1, np.int32)),
        ("latest", np.zeros((3, 30), np.int32)),
        ("seen", np.zeros(3, np.int64)),
        ("threshold", np.zeros((2, 15))),
    ],
)
def test_damaged_parts_are_refused(name: str, part: np.ndarray[tuple[int, ...], np.dtype[np.generic]]) -> None:
    with pytest.raises(ConfigError, match="train it again"):
        HalfSpaceTrees.of({**small().parts(), name: part})
