"""A block of NDJSON lines to columns, with the lines that need a closer look read one by one. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import NoReturn

import numpy as np

from manumit.connectors.files.batching import op_of, time_of
from manumit.connectors.files.kernels import unmark_evm
from manumit.connectors.files.own import TRANSFER, Event, is_canonical, line_event, worth
from manumit.connectors.files.places import TextPlace, read_record
from manumit.connectors.files.rows import unmarked
from manumit.connectors.files.stream import Block, Record, measured
from manumit.connectors.rates import Rates
from manumit.connectors.scan import decode_transfer, scan_wire_form
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

NEWLINE = 10
ADDRESSES_REMEMBERED = 1_000_000
Good = dict[str, set[str]]


@dataclass(slots=True, kw_only=True)
class Lines:
    """n lines: line i is raw[cuts[i, 0] : cuts[i, 1]], cuts int64[n, 2].

    The columns are those of a TransferBlock and hold where `fast`; other rows stand in `apart`. at_us and op
    hold for every row: one without an event carries those of the row before it. `stops` are offsets in the
    file, `line` numbers begin at `first_line`.
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


def read_lines(block: Block, place: TextPlace, *, source: str, rates: Rates, good: Good) -> Lines:
    """Every line of the block. `good` remembers addresses by chain.

    The place behind a line that the file broke off in is the one before it: on resume it may be whole.
    """
    if block.is_regular:
        lines = scanned_lines(block.raw, place)
        check_addresses(lines, good)
        estimate(lines, rates)
        lines.fast[lines.usd_micro == MAX_MICRO_USD] = 0  # as much as the column holds: the record tells whether more
    else:
        lines = one_line(block, place)
    read_apart(lines, block, place, source, rates)
    if not block.ended and lines.apart[0][0] is None:
        lines.stops[0], lines.first_line = place.offset, place.line
    return lines


def scanned_lines(raw: bytes, place: TextPlace) -> Lines:
    """Every line of `raw`, whose last byte is a newline; those the compiled loop refuses are not `fast`."""
    found = scan_wire_form(raw)
    block, cuts, rows = found.block, found.lines, np.arange(len(found.lines))
    if not is_gapless(cuts, len(raw)):
        cuts = line_cuts(raw)
        rows = np.searchsorted(cuts[:, 0], found.lines[:, 0])
        block = spread(block, rows, len(cuts))
    fast = np.zeros(len(cuts), np.uint8)
    fast[rows] = 1
    return lines_of(raw, cuts, place.offset + cuts[:, 1] + 1, place.line + 1, fast, block)


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
    stops = np.array([block.record(0, place.offset).stop], np.int64)
    return lines_of(block.raw, cuts, stops, place.line + 1, np.zeros(1, np.uint8), nothing(1))


def lines_of(raw: bytes, cuts: Int64s, stops: Int64s, first_line: int, fast: Bytes, block: TransferBlock) -> Lines:
    """Lines with the block's columns. Texts are copied: what the scan set aside for them is far larger."""
    return Lines(
        raw=raw,
        cuts=cuts,
        stops=stops,
        first_line=first_line,
        fast=fast,
        at_us=block.at_us,
        op=block.op,
        usd_micro=block.usd_micro,
        chains=block.chains,
        chain=block.chain,
        sender=TextColumn(block.sender.data.copy(), block.sender.offsets),
        receiver=TextColumn(block.receiver.data.copy(), block.receiver.offsets),
    )


def check_addresses(lines: Lines, good: Good) -> None:
    """Unmarks rows whose addresses are not canonical for their chain."""
    evm = np.array([chain.startswith("eip155:") for chain in lines.chains], np.uint8)
    others = np.flatnonzero(evm == 0)
    for column in (lines.sender, lines.receiver):
        unmark_evm(column.data, column.offsets, lines.chain, evm, lines.fast)
        if len(others):
            check_others(lines, column, others, good)


def check_others(lines: Lines, column: TextColumn, chains: Int64s, good: Good) -> None:
    """Addresses with a checksum of their own, each checked once. `chains`: places of the chains they are on."""
    for row in np.flatnonzero((lines.fast != 0) & np.isin(lines.chain, chains)).tolist():
        chain, text = lines.chains[lines.chain[row]], column[row]
        known = good.setdefault(chain, set())
        if text in known:
            continue
        if len(known) > ADDRESSES_REMEMBERED:
            known.clear()
        if is_canonical(chain, text):
            known.add(text)
        else:
            lines.fast[row] = 0


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
        outcome = read_record(record, lambda raw: line_event(TRANSFER, unmarked(raw), rates), source, int(before_us))
        lines.at_us[row] = time_of(outcome[0], int(before_us))
        lines.op[row] = op_of(outcome[0], int(before_op))
        lines.apart[row] = outcome


def record_of(lines: Lines, block: Block, row: int, place: TextPlace) -> Record:
    """The row as `stream.split_lines` would give it."""
    if not block.is_regular:
        return block.record(lines.first_line, place.offset)
    return measured(lines.line(row), 0, lines.first_line + row, int(lines.stops[row]))
