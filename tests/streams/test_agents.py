"""The Faust worker on a real broker: killed, broken and poisoned, it gives the alerts of the file."""

from __future__ import annotations

import queue
import secrets
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, ItemsView, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import pytest
from kafka import KafkaAdminClient, KafkaProducer
from kafka.errors import RetriableError

from manumit.connectors.kafka.publisher import KafkaPublisher
from manumit.connectors.kafka.reading import ends
from manumit.connectors.kafka.source import TRANSFERS_TOPIC, KafkaSource
from manumit.connectors.kafka.topics import apply_topics
from manumit.schemas.topic import topics
from manumit.streams.cluster import LEGS, archive
from manumit.streams.replay import ReplayStore
from tests.servers import wait_until
from tests.streams.stored import Stored, digest_of, stored
from tests.streams.town import Town, rates, run

pytestmark = pytest.mark.broker

PACKED = 150
HALFWAY = 80
SHARDS = 2


@dataclass(slots=True, kw_only=True)
class Worker:
    """One process; its lines can be waited for."""

    process: subprocess.Popen[str]
    lines: list[str] = field(default_factory=list)
    said: queue.Queue[str | None] = field(default_factory=queue.Queue)
    reader: threading.Thread = field(init=False)

    def __post_init__(self) -> None:
        self.reader = threading.Thread(target=self.read, daemon=True)

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
    def legs(self) -> str:
        return self.prefix + LEGS

    def publish(self, town: Town, *, poison_after: int | None = None) -> None:
        with KafkaPublisher(self.servers, source="test", prefix=self.prefix) as publisher:
            for number, block in enumerate(town.blocks(PACKED)):
                if number == poison_after:
                    publisher.flush()
                    poison(self)
                publisher.transfers(block)
            publisher.flush()

    def work(self, *orders: str, name: str = "") -> Worker:
        command = [sys.executable, "-m", "tests.streams.worker_process"]
        arguments = [self.servers, self.prefix + "group", self.prefix, str(self.folder / name), *orders]
        process = subprocess.Popen([*command, *arguments], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        worker = Worker(process=process)
        self.workers.append(worker)
        worker.reader.start()
        return worker

    def acknowledged(self) -> dict[tuple[str, int], int]:
        """What the group has committed, by topic and partition."""
        group = self.prefix + "group"
        try:
            found = self.admin.list_group_offsets({group: None})[group]
        except RetriableError:  # a new broker makes its topic of offsets when the first group comes
            return {}
        return {(place.topic, place.partition): committed.offset for place, committed in found.items()}

    def behind(self, *topics: str) -> dict[tuple[str, int], int]:
        """The offset behind the last message, by partition that has any."""
        found = {(topic, part): stop for topic in topics for part, (_, stop) in ends(self.servers, topic).items()}
        return {place: stop for place, stop in found.items() if stop}

    def wait_until_done(self) -> None:
        """Every message fanned out, and every leg screened and acknowledged."""
        archives = [self.prefix + topic.name for topic in archive() if topic.name != "dead-letters.v1"]
        for topics_ in (archives, [self.legs]):
            behind = self.behind(*topics_).items()
            wait_until(partial(self.has_done, behind), what="every message to be acknowledged", deadline_s=60)

    def has_done(self, behind: ItemsView[tuple[str, int], int]) -> bool:
        return behind <= self.acknowledged().items()

    def finish(self, worker: Worker) -> Stored:
        """Let it acknowledge everything, end it, and look at what it stored."""
        self.wait_until_done()
        assert worker.end(signal.SIGTERM) == 0
        return self.stored()

    def stored(self) -> Stored:
        return stored(self.folder / "store")


@pytest.fixture
def make_field(brokers: str, tmp_path: Path) -> Iterator[Callable[[], Field]]:
    made: list[Field] = []

    def make() -> Field:
        prefix = f"test-{secrets.token_hex(4)}-"
        admin = KafkaAdminClient(bootstrap_servers=brokers)
        admin.create_topics({prefix + LEGS: {"num_partitions": SHARDS, "replication_factor": 1}})
        apply_topics(brokers, prefix=prefix)
        made.append(Field(servers=brokers, prefix=prefix, folder=tmp_path, admin=admin))
        return made[-1]

    yield make
    for worker in [worker for one in made for worker in one.workers]:
        worker.process.kill()
        worker.process.wait()
        worker.reader.join()
        if worker.process.stdout is not None:
            worker.process.stdout.close()
    for one in made:
        one.admin.delete_topics([one.prefix + topic for topic in topics()])
        one.admin.close()


def test_the_topic_read_as_a_source_gives_the_alerts_of_the_file(make_field: Callable[[], Field], town: Town) -> None:
    field_ = make_field()
    field_.publish(town)
    totals = run(
        [KafkaSource(servers=field_.servers, rates=rates(), topic=field_.prefix + TRANSFERS_TOPIC)], ReplayStore()
    )
    assert totals.digest.hex == town.totals.digest.hex
    assert (totals.events, totals.dead_letters) == (len(town.rows), 0)


def test_two_workers_on_a_poisoned_topic_give_the_alerts_of_the_file_and_dead_letters(
    make_field: Callable[[], Field], town: Town
) -> None:
    field_ = make_field()
    field_.publish(town, poison_after=5)
    first = field_.work("slow=0.05", name="first")
    first.wait_for("took ", times=5)
    second = field_.work(name="second")
    second.wait_for("took ")
    assert first.end(signal.SIGTERM) == 0, "it hands its partitions over"
    field_.wait_until_done()
    assert second.end(signal.SIGTERM) == 0
    halves = [stored(field_.folder / name / "store") for name in ("first", "second")]
    together = [row for half in halves for row in half.rows]
    assert digest_of(together) == town.stored
    assert len({row.alert_id for row in together}) == town.totals.alerts
    letters = {place: reason for half in halves for reason, place in half.letters}
    assert sorted(letters.values()) == ["malformed", "malformed", "unknown-schema"]


def poison(field_: Field) -> None:
    """Bytes, a message without a value, and a schema nobody knows, beside one chain's messages."""
    producer = KafkaProducer(bootstrap_servers=field_.servers, compression_type="gzip")
    for value in (b"\x00\xff not packed", None, b'{"schema": "transfer.v9", "source": "x", "records": []}'):
        producer.send(field_.prefix + TRANSFERS_TOPIC, value, key=b"eip155:8453")
    producer.flush()
    producer.close()


def test_a_worker_killed_in_the_middle_loses_and_doubles_nothing(make_field: Callable[[], Field], town: Town) -> None:
    field_ = make_field()
    field_.publish(town)
    first = field_.work("slow=0.02")
    first.wait_for("took ", times=HALFWAY)
    first.end(signal.SIGKILL)
    done = {place: offset for place, offset in field_.acknowledged().items() if place[0] == field_.legs}
    assert sum(done.values()) > 0, "killed not before the first acknowledgement"
    second = field_.work()
    found = field_.finish(second)
    again = sum("again " in line for line in drained(second))
    assert again > 0, "the state was rebuilt from the log"
    assert (found.digest, found.alerts) == (town.stored, town.totals.alerts)
    assert found.transfers == len(town.rows)
    assert found.letters == []


def test_what_a_rule_raises_stops_the_worker_before_the_acknowledgement(
    make_field: Callable[[], Field], town: Town
) -> None:
    field_ = make_field()
    field_.publish(town)
    partition, bad = 0, 12
    worker = field_.work(f"break={field_.legs}/{partition}@{bad}")
    assert worker.process.wait(60) != 0
    lines = drained(worker)
    assert any("unheard of" in line for line in lines)
    assert not any(f"took {field_.legs}/{partition}@{bad}" in line for line in lines)
    assert field_.acknowledged().get((field_.legs, partition), 0) <= bad
    found = field_.finish(field_.work())
    assert (found.digest, found.alerts) == (town.stored, town.totals.alerts)
    assert found.transfers == len(town.rows)
    assert found.letters == []


def drained(worker: Worker) -> list[str]:
    """Everything an ended worker said."""
    while (line := worker.said.get(timeout=30)) is not None:
        worker.lines.append(line)
    return worker.lines
