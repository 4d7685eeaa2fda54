"""Events a second from bytes to alerts, every implementation on the same bytes, alert sets equal."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from types import MappingProxyType

from bench.engines import bytewax_alerts, duckdb_alerts
from bench.ours import Judge, ndjson_alerts, parquet_alerts, record_alerts
from bench.plain import plain_alerts, plain_parquet_alerts
from bench.results import Result, more_is_better
from bench.rounds import Build, Run, compared, medians
from bench.three_rules import THREE_RULES
from bench.transfers import Stream
from manumit.connectors.files.stream import Block, read_chunks, split_blocks
from manumit.detectors.catalogue import detectors
from manumit.detectors.contract import Rule
from manumit.detectors.windows.engine import Engine
from manumit.detectors.windows.oracle import Oracle

OURS, ORACLE = "manumit", "the oracle, plain Python"
BLOCK_ROWS = 4096
ORACLE_EVENTS = 5_000
RATE = "events/s"


def pieces_of(data: bytes, rows: int = BLOCK_ROWS) -> list[Block]:
    """NDJSON in memory cut into blocks of whole lines, as a reader of files cuts it."""
    lines = data.splitlines(keepends=True)
    return [Block(b"".join(lines[first : first + rows])) for first in range(0, len(lines), rows)]


def ours_on(data: bytes, judge: Judge) -> Run:
    pieces = pieces_of(data)
    return lambda: ndjson_alerts(judge, Engine(judge.plan()), pieces)


def ours_ndjson(path: Path) -> Run:
    judge = Judge(THREE_RULES)
    blocks = list(split_blocks(read_chunks(path)))  # in memory, as the peers are given their lines
    return lambda: ndjson_alerts(judge, Engine(judge.plan()), blocks)


def bytewax_ndjson(path: Path) -> Run:
    return partial(bytewax_alerts, path.read_bytes().splitlines())


def plain_ndjson(path: Path) -> Run:
    lines = path.read_bytes().splitlines()
    return lambda: plain_alerts({}, lines)


def ours_parquet(path: Path) -> Run:
    judge = Judge(THREE_RULES)
    return lambda: parquet_alerts(judge, Engine(judge.plan()), path)


def plain_parquet(path: Path) -> Run:
    return partial(plain_parquet_alerts, path)


def duckdb_file(path: Path) -> Run:
    return partial(duckdb_alerts, path)


NDJSON: Mapping[str, Build] = MappingProxyType(
    {OURS: ours_ndjson, "bytewax": bytewax_ndjson, "orjson + plain Python": plain_ndjson, "DuckDB": duckdb_file}
)
PARQUET: Mapping[str, Build] = MappingProxyType(
    {OURS: ours_parquet, "pyarrow + plain Python": plain_parquet, "DuckDB": duckdb_file}
)


def json_lines(stream: Stream, rounds: int) -> Iterator[Result]:
    seconds = compared(NDJSON, stream.ndjson_file, rounds)
    yield from _rates("JSON lines -> alerts, three detectors", seconds, len(stream))


def parquet_file(stream: Stream, rounds: int) -> Iterator[Result]:
    seconds = compared(PARQUET, stream.parquet_file, rounds)
    yield from _rates("Parquet -> alerts, three detectors", seconds, len(stream))


def _rates(measure: str, seconds: dict[str, float], events: int) -> Iterator[Result]:
    ours = events / seconds[OURS]
    for name, spent in seconds.items():
        if name != OURS:
            yield more_is_better(measure, ours, events / spent, name, RATE)


def against_oracle(stream: Stream, rounds: int) -> Iterator[Result]:
    """Ours on the whole stream, the oracle on its first events: it is slow, and its rate falls with its history."""
    rules = tuple(one for one in detectors() if isinstance(one, Rule))
    for measure, chosen in (("three detectors", THREE_RULES), (f"whole pack of {len(rules)} rules", rules)):
        judge = Judge(chosen)
        sample = stream.lines[:ORACLE_EVENTS]
        slow: Callable[[], object] = partial(_oracle_alerts, judge, sample)
        fast = ours_on(stream.ndjson, judge)
        wanted = {alert for alert in fast() if alert[2] < len(sample)}
        assert wanted == set(_oracle_alerts(judge, sample)), f"oracle and engine differ: {measure}"
        seconds = medians({OURS: fast, ORACLE: slow}, rounds)
        ours, peer = len(stream) / seconds[OURS], len(sample) / seconds[ORACLE]
        name = f"{ORACLE}, first {len(sample):,} events"
        yield more_is_better(f"JSON lines -> alerts, {measure}", ours, peer, name, RATE)


def _oracle_alerts(judge: Judge, sample: list[bytes]) -> list[tuple[str, str, int]]:
    return record_alerts(judge, Oracle(judge.plan()), sample)
