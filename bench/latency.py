"""How long one block of transfers takes from bytes to alerts."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from time import process_time_ns

import numpy as np

from bench.ours import Judge, ndjson_alerts
from bench.plain import Accounts, plain_alerts
from bench.results import Result, less_is_better
from bench.three_rules import THREE_RULES
from bench.throughput import pieces_of
from bench.transfers import Stream
from manumit.detectors.windows.engine import Engine

ROWS = 1000


def blocks(stream: Stream) -> Iterator[Result]:
    """The garbage collector runs, as in production; CPU time, so that only our own pauses count."""
    judge, accounts = Judge(THREE_RULES), Accounts()
    engine, pieces = Engine(judge.plan()), pieces_of(stream.ndjson, ROWS)
    ours = [_spent(partial(ndjson_alerts, judge, engine, [piece])) for piece in pieces]
    peer = [
        _spent(partial(plain_alerts, accounts, stream.lines[first : first + ROWS], first))
        for first in range(0, len(stream), ROWS)
    ]
    for share in (50, 99):
        measure = f"block of {ROWS:,} transfers, JSON lines -> alerts, p{share}"
        fast, slow = (float(np.percentile(spent, share)) for spent in (ours, peer))
        yield less_is_better(measure, fast, slow, "orjson + plain Python", "CPU ms")


def _spent(run: Callable[[], object]) -> float:
    start = process_time_ns()
    run()
    return (process_time_ns() - start) / 1e6
