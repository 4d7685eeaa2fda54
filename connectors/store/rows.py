"""Columns of an answer as rows, the same from every transport."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any

from manumit.connectors.store.native import Columns

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


def dicts(columns: Columns, values: Sequence[Sequence[Any]], zone: tzinfo = UTC) -> Iterator[dict[str, Any]]:
    """Rows by column name. Times are UTC microseconds (int); a type without a zone is read in `zone`."""
    names = [name for name, _ in columns]
    plain = [
        _with_times(column, zone) if "DateTime" in of else column
        for (_, of), column in zip(columns, values, strict=True)
    ]
    return (dict(zip(names, row, strict=True)) for row in zip(*plain, strict=True))


def _with_times(value: Any, zone: tzinfo) -> Any:
    if isinstance(value, datetime):
        return microseconds(value, zone)
    if isinstance(value, list | tuple):
        return type(value)(_with_times(item, zone) for item in value)
    if isinstance(value, dict):
        return {_with_times(key, zone): _with_times(item, zone) for key, item in value.items()}
    return value


def microseconds(moment: datetime, zone: tzinfo = UTC) -> int:
    """UTC microseconds since 1970, exactly."""
    aware = moment if moment.tzinfo else moment.replace(tzinfo=zone)
    return (aware - EPOCH) // MICROSECOND
