"""`python -m bench.cluster`: latency from the broker to an alert in the store, and throughput of one worker."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec
import numpy as np
from kafka import KafkaAdminClient, KafkaProducer
from rich.console import Console

from bench.cluster.load import Load, now_us, paced
from bench.cluster.took import Took
from bench.results import Result, less_is_better, more_is_better, show, write
from manumit.connectors.kafka.producing import Producing
from manumit.connectors.kafka.topics import apply_topics
from manumit.schemas.envelope import packed
from manumit.schemas.transfer import Transfer
from manumit.streams.cluster import LEGS
from tests.connectors.store.clickhouse_server import PASSWORD, QUOTED_PASSWORD
from tests.kafka_server import running_broker
from tests.servers import REPOSITORY, free_port, port_answers, wait_until

HERE = Path(__file__).resolve().parent
TICK_S = 0.02
GOAL_S, GOAL_SHARE = 0.1, 1 / 3
PEER = "plain per-event Faust agent with a table"
PLAIN_TOPIC = "plain-transfers"
TRANSFERS = "transfers.v1"
START_S = 90.0
IDLE_S = 20.0
Send = Callable[[list[Transfer]], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """Latencies in seconds; `per_s` events while there was a backlog, `per_cpu_s` events a CPU second."""

    latencies: list[float]
    per_s: float
    per_cpu_s: float

    def at(self, share: float) -> float:
        return float(np.percentile(self.latencies, share))


class Watched:
    """A measured process and what it has said."""

    def __init__(self, module: str, arguments: list[str], out: Path) -> None:
        self._out = out
        path = os.pathsep.join([str(REPOSITORY / "src"), str(REPOSITORY)])
        with out.open("wb") as said, out.with_suffix(".err").open("wb") as errors:
            self.process = subprocess.Popen(
                [sys.executable, "-m", module, *arguments],
                cwd=REPOSITORY,
                stdout=said,
                stderr=errors,
                env={**os.environ, "PYTHONPATH": path},
            )

    @property
    def said(self) -> list[Took]:
        whole = self._out.read_bytes().rpartition(b"\n")[0]
        ours = (line for line in whole.splitlines() if line.startswith(b"{"))  # Faust says things too
        return [msgspec.json.decode(line, type=Took) for line in ours]

    def wait_for(self, events: int, deadline_s: float) -> None:
        wait_until(lambda: self._has(events), what=f"{events:,} events ({self._out})", deadline_s=deadline_s)

    def stop(self) -> None:
        self.process.terminate()
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def _has(self, events: int) -> bool:
        assert self.process.poll() is None, self._out.with_suffix(".err").read_text()[-2000:]
        said = self.said
        return bool(said) and said[-1].events >= events


def measure(start: Callable[[str], Watched], send: Send, load: Load, wanted: argparse.Namespace) -> Measured:
    """First a backlog, which warms up and tells the rate; then the load of this moment. Both with one worker."""
    for _ in range(wanted.backlog // 1_000):
        send(load.rows(1_000, now_us()))
    worker = start("one")
    try:
        worker.wait_for(wanted.backlog, START_S + wanted.backlog / 500)
        taken = [one for one in worker.said if one.events]
        spent_us, events = taken[-1].at_us - taken[0].at_us, taken[-1].events - taken[0].events
        cpu_s = taken[-1].cpu_s - taken[0].cpu_s
        begin_us = now_us()
        for rows in paced(load, rate=wanted.rate, seconds=wanted.seconds, tick_s=TICK_S):
            send(rows)
        worker.wait_for(
            wanted.backlog + round(wanted.rate * wanted.seconds), IDLE_S + wanted.rate * wanted.seconds / 300
        )
        latencies = [
            (one.at_us - last_us) / 1e6
            for one in worker.said
            for last_us in one.alerts
            if last_us >= begin_us + wanted.settle * 1e6
        ]
    finally:
        worker.stop()
    return Measured(latencies=latencies, per_s=events / spent_us * 1e6, per_cpu_s=events / cpu_s)


@contextmanager
def store_running(folder: Path) -> Iterator[str]:
    """`host:port` of ClickHouse's engine behind the native protocol, with its password in front."""
    port = free_port()
    command = [sys.executable, "-m", "tests.connectors.store.native_bridge", str(folder), PASSWORD, str(port)]
    path = os.pathsep.join([str(REPOSITORY / "src"), str(REPOSITORY)])
    with subprocess.Popen(
        command, cwd=REPOSITORY, env={**os.environ, "PYTHONPATH": path}, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        try:
            wait_until(lambda: port_answers(port), what="the store")
            yield f"clickhouse://default:{QUOTED_PASSWORD}@127.0.0.1:{port}"
        finally:
            process.kill()


def ours(servers: str, store: str, folder: Path, wanted: argparse.Namespace) -> Measured:
    prefix = "bench-"
    with closing(KafkaAdminClient(bootstrap_servers=servers)) as admin:
        admin.create_topics({prefix + LEGS: {"num_partitions": wanted.shards, "replication_factor": 1}})
    apply_topics(servers, prefix=prefix)
    producing = Producing(servers)

    def send(rows: list[Transfer]) -> None:
        for message in packed(rows, source="bench"):
            producing.send(prefix + TRANSFERS, rows[0].chain.encode(), message)

    def start(name: str) -> Watched:
        arguments = [servers, prefix, str(folder / name), f"{store}/ours"]
        return Watched("bench.cluster.worker", arguments, folder / f"ours-{name}.out")

    with closing(producing):
        return measure(start, send, Load(), wanted)


def peer(servers: str, store: str, folder: Path, wanted: argparse.Namespace) -> Measured:
    with closing(KafkaAdminClient(bootstrap_servers=servers)) as admin:
        one = {"num_partitions": 1, "replication_factor": 1}
        admin.create_topics({PLAIN_TOPIC: one, f"{PLAIN_TOPIC}-plain-band-changelog": one})
    producer = KafkaProducer(bootstrap_servers=servers, linger_ms=5, compression_type="gzip", batch_size=500_000)

    def send(rows: list[Transfer]) -> None:
        for row in rows:
            producer.send(PLAIN_TOPIC, msgspec.json.encode(row), key=row.sender.encode())

    def start(name: str) -> Watched:
        arguments = [servers, PLAIN_TOPIC, str(folder / f"plain-{name}"), f"{store}/ours"]
        return Watched("bench.cluster.plain_agent", arguments, folder / f"plain-{name}.out")

    with closing(producer):
        return measure(start, send, Load(), wanted)


def lines(ours: Measured, peer: Measured, rate: int) -> Iterator[Result]:
    for share in (50, 99):
        measure = f"broker -> alert in the store at {rate:,} events/s, p{share}"
        yield less_is_better(measure, ours.at(share) * 1e3, peer.at(share) * 1e3, PEER, "ms")
    yield more_is_better("one worker with a backlog", ours.per_s, peer.per_s, PEER, "events/s")
    yield more_is_better("one worker with a backlog", ours.per_cpu_s, peer.per_cpu_s, PEER, "events/CPU s")


def main(arguments: list[str]) -> int:
    """0 where the goals are met, 1 where one is missed."""
    parser = argparse.ArgumentParser(prog="python -m bench.cluster", description=__doc__)
    parser.add_argument("--rate", type=int, default=10_000, help="events a second (default 10000)")
    parser.add_argument("--seconds", type=float, default=20.0, help="how long (default 20)")
    parser.add_argument("--settle", type=float, default=3.0, help="seconds whose alerts do not count (default 3)")
    parser.add_argument("--backlog", type=int, default=100_000, help="events that wait when it begins (default 100000)")
    parser.add_argument("--shards", type=int, default=2, help="partitions of legs.v1 (default 2)")
    parser.add_argument("--only-ours", action="store_true", help="no peer and no results: for finding what costs")
    parser.add_argument("--out", type=Path, default=HERE / "results.json", help="where the results go")
    wanted = parser.parse_args(arguments)
    screen = Console(stderr=True)
    begin = time.monotonic()
    with TemporaryDirectory(prefix="bench-cluster-") as name:
        folder = Path(name)
        (folder / "kafka").mkdir()
        with running_broker(folder / "kafka") as broker, store_running(folder / "store") as store:
            mine = ours(broker.servers, store, folder, wanted)
            screen.print(f"ours: p50 {mine.at(50):.3f} s, p99 {mine.at(99):.3f} s, {len(mine.latencies)} alerts")
            screen.print(f"ours: {mine.per_s:,.0f} events/s, {mine.per_cpu_s:,.0f} a CPU second")
            if wanted.only_ours:
                return 0
            plain = peer(broker.servers, store, folder, wanted)
    found = list(lines(mine, plain, wanted.rate))
    write(found, wanted.out)
    show(found, Console())
    return _judged(mine, plain, screen, time.monotonic() - begin)


def _judged(mine: Measured, plain: Measured, screen: Console, took_s: float) -> int:
    share = mine.at(99) / plain.at(99)
    good = mine.at(99) <= GOAL_S and share <= GOAL_SHARE
    screen.print(
        f"p99 {mine.at(99) * 1e3:.0f} ms of {GOAL_S * 1e3:.0f}; {share:.2f} of the peer's, goal {GOAL_SHARE:.2f}"
    )
    screen.print(f"goals {'met' if good else 'MISSED'}, after {took_s:.0f} s")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
