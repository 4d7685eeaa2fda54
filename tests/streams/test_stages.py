"""An exception at any stage, at any call: whoever comes after it finds everything, and nothing twice."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import msgspec
import pytest

from manumit.connectors.snapshots import SnapshotStore
from manumit.schemas.block import TransferBlock
from manumit.schemas.topic import topics
from manumit.streams.cluster import checking
from manumit.streams.fanning import Fan
from manumit.streams.merging import Bundle
from manumit.streams.partition import PartitionState
from manumit.streams.pipeline import Changes, Pipeline
from manumit.streams.screening import Rows, Screening
from tests.streams.small_cluster import LEGS, Ledger, LogPublisher, SmallCluster
from tests.streams.town import Town

ROWS = 3_000
EVERY = 13  # calls between two exceptions
STAGES = (
    "fan: the message is opened",
    "fan: some of its legs are written",
    "fan: all of its legs are written",
    "screen: a message is folded in",
    "screen: a detector runs",
    "screen: a detector has run",
    "store: before a table is written",
    "store: after a table is written",
    "announce: before",
    "announce: after",
    "snapshot: before",
    "snapshot: after",
    "acknowledge",
)


class Injected(RuntimeError):
    """What no code of ours expects."""


@dataclass(slots=True)
class Mine:
    """Goes off at every EVERY-th pass of its stage, `calls` counted over all workers."""

    stage: str
    calls: int = 0
    gone_off: int = 0

    def at(self, stage: str) -> None:
        if stage == self.stage:
            self.calls += 1
            if self.calls % EVERY == 0:
                self.gone_off += 1
                raise Injected(stage)


class MinedStore(Ledger):
    def __init__(self, mine: Mine) -> None:
        super().__init__()
        self.mine = mine

    def write(self, table: str, rows: Sequence[msgspec.Struct]) -> None:
        self.mine.at("store: before a table is written")
        super().write(table, rows)
        self.mine.at("store: after a table is written")


class MinedSnapshots(SnapshotStore):
    mine: Mine

    def save(self, name: str, offset: int, body: bytes) -> None:
        self.mine.at("snapshot: before")
        super().save(name, offset, body)
        self.mine.at("snapshot: after")


@pytest.fixture(params=STAGES)
def mine(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Mine]:
    """One stage mined; what is wrapped keeps its work."""
    found = Mine(request.param)
    fold, take = PartitionState.fold, Pipeline.take

    def folded(state: PartitionState, *given: object) -> None:
        found.at("screen: a message is folded in")
        fold(state, *given)  # type: ignore[arg-type]  # passed through

    def taken(pipeline: Pipeline, bundle: Bundle) -> Changes:
        found.at("screen: a detector runs")
        changes = take(pipeline, bundle)
        found.at("screen: a detector has run")
        return changes

    monkeypatch.setattr(PartitionState, "fold", folded)
    monkeypatch.setattr(Pipeline, "take", taken)
    yield found
    assert found.gone_off > 0, f"the stage {found.stage!r} was passed {found.calls} times"


def again(work: Callable[[], None]) -> None:
    """As a supervisor does it."""
    while True:
        try:
            return work()
        except Injected:
            continue


@pytest.fixture(scope="module")
def undisturbed(town: Town, tmp_path_factory: pytest.TempPathFactory) -> Ledger:
    """What a cluster stores to which nothing happens."""
    cluster = filled(SmallCluster(key=tmp_path_factory.mktemp("key") / "key", shards=2), town)
    cluster.fan()
    cluster.screen()
    assert len(cluster.store.alerts) > 10
    return cluster.store


def filled(cluster: SmallCluster, town: Town) -> SmallCluster:
    publisher = LogPublisher(cluster.logs)
    for start in range(0, ROWS, 150):
        publisher.transfers(TransferBlock.of(town.rows[start : start + 150]))
    return cluster


def test_an_exception_at_any_stage_loses_and_doubles_nothing(
    undisturbed: Ledger, mine: Mine, town: Town, tmp_path: Path
) -> None:
    store = MinedStore(mine)
    cluster = filled(SmallCluster(key=tmp_path / "key", shards=2, store=store), town)
    again(lambda: fan_out(cluster, mine))
    announced: set[str] = set()
    again(lambda: screen(cluster, mine, tmp_path, announced))
    assert store.digest == undisturbed.digest
    assert store.letters == {}
    assert len(store.events) == ROWS
    assert announced == set(store.alerts)


def fan_out(cluster: SmallCluster, mine: Mine) -> None:
    """A worker's fan, as `cluster.Fanning` does it."""
    fan = Fan(shards=cluster.shards, checking=checking(cluster.settings))
    for place in cluster.places():
        for message in cluster.logs.by_place[place][cluster.done[place] :]:
            mine.at("fan: the message is opened")
            for leg in fan.legs(message, topics()[message.topic].schema):
                cluster.logs.send(LEGS, leg.unit.encode(), leg.value, partition=leg.partition)
                mine.at("fan: some of its legs are written")
            mine.at("fan: all of its legs are written")
            cluster.done[place] = message.offset + 1


def screen(cluster: SmallCluster, mine: Mine, folder: Path, announced: set[str]) -> None:
    """A worker that knows nothing yet, until it breaks or is through."""
    snapshots = MinedSnapshots(str(folder / "snapshots"))
    snapshots.mine = mine

    def announce(rows: Rows) -> None:
        mine.at("announce: before")
        announced.update(row.alert_id for row in rows["alerts"])  # type: ignore[attr-defined]  # alerts
        mine.at("announce: after")

    bench = replace(
        cluster.member().bench, announce=announce, snapshots=snapshots, snapshot_every_us=-1, clock=lambda: 1
    )
    worker = Screening(bench)
    for partition in range(cluster.shards):
        rest = cluster.logs.by_place[LEGS, partition][cluster.done[LEGS, partition] :]
        for start in range(0, len(rest), 3):
            worker.take(rest[start : start + 3])
            mine.at("acknowledge")
            cluster.done[LEGS, partition] = rest[start : start + 3][-1].offset + 1
