"""The Faust worker on a real broker: killed, broken and poisoned, it gives the alerts of the file."""

from __future__ import annotations

import queue
import secrets
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from kafka import KafkaAdminClient, KafkaProducer
from kafka.errors import RetriableError

from manumit.connectors.kafka.publisher import KafkaPublisher
from manumit.connectors.kafka.reading import ends
from manumit.connectors.kafka.source import TRANSFERS_TOPIC, KafkaSource
from manumit.connectors.kafka.topics import apply_topics
from manumit.schemas.topic import topics
from manumit.streams.replay import ReplayStore
from tests.servers import wait_until
from tests.streams.stored import Stored, digest_of, stored
from tests.streams.town import Town, rates, run

pytestmark = pytest.mark.broker

PACKED = 150


@dataclass(slots=True, kw_only=True)
class Worker:
    """One process; its lines can be waited for."""

    process: subprocess.Popen[str]
    lines: list[str] = field(default_factory=list)
    said: queue.Queue[str | None] = field(default_factory=queue.Queue)

    def read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.said.put(line.strip())
        self.said.put(None)

    def wait_for(self, what: str, *, times: int = 1) -> None:
        """Return once `what` was said in so many lines."""
        while sum(what in line for line in self.lines) < times:
            line = self.said.get(timeout=60)
            if line is None:
                pytest.fail(f"the worker ended before {what!r}: {self.lines[-30:]}")
            self.lines.append(line)

    def end(self, number: signal.Signals) -> int:
        self.process.send_signal(number)
        return self.process.wait(30)


@dataclass(slots=True, kw_only=True)
class Field:
    """One topic of transfers on the broker, one group, one folder."""

    servers: str
    prefix: str
    folder: Path
    admin: KafkaAdminClient
    workers: list[Worker] = field(default_factory=list)

    @property
    def topic(self) -> str:
        return self.prefix + TRANSFERS_TOPIC

    def publish(self, town: Town) -> None:
        with KafkaPublisher(self.servers, source="test", prefix=self.prefix) as publisher:
            for block in town.blocks(PACKED):
                publisher.transfers(block)
            publisher.flush()

    def work(self, *orders: str, name: str = "") -> Worker:
        command = [sys.executable, "-m", "tests.streams.worker_process"]
        arguments = [self.servers, self.prefix + "group", self.topic, str(self.folder / name), *orders]
        process = subprocess.Popen([*command, *arguments], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        worker = Worker(process=process)
        self.workers.append(worker)
        threading.Thread(target=worker.read, daemon=True).start()
        return worker

    def acknowledged(self) -> dict[int, int]:
        """What the group has committed, by partition."""
        group = self.prefix + "group"
        try:
            found = self.admin.list_group_offsets({group: None})[group]
        except RetriableError:  # a new broker makes its topic of offsets when the first group comes
            return {}
        return {place.partition: committed.offset for place, committed in found.items()}

    def behind(self) -> dict[int, int]:
        """The offset behind the last message, by partition that has any."""
        return {partition: stop for partition, (_, stop) in ends(self.servers, self.topic).items() if stop}

    def finish(self, worker: Worker) -> Stored:
        """Let it acknowledge everything, end it, and look at what it stored."""
        behind = self.behind()
        wait_until(lambda: self.acknowledged() == behind, what="every message to be acknowledged", deadline_s=60)
        assert worker.end(signal.SIGTERM) == 0
        return self.stored()

    def stored(self) -> Stored:
        return stored(self.folder / "store")


@pytest.fixture
def make_field(brokers: str, tmp_path: Path) -> Iterator[Callable[[], Field]]:
    made: list[Field] = []

    def make() -> Field:
        prefix = f"test-{secrets.token_hex(4)}-"
        apply_topics(brokers, prefix=prefix)
        admin = KafkaAdminClient(bootstrap_servers=brokers)
        made.append(Field(servers=brokers, prefix=prefix, folder=tmp_path, admin=admin))
        return made[-1]

    yield make
    for worker in [worker for one in made for worker in one.workers]:
        worker.process.kill()
        worker.process.wait()
        if worker.process.stdout is not None:
            worker.process.stdout.close()
    for one in made:
        one.admin.delete_topics([one.prefix + topic for topic in topics()])
        one.admin.close()


def test_the_topic_read_as_a_source_gives_the_alerts_of_the_file(make_field: Callable[[], Field], town: Town) -> None:
    field_ = make_field()
    field_.publish(town)
    totals = run([KafkaSource(servers=field_.servers, rates=rates(), topic=field_.topic)], ReplayStore())
    assert totals.digest.hex == town.totals.digest.hex
    assert (totals.events, totals.dead_letters) == (len(town.rows), 0)


def test_a_poisoned_topic_gives_the_alerts_of_the_file_and_dead_letters(
    make_field: Callable[[], Field], town: Town
) -> None:
    field_ = make_field()
    with KafkaPublisher(field_.servers, source="test", prefix=field_.prefix) as publisher:
        blocks = town.blocks(PACKED)
        for block in blocks[:5]:
            publisher.transfers(block)
        publisher.flush()
        poison(field_)
        for block in blocks[5:]:
            publisher.transfers(block)
        publisher.flush()
    found = field_.finish(field_.work())
    assert (found.digest, found.alerts) == (town.stored, town.totals.alerts)
    assert found.transfers == len(town.rows)
    assert sorted(reason for reason, _ in found.letters) == ["malformed", "malformed", "unknown-schema"]


def poison(field_: Field) -> None:
    """Bytes, a message without a value, and a schema nobody knows, beside one chain's messages."""
    producer = KafkaProducer(bootstrap_servers=field_.servers, compression_type="gzip")
    for value in (b"\x00\xff not packed", None, b'{"schema": "transfer.v9", "source": "x", "records": []}'):
        producer.send(field_.topic, value, key=b"eip155:8453")
    producer.flush()
    producer.close()


def test_a_worker_killed_in_the_middle_loses_and_doubles_nothing(make_field: Callable[[], Field], town: Town) -> None:
    field_ = make_field()
    field_.publish(town)
    whole = sum(field_.behind().values())
    first = field_.work("slow=0.05")
    first.wait_for("took ", times=whole // 2)
    first.end(signal.SIGKILL)
    done = field_.acknowledged()
    assert 0 < sum(done.values()) < whole, "killed neither before the first nor after the last acknowledgement"
    second = field_.work()
    found = field_.finish(second)
    again = sum("again " in line for line in drained(second))
    assert again >= sum(done.values()) > 0, "the state was rebuilt from the log"
    assert (found.digest, found.alerts) == (town.stored, town.totals.alerts)
    assert found.transfers == len(town.rows)
    assert found.letters == []


def test_what_a_rule_or_the_store_raises_stops_the_worker_before_the_acknowledgement(
    make_field: Callable[[], Field], town: Town
) -> None:
    field_ = make_field()
    field_.publish(town)
    partition, stop = max(field_.behind().items())
    for stage, bad in (("break", stop // 3), ("break-store", stop // 2)):
        worker = field_.work(f"{stage}={field_.topic}/{partition}@{bad}")
        assert worker.process.wait(60) != 0
        lines = drained(worker)
        assert any("unheard of" in line for line in lines)
        assert not any(f"took {field_.topic}/{partition}@{bad}" in line for line in lines)
        assert field_.acknowledged().get(partition, 0) <= bad
    found = field_.finish(field_.work())
    assert (found.digest, found.alerts) == (town.stored, town.totals.alerts)
    assert found.transfers == len(town.rows)
    assert found.letters == []


def test_a_second_worker_takes_a_share_and_what_both_stored_is_the_file(
    make_field: Callable[[], Field], town: Town
) -> None:
    field_ = make_field()
    field_.publish(town)
    first = field_.work("slow=0.1", name="first")
    first.wait_for("took ", times=5)
    second = field_.work("slow=0.1", name="second")
    second.wait_for("took ")
    behind = field_.behind()
    wait_until(lambda: field_.acknowledged() == behind, what="every message to be acknowledged", deadline_s=60)
    assert [worker.end(signal.SIGTERM) for worker in (first, second)] == [0, 0]
    halves = [stored(field_.folder / name / "store") for name in ("first", "second")]
    together = [row for half in halves for row in half.rows]
    assert digest_of(together) == town.stored
    assert len({row.alert_id for row in together}) == town.totals.alerts
    assert [half.letters for half in halves] == [[], []]


def drained(worker: Worker) -> list[str]:
    """Everything an ended worker said."""
    while (line := worker.said.get(timeout=30)) is not None:
        worker.lines.append(line)
    return worker.lines
