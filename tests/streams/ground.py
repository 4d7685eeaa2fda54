"""A whole cluster as processes: Apache Kafka, a store behind the native protocol, workers and a connector."""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from kafka import KafkaAdminClient
from kafka.errors import KafkaError

from manumit.connectors.kafka.reading import ends
from manumit.connectors.kafka.topics import apply_topics
from manumit.schemas.alert import Alert
from manumit.schemas.errors import ManumitError
from manumit.schemas.stored import from_stored
from manumit.schemas.topic import topics
from manumit.streams.cluster import LEGS, archive
from tests.connectors.store.clickhouse_server import PASSWORD, QUOTED_PASSWORD
from tests.connectors.store.conftest import bridge_store
from tests.kafka_server import Broker, running_broker
from tests.servers import REPOSITORY, free_port, port_answers, wait_until
from tests.streams.whole import Whole

DATABASE = "manumit_ground"
GROUP = "ground"


@dataclass(slots=True)
class Process:
    """A program that can be killed and begun again; what it says goes to a file."""

    command: list[str]
    out: Path
    environment: Mapping[str, str]
    running: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with self.out.open("ab") as out:
            self.running = subprocess.Popen(
                self.command, cwd=REPOSITORY, stdin=subprocess.PIPE, stdout=out, stderr=out, env=self.environment
            )

    def kill(self) -> None:
        if self.running is not None:
            self.running.kill()
            self.running.communicate()

    @property
    def alive(self) -> bool:
        return self.running is not None and self.running.poll() is None

    @property
    def well(self) -> bool:
        """It has ended by itself, and well."""
        return self.running is not None and self.running.poll() == 0


@dataclass(slots=True, kw_only=True)
class Ground:
    """Everything that is killed."""

    broker: Broker
    store_port: int
    prefix: str
    parts: dict[str, Process] = field(default_factory=dict)
    workers: tuple[str, ...] = ()

    def supervise(self) -> None:
        """Begin again whatever has ended, as systemd does; the connector until it is through."""
        for name, part in self.parts.items():
            if not part.alive and not (name == "connector" and part.well):
                part.kill()
                part.start()

    def kill(self, victim: str) -> None:
        if victim == "broker":
            self.broker.kill()
            self.broker.start()
        elif not self.parts[victim].well:
            self.parts[victim].kill()
            self.parts[victim].start()

    def is_through(self) -> bool:
        """The connector, and then everything it published, fanned out and screened."""
        self.supervise()
        return self.parts["connector"].well and self.acknowledged()

    def acknowledged(self) -> bool:
        names = [topic.name for topic in archive() if topic.name != "dead-letters.v1"]
        try:
            with closing(KafkaAdminClient(bootstrap_servers=self.broker.servers)) as admin:
                found = admin.list_group_offsets({GROUP: None})[GROUP]
            done = {(place.topic, place.partition): committed.offset for place, committed in found.items()}
            for name in (*names, LEGS):
                behind = ends(self.broker.servers, self.prefix + name)
                if any(stop > done.get((self.prefix + name, part), 0) for part, (_, stop) in behind.items()):
                    return False
        except (KafkaError, ManumitError):
            return False
        return True


@contextmanager
def running_ground(tmp_path: Path, whole: Whole, *, workers: int, shards: int) -> Iterator[Ground]:
    """A broker and a store that run, and the programs of workers and a connector that do not yet."""
    prefix = f"test-{secrets.token_hex(4)}-"
    (tmp_path / "kafka").mkdir()
    with running_broker(tmp_path / "kafka") as broker:
        with closing(KafkaAdminClient(bootstrap_servers=broker.servers)) as admin:
            few = {prefix + name: {"num_partitions": shards, "replication_factor": 1} for name in topics()}
            admin.create_topics(few)  # a killed broker looks through every partition when it begins again
        apply_topics(broker.servers, prefix=prefix)
        ground = Ground(broker=broker, store_port=free_port(), prefix=prefix)
        ground.workers = tuple(f"worker-{number}" for number in range(workers))
        environment = {
            **os.environ,
            "PYTHONPATH": os.pathsep.join([str(REPOSITORY / "src"), str(REPOSITORY)]),
            "MANUMIT_STATE_DIR": str(tmp_path / "published"),
            "MANUMIT_TOKEN_KEY_FILE": str(whole.key),
        }

        def part(name: str, *command: str) -> None:
            ground.parts[name] = Process([sys.executable, "-m", *command], tmp_path / f"{name}.out", environment)

        url = f"store=clickhouse://default:{QUOTED_PASSWORD}@127.0.0.1:{ground.store_port}/{DATABASE}"
        part("store", "tests.connectors.store.native_bridge", str(tmp_path / "store"), PASSWORD, str(ground.store_port))
        for name in ground.workers:
            orders = (url, f"key={whole.key}", f"snapshots={tmp_path / 'snapshots'}", "every=1")
            folder = str(tmp_path / name)
            part(name, "tests.streams.worker_process", broker.servers, GROUP, prefix, folder, *orders)
        publish = ("publish", str(whole.folder), "--servers", broker.servers, "--prefix", prefix)
        part("connector", "manumit.cli", *publish)
        try:
            ground.parts["store"].start()
            wait_until(lambda: port_answers(ground.store_port), what="the store to answer", deadline_s=60)
            yield ground
        finally:
            for one in ground.parts.values():
                one.kill()


def alerts_of(ground: Ground, whole: Whole) -> list[Alert]:
    """What the store holds; everything else in it must be what one machine stores."""
    with closing(bridge_store(ground.store_port, DATABASE)) as store:
        rows = [from_stored(Alert, row) for row in store.query("SELECT * FROM alerts FINAL")]
        letters = {row["reason"] for row in store.query("SELECT DISTINCT reason FROM dead_letters FINAL")}
        transfers = store.query("SELECT count() AS n FROM transfers FINAL")[0]["n"]
    assert letters <= {"late", "duplicate"}, "what a connector says again after a crash, and nothing else"
    assert transfers == len((whole.folder / "two-chains.ndjson").read_bytes().splitlines())
    return rows
