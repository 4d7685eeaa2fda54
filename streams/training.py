"""Learn models from replays: of quiet traffic, and of known stories with their answer sheet."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec
import numpy as np

from manumit.connectors.contract import Source
from manumit.connectors.models import load, save
from manumit.connectors.world.truth import PlantedCase
from manumit.detectors.contract import Scorer
from manumit.detectors.models.half_space_trees import from_parts, learned_on
from manumit.detectors.windows.contract import Pushed
from manumit.detectors.windows.engine import Engine
from manumit.detectors.windows.features import Side
from manumit.detectors.windows.plan import plan
from manumit.schemas.block import Floats, TransferBlock
from manumit.schemas.errors import ConfigError
from manumit.streams.merging import Merger
from manumit.streams.models import BOOSTING, FOREST, HALF_SPACE

MAX_ROWS = 400_000


def train(sources: Sequence[Source], folder: Path, seed: int) -> tuple[Path, int]:
    """Writes the model of quiet traffic into `folder`; returns its path and how many rows it learned from.

    Every side of every transfer is a row, as of its event; beyond 400,000 rows an even sample is kept.
    The same transfers and seed give the same file. Raises ConfigError when there are too few.
    """
    rows = sampled(quiet_rows(sources, FOREST))
    return save(FOREST.to_parts(FOREST.learn(rows, seed)), folder), len(rows)


def train_streaming(sources: Sequence[Source], folder: Path, seed: int, before: Path | None) -> tuple[Path, int]:
    """Writes the model that learns in the stream: fresh, or the one of file `before` after these transfers too.

    Every row is learned, in order. Raises ConfigError when there are too few, or `before` is another's model.
    """
    rows = quiet_rows(sources, HALF_SPACE)
    model = HALF_SPACE.learn(rows, seed) if before is None else learned_on(from_parts(load(before)).trees, rows)
    return save(HALF_SPACE.to_parts(model), folder), len(rows)


def train_marked(
    quiet: Sequence[Source], known: Sequence[Source], cases: Sequence[PlantedCase], folder: Path, seed: int
) -> tuple[Path, int, int]:
    """Writes the model of known stories into `folder`; returns its path, how many quiet and how many marked rows.

    `cases` says which subjects and events of `known` are marked; what else happens there is not learned. Raises
    ConfigError when there are too few rows of either kind.
    """
    rows, marked = sampled(quiet_rows(quiet, BOOSTING)), marked_rows(known, cases, BOOSTING)
    if BOOSTING.marked is None:
        raise ConfigError(f"{BOOSTING.about.id} learns nothing from known stories")
    model = BOOSTING.marked(rows, marked, seed)
    return save(BOOSTING.to_parts(model), folder), len(rows), len(marked)


def sampled(rows: Floats) -> Floats:
    """At most 400,000 of the rows, evenly."""
    if len(rows) <= MAX_ROWS:
        return rows
    return rows[np.linspace(0, len(rows) - 1, MAX_ROWS).round().astype(np.int64)]


def quiet_rows(sources: Sequence[Source], scorer: Scorer) -> Floats:
    """float64[n, features]: what the scorer reads of each transfer, for each of its sides."""
    parts = [rows for _, _, rows in replayed(sources, scorer)]
    if not parts:
        raise ConfigError("no transfers to learn from")
    return np.concatenate(parts)


def marked_rows(sources: Sequence[Source], cases: Sequence[PlantedCase], scorer: Scorer) -> Floats:
    """float64[m, features]: the rows of the cases' subjects at the cases' own transfers. Raises ConfigError."""
    marks = {(subject, event) for case in cases for subject in case.subjects for event in case.events}
    parts = []
    for pushed, side, rows in replayed(sources, scorer):
        block = pushed.block
        is_sender = side == "sender"
        some = [i for i in range(len(block)) if (block.account(i, sender=is_sender), block.row(i).event_id) in marks]
        parts.append(rows[some])
    if not parts:
        raise ConfigError("no transfers to learn from")
    return np.concatenate(parts)


def replayed(sources: Sequence[Source], scorer: Scorer) -> Iterator[tuple[Pushed, Side, Floats]]:
    """Each block of a replay, for each side of the scorer, with what the scorer reads of it."""
    wanted = scorer.features(scorer.about.values())
    engine = Engine(plan((side, feature) for side in scorer.sides for feature in wanted.values()))
    for block in transfer_blocks(sources):
        pushed = engine.push(block)
        for side in scorer.sides:
            yield pushed, side, scorer.matrix(pushed.features(side, wanted))


def read_cases(path: Path) -> list[PlantedCase]:
    """An answer sheet, as `manumit simulate` writes it. Raises ConfigError, naming the file."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=list[PlantedCase])
    except (OSError, msgspec.MsgspecError) as error:
        raise ConfigError(f"cannot read the cases of {path}: {error}") from error


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
