"""A ClickHouse server, by clickhouse-driver's native protocol.

The driver is not thread-safe, never retries, and raises a bare EOFError when a server dies: here every
thread borrows a client of its own, and a statement is repeated on a fresh connection (the next of
`alt_hosts` when one is away) until the tries are used up. Repeating a write is harmless: rows fold.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from clickhouse_driver import Client, defines, errors

from manumit.connectors.store.address import Address
from manumit.connectors.store.faults import fault
from manumit.connectors.store.inserts import Insert, insert_of
from manumit.connectors.store.lending import Lending
from manumit.connectors.store.migrations import apply
from manumit.connectors.store.native import ENCODING_FAULTS
from manumit.connectors.store.parameters import Value, placed_values
from manumit.connectors.store.retry import Backoff
from manumit.connectors.store.rows import dicts
from manumit.connectors.store.statements import create_database
from manumit.schemas.errors import Broken, ConfigError, EdgeDown, ManumitError
from manumit.schemas.migrations import Migration
from manumit.schemas.migrations import migrations as packaged

INSERT_SETTINGS = {"async_insert": 0, "insert_deduplicate": 1}
TLS_FAULTS = ("certificate verify failed", "wrong version number")
TOKEN_SETTING = "insert_deduplication_token"  # noqa: S105 - the name of a setting
KNOWN_SETTINGS = """
    select name from system.settings where name in ('async_insert', 'insert_deduplicate', 'insert_deduplication_token')
"""


class ClickhouseStore:
    """`Store` over a server. `backoff` says how often and how long to try before EdgeDown."""

    def __init__(
        self, address: Address, *, migrations: Sequence[Migration] | None = None, backoff: Backoff | None = None
    ) -> None:
        """Does not connect yet."""
        self._address = address
        self._where = f"ClickHouse at {address.shown}"
        self._migrations = packaged() if migrations is None else migrations
        self._backoff = backoff or Backoff()
        self._clients = Lending(self._open_client, lambda client: client.disconnect())
        # it prints a traceback for every attempt at a dead host; the error raised here says it once
        logging.getLogger("clickhouse_driver.connection").setLevel(logging.CRITICAL)

    def migrate(self) -> tuple[str, ...]:
        self._make_database()
        return apply(self.query, self._migrations)

    def write(self, table: str, rows: Sequence[msgspec.Struct], *, token: str = "") -> None:
        """As `Store.write`. `token` names exactly these rows (topic, partition, first to last offset).

        Where the server knows insert tokens, it then also feeds materialized views only once. Other
        rows under a used token are dropped by the server without a word: never use one twice.
        """
        if rows:
            insert = insert_of(table, rows)
            self._backoff.run(lambda: self._insert(insert, token))

    def query(self, sql: str, parameters: Mapping[str, Any] | None = None) -> list[dict[str, Any]]:
        values = placed_values(sql, parameters or {})
        return self._backoff.run(lambda: self._ask(sql, values))

    def close(self) -> None:
        self._clients.close()

    def _insert(self, insert: Insert, token: str) -> None:
        with self._client() as client:
            settings = _known({**INSERT_SETTINGS, TOKEN_SETTING: token} if token else INSERT_SETTINGS, client)
            client.execute(f"{insert.statement} values", insert.values, columnar=True, settings=settings)

    def _ask(self, sql: str, values: Mapping[str, Value]) -> list[dict[str, Any]]:
        with self._client() as client:
            if values:
                _refuse_old_server(client)
            answer = client.execute(sql, dict(values), with_column_types=True, columnar=True)
            zone = ZoneInfo(client.connection.server_info.get_timezone())
        if not isinstance(answer, tuple):  # DDL answers with an empty list
            return []
        values_by_column, columns = answer
        return list(dicts(columns, values_by_column, zone)) if values_by_column else []

    def _make_database(self) -> None:
        """Creates it only when it is missing: the right to do so is rare."""
        self._backoff.run(self._create_missing_database)

    def _create_missing_database(self) -> None:
        name = self._address.database
        client = self._new_client(database="")
        with self._faults():
            try:
                present = {row[0] for row in client.execute("show databases")}
                if name and name not in present:
                    client.execute(create_database(name))
            finally:
                client.disconnect()

    def _open_client(self) -> Client:
        client = self._new_client(database=self._address.database)
        client.known_settings = frozenset(row[0] for row in client.execute(KNOWN_SETTINGS))
        return client

    def _new_client(self, *, database: str) -> Client:
        return Client(
            self._address.host, **{**self._address.options, "database": database}, settings={"server_side_params": True}
        )

    @contextmanager
    def _client(self) -> Iterator[Client]:
        with self._faults(), self._clients.borrow() as client:
            yield client

    @contextmanager
    def _faults(self) -> Iterator[None]:
        try:
            yield
        except (errors.NetworkError, errors.SocketTimeoutError, EOFError, OSError) as error:
            raise self._unreachable(str(error) or type(error).__name__) from error
        except ENCODING_FAULTS as error:
            raise Broken(f"a value does not fit its column type: {error}") from error
        except errors.Error as error:
            raise fault(error.code or 0, str(error), where=self._where) from error

    def _unreachable(self, said: str) -> ManumitError:
        if any(words in said.lower() for words in TLS_FAULTS):
            return ConfigError(f"{self._where} is not trusted: check secure and ca_certs in store_url ({said})")
        return EdgeDown(f"{self._where} does not answer ({said})")


def _known(settings: Mapping[str, Any], client: Client) -> dict[str, Any]:
    """Without the settings this server has never heard of: the driver would print a line for each."""
    return {name: value for name, value in settings.items() if name in client.known_settings}


def _refuse_old_server(client: Client) -> None:
    info = client.connection.server_info
    if info.used_revision < defines.DBMS_MIN_PROTOCOL_VERSION_WITH_PARAMETERS:
        version = ".".join(str(part) for part in info.version_tuple())
        raise ConfigError(f"ClickHouse {version} takes no query parameters: use 22.8 or newer")
