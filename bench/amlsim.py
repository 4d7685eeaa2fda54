"""`python -m bench.amlsim`: how well AMLSim's marked accounts are ranked, by what was trained with and without labels.

AMLSim (IBM, Apache-2.0), sample 20K_fanin200cycle200: 20,000 accounts, some of them in planted fan-ins and cycles,
120,558 transfers over 149 steps, labels of accounts only. A step counts as a day, an amount as USD. Its balances
and steps of fraud are not read, for they are part of the answer.
"""

from __future__ import annotations

import argparse
import csv
import io
import os
import sys
import tarfile
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from rich.console import Console
from rich.table import Table

from bench.corpus import Corpus
from bench.detection import REPOSITORY, transaction_rules
from bench.judged import alerts_of
from manumit.connectors.world.clock import DAY, START_US
from manumit.detectors.models.activity import FEATURES
from manumit.detectors.models.isolation_forest import SCORER
from manumit.detectors.windows.engine import Engine
from manumit.detectors.windows.features import Feature, Side, count_in, pair_count, receivers, senders
from manumit.detectors.windows.plan import plan
from manumit.schemas.block import Floats, Int64s, TransferBlock
from manumit.schemas.transfer import Transfer
from manumit.streams.demonstration import real_data

ARCHIVE = "amlsim/20K_fanin200cycle200.tgz"
CHAIN = "eip155:31337"
FOLDS, SEED, BLENDED, ROUNDS = 5, 7, 5, 300  # folds by account; models whose mean is taken; trees of each
SIDES: tuple[Side, Side] = ("sender", "receiver")
AGAIN = "180d"  # longer than the whole sample
MORE: Mapping[str, Feature] = {
    "payments_of_pair": pair_count(AGAIN),
    "senders_180d": senders(AGAIN),
    "receivers_180d": receivers(AGAIN),
    "in_180d": count_in(AGAIN),
    "regular_senders": senders(AGAIN, at_least=2),
    "regular_receivers": receivers(AGAIN, at_least=2),
}
Marks = npt.NDArray[np.bool_]
Member = Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """n accounts numbered from 0, m transfers in order. sender, receiver int64[m]; marked bool[n]."""

    transfers: tuple[Transfer, ...]
    sender: Int64s
    receiver: Int64s
    marked: Marks


def read(archive: Path) -> Sample:
    """Raises OSError, KeyError for an archive of another form."""
    with tarfile.open(archive) as held:
        names = {Path(name).name: name for name in held.getnames()}
        nodes, rows = (_rows(held, names[name]) for name in ("nodes.csv", "transactions.csv"))
    marked = np.array([row["isFraud"] == "1" for row in sorted(nodes, key=lambda row: int(row["nodeid"]))], np.bool_)
    rows.sort(key=lambda row: int(row["time"]))
    sender = np.array([int(row["sourceNodeId"]) for row in rows], np.int64)
    receiver = np.array([int(row["targetNodeId"]) for row in rows], np.int64)
    return Sample(transfers=tuple(_transfers(rows)), sender=sender, receiver=receiver, marked=marked)


def _rows(held: tarfile.TarFile, name: str) -> list[Member]:
    member = held.extractfile(name)
    if member is None:
        raise KeyError(name)
    return list(csv.DictReader(io.TextIOWrapper(member, "utf-8")))


def _transfers(rows: Sequence[Member]) -> list[Transfer]:
    """Those of one step are spread over its day, in the order of the file."""
    place: Counter[int] = Counter()
    size = Counter(int(row["time"]) for row in rows)
    told = []
    for number, row in enumerate(rows):
        step = int(row["time"])
        at_us = START_US + step * DAY + place[step] * DAY // size[step]
        place[step] += 1
        usd = round(float(row["value"]), 2)
        told.append(
            Transfer(
                chain=CHAIN,
                block_height=number,
                block_hash=f"0x{number:064x}",
                tx_hash=f"0x{number:064x}",
                position=0,
                at_us=at_us,
                seen_us=at_us,
                sender=f"0x{int(row['sourceNodeId']):040x}",
                receiver=f"0x{int(row['targetNodeId']):040x}",
                asset="0x" + "c0" * 20,
                amount=round(usd * 1_000_000),
                decimals=6,
                amount_usd=usd,
            )
        )
    return told


def average_precision(marked: Marks, score: Floats) -> float:
    from sklearn.metrics import average_precision_score

    return float(average_precision_score(marked, score))


def replayed(sample: Sample) -> dict[Side, tuple[Int64s, Floats, Floats]]:
    """For each side: who the subject was, int64[m], the scorer's row and the further counts, as of each transfer."""
    wanted = {**FEATURES, **MORE}
    engine = Engine(plan((side, feature) for side in SIDES for feature in wanted.values()))
    parts: dict[Side, list[tuple[Floats, Floats]]] = {side: [] for side in SIDES}
    for start in range(0, len(sample.transfers), 8192):
        pushed = engine.push(TransferBlock.of(sample.transfers[start : start + 8192]))
        for side in SIDES:
            block = pushed.features(side, wanted)
            more = np.column_stack([block[name] for name in MORE]).astype(np.float64)
            parts[side].append((SCORER.matrix(block), more))
    who = {"sender": sample.sender, "receiver": sample.receiver}
    return {
        side: (who[side], np.concatenate([p[0] for p in parts[side]]), np.concatenate([p[1] for p in parts[side]]))
        for side in SIDES
    }


def per_account(accounts: int, who: Int64s, rows: Floats) -> Floats:
    """float64[accounts, 2 k]: the largest and the mean of each column over an account's transfers; 0 for none."""
    largest, total = np.zeros((accounts, rows.shape[1])), np.zeros((accounts, rows.shape[1]))
    np.maximum.at(largest, who, rows)
    np.add.at(total, who, rows)
    count = np.maximum(1, np.bincount(who, minlength=accounts))
    return np.hstack([largest, total / count[:, np.newaxis]])


def held_out(matrix: Floats, marked: Marks, models: int = 1) -> Floats:
    """float64[n]: each account scored by models that learned neither its row nor its label, five folds by account."""
    from sklearn.ensemble import HistGradientBoostingClassifier
    from sklearn.model_selection import StratifiedKFold
    from threadpoolctl import threadpool_limits

    scores = np.zeros(len(matrix))
    with threadpool_limits(1):  # threads would wait for each other on a busy machine
        for train, test in StratifiedKFold(FOLDS, shuffle=True, random_state=SEED).split(matrix, marked):
            for seed in range(models):
                model = HistGradientBoostingClassifier(
                    random_state=seed, max_iter=ROUNDS, learning_rate=0.05, max_leaf_nodes=15, max_features=0.3
                ).fit(matrix[train], marked[train])
                scores[test] += model.predict_proba(matrix[test])[:, 1] / models
    return scores


def of_partners(sample: Sample, features: Floats) -> Floats:
    """float64[n, 6 k]: the largest, the mean and the least of each feature over whom one pays, and who pays one."""
    n = len(sample.marked)
    pairs = np.unique(np.column_stack([sample.sender, sample.receiver]), axis=0)
    parts = []
    for own, other in ((0, 1), (1, 0)):
        some = features[pairs[:, other]]
        least = np.full((n, features.shape[1]), np.inf)
        np.minimum.at(least, pairs[:, own], some)
        parts += [per_account(n, pairs[:, own], some), np.where(np.isinf(least), -1.0, least)]
    return np.hstack(parts)


def by_rules(sample: Sample) -> Floats:
    """float64[n]: alerts of the transaction rules on each account, thresholds as shipped."""
    corpus = Corpus(
        transfers=sample.transfers,
        customers=(),
        account_events=(),
        labels=(),
        truth=(),
        real=len(sample.transfers),
        drawn=0,
        involved=frozenset(),
    )
    score = np.zeros(len(sample.marked))
    for alert in alerts_of(corpus, transaction_rules()).values():
        score[int(alert.subject.rpartition("0x")[2], 16)] += 1
    return score


def by_forest(sample: Sample, sides: Mapping[Side, tuple[Int64s, Floats, Floats]]) -> Floats:
    """float64[n]: the oddest row of each account, by a forest grown on all rows, most of which are quiet."""
    model = SCORER.learn(np.concatenate([rows for _, rows, _ in sides.values()]), SEED)
    score = np.zeros(len(sample.marked))
    for who, rows, _ in sides.values():
        np.maximum.at(score, who, SCORER.score(model, rows))
    return score


def ranked(sample: Sample) -> list[tuple[str, str, Floats]]:
    """(what ranks, what it was trained with, score) of every way."""
    n, none = len(sample.marked), "no labels"
    sides = replayed(sample)
    pairs = sorted(set(zip(sample.sender.tolist(), sample.receiver.tolist(), strict=True)))
    again = np.zeros(n)
    for who, _, more in sides.values():
        np.maximum.at(again, who, more[:, 0])
    usual = np.hstack([per_account(n, who, rows) for who, rows, _ in sides.values()])
    every = np.hstack([usual, *(per_account(n, who, more) for who, _, more in sides.values())])
    forest, degrees = by_forest(sample, sides), [np.bincount(x, minlength=n) for x in (sample.receiver, sample.sender)]
    partners = of_partners(sample, np.column_stack([again, forest, *degrees]).astype(np.float64))
    blend = np.hstack([every, partners, of_partners(sample, partners)])
    folds = f"labels of other accounts ({FOLDS} folds)"
    return [
        ("in-degree: transfers", none, np.bincount(sample.receiver, minlength=n).astype(np.float64)),
        ("in-degree: distinct senders", none, np.bincount([b for _, b in pairs], minlength=n).astype(np.float64)),
        ("out-degree: distinct receivers", none, np.bincount([a for a, _ in pairs], minlength=n).astype(np.float64)),
        ("transaction rules, as shipped", none, by_rules(sample)),
        ("isolation forest over the scorer's features", none, forest),
        ("payments of one pair, the most of an account", none, again),
        ("gradient boosting, the scorer's features", folds, held_out(usual, sample.marked)),
        ("gradient boosting, and who pays again", folds, held_out(every, sample.marked)),
        ("blend: the same, partners and their partners", folds, held_out(blend, sample.marked, BLENDED)),
    ]


def main(arguments: list[str], find: Callable[[], Path | None] = lambda: real_data(os.environ, REPOSITORY)) -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.amlsim", description=__doc__)
    parser.parse_args(arguments)
    chains = find()

    if chains is None or not (chains / ARCHIVE).is_file():
        sys.stderr.write(f"{ARCHIVE} is not here: set MANUMIT_SHARED_DATA to the folder that holds chains/{ARCHIVE}\n")
        return 2
    sample = read(chains / ARCHIVE)
    table = Table("ranked by", "trained with", "average precision")
    for name, trained, score in ranked(sample):
        table.add_row(name, trained, f"{average_precision(sample.marked, score):.3f}")
    screen = Console()
    screen.print(
        f"{len(sample.marked):,} accounts, {sample.marked.sum():,} marked (chance {sample.marked.mean():.3f}), "
        f"{len(sample.transfers):,} transfers"
    )
    screen.print(table)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
