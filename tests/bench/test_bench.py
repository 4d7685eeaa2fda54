"""The bench runs, its implementations agree, and its file has the promised shape. Speed is not judged here."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from bench.ours import Judge, record_alerts
from bench.results import Result
from bench.rounds import same_alerts
from bench.three_rules import THREE_RULES
from bench.transfers import Stream, columns
from manumit.detectors.windows.oracle import Oracle

REPOSITORY = Path(__file__).resolve().parents[2]
EVENTS = 5_000

pytest.importorskip("bytewax", reason="the bench's peers are the extra `bench`")
pytest.importorskip("duckdb", reason="the bench's peers are the extra `bench`")


def test_the_run_writes_every_measure(tmp_path: Path) -> None:
    out = tmp_path / "results.json"
    command = [sys.executable, "-m", "bench", "--events", str(EVENTS), "--rounds", "1", "--out", str(out)]
    path = os.pathsep.join([str(REPOSITORY), str(REPOSITORY / "src")])
    done = subprocess.run(
        command, cwd=tmp_path, env={**os.environ, "PYTHONPATH": path}, capture_output=True, text=True, timeout=250
    )
    assert done.returncode == 0, done.stderr
    results = msgspec.json.decode(out.read_bytes(), type=list[Result], strict=True)
    assert {result.peer_name for result in results} >= {"bytewax", "orjson + plain Python", "DuckDB"}
    assert {result.measure.partition(",")[0] for result in results} >= {"JSON lines -> alerts", "Parquet -> alerts"}
    for result in results:
        assert result.ours > 0, result
        assert result.peer > 0, result
        better = result.ours / result.peer if result.unit == "events/s" else result.peer / result.ours
        assert result.ratio == pytest.approx(better)


def test_every_rule_fires_and_the_oracle_agrees_on_the_whole_stream(tmp_path: Path) -> None:
    from bench.plain import plain_alerts  # needs orjson, which the skips above vouch for
    from bench.throughput import ours_on

    stream = Stream(columns=columns(EVENTS, EVENTS * 3 // 2), folder=tmp_path)
    judge = Judge(THREE_RULES)
    oracle = record_alerts(judge, Oracle(judge.plan()), stream.lines)
    assert {rule for rule, _, _ in oracle} == {rule.about.id for rule in THREE_RULES}
    assert same_alerts(
        {
            "oracle": lambda: oracle,
            "engine": ours_on(stream.ndjson, judge),
            "plain": lambda: plain_alerts({}, stream.lines),
        }
    )


def test_the_same_seed_gives_the_same_bytes(tmp_path: Path) -> None:
    once, again = (Stream(columns=columns(500, 700), folder=tmp_path).ndjson for _ in range(2))
    assert once == again
