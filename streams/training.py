"""Learn a model from a replay of quiet traffic."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from manumit.connectors.contract import Source
from manumit.connectors.models import save
from manumit.detectors.contract import Scorer
from manumit.detectors.models.isolation_forest import SCORER, to_parts
from manumit.detectors.windows.engine import Engine
from manumit.detectors.windows.plan import plan
from manumit.schemas.block import Floats, TransferBlock
from manumit.schemas.errors import ConfigError
from manumit.streams.merging import Merger

MAX_ROWS = 400_000


def train(sources: Sequence[Source], folder: Path, seed: int) -> tuple[Path, int]:
    """Writes the model into `folder`; returns its path and how many rows it learned from.

    Every side of every transfer is a row, as of its event; beyond 400,000 rows an even sample is kept.
    The same transfers and seed give the same file. Raises ConfigError when there are too few.
    """
    rows = quiet_rows(sources, SCORER)
    if len(rows) > MAX_ROWS:
        rows = rows[np.linspace(0, len(rows) - 1, MAX_ROWS).round().astype(np.int64)]
    return save(to_parts(SCORER.learn(rows, seed)), folder), len(rows)


def quiet_rows(sources: Sequence[Source], scorer: Scorer) -> Floats:
    """float64[n, features]: what the scorer reads of each transfer, for each of its sides."""
    wanted = scorer.features(scorer.about.values())
    engine = Engine(plan((side, feature) for side in scorer.sides for feature in wanted.values()))
    parts: list[Floats] = []
    for block in transfer_blocks(sources):
        pushed = engine.push(block)
        parts += [scorer.matrix(pushed.features(side, wanted)) for side in scorer.sides]
    if not parts:
        raise ConfigError("no transfers to learn from")
    return np.concatenate(parts)


def transfer_blocks(sources: Sequence[Source]) -> list[TransferBlock]:
    """All transfers of sources that end, in event-time order."""
    merger = Merger([(source.name, source.live) for source in sources])
    feeds = {source.name: source.batches(None) for source in sources}
    blocks: list[TransferBlock] = []
    while (name := merger.hungriest()) is not None:
        batch = next(feeds[name], None)
        if batch is None:
            merger.end(name)
        else:
            merger.offer(name, batch)
        bundles = merger.ready(all_of_it=merger.hungriest() is None)
        blocks += [TransferBlock.merged([b for _, b in x.transfers]) for x in bundles if x.transfers]
    return blocks
