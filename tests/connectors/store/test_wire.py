"""clickhouse-driver's transport against a real server: Debian's clickhouse-server 18.16.

It is old: it proves sockets, login, TLS, compression, failover and crashes, not the schema, for which
it lacks the types. So it has a table of its own here; the schema is proved in test_contract.py.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import msgspec
import pytest

from manumit.connectors.store.address import Address
from manumit.connectors.store.clickhouse import ClickhouseStore
from manumit.connectors.store.retry import Backoff
from manumit.schemas.errors import ConfigError, EdgeDown
from manumit.schemas.fields import Count32, Count64, Identifier, Share, Text, Texts, Usd, Word
from manumit.schemas.migrations import Migration
from manumit.schemas.stored import from_stored
from tests.connectors.store.clickhouse_server import Server, make_certificates, running_server
from tests.connectors.store.records import AT_US, HOSTILE
from tests.servers import free_port

pytestmark = pytest.mark.wire
TOKEN = "alerts-0-100-199"  # noqa: S105 - names a batch
WRONG_PASSWORD = "guess-ca63"  # noqa: S105 - invented


class WireAlert(msgspec.Struct, frozen=True, kw_only=True):
    """An alert in the types 18.16 has."""

    alert_id: Identifier
    revision: Count32
    detector: Word
    at_us: Count64
    score: Share
    amount_usd: Usd
    evidence: Texts
    reason: Text


MIGRATIONS = (
    Migration(
        name="0001_schema_migrations",
        statement="create table if not exists schema_migrations (name String, digest String,"
        " applied DateTime default now()) engine = ReplacingMergeTree order by name",
    ),
    Migration(
        name="0002_alerts",
        statement="create table if not exists alerts (alert_id String, revision UInt32,"
        " detector LowCardinality(String), at_us UInt64, score Float64, amount_usd Nullable(Float64),"
        " evidence Array(String), reason String) engine = ReplacingMergeTree(revision) order by alert_id",
    ),
)


def wire_alert(number: int, *, revision: int = 1, reason: str = HOSTILE) -> WireAlert:
    return WireAlert(
        alert_id=f"{number:032x}",
        revision=revision,
        detector="tx-funnel-fan-in",
        at_us=AT_US + number,
        score=0.1 + 0.2,
        amount_usd=None if number % 2 else 12.5,
        evidence=(f"event-{number}", HOSTILE),
        reason=reason,
    )


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("certificates")
    make_certificates(folder)
    return folder


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, certificates: Path) -> Iterator[Server]:
    with running_server(tmp_path_factory.mktemp("server"), certificates) as running:
        yield running


@pytest.fixture(autouse=True)
def nothing_printed(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """The driver prints tracebacks and warnings of its own unless it is silenced."""
    with caplog.at_level(logging.WARNING):
        yield
    assert caplog.records == []


def opened(url: str, *, tries: int = 3) -> ClickhouseStore:
    return ClickhouseStore(Address.of(url), migrations=MIGRATIONS, backoff=Backoff(tries=tries, sleep=lambda _: None))


def count_final(store: ClickhouseStore) -> int:
    [row] = store.query("select count() as n from alerts final")
    return int(row["n"])


@pytest.mark.parametrize("options", ["", "?compression=lz4"])
def test_rows_come_back_equal(server: Server, options: str) -> None:
    database = "lz4" if options else "plain"
    with closing(opened(server.url(database=database, options=options))) as store:
        assert store.migrate() == tuple(migration.name for migration in MIGRATIONS)
        assert store.migrate() == ()
        alerts = [wire_alert(i) for i in range(5000)]
        store.write("alerts", alerts)
        store.write("alerts", alerts)
        rows = store.query("select * from alerts final order by alert_id")
        assert [from_stored(WireAlert, row) for row in rows] == alerts
        store.write("alerts", [wire_alert(0, revision=2, reason="new"), wire_alert(1, revision=0, reason="old")])
        rows = store.query("select revision, reason from alerts final order by alert_id limit 2")
        assert rows == [{"revision": 2, "reason": "new"}, {"revision": 1, "reason": HOSTILE}]


def test_an_insert_token_is_left_out_where_the_server_knows_none(server: Server) -> None:
    with closing(opened(server.url(database="token"))) as store:
        store.migrate()
        for number in (1, 2):
            store.write("alerts", [wire_alert(number)], token=TOKEN)
        assert count_final(store) == 2


def test_a_wrong_password_is_the_operators_to_change(server: Server) -> None:
    with closing(opened(server.url(password=WRONG_PASSWORD))) as store:
        with pytest.raises(ConfigError, match="refused the login: check user and password") as refused:
            store.query("select 1")
        assert WRONG_PASSWORD not in str(refused.value)


def test_a_missing_database_says_migrate(server: Server) -> None:
    with (
        closing(opened(server.url(database="not_there"))) as store,
        pytest.raises(ConfigError, match="no such database: check store_url, or migrate"),
    ):
        store.query("select * from alerts")


def test_a_missing_table_is_named(server: Server) -> None:
    with (
        closing(opened(server.url(database="default"))) as store,
        pytest.raises(ConfigError, match=r"no such table.*no_such_table"),
    ):
        store.write("no_such_table", [wire_alert(1)])


def test_an_old_server_refuses_parameters_instead_of_ignoring_them(server: Server) -> None:
    with (
        closing(opened(server.url(database="default"))) as store,
        pytest.raises(ConfigError, match=r"ClickHouse 18\.\d+\.\d+ takes no query parameters: use 22.8 or newer"),
    ):
        store.query("select {x:String}", {"x": HOSTILE})


def test_tls_with_its_authority(server: Server, certificates: Path) -> None:
    url = server.url(database="default").replace("clickhouse:", "clickhouses:")
    url = url.replace(str(server.tcp_port), str(server.tls_port))
    with closing(opened(f"{url}?ca_certs={certificates / 'ca.pem'}")) as store:
        assert store.query("select 1 as one") == [{"one": 1}]
    for wrong in (f"?ca_certs={certificates / 'another-ca.pem'}", ""):
        with closing(opened(url + wrong)) as store, pytest.raises(ConfigError, match="certificate verify failed"):
            store.query("select 1")


def test_tls_to_a_port_without_it(server: Server, certificates: Path) -> None:
    url = server.url(database="default", options=f"?secure=true&ca_certs={certificates / 'ca.pem'}")
    with closing(opened(url)) as store, pytest.raises(ConfigError, match="check secure and ca_certs"):
        store.query("select 1")


def test_a_dead_first_host_is_passed_over(server: Server) -> None:
    options = f"?alt_hosts=127.0.0.1:{server.tcp_port}"
    url = server.url(database="default", options=options).replace(f"@127.0.0.1:{server.tcp_port}", "@127.0.0.1:1")
    with closing(opened(url, tries=1)) as store:
        assert store.query("select 1 as one") == [{"one": 1}]


def test_nobody_there_is_edge_down_after_growing_pauses() -> None:
    pauses: list[float] = []
    address = Address.of(f"clickhouse://default:hidden@127.0.0.1:{free_port()}/manumit")
    store = ClickhouseStore(address, backoff=Backoff(tries=6, longest_s=2.0, sleep=pauses.append))
    for act in (lambda: store.query("select 1"), lambda: store.write("alerts", [wire_alert(1)]), store.migrate):
        pauses.clear()
        with pytest.raises(EdgeDown, match=r"ClickHouse at 127\.0\.0\.1:\d+/manumit does not answer.*tried 6 times"):
            act()
        assert pauses == pytest.approx([0.2, 0.4, 0.8, 1.6, 2.0])


def test_the_second_server_takes_over_when_the_first_is_killed(
    server: Server, certificates: Path, tmp_path: Path
) -> None:
    with running_server(tmp_path / "first", certificates) as first:
        for running in (server, first):
            with closing(opened(running.url(database="takeover"))) as store:
                store.migrate()
        with closing(
            opened(first.url(database="takeover", options=f"?alt_hosts=127.0.0.1:{server.tcp_port}"))
        ) as store:
            store.write("alerts", [wire_alert(1)])
            first.kill()
            store.write("alerts", [wire_alert(2)])
            assert [row["alert_id"] for row in store.query("select alert_id from alerts")] == [wire_alert(2).alert_id]


def test_kill_9_in_mid_insert_then_retry_leaves_each_row_once(certificates: Path, tmp_path: Path) -> None:
    batches, rows, kills = 24, 4000, 3
    with running_server(tmp_path / "killed", certificates) as server:
        pauses: list[float] = []

        def pause(seconds: float) -> None:
            pauses.append(seconds)
            time.sleep(seconds)

        backoff = Backoff(tries=200, first_s=0.02, longest_s=0.1, sleep=pause)
        store = ClickhouseStore(Address.of(server.url()), migrations=MIGRATIONS, backoff=backoff)
        under_way = threading.Semaphore(0)

        def write_all() -> None:
            for batch in range(batches):
                alerts = [wire_alert(i) for i in range(batch * rows, (batch + 1) * rows)]
                under_way.release()
                store.write("alerts", alerts)

        with closing(store), ThreadPoolExecutor(1) as pool:
            store.migrate()
            writing = pool.submit(write_all)
            for _ in range(kills):
                for _ in range(5):
                    assert under_way.acquire(timeout=60)
                server.kill()
                server.start()
            writing.result(timeout=120)
            assert pauses  # at least one write met a dead server
            assert count_final(store) == batches * rows
            [row] = store.query(
                "select uniqExact(alert_id) as n, min(alert_id) as first, max(alert_id) as last from alerts"
            )
            assert row == {
                "n": batches * rows,
                "first": wire_alert(0).alert_id,
                "last": wire_alert(batches * rows - 1).alert_id,
            }
