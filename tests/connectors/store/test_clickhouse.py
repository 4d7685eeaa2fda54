"""clickhouse-driver's transport against the modern schema, and its address."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest

from manumit.connectors.store.address import Address
from manumit.connectors.store.clickhouse import ClickhouseStore
from manumit.connectors.store.opening import open_store
from manumit.connectors.store.retry import Backoff
from manumit.schemas.alert import Alert
from manumit.schemas.errors import BadRecord, Broken, ConfigError, EdgeDown
from manumit.schemas.stored import from_stored
from tests.connectors.store.conftest import bridge, bridge_store
from tests.connectors.store.records import alert

TOKEN = "alerts-0-100-199"  # noqa: S105 - names a batch


def test_compressed_rows_come_back_equal(bridge_port: int, database: str) -> None:
    with closing(bridge_store(bridge_port, database, "?compression=lz4")) as store:
        store.migrate()
        alerts = [alert(i) for i in range(2000)]
        store.write("alerts", alerts)
        rows = store.query("select * from alerts final where revision = {r:UInt32} order by alert_id", {"r": 1})
        assert [from_stored(Alert, row) for row in rows] == alerts


def test_an_insert_token_reaches_a_server_that_knows_it(bridge_port: int, database: str) -> None:
    """Other rows under a used token are dropped: that is what a token promises."""
    with closing(bridge_store(bridge_port, database)) as store:
        store.migrate()
        store.query("alter table alerts modify setting non_replicated_deduplication_window = 100")
        for number in (1, 2):
            store.write("alerts", [alert(number)], token=TOKEN)
        assert store.query("select alert_id from alerts") == [{"alert_id": alert(1).alert_id}]
        store.write("alerts", [alert(3)], token=f"{TOKEN}-other")
        assert store.query("select count() as n from alerts") == [{"n": 2}]


def test_a_wrong_password_is_a_setting_to_change(bridge_port: int) -> None:
    with (
        closing(open_store(f"clickhouse://default:guess@127.0.0.1:{bridge_port}/")) as store,
        pytest.raises(ConfigError, match="refused the login"),
    ):
        store.query("select 1")


def test_a_server_that_comes_back_gets_the_batch_again(tmp_path: Path) -> None:
    """The same folder under a new process: the write that found nobody is repeated there."""
    with bridge(tmp_path) as port:
        store = bridge_store(port, "manumit")
        store.migrate()
        store.write("alerts", [alert(1)])
        store.close()
    impatient = ClickhouseStore(Address.of(f"clickhouse://127.0.0.1:{port}/manumit"), backoff=Backoff(tries=1))
    with pytest.raises(EdgeDown, match="does not answer"):
        impatient.write("alerts", [alert(2)])
    with bridge(tmp_path) as port, closing(bridge_store(port, "manumit")) as store:
        assert store.migrate() == ()
        store.write("alerts", [alert(1), alert(2)])
        assert store.query("select count() as n from alerts final") == [{"n": 2}]


def test_pauses_grow_to_the_longest() -> None:
    pauses: list[float] = []
    attempts = iter([EdgeDown("away")] * 4)

    def act() -> str:
        for error in attempts:
            raise error
        return "done"

    assert Backoff(tries=6, first_s=1, longest_s=5, sleep=pauses.append).run(act) == "done"
    assert pauses == [1, 2, 4, 5]


@pytest.mark.parametrize("error", [Broken("no"), ConfigError("no"), BadRecord("malformed", "no")])
def test_what_waiting_cannot_mend_is_not_repeated(error: Exception) -> None:
    pauses: list[float] = []

    def act() -> str:
        raise error

    with pytest.raises(type(error)):
        Backoff(sleep=pauses.append).run(act)
    assert pauses == []


def test_an_address_in_parts() -> None:
    address = Address.of("clickhouse://ana:p%40ss@db.example:9440/cases?secure=1&compression=lz4&alt_hosts=b:1,c:2")
    assert (address.host, address.database, address.shown) == ("db.example", "cases", "db.example:9440/cases")
    assert address.options["user"] == "ana"
    assert address.options["password"] == "p@ss"  # noqa: S105 - invented
    assert address.options["secure"] is True
    assert address.options["compression"] == "lz4"
    assert address.options["alt_hosts"] == "b:1,c:2"
    assert "p@ss" not in repr(address)


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("clickhouse://", "names no host"),
        ("clickhouse:///db", "names no host"),
        ("clickhouse://host:port/db", "is not clickhouse://"),
        ("clickhouse://host:99999/db", "is not clickhouse://"),
        ("clickhouse://host/db?ca_cert=x", "no such option 'ca_cert'"),
        ("clickhouse://host/db?connect_timeout=soon", "is not clickhouse://"),
        ("clickhouse://host/a`b", "not a name of letters"),
    ],
)
def test_an_address_that_cannot_be_meant(url: str, words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        open_store(url)
