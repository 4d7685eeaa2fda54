"""Parquet files of any shape as a source, row by row. Transfers have a faster one: `parquet_transfers`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from manumit.connectors.contract import Batch
from manumit.connectors.files.batching import batches_of, op_of, time_of
from manumit.connectors.files.beginning import parquet_beginning, unsealed
from manumit.connectors.files.blocks import block_times
from manumit.connectors.files.etl import Reading
from manumit.connectors.files.order import Item
from manumit.connectors.files.own import Event, OwnKind, own_event
from manumit.connectors.files.places import file_of
from manumit.connectors.files.rows import Fields
from manumit.connectors.files.shapes import FoundFile
from manumit.connectors.files.table import open_parquet
from manumit.connectors.rates import Rates
from manumit.schemas.arrow import arrow_rows
from manumit.schemas.dead_letter import DeadLetter, dead_letter
from manumit.schemas.errors import BadRecord, Broken, ConfigError
from manumit.schemas.fields import YEAR_1970_US

ROWS_IN_BATCH = 4096


@dataclass(frozen=True, slots=True, kw_only=True)
class RowPlace:
    """A resume token: rows read, and time and op of the last good one."""

    row: int = 0
    at_us: int = YEAR_1970_US
    op: int = 1

    def __str__(self) -> str:
        return f"row {self.row}:{self.at_us}:{self.op}"

    @classmethod
    def of(cls, token: str | None) -> RowPlace:
        """Raises ConfigError for a token of another kind of source."""
        if token is None:
            return cls()
        try:
            row, at_us, op = (int(part) for part in token.removeprefix("row ").split(":"))
        except ValueError as error:
            message = f"{token[:80]!r} is no position in a Parquet file; start without the checkpoint"
            raise ConfigError(message) from error
        return cls(row=row, at_us=at_us, op=op)


@dataclass(frozen=True, slots=True, kw_only=True)
class ParquetSource:
    """One Parquet file of one shape."""

    file: FoundFile
    name: str
    chain: str
    rates: Rates
    block_files: tuple[FoundFile, ...] = ()
    rows: int = ROWS_IN_BATCH

    @property
    def live(self) -> bool:
        return False

    def total(self) -> int | None:
        """Rows in the file."""
        return int(open_parquet(self.file.path).metadata.num_rows)

    def done(self, position: str) -> int:
        """Rows read at a position."""
        return RowPlace.of(unsealed(position)).row

    def batches(self, after: str | None) -> Iterator[Batch]:
        """Raises EdgeDown when the file is away, ConfigError for a position of another file."""
        beginning = parquet_beginning(self.file.path)
        place = RowPlace.of(beginning.checked(after, self.done))
        reading = Reading(chain=self.chain, rates=self.rates, blocks=block_times(self.block_files))
        return beginning.sealed(batches_of(self.items(place, reading), self.rows), self.done)

    def items(self, place: RowPlace, reading: Reading) -> Iterator[Item]:
        """Every row behind `place`, read; bad rows become dead letters."""
        at_us, op = place.at_us, place.op
        for row, fields in enumerate(rows_behind(open_parquet(self.file.path), self.file, place.row), place.row + 1):
            event, letter = self.read_row(fields, row, at_us, reading)
            at_us, op = time_of(event, at_us), op_of(event, op)
            yield Item(RowPlace(row=row, at_us=at_us, op=op), at_us, event or letter, op)

    def read_row(
        self, fields: Fields, row: int, at_us: int, reading: Reading
    ) -> tuple[Event | None, DeadLetter | None]:
        """The event of one row, or why there is none."""
        try:
            return row_event(self.file, fields, reading), None
        except BadRecord as error:
            return None, row_letter(self.name, row, error, fields, at_us, self.file.shape.schema)


def row_event(file: FoundFile, fields: Fields, reading: Reading) -> Event | None:
    """Raises BadRecord. Pure."""
    own, parse = file.shape.own, file.shape.parse
    if own is not None:
        return own_event(own, fields, reading.rates)
    if parse is None:
        raise Broken(f"shape {file.shape.name!r} holds no events")
    return parse(file.shape.row(fields), reading)


def row_letter(source: str, row: int, error: BadRecord, fields: Fields, at_us: int, schema: str) -> DeadLetter:
    """The dead letter of one row of a table."""
    place = f"{file_of(source)}:{row}"
    payload = repr(dict(fields))
    return dead_letter(
        source=source,
        place=place,
        reason=error.reason,
        message=str(error),
        payload=payload,
        at_us=at_us,
        record=schema,
    )


def rows_behind(parquet: Any, file: FoundFile, start: int) -> Iterator[Fields]:
    """Rows from number `start` on, skipping whole row groups where it can."""
    own = file.shape.own
    groups, skipped = groups_behind(parquet, start)
    for batch in parquet.iter_batches(row_groups=groups, batch_size=ROWS_IN_BATCH) if groups else ():
        part = batch.slice(skipped)
        skipped = max(0, skipped - batch.num_rows)
        yield from part.to_pylist() if own is None else own_rows(own, part)


def own_rows(own: OwnKind, part: Any) -> Iterator[Fields]:
    """Cells of our own schema; where a column cannot be cast as a whole, as they stand, to be judged one by one."""
    try:
        rows = list(arrow_rows(own.struct, part))
    except BadRecord:
        rows = part.to_pylist()
    yield from rows


def groups_behind(parquet: Any, start: int) -> tuple[list[int], int]:
    """Row groups that reach behind row `start`, and the rows to skip in the first of them."""
    metadata, first, group = parquet.metadata, 0, 0
    while group < metadata.num_row_groups and first + metadata.row_group(group).num_rows <= start:
        first += metadata.row_group(group).num_rows
        group += 1
    return list(range(group, metadata.num_row_groups)), start - first
