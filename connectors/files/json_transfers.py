"""NDJSON transfers in the wire form: the fast way in. Pure.

Lines that `connectors.scan` can read become columns without a Python object per row; every other line is
decoded by itself and laid beside them, so that what comes out, and where it is cut, is the same as
reading every line by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np

from manumit.connectors.contract import Batch
from manumit.connectors.files.batching import WINDOW_RUNS, batch_of
from manumit.connectors.files.json_lines import Lines, read_lines
from manumit.connectors.files.json_lines import block_of as rows_block
from manumit.connectors.files.order import Item, in_order, run_length
from manumit.connectors.files.own import TRANSFER, line_event
from manumit.connectors.files.places import TextPlace
from manumit.connectors.files.stream import Block
from manumit.connectors.rates import Rates
from manumit.connectors.scan import Rooms, Rows
from manumit.schemas.block import TextColumn, TransferBlock
from manumit.schemas.errors import Broken
from manumit.schemas.transfer import Transfer


@dataclass(frozen=True, slots=True)
class Part:
    """Rows [start, stop) of some lines; `smooth` as the lines can be."""

    lines: Lines
    start: int
    stop: int
    smooth: bool

    def __len__(self) -> int:
        return self.stop - self.start

    @property
    def is_fast(self) -> bool:
        return self.smooth or bool(self.lines.fast[self.start : self.stop].all())

    def cut(self, start: int, stop: int) -> Part:
        return Part(self.lines, start, stop, self.smooth)


def whole(lines: Lines) -> Part:
    """All of the lines."""
    if lines.smooth:
        return Part(lines, 0, len(lines), smooth=True)
    in_time = bool(np.all(lines.at_us[1:] >= lines.at_us[:-1]))
    return Part(lines, 0, len(lines), in_time and bool(lines.fast.all()) and bool(np.all(lines.op > 0)))


def are_smooth(parts: list[Part]) -> bool:
    """Whether all of the parts are smooth, and so are their seams."""
    seams = pairwise(parts)
    return all(part.smooth for part in parts) and all(
        one.lines.at_us[one.stop - 1] <= other.lines.at_us[other.start] for one, other in seams
    )


def are_in_time(parts: list[Part]) -> bool:
    """Whether the rows are in time order, or taken back."""
    at_us = np.concatenate([p.lines.at_us[p.start : p.stop] for p in parts])
    return bool(parts[0].lines.op[parts[0].start] < 0) or bool(np.all(at_us[1:] >= at_us[:-1]))


def transfer_batches(
    blocks: Iterator[Block], place: TextPlace, *, source: str, rates: Rates, size: int
) -> Iterator[Batch]:
    """Batches of the lines behind `place`, cut as `order.runs` cuts."""
    reader = LineReader(source=source, rates=rates, size=size)
    for block in blocks:
        place = reader.add(block, place)
        yield from reader.full_runs(WINDOW_RUNS * size)
    yield from reader.last_runs()


@dataclass(slots=True, kw_only=True)
class LineReader:
    """Rows read and not yet given out, and the addresses whose checksums have been seen."""

    source: str
    rates: Rates
    size: int
    held: list[Part] = field(default_factory=list)
    rooms: Rooms = field(default_factory=Rooms)
    good: dict[str, set[str]] = field(default_factory=dict)

    def add(self, block: Block, place: TextPlace) -> TextPlace:
        """Reads one block; returns the place behind it."""
        room = self.rooms.room_for(len(block.raw))
        lines = read_lines(block, place, room, source=self.source, rates=self.rates, good=self.good)
        self.held.append(whole(lines))
        return lines.place(len(lines) - 1)

    def full_runs(self, window: int) -> Iterator[Batch]:
        """Runs while a whole window is held."""
        while sum(map(len, self.held)) >= window:
            yield self.run(window, ended=False)

    def last_runs(self) -> Iterator[Batch]:
        """What is left at the end of the file."""
        while self.held:
            yield self.run(sum(map(len, self.held)), ended=True)

    def run(self, window: int, *, ended: bool) -> Batch:
        """The next run of the held rows."""
        ahead = first_rows(self.held, window)
        smooth = are_smooth(ahead)
        count = min(self.size, sum(map(len, ahead))) if smooth else self.run_length(ahead, ended=ended)
        parts = first_rows(self.held, count)
        self.held = rest_of(self.held, count)
        position = str(parts[-1].lines.place(parts[-1].stop - 1))
        if smooth or (are_in_time(parts) and all(part.is_fast for part in parts)):
            return Batch(position=position, transfers=block_of(parts, self.rates))
        return batch_of(position, in_order([item for part in parts for item in self.items(part)]))

    def run_length(self, parts: list[Part], *, ended: bool) -> int:
        at_us = np.concatenate([p.lines.at_us[p.start : p.stop] for p in parts])
        op = np.concatenate([p.lines.op[p.start : p.stop] for p in parts])
        return run_length(at_us, op, self.size, ended=ended)

    def items(self, part: Part) -> Iterator[Item]:
        """The part's rows one by one."""
        for row in range(part.start, part.stop):
            lines = part.lines
            event, letter = lines.apart[row] if row in lines.apart else self.read(lines, row)
            yield Item("", int(lines.at_us[row]), event or letter, int(lines.op[row]))

    def read(self, lines: Lines, row: int) -> tuple[Transfer | None, None]:
        """A row the scan has read, as a record."""
        return as_transfer(lines.line(row), self.rates), None


def first_rows(parts: list[Part], count: int) -> list[Part]:
    """The parts cut off behind `count` rows."""
    taken: list[Part] = []
    for part in parts:
        if count <= 0:
            break
        taken.append(part.cut(part.start, min(part.stop, part.start + count)))
        count -= len(part)
    return taken


def rest_of(parts: list[Part], count: int) -> list[Part]:
    """The parts behind `count` rows."""
    rest: list[Part] = []
    for part in parts:
        start = min(part.stop, part.start + max(0, count))
        count -= len(part)
        if start < part.stop:
            rest.append(part.cut(start, part.stop))
    return rest


def block_of(parts: list[Part], rates: Rates) -> TransferBlock:
    """The parts' columns end to end."""
    rows = adjacent(parts)
    if rows:
        return rows_block(rows, rows_of(parts, rates))
    names = tuple(dict.fromkeys(name for part in parts for name in part.lines.chains))
    codes = [np.array([names.index(c) for c in part.lines.chains], np.int32) for part in parts]
    chain = [code[p.lines.chain[p.start : p.stop]] for code, p in zip(codes, parts, strict=True)]
    return TransferBlock(
        at_us=np.concatenate([p.lines.at_us[p.start : p.stop] for p in parts]),
        usd_micro=np.concatenate([p.lines.usd_micro[p.start : p.stop] for p in parts]),
        chains=names,
        chain=np.concatenate(chain),
        sender=joined([p.lines.sender.slice(p.start, p.stop) for p in parts]),
        receiver=joined([p.lines.receiver.slice(p.start, p.stop) for p in parts]),
        op=np.concatenate([p.lines.op[p.start : p.stop] for p in parts]),
        row=rows_of(parts, rates),
    )


def adjacent(parts: list[Part]) -> Rows | None:
    """The rows of all parts where they stand, if they stand together."""
    together: Rows | None = None
    for part in parts:
        if part.lines.rows is None:
            return None
        rows = part.lines.rows.slice(part.start, part.stop)
        together = together.joined(rows) if together else rows
        if together is None:
            return None
    return together


def joined(columns: list[TextColumn]) -> TextColumn:
    """Text columns end to end."""
    texts = [column.data[column.offsets[0] : column.offsets[-1]] for column in columns]
    sizes = [np.zeros(1, np.int64), *(np.diff(column.offsets) for column in columns)]
    return TextColumn(np.concatenate(texts), np.cumsum(np.concatenate(sizes)))


def rows_of(parts: list[Part], rates: Rates) -> Callable[[int], Transfer]:
    """Row number in the block to record."""
    firsts = np.cumsum([0, *map(len, parts)])

    def row(i: int) -> Transfer:
        place = int(np.searchsorted(firsts, i, "right")) - 1
        part = parts[place]
        return as_transfer(part.lines.line(part.start + i - int(firsts[place])), rates)

    return row


def as_transfer(raw: bytes, rates: Rates) -> Transfer:
    """A line the scan has read. Raises Broken when the two readers disagree."""
    event = line_event(TRANSFER, raw, rates)
    if not isinstance(event, Transfer):
        raise Broken("the scan read a line as a transfer that is none")
    return event
