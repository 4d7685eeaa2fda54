"""NDJSON of transfer.v1 to columns, ten times as fast as decoding every record. Pure.

Lines spelt as `schemas.wire.encode` spells them are read by a compiled loop that checks every byte
(`scan_kernel`). Any other line (other key order, spaces, escapes, other scripts, exponents, errors) is left out:
`files.json_lines` reads it by itself with msgspec.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar
from weakref import finalize

import numpy as np
import numpy.typing as npt

from manumit.connectors.lanes import LANES
from manumit.connectors.scan_fields import NEWLINE
from manumit.connectors.scan_kernel import (
    CHAINS,
    COVERED,
    DONE,
    LATEST,
    LINE,
    MOST_CHAINS,
    NEXT,
    ODD,
    PLACES,
    ROW,
    Columns,
    scan_lines,
)
from manumit.connectors.scan_mould import new_mould
from manumit.connectors.scan_table import CHAIN, FIELDS, KEY_SIZES, KEYS, MOST, OPTIONAL
from manumit.schemas.block import Bytes, Int8s, Int32s, Int64s, TextColumn
from manumit.schemas.transfer import Transfer
from manumit.schemas.wire import decode_as

SHORTEST_LINE = sum(size for size, optional in zip(KEY_SIZES, OPTIONAL, strict=True) if not optional)
"""No transfer is written in fewer bytes than its obligatory keys."""

ROWS_AT_LEAST, BYTES_AN_ADDRESS = 32_768, 64  # ours: a room is given up when less than a block fits in
LINE_BYTES = 64
BYTES_A_ROW = 54  # of all columns but the texts
SPARE = 16 * LINE_BYTES  # between the columns
Scalar = TypeVar("Scalar", bound=np.generic)


def decode_transfer(line: bytes) -> Transfer:
    """Raises BadRecord as `schemas.wire.decode` does."""
    return decode_as(Transfer, line)


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows [first, stop) of a room. Everything is a view: nothing is copied, and the room lives as long as they do.

    `lines` int64[n, 2]: start and stop in the data they were read from; `evm` uint8[n]: 1 where both addresses
    are 0x and 40 lower-case hex digits. `smooth`: they are all the lines of one read, each with a newline, with EVM
    addresses and a worth below the most there is; in time order, and none takes a transfer back.
    """

    room: Room
    first: int
    stop: int
    smooth: bool = False

    def __len__(self) -> int:
        return self.stop - self.first

    def joined(self, behind: Rows) -> Rows | None:
        """Both, when the other rows stand right behind these."""
        adjacent = self.room is behind.room and self.stop == behind.first
        return Rows(self.room, self.first, behind.stop) if adjacent else None

    def slice(self, start: int, stop: int) -> Rows:
        return Rows(self.room, self.first + start, self.first + stop)

    @property
    def at_us(self) -> Int64s:
        return self.room.columns.at_us[self.first : self.stop]

    @property
    def usd_micro(self) -> Int64s:
        return self.room.columns.usd_micro[self.first : self.stop]

    @property
    def chain(self) -> Int32s:
        return self.room.columns.chain[self.first : self.stop]

    @property
    def op(self) -> Int8s:
        return self.room.columns.op[self.first : self.stop]

    @property
    def evm(self) -> Bytes:
        return self.room.columns.evm[self.first : self.stop]

    @property
    def lines(self) -> Int64s:
        return self.room.columns.lines[self.first : self.stop]

    @property
    def sender(self) -> TextColumn:
        columns = self.room.columns
        return TextColumn(columns.senders, columns.sender_offsets[self.first : self.stop + 1])

    @property
    def receiver(self) -> TextColumn:
        columns = self.room.columns
        return TextColumn(columns.receivers, columns.receiver_offsets[self.first : self.stop + 1])


class Room:
    """Columns that the rows of several reads fill one behind the other, so that no reading copies them."""

    def __init__(self, memory: Bytes, rows: int, texts: int) -> None:
        self.columns = _columns(memory, rows, texts)
        self.chains: tuple[str, ...] = ()

    def holds(self, size: int) -> bool:
        """Whether the lines of `size` more bytes fit in."""
        columns, row = self.columns, int(self.columns.place[ROW])
        texts = max(int(columns.sender_offsets[row]), int(columns.receiver_offsets[row]))
        return row + size // SHORTEST_LINE < len(columns.at_us) and texts + size + LANES <= len(columns.senders)

    def scan(self, data: bytes | memoryview) -> Rows:
        """The lines in wire form; the last needs no newline. The room must hold them."""
        view, place = np.frombuffer(data, np.uint8), self.columns.place
        size, first = len(view), int(place[ROW])
        place[NEXT], place[LINE], place[COVERED], place[LATEST], place[ODD] = 0, 1, 0, 0, 0
        self._scan(view.ctypes.data, size)
        if place[NEXT] < size:
            # the loop reads LANES bytes at once, so lines with fewer behind them are scanned in a copy
            start = int(place[NEXT])
            end = np.concatenate((view[start:], np.full(LANES, NEWLINE, np.uint8)))
            self._scan(end.ctypes.data - start, size + LANES)
        self._name_chains()
        return Rows(self, first, int(place[ROW]), smooth=bool(place[ODD] == 0 and place[COVERED] == size))

    def _scan(self, address: int, size: int) -> bool:
        """`address` of data[0], of which `size` bytes may be read."""
        return bool(scan_lines(address, size, KEYS.ctypes.data, self.columns) == DONE)

    def _name_chains(self) -> None:
        count = int(self.columns.place[CHAINS])
        if count != len(self.chains):
            seen = TextColumn(self.columns.chains, self.columns.chain_offsets[: count + 1])
            self.chains = tuple(seen[code] for code in range(count))


class Rooms:
    """Rooms one after the other, in memory that is used again once nobody holds rows of it: fresh memory would
    cost more than reading into it."""

    def __init__(self) -> None:
        self._free: list[Bytes] = []
        self._room = self._new(0)

    def room_for(self, size: int) -> Room:
        """One with place for the lines of `size` bytes."""
        if not self._room.holds(size):
            self._room = self._new(size)
        return self._room

    def _new(self, size: int) -> Room:
        rows = size // SHORTEST_LINE + 1 + ROWS_AT_LEAST
        texts = size + LANES + ROWS_AT_LEAST * BYTES_AN_ADDRESS
        memory = self._memory(rows * BYTES_A_ROW + 2 * texts + SPARE)
        lent = np.frombuffer(memory.data, np.uint8)
        finalize(lent, self._free.append, memory)  # every view of a column holds `lent`, which is no part of `memory`
        return Room(lent, rows, texts)

    def _memory(self, wanted: int) -> Bytes:
        for place, memory in enumerate(self._free):
            if len(memory) >= wanted:
                return self._free.pop(place)
        return np.empty(wanted, np.uint8)


def _columns(memory: Bytes, rows: int, texts: int) -> Columns:
    """Cut from the memory one after the other, each from a cache line on."""
    place = 0

    def cut(count: int, kind: type[Scalar]) -> npt.NDArray[Scalar]:
        nonlocal place
        start, size = place, count * np.dtype(kind).itemsize
        place = start + -(-size // LINE_BYTES) * LINE_BYTES
        return memory[start : start + size].view(kind)

    mould = new_mould()
    columns = Columns(
        at_us=cut(rows, np.int64),
        usd_micro=cut(rows, np.int64),
        chain=cut(rows, np.int32),
        op=cut(rows, np.int8),
        evm=cut(rows, np.uint8),
        lines=cut(2 * rows, np.int64).reshape(rows, 2),
        senders=cut(texts, np.uint8),
        sender_offsets=cut(rows + 1, np.int64),
        receivers=cut(texts, np.uint8),
        receiver_offsets=cut(rows + 1, np.int64),
        chains=np.empty(MOST_CHAINS * MOST[CHAIN] + LANES, np.uint8),
        chain_offsets=np.zeros(MOST_CHAINS + 1, np.int64),
        place=np.zeros(PLACES, np.int64),
        sizes=np.zeros(FIELDS, np.int64),
        ends=np.zeros(FIELDS, np.int64),
        bounds=mould.bounds,
        facts=mould.facts,
    )
    columns.sender_offsets[0] = columns.receiver_offsets[0] = 0
    return columns
