"""One machine's alerts from any number of shards, whatever order the topics are read in, live or replayed."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.streams.small_cluster import SmallCluster
from tests.streams.whole import Whole


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


def test_a_lane_that_is_read_long_before_the_others_waits_for_them(whole: Whole, tmp_path: Path) -> None:
    cluster = SmallCluster(key=whole.key, shards=2)
    for name in ("once", "twice"):  # another publication begins where the last has ended: all of it is said again
        cluster.publish(whole.sources(), tmp_path / name)
        cluster.fan(by_lane=True)
        cluster.screen()
        assert cluster.store.digest == whole.digest
    assert {letter.reason for letter in cluster.store.letters.values()} == {"late", "duplicate"}
