"""What goes wrong around a worker: no line to the broker, a full disk, a slow store, a clock that jumps."""

from __future__ import annotations

import resource
import secrets
import signal
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from kafka import KafkaAdminClient

from manumit.connectors.kafka.topics import apply_topics
from manumit.connectors.snapshots import SnapshotStore
from manumit.schemas.block import TransferBlock
from manumit.streams.cluster import archive
from manumit.streams.measures import Measures
from tests.kafka_server import running_broker
from tests.servers import free_port, wait_until
from tests.streams.small_cluster import LEGS, LogPublisher, SmallCluster
from tests.streams.test_agents import SHARDS, Field, Worker
from tests.streams.town import Town
from tests.tcp_cut import line

AT_ONCE = 5
CUT_S = 8.0  # longer than the session of the test's workers: the broker takes them for dead
YEAR_US = 365 * 86_400_000_000
SMALL_FILE = 4_096


def cluster_of(town: Town, tmp_path: Path) -> SmallCluster:
    cluster = SmallCluster(key=tmp_path / "key", shards=1)
    publisher = LogPublisher(cluster.logs)
    for start in range(0, len(town.rows), 400):
        publisher.transfers(TransferBlock.of(town.rows[start : start + 400]))
    cluster.fan()
    return cluster


def ended_equal(cluster: SmallCluster, town: Town) -> bool:
    return cluster.store.digest == town.totals.digest.hex and not cluster.store.letters


@contextmanager
def no_file_longer_than(size: int) -> Iterator[None]:
    """The kernel refuses what goes beyond, in the middle of a write, as a full disk does."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_disk_that_is_full_for_snapshots_is_seen_and_leaves_nothing_behind(town: Town, tmp_path: Path) -> None:
    cluster = cluster_of(town, tmp_path)
    notes: list[str] = []
    measures = Measures(lambda: 1)
    folder = tmp_path / "snapshots"
    worker = cluster.members[0]
    worker.bench = replace(
        worker.bench,
        snapshots=SnapshotStore(str(folder)),
        snapshot_every_us=-1,
        note=notes.append,
        measures=measures,
    )
    with no_file_longer_than(SMALL_FILE):
        cluster.screen(at_once=AT_ONCE, stop=3 * AT_ONCE)
    assert len(notes) == 3
    assert all("no snapshot can be written" in note for note in notes)
    assert b"manumit_snapshot_faults_total 3.0" in measures.text()
    assert list(folder.rglob("*.snapshot")) == []
    cluster.screen(at_once=AT_ONCE)
    assert len(list(folder.rglob("*.snapshot"))) == 2
    assert list(folder.rglob("*.draft")) == []
    assert ended_equal(cluster, town)


@pytest.mark.parametrize("jump_us", [YEAR_US, -YEAR_US], ids=["forward", "back"])
def test_a_clock_that_jumps_changes_no_alert_and_puts_off_no_snapshot(town: Town, tmp_path: Path, jump_us: int) -> None:
    cluster = cluster_of(town, tmp_path)
    now = [2 * YEAR_US]
    worker = cluster.members[0]
    worker.bench = replace(
        worker.bench,
        clock=lambda: now[0],
        snapshots=SnapshotStore(str(tmp_path / "snapshots")),
        snapshot_every_us=YEAR_US // 2,
    )
    cluster.screen(at_once=AT_ONCE, stop=AT_ONCE)
    assert not (tmp_path / "snapshots").exists()
    now[0] += jump_us
    cluster.screen(at_once=AT_ONCE)
    assert len(list((tmp_path / "snapshots").rglob("*.snapshot"))) == 1
    assert ended_equal(cluster, town)


def close(worker: Worker) -> None:
    worker.process.kill()
    worker.process.wait()
    worker.reader.join()
    if worker.process.stdout is not None:
        worker.process.stdout.close()


def all_done(field_: Field) -> bool:
    """A worker that has ended is started again meanwhile, as a supervisor does."""
    if field_.workers[-1].process.poll() is not None:
        field_.work()
    archives = [field_.prefix + topic.name for topic in archive() if topic.name != "dead-letters.v1"]
    return all(field_.has_done(field_.behind(*names).items()) for names in (archives, [field_.legs]))


@pytest.mark.broker
def test_a_line_to_the_broker_that_is_cut_and_mended_loses_and_doubles_nothing(town: Town, tmp_path: Path) -> None:
    told = free_port()
    (tmp_path / "kafka").mkdir()
    with running_broker(tmp_path / "kafka", told=told) as broker, line(told, broker.port) as between:
        prefix = f"test-{secrets.token_hex(4)}-"
        with closing(KafkaAdminClient(bootstrap_servers=broker.servers)) as admin:
            admin.create_topics({prefix + LEGS: {"num_partitions": SHARDS, "replication_factor": 1}})
            apply_topics(broker.servers, prefix=prefix)
            field_ = Field(servers=broker.servers, prefix=prefix, folder=tmp_path, admin=admin)
            field_.publish(town)
            worker = field_.work("slow=0.02")
            try:
                worker.wait_for("took ", times=30)
                between.cut()
                mended_at = time.monotonic() + CUT_S
                wait_until(lambda: time.monotonic() >= mended_at, what="the cut to last")
                assert between.dropped > 0, "it tried to come back"
                between.mend()
                wait_until(lambda: all_done(field_), what="every message to be acknowledged", deadline_s=100)
                worker = field_.workers[-1]
                assert worker.end(signal.SIGTERM) == 0
                found = field_.stored()
            finally:
                for one in field_.workers:
                    close(one)
    assert (found.digest, found.alerts) == (town.stored, town.totals.alerts)
    assert found.transfers == len(town.rows)
    assert found.letters == []
