"""A block of NDJSON lines to columns, with the lines that need a closer look read one by one. Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import NoReturn

import numpy as np

from manumit.connectors.files.batching import op_of, time_of
from manumit.connectors.files.own import TRANSFER, Event, is_canonical, line_event, worth
from manumit.connectors.files.places import TextPlace, read_record
from manumit.connectors.files.rows import unmarked
from manumit.connectors.files.stream import Block, Record, measured
from manumit.connectors.rates import Rates
from manumit.connectors.scan import Room, Rows, decode_transfer
from manumit.schemas.block import (
    MAX_MICRO_USD,
    USD_UNKNOWN,
    Bytes,
    Int8s,
    Int32s,
    Int64s,
    TextColumn,
    TransferBlock,
    micro_usd,
)
from manumit.schemas.dead_letter import DeadLetter
from manumit.schemas.errors import Broken
from manumit.schemas.transfer import Transfer

NEWLINE = 10
ADDRESSES_REMEMBERED = 1_000_000
Good = dict[str, set[str]]


@dataclass(slots=True, kw_only=True)
class Lines:
    """n lines: line i is raw[cuts[i, 0] : cuts[i, 1]], cuts int64[n, 2].

    The columns are those of a TransferBlock and hold where `fast`; other rows stand in `apart`. at_us and op
    hold for every row: one without an event carries those of the row before it. `rows` are the columns where they
    stand as they were read; `smooth`: all lines are fast, in time order, and none takes a transfer back; `stops`
    are offsets in the file, `line` numbers begin at `first_line`.
    """

    raw: bytes
    cuts: Int64s
    stops: Int64s
    first_line: int
    fast: Bytes
    at_us: Int64s
    op: Int8s
    usd_micro: Int64s
    chains: tuple[str, ...]
    chain: Int32s
    sender: TextColumn
    receiver: TextColumn
    rows: Rows | None = None
    smooth: bool = False
    apart: dict[int, tuple[Event | None, DeadLetter | None]] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.cuts)

    def line(self, row: int) -> bytes:
        """The row's bytes."""
        return self.raw[self.cuts[row, 0] : self.cuts[row, 1]]

    def place(self, row: int) -> TextPlace:
        """The place behind a row."""
        return TextPlace(
            offset=int(self.stops[row]),
            line=self.first_line + row,
            at_us=int(self.at_us[row]),
            op=int(self.op[row]),
        )


def read_lines(block: Block, place: TextPlace, room: Room, *, source: str, rates: Rates, good: Good) -> Lines:
    """Every line of the block. `good` remembers addresses by chain.

    The place behind a line that the file broke off in is the one before it: on resume it may be whole.
    """
    if block.is_regular:
        lines = scanned_lines(block.raw, place, room)
        if lines.smooth:
            return lines
        check_others(lines, good)
        estimate(lines, rates)
        lines.fast[lines.usd_micro == MAX_MICRO_USD] = 0  # as much as the column holds: the record tells whether more
    else:
        lines = one_line(block, place)
    read_apart(lines, block, place, source, rates)
    if not block.ended and lines.apart[0][0] is None:
        lines.stops[0], lines.first_line = place.offset, place.line
    return lines


def scanned_lines(raw: bytes, place: TextPlace, room: Room) -> Lines:
    """Every line of `raw`, whose last byte is a newline; those the compiled loop refuses are not `fast`.

    The room must hold them.
    """
    rows = room.scan(raw)
    block = block_of(rows, no_row)
    if rows.smooth and len(rows) and all(chain.startswith("eip155:") for chain in rows.room.chains):
        return lines_of(raw, rows.lines, place, rows.evm, block, rows, smooth=True)
    fast = canonical(rows)
    if is_gapless(rows.lines, len(raw)):
        return lines_of(raw, rows.lines, place, fast, block, rows)
    cuts = line_cuts(raw)
    places = np.searchsorted(cuts[:, 0], rows.lines[:, 0])
    marks = np.zeros(len(cuts), np.uint8)
    marks[places] = fast
    return lines_of(raw, cuts, place, marks, spread(block, places, len(cuts)))


def canonical(rows: Rows) -> Bytes:
    """uint8[n]: 0 where an address on an EVM chain is not in lower case."""
    evm = np.array([chain.startswith("eip155:") for chain in rows.room.chains], np.uint8)
    return rows.evm.copy() if evm.all() else rows.evm | (1 - evm[rows.chain])


def block_of(rows: Rows, row: Callable[[int], Transfer]) -> TransferBlock:
    """The rows as a block."""
    return TransferBlock(
        at_us=rows.at_us,
        usd_micro=rows.usd_micro,
        chains=rows.room.chains,
        chain=rows.chain,
        sender=rows.sender,
        receiver=rows.receiver,
        op=rows.op,
        row=row,
    )


def is_gapless(cuts: Int64s, size: int) -> bool:
    """Whether these lines (int64[n, 2]: start and stop) and their newlines are all the `size` bytes."""
    return int((cuts[:, 1] - cuts[:, 0]).sum()) + len(cuts) == size


def line_cuts(raw: bytes) -> Int64s:
    """int64[n, 2]: start and stop of every line, its newline left out."""
    stops = np.flatnonzero(np.frombuffer(raw, np.uint8) == NEWLINE)
    return np.stack((np.concatenate((np.zeros(1, np.int64), stops[:-1] + 1)), stops), axis=1)


def spread(block: TransferBlock, rows: Int64s, count: int) -> TransferBlock:
    """The block's rows as rows `rows` (ascending) of `count`; the others hold nothing."""
    wide = nothing(count)
    for name in ("at_us", "op", "usd_micro", "chain"):
        getattr(wide, name)[rows] = getattr(block, name)
    sides = spread_texts(block.sender, rows, count), spread_texts(block.receiver, rows, count)
    return replace(wide, chains=block.chains, sender=sides[0], receiver=sides[1])


def spread_texts(texts: TextColumn, rows: Int64s, count: int) -> TextColumn:
    """As `spread`."""
    sizes = np.zeros(count, np.int64)
    sizes[rows] = np.diff(texts.offsets)
    return TextColumn(texts.data, np.concatenate((np.zeros(1, np.int64), np.cumsum(sizes))))


def nothing(count: int) -> TransferBlock:
    """Rows of which nothing is known."""
    empty = TextColumn(np.zeros(0, np.uint8), np.zeros(count + 1, np.int64))
    return TransferBlock(
        at_us=np.zeros(count, np.int64),
        usd_micro=np.full(count, USD_UNKNOWN, np.int64),
        chains=(),
        chain=np.zeros(count, np.int32),
        sender=empty,
        receiver=empty,
        op=np.ones(count, np.int8),
        row=no_row,
    )


def no_row(_: int) -> NoReturn:
    """Records are decoded from their lines."""
    raise Broken("these columns have no records behind them")


def one_line(block: Block, place: TextPlace) -> Lines:
    """An irregular block."""
    cuts = np.array([[0, len(block.raw)]], np.int64)
    lines = lines_of(block.raw, cuts, place, np.zeros(1, np.uint8), nothing(1))
    lines.stops[0] = block.record(0, place.offset).stop
    return lines


def lines_of(
    raw: bytes,
    cuts: Int64s,
    place: TextPlace,
    fast: Bytes,
    block: TransferBlock,
    rows: Rows | None = None,
    *,
    smooth: bool = False,
) -> Lines:
    """Lines behind `place` with the block's columns."""
    return Lines(
        raw=raw,
        cuts=cuts,
        stops=cuts[:, 1] + (place.offset + 1),
        first_line=place.line + 1,
        fast=fast,
        at_us=block.at_us,
        op=block.op,
        usd_micro=block.usd_micro,
        chains=block.chains,
        chain=block.chain,
        sender=block.sender,
        receiver=block.receiver,
        rows=rows,
        smooth=smooth,
    )


def check_others(lines: Lines, good: Good) -> None:
    """Unmarks rows of chains whose addresses have a checksum of their own, if it is wrong; each is checked once."""
    others = [code for code, chain in enumerate(lines.chains) if not chain.startswith("eip155:")]
    if not others:
        return
    for row in np.flatnonzero((lines.fast != 0) & np.isin(lines.chain, others)).tolist():
        chain = lines.chains[lines.chain[row]]
        if not all(is_good(chain, column[row], good) for column in (lines.sender, lines.receiver)):
            lines.fast[row] = 0


def is_good(chain: str, text: str, good: Good) -> bool:
    known = good.setdefault(chain, set())
    if text in known:
        return True
    if len(known) > ADDRESSES_REMEMBERED:
        known.clear()
    if is_canonical(chain, text):
        known.add(text)
        return True
    return False


def estimate(lines: Lines, rates: Rates) -> None:
    """Our USD worth of rows that have none, where the asset has a price."""
    unknown = (lines.fast != 0) & (lines.usd_micro == USD_UNKNOWN)
    for row in np.flatnonzero(unknown).tolist() if rates.assets else ():
        lines.usd_micro[row] = micro_usd(worth(decode_transfer(lines.line(row)), rates))


def read_apart(lines: Lines, block: Block, place: TextPlace, source: str, rates: Rates) -> None:
    """The other lines one by one, in order, so that each knows the time of the row before it."""
    for row in np.flatnonzero(lines.fast == 0).tolist():
        before_us, before_op = (place.at_us, place.op) if row == 0 else (lines.at_us[row - 1], lines.op[row - 1])
        record = record_of(lines, block, row, place)
        outcome = read_record(
            record, lambda raw: line_event(TRANSFER, unmarked(raw), rates), source, int(before_us), TRANSFER.schema
        )
        lines.at_us[row] = time_of(outcome[0], int(before_us))
        lines.op[row] = op_of(outcome[0], int(before_op))
        lines.apart[row] = outcome


def record_of(lines: Lines, block: Block, row: int, place: TextPlace) -> Record:
    """The row as `stream.split_lines` would give it."""
    if not block.is_regular:
        return block.record(lines.first_line, place.offset)
    return measured(lines.line(row), 0, lines.first_line + row, int(lines.stops[row]))
