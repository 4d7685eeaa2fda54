"""A block of NDJSON lines to columns, with the lines that need a closer look read one by one. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from manumit.connectors.files.batching import op_of, time_of
from manumit.connectors.files.json_scan import (
    UNKNOWN,
    USD_BY_TEXT,
    USD_NULL,
    Spans,
    WireForm,
    check_assets,
    check_evm,
    equal_rows,
    scan_lines,
    usd_column,
    whole_column,
)
from manumit.connectors.files.own import TRANSFER, Event, is_canonical, line_event
from manumit.connectors.files.places import TextPlace, read_record
from manumit.connectors.files.rows import unmarked
from manumit.connectors.files.stream import Block, Record, measured
from manumit.connectors.rates import Rates
from manumit.schemas.block import Bytes, Floats, Int8s, Int32s, Int64s
from manumit.schemas.dead_letter import DeadLetter

NEWLINE = 10
CHAINS_IN_BLOCK = 16
ADDRESSES_REMEMBERED = 1_000_000
Good = dict[str, set[str]]


@dataclass(slots=True, kw_only=True)
class Lines:
    """n lines. `spans` int32[n, fields, 2] are offsets into `data` where `fast`; other rows stand in `apart`.

    at_us, op hold for every row: one without an event carries those of the row before it. `stops` are
    offsets in the file, `line` numbers begin at `first_line`.
    """

    raw: bytes
    data: Bytes
    starts: Int64s
    ends: Int64s
    stops: Int64s
    first_line: int
    spans: Spans
    fast: Bytes
    at_us: Int64s
    op: Int8s
    usd: Floats
    chains: tuple[str, ...] = ()
    chain: Int32s = field(default_factory=lambda: np.zeros(0, np.int32))
    apart: dict[int, tuple[Event | None, DeadLetter | None]] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.starts)

    def line(self, row: int) -> bytes:
        """The row's bytes."""
        return self.raw[self.starts[row] : self.ends[row]]

    def place(self, row: int) -> TextPlace:
        """The place behind a row."""
        return TextPlace(
            offset=int(self.stops[row]),
            line=self.first_line + row,
            at_us=int(self.at_us[row]),
            op=int(self.op[row]),
        )

    def text(self, row: int, place: int) -> str:
        """One field of a fast row."""
        return self.raw[self.spans[row, place, 0] : self.spans[row, place, 1]].decode()


def read_lines(block: Block, place: TextPlace, *, source: str, rates: Rates, form: WireForm, good: Good) -> Lines:
    """Every line of the block. `good` remembers addresses by chain."""
    lines = blank_lines(block, place, len(form.names))
    if block.is_regular:
        scan(lines, form)
        check_addresses(lines, form, good)
        estimate(lines, form, rates)
    else:
        lines.stops[0] = block.record(0, place.offset).stop
    read_apart(lines, block, place, source, rates)
    return lines


def blank_lines(block: Block, place: TextPlace, fields: int) -> Lines:
    """Lines cut apart and nothing read yet."""
    data = np.frombuffer(block.raw, np.uint8)
    ends = np.flatnonzero(data == NEWLINE) if block.is_regular else np.array([len(data)], np.int64)
    starts = np.concatenate((np.zeros(1, np.int64), ends[:-1] + 1))
    count = len(ends)
    return Lines(
        raw=block.raw,
        data=data,
        starts=starts,
        ends=ends,
        stops=place.offset + ends + 1,
        first_line=place.line + 1,
        spans=np.zeros((count, fields, 2), np.int32),
        fast=np.zeros(count, np.uint8),
        at_us=np.zeros(count, np.int64),
        op=np.ones(count, np.int8),
        usd=np.full(count, np.nan),
        chain=np.full(count, UNKNOWN, np.int32),
    )


def scan(lines: Lines, form: WireForm) -> None:
    """Reads the lines that are exactly in the wire form."""
    scan_lines(
        lines.data,
        lines.starts,
        lines.ends,
        form.literals,
        form.edges,
        form.ways,
        form.least,
        form.most,
        lines.spans,
        lines.fast,
    )
    op = np.ones(len(lines), np.int64)
    whole_column(lines.data, lines.spans, lines.fast, form.place("at_us"), lines.at_us)
    whole_column(lines.data, lines.spans, lines.fast, form.place("op"), op)
    lines.op[:] = op
    place = form.place("amount_usd")
    usd_column(lines.data, lines.spans, lines.fast, place, lines.usd)
    for row in np.flatnonzero(lines.usd == USD_BY_TEXT).tolist():
        lines.usd[row] = float(lines.text(row, place))
    lines.usd[lines.usd == USD_NULL] = np.nan
    lines.fast[np.isinf(lines.usd)] = 0


def check_addresses(lines: Lines, form: WireForm, good: Good) -> None:
    """Unmarks rows whose addresses are not canonical for their chain, and gives every row its chain."""
    place = form.place("chain")
    chains: list[str] = []
    while len(chains) < CHAINS_IN_BLOCK:
        left = np.flatnonzero((lines.fast != 0) & (lines.chain == UNKNOWN))
        if not len(left):
            break
        equal_rows(lines.data, lines.spans, place, int(left[0]), len(chains), lines.chain)
        chains.append(lines.text(int(left[0]), place))
    lines.chains = tuple(chains)
    lines.fast[lines.chain == UNKNOWN] = 0
    is_evm = np.array([c.startswith("eip155:") for c in chains] + [False], np.bool_)[lines.chain].astype(np.uint8)
    for name in ("sender", "receiver"):
        check_evm(lines.data, lines.spans, form.place(name), is_evm, lines.fast)
        check_others(lines, form.place(name), is_evm, good)
    check_assets(lines.data, lines.spans, form.place("asset"), lines.fast)


def check_others(lines: Lines, place: int, is_evm: npt.NDArray[np.uint8], good: Good) -> None:
    """Addresses with a checksum of their own, each checked once."""
    for row in np.flatnonzero((lines.fast != 0) & (is_evm == 0)).tolist():
        chain, text = lines.chains[lines.chain[row]], lines.text(row, place)
        known = good.setdefault(chain, set())
        if text in known:
            continue
        if len(known) > ADDRESSES_REMEMBERED:
            known.clear()
        if is_canonical(chain, text):
            known.add(text)
        else:
            lines.fast[row] = 0


def estimate(lines: Lines, form: WireForm, rates: Rates) -> None:
    """Our USD worth of rows that have none, where the asset has a price."""
    names = ("chain", "asset", "decimals", "amount")
    places = [form.place(name) for name in names]
    for row in np.flatnonzero((lines.fast != 0) & np.isnan(lines.usd)).tolist() if rates.assets else ():
        chain, asset, decimals, amount = (lines.text(row, place) for place in places)
        if (chain, asset) in rates.assets:
            worth = rates.usd(chain, asset, int(decimals), int(amount), int(lines.at_us[row]))
            lines.usd[row] = np.nan if worth is None else worth


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
