"""The rows of an export with their numbers, unreadable ones as problems."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from manumit.connectors.exchange.damage import Problem
from manumit.connectors.files.rows import csv_cells, csv_fields, join_quoted, json_fields, unmarked
from manumit.connectors.files.stream import Record, read_chunks, split_lines
from manumit.connectors.files.survey import form_of
from manumit.connectors.files.table import csv_header, open_parquet
from manumit.schemas.errors import BadRecord, ConfigError

Cell = str | list[str]
Row = dict[str, Cell]
MOST_COLUMNS = 10_000  # ours: names that never repeat are values, and would fill the memory


@dataclass(frozen=True, slots=True, kw_only=True)
class Export:
    """A file's columns and a way through its rows. Columns of JSON lines are those of all readable ones together."""

    columns: frozenset[str]
    rows: Callable[[], Iterator[tuple[int, Row | Problem]]]


def open_export(path: Path) -> Export:
    """Raises ConfigError when it is no CSV, JSON lines or Parquet, or names too much; EdgeDown when it is away."""
    if not path.is_file():
        raise ConfigError(f"{path} is no file")
    try:
        form = form_of(path)
        if form == "parquet":
            return Export(columns=frozenset(open_parquet(path).schema_arrow.names), rows=lambda: _parquet(path))
        if form == "csv":
            header, stop, line = csv_header(path)
            return Export(columns=frozenset(header), rows=lambda: _csv(path, header, stop, line))
    except BadRecord as error:
        raise ConfigError(f"{path}: {error}") from error
    if form is None:
        raise ConfigError(f"{path} is empty, or no CSV, Parquet or file of one JSON object per line")
    return Export(columns=_named(path), rows=lambda: _json(path))


def _named(path: Path) -> frozenset[str]:
    """All names of all readable lines: exporters leave out what a row does not have."""
    found: set[str] = set()
    for _, row in _json(path):
        if isinstance(row, dict):
            found.update(row)
        if len(found) > MOST_COLUMNS:
            raise ConfigError(f"{path} has more than {MOST_COLUMNS:,} names: write a value as a value, not as a name")
    return frozenset(found)


def _parquet(path: Path) -> Iterator[tuple[int, Row | Problem]]:
    number = 0
    for batch in open_parquet(path).iter_batches():
        for row in batch.to_pylist():
            number += 1
            yield number, {name: _cell(value) for name, value in row.items()}


def _csv(path: Path, header: tuple[str, ...], stop: int, line: int) -> Iterator[tuple[int, Row | Problem]]:
    records = join_quoted(split_lines(read_chunks(path, stop), offset=stop, line=line))
    for record in records:
        yield record.line, _read(record, lambda raw: csv_fields(raw, header), "not-csv", header)


def _json(path: Path) -> Iterator[tuple[int, Row | Problem]]:
    for record in split_lines(read_chunks(path)):
        yield record.line, _read(record, lambda raw: json_fields(unmarked(raw)), "not-json", ())


def _read(
    record: Record, parse: Callable[[bytes], dict[str, object]], kind: str, header: tuple[str, ...]
) -> Row | Problem:
    if record.fault is not None:
        fault = "cut-off" if record.fault.reason == "truncated" else "line-too-long"
        return Problem(row=record.line, kind=fault, column="", why=str(record.fault))
    raw = record.raw.rstrip(b"\r")
    if not raw.strip(b' \t,;"'):
        return Problem(row=record.line, kind="blank-row", column="", why="is blank")
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError as error:
        return Problem(row=record.line, kind="not-utf8", column="", why=f"byte {error.start} is not UTF-8")
    try:
        return {name: _cell(value) for name, value in parse(raw).items()}
    except BadRecord:
        return Problem(row=record.line, kind=_why_not(raw, kind, record, header), column="", why="cannot be read")


def _why_not(raw: bytes, kind: str, record: Record, header: tuple[str, ...]) -> str:
    if not record.ended:
        return "cut-off"
    if not header:
        return "not-unicode" if _is_half(raw) else kind
    try:
        return "cell-count" if len(csv_cells(raw)) != len(header) else kind
    except BadRecord:
        return kind


def _is_half(raw: bytes) -> bool:
    """True for JSON that only fails because it writes half of a character (a lone surrogate)."""
    try:
        return b"\\ud" in raw.lower() and isinstance(json.loads(raw), dict)
    except (ValueError, RecursionError):
        return False


def _cell(value: object) -> Cell:
    """Whatever the file holds, as the text a CSV would hold; lists as lists of text."""
    if value is None:
        return ""
    if isinstance(value, list | tuple):
        return [part for one in value if isinstance(part := _cell(one), str)]
    if isinstance(value, datetime):
        return value.isoformat() if value.tzinfo else value.replace(tzinfo=UTC).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bool):
        return str(value).lower()
    return value if isinstance(value, str) else str(value)
