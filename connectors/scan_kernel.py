"""The compiled loop of `connectors.scan`: lines of bytes to columns, the record's fields in their order."""

from __future__ import annotations

from typing import Any, NamedTuple

from manumit.connectors.lanes import LANES, byte_at, copy_line, leading_ones, same_at, soon
from manumit.connectors.scan_fields import (
    NEWLINE,
    compiled,
    inlined,
    is_evm,
    line_end,
)
from manumit.connectors.scan_line import read_line
from manumit.connectors.scan_mould import (
    CHAIN_CODE,
    EVM,
    RECEIVER_AT,
    RECEIVER_SIZE,
    SENDER_AT,
    SENDER_SIZE,
    SIGN,
    Mould,
    moulded,
    remember,
)
from manumit.connectors.scan_table import (
    CHAIN,
    LOST,
    RECEIVER,
    SENDER,
)
from manumit.schemas.block import MAX_MICRO_USD, USD_UNKNOWN, Bytes, Int8s, Int32s, Int64s

MOST_CHAINS = 64
DONE, REFUSED = 0, 1
NEXT, STOP, LINE, ROW, CHAINS, COVERED, LATEST, ODD, PLACES = range(9)
AHEAD, LONG_LINE, CACHE_LINE = 4096, 576, 64  # ours: what lies ahead is asked for before it is needed


class Columns(NamedTuple):
    """Where rows go. at_us, usd_micro int64[n]; chain int32[n]; op int8[n]; evm uint8[n]: 1 where both addresses
    are 0x and 40 lower-case hex digits; lines int64[n, 2]: start and stop in the data; senders, receivers, chains:
    texts end to end, cut by offsets int64[n + 1], of rows or of the first MOST_CHAINS chains seen; place
    int64[PLACES]: next byte, end of the line last looked at, number of the next line, rows, chains, and of this
    read: bytes of the lines that became rows, the latest time, whether a row is odd (`scan.Rows.smooth`); sizes
    int64[fields]: of the texts last read; ends int64[fields]: addresses behind the fields last read; bounds and
    facts: the mould."""

    at_us: Int64s
    usd_micro: Int64s
    chain: Int32s
    op: Int8s
    evm: Bytes
    lines: Int64s
    senders: Bytes
    sender_offsets: Int64s
    receivers: Bytes
    receiver_offsets: Int64s
    chains: Bytes
    chain_offsets: Int64s
    place: Int64s
    sizes: Int64s
    ends: Int64s
    bounds: Bytes
    facts: Int64s


def _copy_text(to: int, source: int, length: int) -> None:
    """Writes up to LANES bytes beyond the text."""
    for done in range(0, length, LANES):
        copy_line(to + done, source + done)


copy_text = compiled(_copy_text)


def _same_text(one: int, other: int, length: int) -> bool:
    """Reads up to LANES bytes beyond the texts."""
    for done in range(0, length, LANES):
        if leading_ones(same_at(one + done, other + done)) < min(LANES, length - done):
            return False
    return True


same_text = compiled(_same_text)


def _chain_code(columns: Columns, name: int, length: int) -> Any:
    """The place of a chain among those seen, a new one if need be; -1 when there are too many."""
    chains, offsets, place = columns.chains.ctypes.data, columns.chain_offsets, columns.place
    for code in range(place[CHAINS]):
        if offsets[code + 1] - offsets[code] == length and same_text(chains + offsets[code], name, length):
            return code
    if place[CHAINS] == MOST_CHAINS:
        return -1
    code = place[CHAINS]
    offsets[code + 1] = offsets[code] + length
    copy_text(chains + offsets[code], name, length)
    place[CHAINS] += 1
    return code


chain_code = compiled(_chain_code)


def _refused(place: Int64s, data: int, size: int) -> int:
    place[STOP] = line_end(data + place[NEXT], data + size) - data
    return REFUSED


refused = compiled(_refused)


def _last_line(data: int, size: int) -> int:
    """The address behind the last line with LANES bytes that may be read from its newline on."""
    end = data + size - LANES
    while end >= data and byte_at(end) != NEWLINE:
        end -= 1
    return end + 1


last_line = compiled(_last_line)


def _put_text(texts: int, offsets: Int64s, row: int, text: int, size: int) -> None:
    """The text of one row; `texts` is the address of the first."""
    offsets[row + 1] = offsets[row] + size
    copy_text(texts + offsets[row], text, size)


put_text = inlined(_put_text)


def _is_odd(usd: int, sign: int, is_plain: int, when: int, latest: int) -> Any:
    unknown_worth = (usd == USD_UNKNOWN) | (usd == MAX_MICRO_USD)
    return unknown_worth | (sign < 0) | (is_plain == 0) | (when < latest)


is_odd = inlined(_is_odd)


def _scan_rows(data: int, size: int, keys: int, columns: Columns) -> Any:
    """Rows of `columns` from place[NEXT] on, until the data end (DONE) or a line is REFUSED: place then stands
    before it, place[STOP] at its end. `data` and `keys` are addresses; `columns` must have room."""
    at_us, usd_micro, chain, op, evm, lines, senders, sender_offsets, receivers, receiver_offsets = columns[:10]
    place, sizes, ends, facts = columns.place, columns.sizes, columns.ends, columns.facts
    sender_bytes, receiver_bytes = senders.ctypes.data, receivers.ctypes.data
    stop, safe, bounds_at, facts_at = data + size, last_line(data, size), columns.bounds.ctypes.data, facts.ctypes.data
    while place[NEXT] < size:
        first, row = data + place[NEXT], place[ROW]
        if byte_at(first) == NEWLINE:
            place[NEXT], place[LINE] = place[NEXT] + 1, place[LINE] + 1
            continue
        if first >= safe:
            return refused(place, data, size)
        for ahead in range(first + AHEAD, first + AHEAD + LONG_LINE, CACHE_LINE):
            soon(ahead)
        at, when, usd, behind = moulded(first, bounds_at, facts_at)
        if at != LOST:
            code, sign, is_plain = facts[CHAIN_CODE], facts[SIGN], facts[EVM]
            sender, sender_size = behind + facts[SENDER_AT], facts[SENDER_SIZE]
            receiver, receiver_size = behind + facts[RECEIVER_AT], facts[RECEIVER_SIZE]
        else:
            at, when, usd, sign = read_line(first, stop, keys, sizes, ends)
            if at == LOST:
                return refused(place, data, size)
            code = chain_code(columns, ends[CHAIN] - sizes[CHAIN] - 1, sizes[CHAIN])
            if code < 0:
                return refused(place, data, size)
            remember(first, at, ends, sizes, code, sign, row, Mould(columns.bounds, facts))
            sender, sender_size = ends[SENDER] - sizes[SENDER] - 1, sizes[SENDER]
            receiver, receiver_size = ends[RECEIVER] - sizes[RECEIVER] - 1, sizes[RECEIVER]
            is_plain = 0
        chain[row], at_us[row], usd_micro[row], op[row] = code, when, usd, sign
        is_plain = is_plain or (is_evm(sender, sender_size) and is_evm(receiver, receiver_size))
        evm[row] = is_plain
        place[ODD] |= is_odd(usd, sign, is_plain, when, place[LATEST])
        place[LATEST], place[COVERED] = when, place[COVERED] + at + 2 - first
        put_text(sender_bytes, sender_offsets, row, sender, sender_size)
        put_text(receiver_bytes, receiver_offsets, row, receiver, receiver_size)
        lines[row, 0], lines[row, 1] = place[NEXT], at + 1 - data
        place[NEXT], place[LINE], place[ROW] = at + 2 - data, place[LINE] + 1, row + 1
    return DONE


scan_rows = compiled(_scan_rows)


def _scan_lines(data: int, size: int, keys: int, columns: Columns) -> Any:
    """As `scan_rows`, but goes on behind refused lines, except those within LANES of the end."""
    place = columns.place
    while scan_rows(data, size, keys, columns) == REFUSED:
        if place[STOP] + LANES > size:
            return REFUSED
        place[NEXT], place[LINE] = place[STOP] + 1, place[LINE] + 1
    return DONE


scan_lines = compiled(_scan_lines)
