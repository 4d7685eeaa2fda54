"""NDJSON and CSV files as a source."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from manumit.connectors.contract import Batch
from manumit.connectors.files.batching import batches_of, op_of, time_of
from manumit.connectors.files.beginning import text_beginning, unsealed
from manumit.connectors.files.blocks import block_times
from manumit.connectors.files.etl import Reading
from manumit.connectors.files.json_transfers import transfer_batches
from manumit.connectors.files.order import Item
from manumit.connectors.files.own import TRANSFER, Event, cell_event, line_event
from manumit.connectors.files.places import Parse, TextPlace, read_record
from manumit.connectors.files.rows import csv_fields, join_quoted, json_fields, unmarked
from manumit.connectors.files.shapes import FoundFile, Shape
from manumit.connectors.files.stream import Record, is_gzip, read_chunks, split_blocks, split_lines
from manumit.connectors.files.table import csv_header
from manumit.connectors.rates import Rates
from manumit.schemas.errors import Broken

ROWS_IN_BATCH = 16_384


@dataclass(frozen=True, slots=True, kw_only=True)
class TextSource:
    """One file of one shape. `block_files` give times to rows that carry none."""

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
        """Bytes of a plain file; None for gzip, whose length is known only at its end."""
        return None if is_gzip(self.file.path) else self.file.path.stat().st_size

    def done(self, position: str) -> int:
        """Bytes read at a position."""
        return TextPlace.of(unsealed(position)).offset

    def batches(self, after: str | None) -> Iterator[Batch]:
        """Raises EdgeDown when the file is away, ConfigError for a position of another file."""
        beginning = text_beginning(self.file.path)
        return beginning.sealed(self.read(TextPlace.of(beginning.checked(after, self.done))), self.done)

    def read(self, place: TextPlace) -> Iterator[Batch]:
        """Every batch behind `place`."""
        if self.file.form == "ndjson" and self.file.shape.own == TRANSFER:
            blocks = split_blocks(read_chunks(self.file.path, place.offset))
            return transfer_batches(blocks, place, source=self.name, rates=self.rates, size=self.rows)
        reading = Reading(chain=self.chain, rates=self.rates, blocks=block_times(self.block_files))
        return batches_of(self.items(place, reading), self.rows)

    def items(self, place: TextPlace, reading: Reading) -> Iterator[Item]:
        """Every row behind `place`, read. A CSV file's header is read again wherever reading starts."""
        records = split_lines(read_chunks(self.file.path, place.offset), offset=place.offset, line=place.line)
        shape = self.file.shape
        if self.file.form == "ndjson":
            return read_items(records, json_parser(shape, reading), self.name, place, shape.schema)
        header, stop, line = csv_header(self.file.path)
        after_header = TextPlace(offset=stop, line=line)
        if place.offset < stop:
            records = split_lines(read_chunks(self.file.path, stop), offset=stop, line=line)
            place = after_header
        return read_items(join_quoted(records), csv_parser(shape, header, reading), self.name, place, shape.schema)


def read_items(records: Iterator[Record], parse: Parse, source: str, place: TextPlace, schema: str) -> Iterator[Item]:
    """Records to items. Pure. Bad rows become dead letters and reading goes on.

    What the file broke off in and gave no event is read again on resume: by then it may be whole.
    """
    for record in records:
        event, letter = read_record(record, parse, source, place.at_us, schema)
        if event is not None or record.ended:
            place = behind(record, event, place)
        yield Item(place, place.at_us, event or letter, place.op)


def behind(record: Record, event: Event | None, before: TextPlace) -> TextPlace:
    """The place behind a record. Pure."""
    line = record.line + record.raw.count(b"\n")
    return TextPlace(offset=record.stop, line=line, at_us=time_of(event, before.at_us), op=op_of(event, before.op))


def json_parser(shape: Shape, reading: Reading) -> Parse:
    """How a line of this shape is read."""
    own, parse = shape.own, shape.parse
    if own is not None:
        return lambda raw: line_event(own, unmarked(raw), reading.rates)
    if parse is None:
        raise Broken(f"shape {shape.name!r} holds no events")
    return lambda raw: parse(shape.row(json_fields(unmarked(raw))), reading)


def csv_parser(shape: Shape, header: tuple[str, ...], reading: Reading) -> Parse:
    """How a CSV record of this shape is read."""
    own, parse = shape.own, shape.parse
    if own is not None:
        return lambda raw: cell_event(own, csv_fields(raw, header), reading.rates)
    if parse is None:
        raise Broken(f"shape {shape.name!r} holds no events")
    return lambda raw: parse(shape.row(csv_fields(raw, header)), reading)
