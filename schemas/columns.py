"""A record's columns, and its table form: one numpy array for each field.

Between the forms stands the cell: the value of one field in plain Python. A cell is the field itself,
except that a nested field is JSON text and an unknown USD value is None, never NaN.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from math import isfinite
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt

from manumit.schemas.errors import BadRecord
from manumit.schemas.fields import KINDS, Kind, KindName, kinds_of
from manumit.schemas.wire import Record, build, encode_part

Table = dict[str, npt.NDArray[Any]]
Cells = list[Any]


@dataclass(frozen=True, slots=True)
class Column:
    """One field of a record and its kind."""

    name: str
    kind: KindName

    @property
    def forms(self) -> Kind:
        return KINDS[self.kind]


@cache
def columns_of(struct: type[msgspec.Struct]) -> tuple[Column, ...]:
    """The columns of a record in its own order."""
    return tuple(Column(name, kind) for name, kind in kinds_of(struct).items())


def cells_of(column: Column, rows: Sequence[msgspec.Struct]) -> Cells:
    """The cells of one column, one for each row."""
    values = [getattr(row, column.name) for row in rows]
    if column.kind == "json":
        return [encode_part(column.name, value) for value in values]
    if column.kind == "usd":
        return [None if value is None or not isfinite(value) else float(value) for value in values]
    return values


def record_of(struct: type[Record], cells: Mapping[str, Any]) -> Record:
    """A record from cells, checked like a record from the wire. Columns that are absent take their default.

    Raises BadRecord as `schemas.wire.decode` does.
    """
    kinds = kinds_of(struct)
    values = {name: _parsed(name, cell) if kinds.get(name) == "json" else cell for name, cell in cells.items()}
    return build(struct, values)


def records_of(struct: type[Record], columns: Mapping[str, Cells]) -> list[Record]:
    """Records from columns of cells, all of the same length."""
    return [record_of(struct, cells) for cells in rows_of(columns)]


def rows_of(columns: Mapping[str, Cells]) -> Iterator[dict[str, Any]]:
    """Columns turned into rows. Raises ValueError when the columns differ in length."""
    names = tuple(columns)
    for cells in zip(*columns.values(), strict=True):
        yield dict(zip(names, cells, strict=True))


def to_table(struct: type[msgspec.Struct], rows: Sequence[msgspec.Struct]) -> Table:
    """n rows as arrays of length n. dtypes as in `KINDS`; NaN stands for an unknown USD value."""
    return {column.name: _array(column, cells_of(column, rows)) for column in columns_of(struct)}


def from_table(struct: type[Record], table: Mapping[str, npt.NDArray[Any]]) -> list[Record]:
    """The rows of a table again. Raises BadRecord for a value that the record does not allow."""
    return records_of(struct, {c.name: _cells(c, table[c.name]) for c in columns_of(struct)})


def _array(column: Column, cells: Cells) -> npt.NDArray[Any]:
    if column.kind == "usd":
        return np.array([np.nan if cell is None else cell for cell in cells], np.float64)
    array = np.empty(len(cells), column.forms.numpy)
    for i, cell in enumerate(cells):  # a slice would spread tuples over a second axis
        array[i] = cell
    return array


def _cells(column: Column, array: npt.NDArray[Any]) -> Cells:
    if column.kind == "usd":
        return [None if value != value else value for value in array.tolist()]
    return list(array.tolist())


def _parsed(name: str, text: str) -> Any:
    try:
        return msgspec.json.decode(text)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, TypeError) as error:
        raise BadRecord("malformed", f"{name} is not JSON text: {error}") from error
