"""Events a second from bytes to alerts, every implementation on the same bytes, alert sets equal."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

from bench.engines import bytewax_alerts, duckdb_alerts
from bench.ours import Judge, ndjson_alerts, parquet_alerts, record_alerts
from bench.plain import plain_alerts, plain_parquet_alerts
from bench.results import Result, more_is_better
from bench.rounds import Run, medians, same_alerts
from bench.three_rules import THREE_RULES
from bench.transfers import Stream
from manumit.detectors.catalogue import detectors
from manumit.detectors.contract import Rule
from manumit.detectors.windows.engine import Engine
from manumit.detectors.windows.oracle import Oracle

OURS, ORACLE = "manumit", "the oracle, plain Python"
BLOCK_ROWS = 4096
ORACLE_EVENTS = 5_000
RATE = "events/s"


def ours_on(stream: Stream, judge: Judge, rows: int = BLOCK_ROWS) -> Run:
    """The file in memory, cut into blocks as a reader of files cuts it."""
    pieces = list(stream.blocks(rows))
    return lambda: ndjson_alerts(judge, Engine(judge.plan()), pieces)


def json_lines(stream: Stream, rounds: int) -> Iterator[Result]:
    lines, path = stream.lines, stream.ndjson_file
    runs: dict[str, Run] = {
        OURS: ours_on(stream, Judge(THREE_RULES)),
        "bytewax": partial(bytewax_alerts, lines),
        "orjson + plain Python": lambda: plain_alerts({}, lines),
        "DuckDB": partial(duckdb_alerts, path),
    }
    yield from _compared("JSON lines -> alerts, three detectors", runs, len(stream), rounds)


def parquet_file(stream: Stream, rounds: int) -> Iterator[Result]:
    judge, path = Judge(THREE_RULES), stream.parquet_file
    runs: dict[str, Run] = {
        OURS: lambda: parquet_alerts(judge, Engine(judge.plan()), path),
        "pyarrow + plain Python": partial(plain_parquet_alerts, path),
        "DuckDB": partial(duckdb_alerts, path),
    }
    yield from _compared("Parquet -> alerts, three detectors", runs, len(stream), rounds)


def _compared(measure: str, runs: dict[str, Run], events: int, rounds: int) -> Iterator[Result]:
    same_alerts(runs)
    seconds = medians(runs, rounds)
    ours = events / seconds.pop(OURS)
    for name, spent in seconds.items():
        yield more_is_better(measure, ours, events / spent, name, RATE)


def against_oracle(stream: Stream, rounds: int) -> Iterator[Result]:
    """Ours on the whole stream, the oracle on its first events: it is slow, and its rate falls with its history."""
    rules = tuple(one for one in detectors() if isinstance(one, Rule))
    for measure, chosen in (("three detectors", THREE_RULES), (f"whole pack of {len(rules)} rules", rules)):
        judge = Judge(chosen)
        sample = stream.lines[:ORACLE_EVENTS]
        slow: Callable[[], object] = partial(_oracle_alerts, judge, sample)
        fast = ours_on(stream, judge)
        wanted = {alert for alert in fast() if alert[2] < len(sample)}
        assert wanted == set(_oracle_alerts(judge, sample)), f"oracle and engine differ: {measure}"
        seconds = medians({OURS: fast, ORACLE: slow}, rounds)
        ours, peer = len(stream) / seconds[OURS], len(sample) / seconds[ORACLE]
        name = f"{ORACLE}, first {len(sample):,} events"
        yield more_is_better(f"JSON lines -> alerts, {measure}", ours, peer, name, RATE)


def _oracle_alerts(judge: Judge, sample: list[bytes]) -> list[tuple[str, str, int]]:
    return record_alerts(judge, Oracle(judge.plan()), sample)
