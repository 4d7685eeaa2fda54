"""The page docs/schemas.md, made from the records."""

from __future__ import annotations

import re
from collections.abc import Iterator
from inspect import cleandoc
from typing import Any

import msgspec

from manumit.schemas.columns import Column, columns_of
from manumit.schemas.fields import KINDS
from manumit.schemas.json_schema import json_schemas
from manumit.schemas.markdown import code, page, plain, table
from manumit.schemas.migrations import migrations
from manumit.schemas.records import RECORDS, table_of

ROW_TIME = re.compile(r"^TTL stored_at \+ INTERVAL (.+)$", re.MULTILINE)
COLUMN_TIME = re.compile(r"^ +(\w+) \S.* TTL stored_at \+ INTERVAL (\d+ \w+),?$", re.MULTILINE)
HEAD = """# Records

This page is generated from `schemas/` by `scripts/pages`; edit the records, not the page.

Every record is defined once and has five forms: one JSON object on a topic (integers exact), a set of numpy
arrays, an Arrow table and so a Parquet file, a row of a ClickHouse table, and a JSON Schema for other systems
(`manumit.schemas.json_schema.json_schemas`). An example of each version stands in `schemas/examples/` and must
decode. A topic carries the version in its name; a change that an old reader cannot take makes a new version.

Times are UTC microseconds since 1970. Amounts are integers in base units, exact up to 2^256 - 1. A USD value
that is not known is null, never 0. Each table has one more column, `stored_at`, which the server fills and from
which the retention time runs; it is not part of the record."""


def record_page() -> str:
    """The whole page as Markdown."""
    return page([HEAD, "## Kinds of fields", _kinds(), *_records()])


def _kinds() -> str:
    rows = ((name, code(kind.numpy), code(kind.arrow), code(kind.clickhouse)) for name, kind in KINDS.items())
    return table(("Kind", "numpy", "Arrow", "ClickHouse"), rows)


def _records() -> Iterator[str]:
    for name, struct in RECORDS.items():
        yield f"## {struct.__name__}"
        yield f"Topic {code(name)}, table {code(table_of(struct))}, {_kept(table_of(struct))}."
        yield cleandoc(struct.__doc__ or "")
        shape = json_schemas()[name]["$defs"][struct.__name__]
        rows = (_field(column, shape) for column in columns_of(struct))
        yield table(("Field", "Kind", "ClickHouse", "Without it", "Meaning"), rows)


def _kept(stored: str) -> str:
    """How long a table keeps its rows, and some of its columns, read from its DDL."""
    (statement,) = (m.statement for m in migrations() if m.name.endswith(f"_{stored}"))
    rows = ROW_TIME.search(statement)
    columns = (f"{code(name)} for {time.lower()}s" for name, time in COLUMN_TIME.findall(statement))
    return ", ".join((f"kept for {_spoken(rows[1] if rows else '')}", *columns))


def _spoken(time: str) -> str:
    length, _, condition = time.partition(" DELETE WHERE ")
    return f"{length.lower()}s" + (f" once {code(condition)}" if condition else "")


def _field(column: Column, shape: dict[str, Any]) -> tuple[str, ...]:
    said = shape["properties"][column.name]
    without = "refused" if column.name in shape["required"] else code(msgspec.json.encode(said["default"]).decode())
    meaning = plain(said.get("description", ""))
    return (code(column.name), column.kind, code(column.forms.clickhouse), without, meaning or _choices(said))


def _choices(said: dict[str, Any]) -> str:
    return ", ".join(code(str(choice)) for choice in said.get("enum", ()))
