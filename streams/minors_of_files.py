"""What names the minors of customer files, whole columns at a time: as `streams/parting.py` finds them row by row."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from manumit.detectors.customers.names import standing_names
from manumit.schemas.arrow import from_arrow
from manumit.schemas.customer import ADULT, Customer
from manumit.schemas.subject import customer_subject

AGES = ("exchange", "customer_id", "at_us", "age", "minimum_age")


def names_of_minors(files: Sequence[Path]) -> frozenset[str]:
    """What alerts about minors may have as their subject.

    `files` are Parquet files of customer snapshots; those without ages name no minor.
    """
    return frozenset(name for path in files for name in _subjects(path))


def _subjects(path: Path) -> Iterator[str]:
    with pq.ParquetFile(path) as file:
        names = [name for name in AGES if name in file.schema_arrow.names]
        if "age" not in names:
            return
        rows = _rows_of_minors(file.read(columns=names))
    if not len(rows):
        return
    for one in from_arrow(Customer, pq.read_table(path).take(pa.array(rows))):
        yield customer_subject(one.exchange, one.customer_id)
        yield from standing_names(one)


def _rows_of_minors(table: Any) -> Any:
    """All rows of the customers whose latest snapshot that gives an age makes them minors; int64 numbers of rows."""
    age = _numbers(table, "age")
    least = np.maximum(ADULT, _numbers(table, "minimum_age"))
    below = (age > 0) & (age < least)
    key = _customers(table)
    suspects = np.isin(key, np.unique(key[below]))
    rows = np.flatnonzero(suspects & (age > 0))
    at_us = _numbers(table, "at_us")
    order = rows[np.lexsort((below[rows], at_us[rows], key[rows]))]
    of = key[order]
    last = order[np.append(of[1:] != of[:-1], True)] if len(order) else order
    return np.flatnonzero(np.isin(key, key[last[below[last]]]))


def _customers(table: Any) -> Any:
    """A number for each customer of each exchange."""
    who, where = _codes(table, "customer_id"), _codes(table, "exchange")
    return where * (int(who.max(initial=0)) + 1) + who


def _codes(table: Any, name: str) -> Any:
    if name not in table.column_names:
        return np.zeros(table.num_rows, np.int64)
    texts = table.column(name).cast(pa.string()).combine_chunks().fill_null("")
    return texts.dictionary_encode().indices.to_numpy().astype(np.int64)


def _numbers(table: Any, name: str) -> Any:
    """Times as microseconds; 0 where the file says nothing."""
    if name not in table.column_names:
        return np.zeros(table.num_rows, np.int64)
    column = table.column(name)
    if pa.types.is_timestamp(column.type):
        column = column.cast(pa.timestamp("us", tz=column.type.tz))
    return column.cast(pa.int64()).fill_null(0).to_numpy()
