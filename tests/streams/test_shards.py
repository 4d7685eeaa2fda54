"""One machine's alerts from any number of shards, whatever order the topics are read in, live or replayed."""

from __future__ import annotations

import shutil
import threading
from dataclasses import dataclass
from pathlib import Path

import pytest

from manumit.connectors.contract import Source
from manumit.connectors.files.survey import open_files
from manumit.schemas.settings import Settings
from manumit.streams.assembly import listing_reader, now_us, pipeline
from manumit.streams.replay import ReplayStore
from manumit.streams.runner import Desk, Runner
from tests.streams.small_cluster import SmallCluster
from tests.streams.town import Town, rates


@dataclass(frozen=True, slots=True, kw_only=True)
class Whole:
    """A folder with every kind of record, and the digest one machine gives of it."""

    folder: Path
    key: Path
    digest: str
    detectors: frozenset[str]

    def sources(self) -> list[Source]:
        return open_files(self.folder, rates())


@pytest.fixture(scope="module")
def whole(town: Town, tmp_path_factory: pytest.TempPathFactory) -> Whole:
    folder = tmp_path_factory.mktemp("whole")
    key = tmp_path_factory.mktemp("key") / "token.key"
    for name in ("two-chains", "listings", "customers", "account_events", "labels"):
        shutil.copy(town.file.parent / f"{name}.ndjson", folder)
    settings = Settings(token_key_file=str(key))
    store = ReplayStore()
    desk = Desk(store=store, clock=now_us, read=listing_reader(settings), keep_events=False)
    totals = Runner(sources=open_files(folder, rates()), pipeline=pipeline(settings), desk=desk).run(threading.Event())
    fired = frozenset(alert.detector for alert in store.alerts.values())
    return Whole(folder=folder, key=key, digest=totals.digest.hex, detectors=fired)


def test_the_world_makes_every_kind_of_unit_speak(whole: Whole) -> None:
    assert {name.partition("-")[0] for name in whole.detectors} >= {"tx", "li", "kyc", "lk"}


@pytest.mark.parametrize(("shards", "workers", "seed"), [(1, 1, 1), (2, 2, 2), (5, 1, 3), (8, 4, 4)])
def test_replayed_it_gives_the_alerts_of_one_machine(
    whole: Whole, tmp_path: Path, shards: int, workers: int, seed: int
) -> None:
    cluster = SmallCluster(key=whole.key, shards=shards, workers=workers, seed=seed)
    cluster.publish(whole.sources(), tmp_path)
    cluster.fan()
    cluster.screen()
    assert cluster.store.letters == {}
    assert cluster.store.digest == whole.digest


def test_screened_while_it_is_published_it_gives_the_same(whole: Whole, tmp_path: Path) -> None:
    cluster = SmallCluster(key=whole.key, shards=3, workers=2)

    def meanwhile() -> None:
        cluster.fan(at_most=5)
        cluster.screen(at_once=3)

    cluster.publish(whole.sources(), tmp_path, meanwhile=meanwhile)
    cluster.fan()
    cluster.screen()
    assert cluster.store.letters == {}
    assert cluster.store.digest == whole.digest
