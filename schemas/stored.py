"""The stored form: columns of Python values as clickhouse-driver takes and gives them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import Any

import msgspec

from manumit.schemas.columns import Cells, cells_of, columns_of, record_of
from manumit.schemas.fields import KindName
from manumit.schemas.wire import Record

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


def to_stored(struct: type[msgspec.Struct], rows: Sequence[msgspec.Struct]) -> list[Cells]:
    """One list for each column of `columns_of(struct)`, one value for each row.

    Times are integers of microseconds (the driver takes them as they are; three datetimes would cost it
    more than the rest of an alert), amounts ints, texts lists, nested fields JSON text, unknown USD None.
    """
    return [_stored(c.kind, cells_of(c, rows)) for c in columns_of(struct)]


def from_stored(struct: type[Record], row: Mapping[str, Any]) -> Record:
    """The record in a row of its table, read as a mapping. Columns the record does not have are left out.

    Takes times as datetimes (naive ones are UTC) or integers of microseconds, and amounts as ints or
    decimal text. Raises BadRecord for values the record does not allow, KeyError for a missing column.
    """
    return record_of(struct, {c.name: _loaded(c.kind, row[c.name]) for c in columns_of(struct)})


def time_of(at_us: int) -> datetime:
    """UTC microseconds as an aware datetime; exact, because no float is involved."""
    return EPOCH + timedelta(microseconds=at_us)


def at_us_of(time: datetime | int) -> int:
    """The microseconds of a datetime; a naive one is UTC. Exact."""
    if isinstance(time, int):
        return time
    aware = time if time.tzinfo else time.replace(tzinfo=UTC)
    return (aware - EPOCH) // MICROSECOND


STORE: Mapping[KindName, Callable[[Any], Any]] = MappingProxyType({"texts": list})
LOAD: Mapping[KindName, Callable[[Any], Any]] = MappingProxyType({"time": at_us_of, "uint256": int, "texts": tuple})


def _stored(kind: KindName, cells: Cells) -> Cells:
    return [STORE[kind](cell) for cell in cells] if kind in STORE else cells


def _loaded(kind: KindName, value: Any) -> Any:
    return LOAD[kind](value) if kind in LOAD else value
