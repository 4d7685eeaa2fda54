"""The compiled loop of `connectors.scan`: lines of bytes to columns."""

from __future__ import annotations

from typing import Any, NamedTuple

import msgspec
import numpy as np

from manumit.connectors.lanes import LANES, byte_at, copy_line, leading_ones, same_at
from manumit.connectors.scan_fields import (
    LONGEST_AMOUNT,
    NEWLINE,
    amount_at,
    compiled,
    inlined,
    integer_at,
    line_survey,
    sign_at,
    text_at,
    usd_at,
)
from manumit.schemas.block import USD_UNKNOWN, Bytes, Int8s, Int32s, Int64s
from manumit.schemas.fields import kinds_of
from manumit.schemas.transfer import Transfer

NAMES = tuple(kinds_of(Transfer))
TEXT, INTEGER, AMOUNT, USD, SIGN = range(5)
CHAIN, AT_US, SENDER, RECEIVER, AMOUNT_USD, OPERATION = (
    NAMES.index(name) for name in ("chain", "at_us", "sender", "receiver", "amount_usd", "op")
)
MOST_CHAINS = 64
DONE, REFUSED = 0, 1
NEXT, STOP, LINE, ROW, CHAINS = range(5)
CLOSING = ord("}")


class Fields(NamedTuple):
    """keys uint8[fields, LANES]: what stands before each value, with the quote that opens a text; table
    int64[fields, 7] = how to read it, length of the key, least and greatest length or value, whether it may be
    absent, quotes in key and value, digits whose value is not needed."""

    keys: Bytes
    table: Int64s


class Columns(NamedTuple):
    """Where rows go. at_us, usd_micro int64[n]; chain int32[n]; op int8[n]; lines int64[n, 2]: start and stop
    in the data; senders, receivers, chains: texts end to end, cut by offsets int64[n + 1], of rows or of the first
    MOST_CHAINS chains seen; place int64[5]: next byte, end of the line last looked at, number of the next line,
    rows, chains."""

    at_us: Int64s
    usd_micro: Int64s
    chain: Int32s
    op: Int8s
    lines: Int64s
    senders: Bytes
    sender_offsets: Int64s
    receivers: Bytes
    receiver_offsets: Int64s
    chains: Bytes
    chain_offsets: Int64s
    place: Int64s


def field_tables() -> Fields:
    """Read from the record itself: the order of its fields, and what msgspec allows in each."""
    info = msgspec.inspect.type_info(Transfer)
    assert isinstance(info, msgspec.inspect.StructType)  # noqa: S101 - tells mypy what Transfer is
    rows, keys = [], []
    for place, field in enumerate(info.fields):
        read, least, most = _reading(field.type)
        key = f'{"," if place else "{"}"{field.encode_name}":{chr(34) if read == TEXT else ""}'.encode()
        keys.append(np.frombuffer(key.ljust(LANES, b"\0"), np.uint8))
        unread = len(str(most)) - 1 if least == 0 and place != AT_US else 0
        quotes = key.count(b'"') + (read == TEXT)
        rows.append((read, len(key), least, most, not field.required, quotes, unread))
    return Fields(np.array(keys), np.array(rows, np.int64))


def _reading(kind: Any) -> tuple[int, int, int]:
    kind = kind.type if isinstance(kind, msgspec.inspect.Metadata) else kind
    if isinstance(kind, msgspec.inspect.StrType):
        return TEXT, kind.min_length or 0, kind.max_length or 2**31
    if isinstance(kind, msgspec.inspect.LiteralType):
        return SIGN, 0, 0
    if isinstance(kind, msgspec.inspect.UnionType):
        return USD, 0, 0
    return (AMOUNT, 1, LONGEST_AMOUNT) if kind.le is None else (INTEGER, kind.ge, kind.le)


def _value_at(read: int, address: int, stop: int, guess: int, least: int, most: int, unread: int) -> Any:
    if read == TEXT:
        return text_at(address, stop, guess, least, most)
    if read == INTEGER:
        return integer_at(address, least, most, unread)
    if read == AMOUNT:
        return amount_at(address)
    return usd_at(address) if read == USD else sign_at(address)


value_at = inlined(_value_at)


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


def _scan_rows(data: int, size: int, keys: int, table: Int64s, columns: Columns, starts: Int64s, values: Int64s) -> Any:
    """Rows of `columns` from place[NEXT] on, until the data end (DONE) or a line is REFUSED: place then stands
    before it, place[STOP] behind it. `data` and `keys` are addresses; starts and values: int64[fields], scratch."""
    at_us, usd_micro, chain, op, lines, senders, sender_offsets, receivers, receiver_offsets = columns[:9]
    chains, chain_offsets, place = columns[9:]
    sender_bytes, receiver_bytes, chain_bytes = senders.ctypes.data, receivers.ctypes.data, chains.ctypes.data
    while place[NEXT] < size:
        address, row = data + place[NEXT], place[ROW]
        if byte_at(address) == NEWLINE:
            place[NEXT], place[LINE] = place[NEXT] + 1, place[LINE] + 1
            continue
        stop, quotes, is_plain = line_survey(address, data + size)
        place[STOP] = stop - data
        if not is_plain or stop + LANES > data + size:
            return REFUSED  # near the end there are no LANES bytes to read at once
        values[AMOUNT_USD], values[OPERATION] = USD_UNKNOWN, 1
        for field in range(len(table)):
            if leading_ones(same_at(address, keys + LANES * field)) < table[field, 1]:
                if table[field, 4]:
                    continue
                return REFUSED
            address += table[field, 1]
            starts[field] = address
            length, values[field] = value_at(
                table[field, 0], address, stop, values[field], table[field, 2], table[field, 3], table[field, 6]
            )
            if length < 0:
                return REFUSED
            address += length
            quotes -= table[field, 5]
        if byte_at(address) != CLOSING or address + 1 != stop or quotes != 0:
            return REFUSED
        known = 0
        while known < place[CHAINS]:
            name, length = chain_bytes + chain_offsets[known], chain_offsets[known + 1] - chain_offsets[known]
            if length == values[CHAIN] and same_text(name, starts[CHAIN], length):
                break
            known += 1
        if known == place[CHAINS]:
            if known == MOST_CHAINS:
                return REFUSED
            chain_offsets[known + 1] = chain_offsets[known] + values[CHAIN]
            copy_text(chain_bytes + chain_offsets[known], starts[CHAIN], values[CHAIN])
            place[CHAINS] += 1
        chain[row], at_us[row], usd_micro[row], op[row] = known, values[AT_US], values[AMOUNT_USD], values[OPERATION]
        lines[row, 0], lines[row, 1] = place[NEXT], place[STOP]
        sender_offsets[row + 1] = sender_offsets[row] + values[SENDER]
        receiver_offsets[row + 1] = receiver_offsets[row] + values[RECEIVER]
        copy_text(sender_bytes + sender_offsets[row], starts[SENDER], values[SENDER])
        copy_text(receiver_bytes + receiver_offsets[row], starts[RECEIVER], values[RECEIVER])
        place[NEXT], place[LINE], place[ROW] = place[STOP] + 1, place[LINE] + 1, row + 1
    return DONE


scan_rows = compiled(_scan_rows)


def _scan_lines(
    data: int, size: int, keys: int, table: Int64s, columns: Columns, starts: Int64s, values: Int64s, leave: bool
) -> Any:
    """As `scan_rows`; with `leave` it goes on behind refused lines but those within LANES of the end."""
    place = columns.place
    while scan_rows(data, size, keys, table, columns, starts, values) == REFUSED:
        if not leave or place[STOP] + LANES > size:
            return REFUSED
        place[NEXT], place[LINE] = place[STOP] + 1, place[LINE] + 1
    return DONE


scan_lines = compiled(_scan_lines)
