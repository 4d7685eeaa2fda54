"""What a worker shows of itself, on its page."""

from __future__ import annotations

import urllib.error
import urllib.request
from pathlib import Path

import pytest

from manumit.connectors.metrics_page import metrics_page
from manumit.schemas.block import TransferBlock
from manumit.schemas.errors import ConfigError
from manumit.streams.measures import Measures
from tests.streams.small_cluster import LogPublisher, SmallCluster
from tests.streams.town import Town

MINUTE_US = 60_000_000


def fetched(port: int, path: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=10) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()


def test_a_stuck_partition_is_one_with_messages_that_waits_for_nothing_known() -> None:
    now = [0]
    measures = Measures(lambda: now[0])
    measures.behind("legs.v1", 0, 5)
    measures.done("legs.v1", 1, 7)
    measures.behind("legs.v1", 1, 7)
    now[0] = 2 * MINUTE_US
    assert measures.stuck(MINUTE_US) == [("legs.v1", 0)]
    with measures.busy("waits for the store"):
        assert measures.waits_for == ("waits for the store",)
        assert measures.stuck(MINUTE_US) == []
    assert measures.stuck(MINUTE_US) == [], "the wait was not its fault"
    now[0] = 4 * MINUTE_US
    assert measures.stuck(MINUTE_US) == [("legs.v1", 0)]
    measures.forget([("legs.v1", 0)])
    assert measures.stuck(MINUTE_US) == []


def test_the_page_says_what_was_done(town: Town, tmp_path: Path) -> None:
    cluster = SmallCluster(key=tmp_path / "key", shards=2)
    LogPublisher(cluster.logs).transfers(TransferBlock.of(town.rows[:1000]))
    cluster.fan()
    cluster.screen()
    measures = cluster.members[0].bench.measures
    with metrics_page("127.0.0.1", 0, measures.text, lambda: measures.waits_for) as port:
        status, text = fetched(port, "/metrics")
        assert status == 200
        assert 'manumit_rows_total{table="transfers"} 1000.0' in text
        assert "manumit_broker_to_store_seconds_bucket" in text
        assert fetched(port, "/healthz") == (200, "alive\n")
        assert fetched(port, "/readyz") == (200, "ready\n")
        with measures.busy("partition 1 is rebuilt from the log"):
            assert fetched(port, "/readyz") == (503, "partition 1 is rebuilt from the log\n")
        assert fetched(port, "/")[0] == 404
        with pytest.raises(ConfigError, match="metrics_port"), metrics_page("127.0.0.1", port, bytes, tuple):
            pass
