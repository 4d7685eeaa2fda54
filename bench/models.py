"""`python -m bench.models`: the compiled models against scikit-learn, river and the papers, in one process.

Every line says how far the answers differ. Processor time, medians of interleaved rounds; peers get
what they like best: scikit-learn float32 rows in blocks, river ready-made dictionaries.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table

from bench.__main__ import pin
from bench.bursts import burst_set
from bench.rounds import medians
from manumit.detectors.models import boosting, forest, midas, midas_oracle
from manumit.detectors.models.activity import matrix
from manumit.detectors.models.half_space import HalfSpaceTrees
from manumit.detectors.models.quiet import marked_block, quiet_block
from manumit.schemas.block import Floats

SEED = 7
BLOCK_SIZES = (1, 200, 1_000)
WIDE = 2**16
Line = tuple[str, float, float, str, float, str]
"""What is measured, rows a second of ours and of the peer, the peer, their ratio, and how far the answers differ."""


def in_blocks(score: Callable[[Any], Any], rows: Any, size: int) -> Callable[[], list[Any]]:
    return lambda: [score(rows[i : i + size]) for i in range(0, len(rows), size)]


def line(name: str, rows: int, peer_rows: int, spent: dict[str, float], peer: str, differ: str) -> Line:
    ours, theirs = rows / spent["ours"], peer_rows / spent["peer"]
    return name, ours, theirs, peer, ours / theirs, differ


def isolation(rounds: int) -> Iterator[Line]:
    """scikit-learn's IsolationForest: 100 trees of 256 rows, grown on the same rows."""
    from sklearn.ensemble import IsolationForest

    quiet = matrix(quiet_block(20_000))
    grown = forest.grow(quiet, SEED)
    fitted = IsolationForest(n_estimators=100, max_samples=256, random_state=SEED, n_jobs=1)
    rows = quiet.astype(np.float32)
    fitted.fit(rows)
    furthest = float(np.abs(forest.oddness(grown, quiet) + fitted.score_samples(rows)).max())
    for size in BLOCK_SIZES:
        few = size * 20 if size > 1 else 100
        runs = {
            "ours": in_blocks(partial(forest.oddness, grown), rows[: few if size == 1 else len(rows)], size),
            "peer": in_blocks(fitted.score_samples, rows[:few], size),
        }
        spent = medians(runs, rounds)
        count = few if size == 1 else len(rows)
        yield line(f"IsolationForest, blocks of {size}", count, few, spent, "scikit-learn", f"{furthest:.0e}")


def gradient(rounds: int) -> Iterator[Line]:
    """scikit-learn's HistGradientBoostingClassifier, grown on the same rows."""
    from sklearn.ensemble import HistGradientBoostingClassifier

    quiet, marked = matrix(quiet_block(20_000)), matrix(marked_block())
    trees = boosting.boosted(quiet, marked, SEED)
    fitted = HistGradientBoostingClassifier(
        max_iter=boosting.ROUNDS,
        max_leaf_nodes=boosting.LEAVES,
        learning_rate=boosting.RATE,
        early_stopping=False,
        class_weight="balanced",
        random_state=SEED,
    ).fit(np.concatenate([quiet, marked]), np.repeat([0, 1], [len(quiet), len(marked)]))
    furthest = float(np.abs(boosting.margin(trees, quiet) - fitted.decision_function(quiet)).max())
    for size in BLOCK_SIZES:
        few = size * 20 if size > 1 else 100
        runs = {
            "ours": in_blocks(partial(boosting.margin, trees), quiet[:few], size),
            "peer": in_blocks(fitted.decision_function, quiet[:few], size),
        }
        spent = medians(runs, rounds)
        yield line(f"gradient boosting, blocks of {size}", few, few, spent, "scikit-learn", f"{furthest:.0e}")


def taken_over(theirs: Any, width: int, window: int) -> HalfSpaceTrees:
    """Fresh trees with the cuts of river's, whose features are named 00, 01, …"""
    inner = 2**theirs.height - 1
    feature = np.zeros((len(theirs.trees), inner), np.int32)
    threshold = np.zeros((len(theirs.trees), inner), np.float64)
    for tree, root in enumerate(theirs.trees):
        waiting = [(root, 0)]
        while waiting:
            node, place = waiting.pop()
            if place < inner:
                feature[tree, place], threshold[tree, place] = int(node.feature), node.threshold
                waiting += [(child, 2 * place + 1 + side) for side, child in enumerate(node.children)]
    if int(feature.max()) >= width:
        raise ValueError(f"trees over more than {width} features")
    counts = np.zeros((len(theirs.trees), 2 * inner + 1), np.int32)
    seen = np.array([0, 0, window], np.int64)
    return HalfSpaceTrees(feature=feature, threshold=threshold, reference=counts, latest=counts.copy(), seen=seen)


def half_space(rounds: int, rows: int = 3_000, width: int = 14) -> Iterator[Line]:
    """river's HalfSpaceTrees scoring and then learning each row, on equal trees."""
    from river.anomaly import HalfSpaceTrees as Theirs

    data = np.random.default_rng(SEED).beta(2, 5, (rows, width))
    names = [f"{j:02}" for j in range(width)]
    told = [dict(zip(names, row, strict=True)) for row in data.tolist()]
    for trees in (10, 25):

        def river(trees: int = trees) -> list[float]:
            theirs = Theirs(n_trees=trees, height=8, window_size=250, seed=SEED)
            found = []
            for row in told:
                found.append(theirs.score_one(row))
                theirs.learn_one(row)
            return found

        planted = Theirs(n_trees=trees, height=8, window_size=250, seed=SEED)
        planted.learn_one(told[0])
        fresh = taken_over(planted, width, 250)
        furthest = float(np.abs(HalfSpaceTrees.of(fresh.parts()).take(data) - np.array(river())).max())
        often = np.tile(data, (20, 1))
        for size in (200, len(often)):
            runs: dict[str, Callable[[], object]] = {
                "ours": in_blocks(HalfSpaceTrees.of(fresh.parts()).take, often, size),
                "peer": river,
            }
            spent = medians(runs, rounds)
            name = f"HalfSpaceTrees, {trees} trees, blocks of {size}"
            yield line(name, len(often), rows, spent, "river", f"{furthest:.0e}")


def edges(rounds: int, count: int = 60_000) -> Iterator[Line]:
    """MIDAS-F on a made-up burst set against the plain program written from the papers, by AUC and by score."""
    from sklearn.metrics import roc_auc_score

    stream = burst_set(SEED, count)
    plain = list(zip(stream.source.tolist(), stream.destination.tolist(), stream.tick.tolist(), strict=True))

    def slow() -> list[float]:
        return midas_oracle.scores(plain, epsilon=midas.THRESHOLD, alpha=midas.FADE)

    wanted = np.array(slow())
    for columns, rows in ((midas.COLUMNS, midas.ROWS), (WIDE, 4)):

        def quick(columns: int = columns, rows: int = rows) -> Floats:
            state = midas.fresh(SEED, columns=columns, rows=rows)
            return state.take(stream.source, stream.destination, stream.tick)

        found = quick()
        areas = [float(roc_auc_score(stream.burst, scores)) for scores in (found, wanted)]
        furthest = float(np.abs(found - wanted).max())
        differ = f"AUC {areas[0]:.6f}, reference {areas[1]:.6f}; scores {furthest:.0e}"
        spent = medians({"ours": quick, "peer": slow}, rounds)
        name = f"MIDAS-F, {rows} x {columns:,} cells"
        yield line(name, len(stream), len(stream), spent, "plain Python", differ)


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.models", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5, help="interleaved rounds, medians are kept (default 5)")
    parser.add_argument("--only", default="", help="isolation, gradient, half_space or edges; all of them without")
    wanted = parser.parse_args(arguments)
    pin()  # one core for all: peers start threads of their own
    table = Table("model", "ours, rows/s", "peer, rows/s", "peer", "ratio", "greatest difference")
    chosen = [m for m in (isolation, gradient, half_space, edges) if wanted.only in ("", m.__name__)]
    for measure in chosen:
        for name, ours, theirs, peer, ratio, differ in measure(wanted.rounds):
            table.add_row(name, f"{ours:,.0f}", f"{theirs:,.0f}", peer, f"x{ratio:.1f}", differ)
    Console(width=150).print(table)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
