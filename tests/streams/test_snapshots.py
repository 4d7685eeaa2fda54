"""A partition's state put away and taken up again; what is damaged, foreign or missing is rebuilt from the log."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from manumit.connectors.files.survey import open_files
from manumit.connectors.snapshots import SnapshotStore
from manumit.schemas.block import TransferBlock
from manumit.schemas.errors import ConfigError, EdgeDown
from tests.streams.small_cluster import LEGS, LogPublisher, SmallCluster
from tests.streams.town import Town, rates

HALF = 14


class Kept(SmallCluster):
    """Snapshots after every take; counts what is read from the log again, and hears what is noted."""

    def with_snapshots(self, folder: Path, *, every_us: int = -1) -> Kept:
        self.again = 0
        self.notes: list[str] = []
        bench = replace(
            self.member().bench,
            snapshots=SnapshotStore(str(folder)),
            snapshot_every_us=every_us,
            note=self.notes.append,
            rebuilding=self.count,
        )
        self.members = [self.member()]
        self.members[0].bench = bench
        return self

    def count(self, partition: int, offset: int, stop: int) -> None:
        self.again += 1


def halfway(town: Town, tmp_path: Path) -> Kept:
    """Screened up to HALF of each partition by a worker that is gone."""
    cluster = Kept(key=tmp_path / "key", shards=2).with_snapshots(tmp_path / "snapshots")
    publisher = LogPublisher(cluster.logs)
    for start in range(0, len(town.rows), 400):
        publisher.transfers(TransferBlock.of(town.rows[start : start + 400]))
    cluster.fan()
    cluster.screen(at_once=5, stop=HALF)
    return cluster


def files(tmp_path: Path) -> list[Path]:
    return sorted((tmp_path / "snapshots").rglob("*.snapshot"))


def test_a_new_worker_goes_on_from_the_snapshot(town: Town, tmp_path: Path) -> None:
    cluster = halfway(town, tmp_path)
    assert len(files(tmp_path)) == 2 * 2
    cluster.with_snapshots(tmp_path / "snapshots").screen()
    assert cluster.again == 0
    assert cluster.notes == []
    assert cluster.store.digest == town.totals.digest.hex
    assert cluster.store.letters == {}


def test_a_snapshot_before_and_one_behind_the_acknowledged_offset_lose_nothing(town: Town, tmp_path: Path) -> None:
    cluster = halfway(town, tmp_path)
    cluster.done[LEGS, 0] -= 3  # durable and in the snapshot, and never acknowledged
    for path in files(tmp_path):
        if path.parent.name == "0001" and path == max(path.parent.iterdir()):
            path.unlink()  # the one before stands five messages back
    cluster.with_snapshots(tmp_path / "snapshots").screen()
    assert 0 < cluster.again <= 5
    assert cluster.store.digest == town.totals.digest.hex


@pytest.mark.parametrize("harm", ["cut", "flipped", "empty", "gone", "of another log", "of other shards"])
def test_a_damaged_or_foreign_snapshot_is_rebuilt_from_the_log(town: Town, tmp_path: Path, harm: str) -> None:
    cluster = halfway(town, tmp_path)
    for path in files(tmp_path):
        data = path.read_bytes()
        if harm == "gone":
            path.unlink()
        elif harm == "of another log":
            cluster = Kept(key=tmp_path / "key", shards=2)
            LogPublisher(cluster.logs).transfers(TransferBlock.of(town.rows))
            cluster.fan()
        elif harm == "of other shards":
            path.rename(path.parents[1] / ("0001" if path.parent.name == "0000" else "0000") / f"9{path.name[1:]}")
        else:
            spoilt = {"cut": data[: len(data) // 2], "flipped": data[:-9] + b"\x00" * 9, "empty": b""}
            path.write_bytes(spoilt[harm])
    cluster.with_snapshots(tmp_path / "snapshots", every_us=10**9).screen()
    assert cluster.again == 2 * HALF or harm == "of another log"
    assert bool(cluster.notes) == (harm != "gone")
    assert cluster.store.digest == town.totals.digest.hex


def test_a_full_or_missing_disk_costs_nothing_but_time(town: Town, tmp_path: Path) -> None:
    (tmp_path / "snapshots").write_text("a file where the folder should be")
    cluster = halfway(town, tmp_path)
    cluster.screen()
    assert any("no snapshot can be" in note for note in cluster.notes)
    assert cluster.store.digest == town.totals.digest.hex


def test_every_kind_of_record_that_waits_is_kept(town: Town, tmp_path: Path) -> None:
    """Restarted between any two steps of a publication, with rows that wait for its clock."""
    cluster = Kept(key=tmp_path / "key", shards=2).with_snapshots(tmp_path / "snapshots")
    plain = SmallCluster(key=tmp_path / "key", shards=2)
    for one in (cluster, plain):
        one.publish(open_files(town.file.parent, rates()), tmp_path / type(one).__name__)
        one.fan()
    plain.screen()
    for stop in range(30, 400, 30):
        cluster.screen(stop=stop)
        cluster.with_snapshots(tmp_path / "snapshots")
    cluster.screen()
    assert cluster.store.digest == plain.store.digest
    assert cluster.notes == []


def test_a_snapshot_store_writes_whole_files_keeps_two_and_knows_any_file_system(tmp_path: Path) -> None:
    for url in (str(tmp_path / "here"), f"file://{tmp_path}/there", "memory://snapshots"):
        store = SnapshotStore(url)
        assert list(store.newest("0000")) == []
        for offset in (7, 12, 900):
            store.save("0000", offset, b"body %d" % offset)
        assert list(store.newest("0000")) == [(900, b"body 900"), (12, b"body 12")]
    with pytest.raises(ConfigError, match="unheard"):
        SnapshotStore("unheard-of://bucket")
    (tmp_path / "file").write_text("")
    with pytest.raises(EdgeDown, match="written"):
        SnapshotStore(str(tmp_path / "file")).save("0000", 1, b"")
