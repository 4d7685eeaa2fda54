"""The readable rows of any file, for looking into it and for side tables."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from manumit.connectors.files.rows import csv_cells, csv_fields, join_quoted, json_fields, unmarked
from manumit.connectors.files.shapes import FileForm
from manumit.connectors.files.stream import Record, read_chunks, split_lines
from manumit.schemas.errors import BadRecord, EdgeDown


def readable_rows(path: Path, form: FileForm) -> Iterator[dict[str, object]]:
    """Rows by column name; unreadable ones are passed over. Raises EdgeDown."""
    if form == "parquet":
        return parquet_rows(path)
    records = split_lines(read_chunks(path))
    if form == "csv":
        header, stop, line = csv_header(path)
        records = join_quoted(split_lines(read_chunks(path, stop), offset=stop, line=line))
        return good_rows(records, lambda raw: csv_fields(raw, header))
    return good_rows(records, lambda raw: json_fields(unmarked(raw)))


def good_rows(records: Iterator[Record], parse: Callable[[bytes], dict[str, object]]) -> Iterator[dict[str, object]]:
    """What `parse` makes of the records it can read."""
    for record in records:
        try:
            row = [] if record.fault else [parse(record.raw)]
        except BadRecord:
            row = []
        yield from row


def csv_header(path: Path) -> tuple[tuple[str, ...], int, int]:
    """Column names, and offset and line number behind them. Raises BadRecord when the first line is not CSV."""
    first = next(join_quoted(split_lines(read_chunks(path))), None)
    if first is None:
        return (), 0, 0
    if first.fault:
        raise first.fault
    names = tuple(name.strip() for name in csv_cells(unmarked(first.raw)))
    return names, first.stop, first.line + first.raw.count(b"\n")


def open_parquet(path: Path) -> Any:
    """`pyarrow.parquet.ParquetFile`. Raises BadRecord when it is none, EdgeDown when it is away."""
    try:
        return pq.ParquetFile(path, memory_map=True)
    except pa.ArrowInvalid as error:
        raise BadRecord("truncated", f"{path.name} is no whole Parquet file ({error})") from error
    except OSError as error:
        raise EdgeDown(f"{path}: cannot be opened ({error})") from error


def parquet_rows(path: Path) -> Iterator[dict[str, object]]:
    """Rows of a Parquet file."""
    for batch in open_parquet(path).iter_batches():
        yield from batch.to_pylist()
