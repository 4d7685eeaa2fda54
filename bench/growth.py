"""What an event costs as accounts and windows grow: the engine and the rules alone, blocks already scanned."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from bench.ours import Judge, ndjson_blocks
from bench.results import Result, less_is_better
from bench.rounds import medians
from bench.three_rules import THREE_RULES
from bench.throughput import pieces_of
from bench.transfers import Stream, columns
from manumit.detectors.windows.engine import Engine
from manumit.detectors.windows.features import sum_in
from manumit.detectors.windows.plan import Plan, plan
from manumit.schemas.block import TransferBlock

UNIT = "CPU ns an event"
FEW, MANY = 1, 16


def accounts(stream: Stream, rounds: int) -> Iterator[Result]:
    """The same number of events among ever more accounts."""
    events, judge = len(stream), Judge(THREE_RULES)
    sizes = [max(100, events // share) for share in (100, 10, 1)]
    streams = {size: Stream(columns=columns(events, size), folder=stream.folder) for size in sizes}
    scanned = {size: _scanned(made) for size, made in streams.items()}
    runs = {f"{size}": partial(_judge_all, judge, scanned[size]) for size in sizes}
    for run in runs.values():
        run()
    spent = {name: seconds / events * 1e9 for name, seconds in medians(runs, rounds).items()}
    least = spent[f"{sizes[0]}"]
    for size in sizes[1:]:
        name = f"ours with {sizes[0]:,} accounts"
        yield less_is_better(f"growth: {size:,} accounts", spent[f"{size}"], least, name, UNIT)


def windows(stream: Stream, rounds: int) -> Iterator[Result]:
    """Sums over one window length, and over sixteen."""
    blocks = _scanned(stream)
    plans = {n: plan(("receiver", sum_in(f"{hours}h")) for hours in range(1, n + 1)) for n in (FEW, MANY)}
    runs = {f"{n}": partial(_push_all, plans[n], blocks) for n in plans}
    for run in runs.values():
        run()
    spent = {name: seconds / len(stream) * 1e9 for name, seconds in medians(runs, rounds).items()}
    yield less_is_better(f"growth: {MANY} windows", spent[f"{MANY}"], spent[f"{FEW}"], "ours with one window", UNIT)


def window_length(stream: Stream, rounds: int) -> Iterator[Result]:
    """A sum over an hour, and over half a year."""
    blocks = _scanned(stream)
    plans = {length: plan([("receiver", sum_in(length))]) for length in ("1h", "180d")}
    runs = {length: partial(_push_all, plans[length], blocks) for length in plans}
    for run in runs.values():
        run()
    spent = {name: seconds / len(stream) * 1e9 for name, seconds in medians(runs, rounds).items()}
    yield less_is_better("growth: a window of 180 days", spent["180d"], spent["1h"], "ours with one hour", UNIT)


def _scanned(stream: Stream) -> list[TransferBlock]:
    return list(ndjson_blocks(pieces_of(stream.ndjson)))


def _judge_all(judge: Judge, blocks: list[TransferBlock]) -> None:
    engine = Engine(judge.plan())
    for block in blocks:
        list(judge.alerts(engine, block))


def _push_all(wanted: Plan, blocks: list[TransferBlock]) -> None:
    engine = Engine(wanted)
    for block in blocks:
        engine.push(block)
