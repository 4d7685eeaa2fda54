"""A program for a process of its own: our DDL on ClickHouse's engine, in the folder it is started in.

chDB allows one folder a process, so the tests start this and read one JSON document from its output.
Rows go in and come out in the native format, written and read by clickhouse-driver's own code.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from clickhouse_driver.block import ColumnOrientedBlock
from clickhouse_driver.bufferedreader import CompressedBufferedReader
from clickhouse_driver.bufferedwriter import CompressedBufferedWriter
from clickhouse_driver.connection import ServerInfo
from clickhouse_driver.context import Context
from clickhouse_driver.streams.native import BlockInputStream, BlockOutputStream

from manumit.schemas.alert import Alert
from manumit.schemas.columns import columns_of
from manumit.schemas.migrations import migrations
from manumit.schemas.records import TABLES
from manumit.schemas.stored import from_stored, to_stored
from manumit.schemas.wire import encode
from tests.schemas.samples import rows

OLD_FORMAT = 50_000  # the revision whose native stream has no headers around a block
SETTINGS = {
    "use_numpy": False,
    "strings_as_bytes": False,
    "strings_encoding": "utf-8",
    "input_format_null_as_default": False,
}


class Pieces:
    """A place for the driver's writer to write to."""

    def __init__(self) -> None:
        self.all: list[bytes] = []

    def write(self, piece: bytes) -> None:
        self.all.append(bytes(piece))


def context() -> Any:
    made = Context()
    made.settings, made.client_settings = {}, SETTINGS
    made.server_info = ServerInfo("chdb", 26, 9, 2, OLD_FORMAT, "UTC", "chdb", OLD_FORMAT)
    return made


def write(session: Any, table: str, types: dict[str, str], columns: list[list[Any]], settings: str = "") -> None:
    pieces = Pieces()
    writer = CompressedBufferedWriter(pieces, 1 << 16)
    BlockOutputStream(writer, context()).write(ColumnOrientedBlock(list(types.items()), columns))
    insert = session.send_insert(f"INSERT INTO {table} ({', '.join(types)}) {settings}", "Native")
    insert.append(b"".join(pieces.all))
    insert.finish()


def read(session: Any, sql: str) -> list[dict[str, Any]]:
    left = [session.query(sql, "Native").bytes()]
    if not left[0]:
        return []
    block = BlockInputStream(CompressedBufferedReader(_each(left), 1 << 16), context()).read()
    names = [name for name, _ in block.columns_with_types]
    return [dict(zip(names, row, strict=True)) for row in zip(*block.data, strict=True)]


def _each(left: list[bytes]) -> Callable[[], bytes]:
    def more() -> bytes:
        if not left:
            raise EOFError
        return left.pop()

    return more


def types_of(struct: type[msgspec.Struct]) -> dict[str, str]:
    return {column.name: column.forms.clickhouse for column in columns_of(struct)}


def report(session: Any, table: str, struct: type[msgspec.Struct]) -> dict[str, Any]:
    described = read(session, f"DESCRIBE TABLE {table}")
    for _ in range(2):  # twice: the same rows must fold to one
        write(session, table, types_of(struct), to_stored(struct, rows(struct)))
    found = read(session, f"SELECT * FROM {table} FINAL")  # noqa: S608 - a name from TABLES
    return {
        "described": [[row["name"], row["type"], row["default_type"]] for row in described],
        "ttl": sorted(row["name"] for row in described if row["ttl_expression"]),
        "made_by": read(session, f"SHOW CREATE TABLE {table}")[0]["statement"],
        "rows": [encode(from_stored(struct, row)).decode() for row in found],
    }


def aged(session: Any, table: str, days: int) -> dict[str, Any] | None:
    """The example row of a table after so many days on disk; None when it is gone."""
    struct = TABLES[table]
    session.query(f"TRUNCATE TABLE {table}")
    types = {**types_of(struct), "stored_at": "DateTime('UTC')"}
    columns = [*to_stored(struct, rows(struct)[:1]), [datetime.now(UTC) - timedelta(days=days)]]
    write(session, table, types, columns, "SETTINGS insert_allow_materialized_columns = 1")
    session.query(f"OPTIMIZE TABLE {table} FINAL")
    found = read(session, f"SELECT * FROM {table}")  # noqa: S608 - a name from TABLES
    return json.loads(encode(from_stored(struct, found[0]))) if found else None


def folded(session: Any) -> list[int]:
    """The revision left of one alert whose revisions arrive out of order, in two writes."""
    session.query("TRUNCATE TABLE alerts")
    alert = rows(Alert)[0]
    for revisions in ((1, 7), (3,)):
        given = [msgspec.structs.replace(alert, revision=revision) for revision in revisions]
        write(session, "alerts", types_of(Alert), to_stored(Alert, given))
    return [row["revision"] for row in read(session, "SELECT revision FROM alerts FINAL")]


def main() -> None:
    from chdb.session import Session  # here: importing it starts the engine in the working folder

    session = Session("store")
    session.query("CREATE DATABASE manumit")
    session.query("USE manumit")
    for migration in (*migrations(), *migrations()):
        session.query(migration.statement)
    tables = {table: report(session, table, struct) for table, struct in TABLES.items()}
    later = {table: {day: aged(session, table, day) for day in (1, 100, 4000)} for table in TABLES}
    ledger = [row["name"] for row in read(session, "DESCRIBE TABLE schema_migrations")]
    sys.stdout.write(json.dumps({"tables": tables, "later": later, "folded": folded(session), "ledger": ledger}))


if __name__ == "__main__":
    main()
