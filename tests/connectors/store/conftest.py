"""Stores to test: the embedded one, and clickhouse-driver's over the native bridge."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from itertools import count
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from manumit.connectors.contract import Store
from manumit.connectors.store.address import Address
from manumit.connectors.store.clickhouse import ClickhouseStore
from manumit.connectors.store.embedded import EmbeddedStore
from manumit.connectors.store.engine import Engine
from tests.connectors.store.clickhouse_server import PASSWORD, QUOTED_PASSWORD
from tests.servers import REPOSITORY

SERVER_VARIABLE = "MANUMIT_TEST_CLICKHOUSE"
TRANSPORTS = ["embedded", "bridge", *(["server"] if os.environ.get(SERVER_VARIABLE) else [])]
FILLED_TABLES = """
    select name from system.tables
    where database = currentDatabase() and total_rows > 0 and name != 'schema_migrations'
"""

_numbers = count(1)
OpenStore = Callable[[str], Store]


@contextmanager
def program(*arguments: str) -> Iterator[subprocess.Popen[str]]:
    """A Python program of this repository, ended with the `with`."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(REPOSITORY / "src"), str(REPOSITORY)])}
    with subprocess.Popen(
        [sys.executable, "-m", *arguments],
        cwd=REPOSITORY,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


@contextmanager
def bridge(folder: Path) -> Iterator[int]:
    """The port of a native bridge over the embedded store in `folder`."""
    with program("tests.connectors.store.native_bridge", str(folder), PASSWORD) as process:
        assert process.stdout is not None
        yield int(process.stdout.readline())


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """One for a module: a process has one embedded folder at a time, and other modules want theirs."""
    with closing(Engine(tmp_path_factory.mktemp("embedded"))) as running:
        yield running


@pytest.fixture(scope="module")
def bridge_port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    with bridge(tmp_path_factory.mktemp("bridge")) as port:
        yield port


@pytest.fixture(scope="module", params=TRANSPORTS)
def open_database(request: pytest.FixtureRequest) -> OpenStore:
    """Opens a store in the database of that name, over each transport."""
    transport: str = request.param
    if transport == "embedded":
        engine: Engine = request.getfixturevalue("engine")
        return lambda database: EmbeddedStore(engine, database=database, on_close=lambda: None)
    if transport == "bridge":
        port: int = request.getfixturevalue("bridge_port")
        return lambda database: bridge_store(port, database)
    address = urlsplit(os.environ[SERVER_VARIABLE])
    return lambda database: ClickhouseStore(Address.of(address._replace(path=f"/{database}").geturl()))


def bridge_store(port: int, database: str, options: str = "") -> ClickhouseStore:
    return ClickhouseStore(Address.of(f"clickhouse://default:{QUOTED_PASSWORD}@127.0.0.1:{port}/{database}{options}"))


@pytest.fixture
def database() -> str:
    return new_name()


@pytest.fixture(scope="module")
def migrated(open_database: OpenStore) -> Iterator[Store]:
    name = new_name()
    with closing(open_database(name)) as opened:
        opened.migrate()
        yield opened
        opened.query(f"drop database `{name}`")


@pytest.fixture
def store(migrated: Store) -> Iterator[Store]:
    """A migrated, empty store over each transport."""
    yield migrated
    for table in migrated.query(FILLED_TABLES):
        migrated.query(f"truncate table `{table['name']}`")


def new_name() -> str:
    """For a database: no other test of this run uses it."""
    return f"manumit_test_{os.getpid()}_{next(_numbers)}"
