"""Whole transfers out of a Parquet file by row number, for evidence."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field
from itertools import accumulate
from typing import Any

import pyarrow as pa

from manumit.connectors.files.arrow_columns import one_array
from manumit.connectors.rates import Rates
from manumit.schemas.fields import kinds_of
from manumit.schemas.transfer import Transfer


@dataclass(slots=True, kw_only=True)
class WholeRecords:
    """Keeps the row group that was last asked for decoded: neighbours are asked for together."""

    parquet: Any
    rates: Rates
    group: int = -1
    columns: dict[str, Any] = field(default_factory=dict)
    starts: list[int] = field(default_factory=list)

    def transfer(self, row: int) -> Transfer:
        """The record in row `row` of the file, with our USD estimate where it has none."""
        first, columns = self.decoded(row)
        values = {name: column[row - first].as_py() for name, column in columns.items()}
        given = {name: value for name, value in values.items() if value is not None and value == value}
        transfer = Transfer(**{**given, "amount": int(given["amount"])})
        if transfer.amount_usd is not None:
            return transfer
        t = transfer
        return Transfer(**{**given, "amount": t.amount, "amount_usd": self.worth(t)})

    def worth(self, t: Transfer) -> float | None:
        """Our estimate."""
        return self.rates.usd(t.chain, t.asset, t.decimals, t.amount, t.at_us)

    def decoded(self, row: int) -> tuple[int, dict[str, Any]]:
        """(number of the first row, columns) of the row group that holds `row`."""
        if not self.starts:
            metadata = self.parquet.metadata
            sizes = [metadata.row_group(g).num_rows for g in range(metadata.num_row_groups)]
            self.starts = [0, *accumulate(sizes)]
        group = bisect_right(self.starts, row) - 1
        if group != self.group:
            self.columns = plain_columns(self.parquet.read_row_group(group))
            self.group = group
        return self.starts[group], self.columns


def plain_columns(table: Any) -> dict[str, Any]:
    """A transfer's columns as arrays, times as integers."""
    kinds = kinds_of(Transfer)
    return {name: plain(table.column(name), kinds[name]) for name in table.column_names if name in kinds}


def plain(column: Any, kind: str) -> Any:
    """One array; timestamps become microseconds."""
    array = one_array(column)
    return array.view(pa.int64()) if kind == "time" and pa.types.is_timestamp(array.type) else array


def null_count(parquet: Any, name: str) -> int:
    """Nulls of a column by the file's statistics; -1 when they do not say."""
    metadata, names = parquet.metadata, parquet.schema_arrow.names
    if name not in names or metadata.num_columns != len(names):
        return -1
    place = names.index(name)
    statistics = [metadata.row_group(g).column(place).statistics for g in range(metadata.num_row_groups)]
    counts = [s.null_count for s in statistics if s is not None and s.has_null_count]
    return sum(counts) if len(counts) == len(statistics) else -1
