"""Many batches into one table are all there or not at all, whatever happens to the process."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path

import pytest

from manumit.connectors.contract import Store
from manumit.connectors.store.opening import open_store
from manumit.connectors.store.staging import write_whole
from manumit.schemas.customer import Customer
from manumit.schemas.errors import ConfigError, EdgeDown
from tests.servers import REPOSITORY

TABLES = "select name from system.tables where database = currentDatabase() and startsWith(name, 'customers')"
KILLED = """
    import os, signal
    from manumit.connectors.store.opening import open_store
    from manumit.connectors.store.staging import write_whole
    from manumit.schemas.customer import Customer

    def batches():
        yield [Customer(exchange="x", customer_id="c1", at_us=1)]
        yield [Customer(exchange="x", customer_id="c2", at_us=1)]
        os.kill(os.getpid(), signal.SIGKILL)

    store = open_store("embedded:store")
    store.migrate()
    store.write("customers", [Customer(exchange="x", customer_id="before", at_us=1)])
    write_whole(store, "customers", batches())
"""


def customer(name: str) -> Customer:
    return Customer(exchange="x", customer_id=name, at_us=1)


def ids_in(store: Store) -> list[str]:
    return [row["customer_id"] for row in store.query("select customer_id from customers final order by customer_id")]


def test_a_killed_process_leaves_nothing_that_is_seen(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(KILLED)],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY / "src")},
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == -signal.SIGKILL, done.stderr
    with closing(open_store(f"embedded:{tmp_path / 'store'}")) as store:
        assert ids_in(store) == ["before"]
        write_whole(store, "customers", [[customer("c1")], [customer("c2")]])
        assert ids_in(store) == ["before", "c1", "c2"]


def test_an_error_half_way_leaves_the_table_as_it_was_and_no_other(tmp_path: Path) -> None:
    def broken() -> Iterator[Sequence[Customer]]:
        yield [customer("c1")]
        raise EdgeDown("the file went away")

    with closing(open_store(f"embedded:{tmp_path / 'store'}")) as store:
        store.migrate()
        with pytest.raises(EdgeDown):
            write_whole(store, "customers", broken())
        assert ids_in(store) == []
        write_whole(store, "customers", [])
        write_whole(store, "customers", [[customer("c1")]])
        write_whole(store, "customers", [[customer("c1")]])
        assert ids_in(store) == ["c1"]
        assert store.query(TABLES) == [{"name": "customers"}]
        with pytest.raises(ConfigError):
            write_whole(store, "customers` x", [])
