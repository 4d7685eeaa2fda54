"""NDJSON of transfer.v1 to a TransferBlock, ten times as fast as decoding every record.

Lines spelt as `schemas.wire.encode` spells them are read by a compiled loop that checks every byte
(`scan_kernel`). Any other line (other key order, spaces, escapes, other scripts, exponents, errors) goes
through msgspec by itself, so the block is always what msgspec alone would give.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np

from manumit.connectors.lanes import LANES
from manumit.connectors.scan_fields import NEWLINE
from manumit.connectors.scan_kernel import (
    CHAIN,
    CHAINS,
    DONE,
    LINE,
    MOST_CHAINS,
    NEXT,
    ROW,
    STOP,
    Columns,
    Fields,
    field_tables,
    scan_lines,
)
from manumit.schemas.block import Bytes, Int32s, Int64s, TextColumn, TransferBlock, micro_usd
from manumit.schemas.errors import BadRecord
from manumit.schemas.transfer import Transfer
from manumit.schemas.wire import decode_as

Read = Callable[[bytes], Transfer]


@dataclass(frozen=True, slots=True, kw_only=True)
class BadLine:
    """A line that is no transfer: its number in the data from 1 on, its bytes data[start:stop], and why."""

    number: int
    start: int
    stop: int
    error: BadRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class Scanned:
    """The good lines in the order of the data, and the bad ones. `lines` int64[n, 2]: start and stop of row i."""

    block: TransferBlock
    lines: Int64s
    bad: tuple[BadLine, ...]


def decode_transfer(line: bytes) -> Transfer:
    """Raises BadRecord as `schemas.wire.decode` does."""
    return decode_as(Transfer, line)


def scan_transfers(data: bytes | memoryview, read: Read = decode_transfer) -> Scanned:
    """Whole lines of NDJSON; the last needs no newline, blank ones are passed over. Rows are not sorted.

    `read` is asked for lines the compiled loop refuses, and for whole records.
    """
    return _Scan(memoryview(data), read, leave=False).scanned()


def scan_wire_form(data: bytes | memoryview) -> Scanned:
    """As `scan_transfers`, but lines the compiled loop refuses are left out, good or bad; `bad` is empty."""
    return _Scan(memoryview(data), decode_transfer, leave=True).scanned()


@cache
def _fields() -> Fields:
    return field_tables()


class _Scan:
    """One run over the data; used once."""

    def __init__(self, data: memoryview, read: Read, *, leave: bool) -> None:
        self.data, self.read, self.leave = data, read, leave
        self.bytes = np.frombuffer(data, np.uint8)
        self.columns = _room(len(data), len(data) // shortest_line() + 1)
        self.foreign: dict[str, int] = {}
        self.bad: list[BadLine] = []

    def scanned(self) -> Scanned:
        size, place = len(self.bytes), self.columns.place
        self._scan(self.bytes.ctypes.data, size, until=size - LANES)
        if place[NEXT] < size:
            self._scan_end(int(place[NEXT]))
        rows = int(place[ROW])
        return Scanned(block=self._block(rows), lines=self.columns.lines[:rows], bad=tuple(self.bad))

    def _scan_end(self, start: int) -> None:
        """The loop reads LANES bytes at once, so lines with fewer behind them are scanned in a copy."""
        end = np.concatenate((self.bytes[start:], np.full(LANES, NEWLINE, np.uint8)))
        self._scan(end.ctypes.data - start, len(self.bytes) + LANES, until=len(self.bytes))

    def _scan(self, address: int, size: int, *, until: int) -> None:
        """`address` of data[0], of which `size` bytes may be read. Leaves out a line that ends beyond `until`."""
        keys, table = _fields()
        starts, values = np.zeros(len(table), np.int64), np.zeros(len(table), np.int64)
        place, leave = self.columns.place, self.leave
        while scan_lines(address, size, keys.ctypes.data, table, self.columns, starts, values, leave) != DONE:
            if place[STOP] > until:
                return
            self._decode_line()

    def _decode_line(self) -> None:
        place = self.columns.place
        start, stop = int(place[NEXT]), int(place[STOP])
        line = bytes(self.data[start:stop])
        try:
            if line.strip():
                self._keep(self.read(line), start, stop)
        except BadRecord as error:
            self.bad.append(BadLine(number=int(place[LINE]), start=start, stop=stop, error=error))
        place[NEXT], place[LINE] = stop + 1, place[LINE] + 1

    def _keep(self, transfer: Transfer, start: int, stop: int) -> None:
        columns = self.columns
        row = int(columns.place[ROW])
        columns.at_us[row] = transfer.at_us
        columns.usd_micro[row] = micro_usd(transfer.amount_usd)
        columns.chain[row] = self.foreign.setdefault(transfer.chain, MOST_CHAINS + len(self.foreign))
        columns.op[row] = transfer.op
        columns.lines[row] = start, stop
        _append(columns.senders, columns.sender_offsets, row, transfer.sender.encode())
        _append(columns.receivers, columns.receiver_offsets, row, transfer.receiver.encode())
        columns.place[ROW] = row + 1

    def _block(self, rows: int) -> TransferBlock:
        columns, lines, data, read = self.columns, self.columns.lines, self.data, self.read
        senders, receivers = columns.sender_offsets[: rows + 1], columns.receiver_offsets[: rows + 1]
        chains, chain = self._chains(rows)
        return TransferBlock(
            at_us=columns.at_us[:rows],
            usd_micro=columns.usd_micro[:rows],
            chains=chains,
            chain=chain,
            sender=TextColumn(columns.senders[: senders[-1]], senders),
            receiver=TextColumn(columns.receivers[: receivers[-1]], receivers),
            op=columns.op[:rows],
            row=lambda i: read(bytes(data[lines[i, 0] : lines[i, 1]])),
        )

    def _chains(self, rows: int) -> tuple[tuple[str, ...], Int32s]:
        """The distinct chains, and the place of each row's among them."""
        seen = TextColumn(self.columns.chains, self.columns.chain_offsets[: self.columns.place[CHAINS] + 1])
        by_code = {code: seen[code] for code in range(len(seen))}
        by_code |= {code: name for name, code in self.foreign.items()}
        chains = tuple(dict.fromkeys(by_code.values()))
        if not self.foreign:
            return chains, self.columns.chain[:rows]
        codes = np.zeros(MOST_CHAINS + len(self.foreign), np.int32)
        for code, name in by_code.items():
            codes[code] = chains.index(name)
        return chains, codes[self.columns.chain[:rows]]


def shortest_line() -> int:
    """No transfer is written in fewer bytes than its obligatory keys."""
    table = _fields().table
    return int(table[table[:, 4] == 0, 1].sum())


def longest_chain() -> int:
    """Bytes of a name; the compiled loop reads ASCII only."""
    return int(_fields().table[CHAIN, 3])


def _room(size: int, rows: int) -> Columns:
    sender_offsets, receiver_offsets = np.empty(rows + 1, np.int64), np.empty(rows + 1, np.int64)
    sender_offsets[0] = receiver_offsets[0] = 0
    return Columns(
        at_us=np.empty(rows, np.int64),
        usd_micro=np.empty(rows, np.int64),
        chain=np.empty(rows, np.int32),
        op=np.empty(rows, np.int8),
        lines=np.empty((rows, 2), np.int64),
        senders=np.empty(size + LANES, np.uint8),
        sender_offsets=sender_offsets,
        receivers=np.empty(size + LANES, np.uint8),
        receiver_offsets=receiver_offsets,
        chains=np.empty(MOST_CHAINS * longest_chain() + LANES, np.uint8),
        chain_offsets=np.zeros(MOST_CHAINS + 1, np.int64),
        place=np.array([0, 0, 1, 0, 0], np.int64),
    )


def _append(texts: Bytes, offsets: Int64s, row: int, text: bytes) -> None:
    start = int(offsets[row])
    texts[start : start + len(text)] = np.frombuffer(text, np.uint8)
    offsets[row + 1] = start + len(text)
