"""What the engine keeps: memory once most accounts are dead, time to restore, and many threshold sets at once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial

import numpy as np

from bench.ours import Judge, ndjson_blocks
from bench.results import Result, less_is_better
from bench.rounds import medians
from bench.three_rules import THREE_RULES
from bench.throughput import pieces_of
from bench.transfers import DAY_US, Stream
from manumit.detectors.contract import Rule, Threshold
from manumit.detectors.windows.engine import Engine
from manumit.detectors.windows.features import sum_in
from manumit.detectors.windows.plan import plan
from manumit.schemas.block import TextColumn, TransferBlock

SETS = 64
GENERATIONS = 10
MILLION = 1_000_000


def restored(stream: Stream, rounds: int) -> Iterator[Result]:
    """A snapshot of the three detectors' engine into an engine that goes on, against counting it all again."""
    judge, blocks = Judge(THREE_RULES), _scanned(stream)
    engine = Engine(judge.plan())
    for block in blocks:
        engine.push(block)
    kept, live = engine.snapshot(), engine.live_accounts
    spent = medians(
        {"restore": lambda: Engine.restore(judge.plan(), kept), "again": partial(_pushed, judge, blocks)}, rounds
    )
    measure = "restore, for a million live accounts"
    ours, peer = (spent[name] * MILLION / live for name in ("restore", "again"))
    yield less_is_better(measure, ours, peer, "ours, counting the log again", "CPU s")


def dead_accounts(stream: Stream) -> Iterator[Result]:
    """Bytes of the state's arrays after ten generations of accounts, each forgotten before the next, against one."""
    made = plan([("receiver", sum_in("24h"))])
    engine, block = Engine(made, undo_depth=0), _scanned(stream)[0]
    after = []
    for generation in range(GENERATIONS + 1):
        engine.push(_born_anew(block, generation))
        after.append(float(engine.size_bytes))
    name = "ours after the first"
    yield less_is_better(f"bytes after {GENERATIONS} more generations of accounts", after[-1], after[0], name, "bytes")


def _born_anew(block: TransferBlock, generation: int) -> TransferBlock:
    """The same transfers between other accounts, two days later each time."""
    at_us = np.ascontiguousarray(block.at_us) + 2 * generation * DAY_US
    return replace(
        block,
        at_us=at_us,
        sender=_other(block.sender, generation),
        receiver=_other(block.receiver, generation),
    )


def _other(texts: TextColumn, generation: int) -> TextColumn:
    """Each text with another last letter."""
    data = texts.data.copy()
    data[texts.offsets[1:] - 1] = ord("g") + generation
    return TextColumn(data, texts.offsets)


def threshold_sets(stream: Stream, rounds: int) -> Iterator[Result]:
    """The structuring detector with 64 sets of thresholds in one pass, against one set."""
    blocks = _scanned(stream)
    runs = {f"{n}": partial(_judged, Judge(_structuring(n)), blocks) for n in (1, SETS)}
    for run in runs.values():
        run()
    spent = {name: seconds / len(stream) * 1e9 for name, seconds in medians(runs, rounds).items()}
    measure = f"{SETS} threshold sets of one detector in one pass"
    yield less_is_better(measure, spent[f"{SETS}"], spent["1"], "ours with one set", "CPU ns an event")


def _structuring(sets: int) -> list[Rule]:
    """The detector with a least count of 5, 6, …"""
    (rule,) = (one for one in THREE_RULES if one.about.id == "structuring")

    def with_count(count: int) -> Rule:
        about = replace(
            rule.about,
            id=f"structuring-{count}",
            thresholds=(Threshold(name="n", value=count, unit="", origin="ours"),),
        )
        return replace(
            rule, about=about, fires=lambda block, values: rule.fires(block, values) & (block["below"] >= values["n"])
        )

    return [with_count(5 + number) for number in range(sets)]


def _judged(judge: Judge, blocks: list[TransferBlock]) -> None:
    engine = Engine(judge.plan())
    for block in blocks:
        list(judge.alerts(engine, block))


def _pushed(judge: Judge, blocks: list[TransferBlock]) -> None:
    engine = Engine(judge.plan())
    for block in blocks:
        engine.push(block)


def _scanned(stream: Stream) -> list[TransferBlock]:
    return list(ndjson_blocks(pieces_of(stream.ndjson)))
