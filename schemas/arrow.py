"""The file form: records as an Arrow table, which Parquet keeps without loss."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from types import MappingProxyType
from typing import Any

import msgspec
import pyarrow as pa

from manumit.schemas.columns import Cells, Column, cells_of, columns_of, record_of, rows_of
from manumit.schemas.errors import BadRecord
from manumit.schemas.fields import KINDS
from manumit.schemas.wire import Record


@cache
def arrow_types() -> Mapping[str, Any]:
    """The Arrow type behind each type name of `KINDS`."""
    types = (
        pa.timestamp("us", tz="UTC"),
        pa.string(),
        pa.dictionary(pa.int32(), pa.string()),
        pa.uint8(),
        pa.uint32(),
        pa.uint64(),
        pa.int8(),
        pa.float64(),
        pa.list_(pa.field("element", pa.string())),
    )
    return MappingProxyType({str(arrow): arrow for arrow in types})


def arrow_schema(struct: type[msgspec.Struct]) -> Any:
    """`pyarrow.Schema`; only USD values may be null."""
    return pa.schema([pa.field(c.name, _type(c), nullable=c.kind == "usd") for c in columns_of(struct)])


def to_arrow(struct: type[msgspec.Struct], rows: Sequence[msgspec.Struct]) -> Any:
    """`pyarrow.Table` with the columns of `arrow_schema`. Amounts are decimal text, nested fields JSON text.

    Raises BadRecord `malformed` for text that is not Unicode.
    """
    try:
        arrays = [pa.array(_plain(c, cells_of(c, rows)), _type(c)) for c in columns_of(struct)]
    except UnicodeEncodeError as error:
        raise BadRecord("malformed", f"{struct.__name__} holds text that is not Unicode: {error}") from error
    return pa.Table.from_arrays(arrays, schema=arrow_schema(struct))


def from_arrow(struct: type[Record], table: Any) -> list[Record]:
    """The records of a table. Raises BadRecord at the first row that is unusable; see `arrow_rows`."""
    return [record_of(struct, cells) for cells in arrow_rows(struct, table)]


def arrow_rows(struct: type[msgspec.Struct], table: Any) -> Iterator[dict[str, Any]]:
    """Rows of cells for `schemas.columns.record_of`, so that a reader can set one bad row aside.

    Other writers' types are cast where nothing is lost. Raises BadRecord `malformed` for a table with
    an unknown column, or with a column that cannot be cast.
    """
    known = {column.name: column for column in columns_of(struct)}
    unknown = sorted(set(table.column_names) - set(known))
    if unknown:
        raise BadRecord("malformed", f"{struct.__name__} has no column {unknown[0]!r}; it has {', '.join(known)}")
    return rows_of({name: _cells(known[name], table.column(name)) for name in table.column_names})


def _type(column: Column) -> Any:
    return arrow_types()[KINDS[column.kind].arrow]


def _plain(column: Column, cells: Cells) -> Cells:
    return [str(cell) for cell in cells] if column.kind == "uint256" else cells


def _cells(column: Column, chunked: Any) -> Cells:
    try:
        return _cast(column, chunked)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
        raise BadRecord("malformed", f"column {column.name} is not {column.forms.arrow}: {error}") from error


def _cast(column: Column, chunked: Any) -> Cells:
    if column.kind == "time":
        return list(_microseconds(chunked).to_pylist())
    if column.kind == "uint256":
        return [_integer(text) for text in chunked.cast(pa.string()).to_pylist()]
    if column.kind == "word":
        return list(chunked.cast(pa.string()).to_pylist())
    return list(chunked.cast(_type(column)).to_pylist())


def _microseconds(chunked: Any) -> Any:
    if pa.types.is_timestamp(chunked.type):
        return chunked.cast(pa.timestamp("us", tz=chunked.type.tz)).cast(pa.int64())
    return chunked.cast(pa.int64())


def _integer(text: str | None) -> int | str | None:
    """The text itself when it is no integer: the record's own check then refuses this row alone."""
    if text is None or not text.isascii() or not text.removeprefix("-").isdigit() or len(text) > 100:
        return text
    return int(text)
