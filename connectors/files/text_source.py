"""NDJSON and CSV files as a source."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from manumit.connectors.contract import Batch
from manumit.connectors.files.batching import batches_of, op_of, time_of
from manumit.connectors.files.blocks import block_times
from manumit.connectors.files.etl import Reading
from manumit.connectors.files.order import Item
from manumit.connectors.files.own import Event, line_decoder, text_event
from manumit.connectors.files.rows import csv_cells, csv_fields, join_quoted, json_fields
from manumit.connectors.files.shapes import Shape
from manumit.connectors.files.stream import Record, is_gzip, read_chunks, split_lines
from manumit.connectors.rates import Rates
from manumit.schemas.dead_letter import dead_letter
from manumit.schemas.errors import BadRecord, ConfigError
from manumit.schemas.fields import YEAR_1970_US

TextFormat = Literal["ndjson", "csv"]
ROWS_IN_BATCH = 4096
BYTE_ORDER_MARK = b"\xef\xbb\xbf"

Parse = Callable[[bytes], Event | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class TextPlace:
    """A resume token: decompressed bytes and lines read, time and op of the last good row."""

    offset: int = 0
    line: int = 0
    at_us: int = YEAR_1970_US
    op: int = 1

    def __str__(self) -> str:
        return f"{self.offset}:{self.line}:{self.at_us}:{self.op}"

    @classmethod
    def of(cls, token: str | None) -> TextPlace:
        """Raises ConfigError for a token of another kind of source."""
        if token is None:
            return cls()
        try:
            offset, line, at_us, op = (int(part) for part in token.split(":"))
        except ValueError as error:
            raise ConfigError(f"{token[:80]!r} is not a position in a text file; start without a checkpoint") from error
        return cls(offset=offset, line=line, at_us=at_us, op=op)


@dataclass(frozen=True, slots=True, kw_only=True)
class TextSource:
    """One file of one shape. `block_files` give times to rows that lack one."""

    path: Path
    name: str
    shape: Shape
    form: TextFormat
    chain: str
    rates: Rates
    block_files: tuple[Path, ...] = ()
    rows: int = ROWS_IN_BATCH

    @property
    def live(self) -> bool:
        return False

    def total(self) -> int | None:
        """Bytes of a plain file; None for gzip, whose length is known only at its end."""
        return None if is_gzip(self.path) else self.path.stat().st_size

    def batches(self, after: str | None) -> Iterator[Batch]:
        """Raises EdgeDown when the file is away, ConfigError for a foreign position."""
        place = TextPlace.of(after)
        reading = Reading(chain=self.chain, rates=self.rates, blocks=block_times(self.block_files))
        return batches_of(self.items(place, reading), self.rows)

    def items(self, place: TextPlace, reading: Reading) -> Iterator[Item]:
        """Every row behind `place`, read."""
        records = split_lines(read_chunks(self.path, place.offset), offset=place.offset, line=place.line)
        if self.form == "csv":
            header = read_header(self.path)
            parse = csv_parser(self.shape, header, reading)
            records = join_quoted(records)
        else:
            parse = json_parser(self.shape, reading)
        return read_items(records, parse, self.name, place, header_line=self.form == "csv")


def read_items(
    records: Iterator[Record], parse: Parse, source: str, place: TextPlace, *, header_line: bool
) -> Iterator[Item]:
    """Records to items. Pure. Bad rows become dead letters and reading goes on."""
    at_us, op, line = place.at_us, place.op, place.line
    for record in records:
        line = max(line, record.line + record.raw.count(b"\n"))
        outcome = None
        if not (header_line and record.line == 1) and (record.raw.strip() or record.fault):
            outcome = read_record(record, parse, source, at_us)
        event = None if outcome is None or not hasattr(outcome, "event_id") else outcome
        at_us, op = time_of(event, at_us), op_of(event, op)
        stand = TextPlace(offset=record.stop, line=line, at_us=at_us, op=op)
        yield Item(str(stand), at_us, outcome, op)
