"""The embedded store: ClickHouse's engine in this process, on one folder.

Threads each get a session of their own (one session runs one query at a time). A write returns
after its part is flushed to disk; kill -9 loses no acknowledged row.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import msgspec

from manumit.connectors.store.engine import Engine
from manumit.connectors.store.faults import code_of, fault
from manumit.connectors.store.inserts import Insert, insert_of
from manumit.connectors.store.lending import Lending
from manumit.connectors.store.migrations import apply
from manumit.connectors.store.native import decode, encode
from manumit.connectors.store.parameters import engine_texts, placed_values
from manumit.connectors.store.rows import dicts
from manumit.connectors.store.statements import checked_name, create_database, use_database
from manumit.schemas.migrations import Migration
from manumit.schemas.migrations import migrations as packaged

DATABASE = "manumit"
INSERT_SETTINGS = "settings async_insert = 0"
DURABLE = "fsync_after_insert = 1, fsync_part_directory = 1"
TABLES_TO_FSYNC = """
    select name from system.tables
    where database = currentDatabase() and engine like '%MergeTree'
      and not create_table_query like '%fsync_after_insert%'
"""


class EmbeddedStore:
    """`Store` over an Engine. `on_close` runs last in `close`; by default it stops the engine."""

    def __init__(
        self,
        engine: Engine,
        *,
        database: str = DATABASE,
        migrations: Sequence[Migration] | None = None,
        on_close: Callable[[], None] | None = None,
    ) -> None:
        """The database is made at first use. Raises ConfigError for a bad name."""
        self._engine = engine
        self._database = checked_name(database, what="database")
        self._where = f"the embedded store in {engine.folder}"
        self._migrations = packaged() if migrations is None else migrations
        self._on_close = on_close or engine.close
        self._sessions = Lending(self._open_session, lambda session: session.close())

    def migrate(self) -> tuple[str, ...]:
        applied = apply(self.query, self._migrations)
        for table in self.query(TABLES_TO_FSYNC):
            self.query(f"alter table `{checked_name(table['name'], what='table')}` modify setting {DURABLE}")
        return applied

    def write(self, table: str, rows: Sequence[msgspec.Struct]) -> None:
        if not rows:
            return
        insert = insert_of(table, rows)
        raw = encode(insert.columns, insert.values)
        with self._session() as session:
            self._send(session, insert, raw)

    def query(self, sql: str, parameters: Mapping[str, Any] | None = None) -> list[dict[str, Any]]:
        texts = engine_texts(placed_values(sql, parameters or {}))
        with self._session() as session:
            raw = session.query(sql, "Native", params=texts).bytes()
        return [row for columns, values in decode(raw) for row in dicts(columns, values)]

    def close(self) -> None:
        self._sessions.close()
        self._on_close()

    def _send(self, session: Any, insert: Insert, raw: bytes) -> None:
        with session.send_insert(f"{insert.statement} {INSERT_SETTINGS}", "Native") as stream:
            stream.append(raw)
            stream.finish()

    def _open_session(self) -> Any:
        session = self._engine.session()
        session.query(create_database(self._database))
        session.query(use_database(self._database))
        return session

    @contextmanager
    def _session(self) -> Iterator[Any]:
        self._engine.check_process()
        try:
            with self._sessions.borrow() as session:
                yield session
        except self._engine.refusals as error:
            raise fault(code_of(str(error)), str(error), where=self._where) from error
