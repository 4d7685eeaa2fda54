"""Rows of one record, turned into the columns of one insert."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from manumit.connectors.store.native import Columns
from manumit.connectors.store.statements import insert_into
from manumit.schemas.columns import columns_of
from manumit.schemas.errors import Broken
from manumit.schemas.stored import to_stored


@dataclass(frozen=True, slots=True, kw_only=True)
class Insert:
    """`statement` ends after the column names; values[i] are the rows of column i."""

    statement: str
    columns: Columns
    values: Sequence[Sequence[Any]]


def insert_of(table: str, rows: Sequence[msgspec.Struct]) -> Insert:
    """At least one row, all of one record. Raises ConfigError for a bad table name, Broken for mixed records."""
    struct = type(rows[0])
    if any(type(row) is not struct for row in rows):
        raise Broken(f"rows for table {table} are of more than one record")
    columns = columns_of(struct)
    return Insert(
        statement=insert_into(table, tuple(column.name for column in columns)),
        columns=[(column.name, column.forms.clickhouse) for column in columns],
        values=to_stored(struct, rows),
    )
