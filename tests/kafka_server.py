"""Apache Kafka itself as a plain loopback process: one KRaft node with its own folder and ports."""

from __future__ import annotations

import base64
import os
import secrets
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.servers import free_port, java_path, kafka_jars, port_answers, wait_until

BOOTSTRAP = "KAFKA_BOOTSTRAP_SERVERS"
HEAP = ("-Xmx256m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn")
CONFIG = """
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:{controller}
listeners=PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller}
advertised.listeners=PLAINTEXT://127.0.0.1:{told}
controller.listener.names=CONTROLLER
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
log.dirs={folder}/log
auto.create.topics.enable=false
offsets.topic.num.partitions=1
offsets.topic.replication.factor=1
transaction.state.log.num.partitions=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
group.initial.rebalance.delay.ms=0
"""


@dataclass(slots=True)
class Broker:
    """`kill` and `start` as often as wanted, its log stays. `told` is the port it tells its clients."""

    folder: Path
    port: int
    told: int = 0
    process: subprocess.Popen[bytes] | None = None

    @property
    def servers(self) -> str:
        return f"127.0.0.1:{self.told or self.port}"

    def format(self) -> None:
        config = CONFIG.format(folder=self.folder, port=self.port, told=self.told or self.port, controller=free_port())
        (self.folder / "server.properties").write_text(config)
        cluster = base64.urlsafe_b64encode(secrets.token_bytes(16)).decode().rstrip("=")
        tool = self._java("kafka.tools.StorageTool", "format", "--cluster-id=" + cluster, "-c", "server.properties")
        done = subprocess.run(tool, cwd=self.folder, capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == 0, done.stdout + done.stderr

    def start(self) -> None:
        with (self.folder / "out").open("ab") as out:
            self.process = subprocess.Popen(
                self._java("kafka.Kafka", "server.properties"),
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
            )
        wait_until(self._answers, what="Apache Kafka to answer", deadline_s=60)

    def kill(self) -> None:
        """kill -9."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
        self.process = None

    def _java(self, *arguments: str) -> list[str]:
        return [str(java_path()), *HEAP, "-cp", f"{kafka_jars()}/*", *arguments]

    def _answers(self) -> bool:
        assert self.process is not None
        if self.process.poll() is not None:
            pytest.fail(f"Apache Kafka ended: {(self.folder / 'out').read_text()[-2000:]}")
        return port_answers(self.port)


@contextmanager
def running_broker(folder: Path, *, told: int = 0) -> Iterator[Broker]:
    """A new broker in `folder`, killed at the end. Skips or fails where Java or the jars are missing."""
    broker = Broker(folder=folder, port=free_port(), told=told)
    broker.format()
    try:
        broker.start()
        yield broker
    finally:
        broker.kill()


def other_broker() -> str | None:
    """The broker the environment points the suite at."""
    return os.environ.get(BOOTSTRAP)
