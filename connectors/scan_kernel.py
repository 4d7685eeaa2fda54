"""The compiled loop of `connectors.scan`: lines of bytes to columns, the record's fields in their order."""

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
    is_evm,
    line_end,
    sign_at,
    text_at,
    usd_at,
)
from manumit.schemas.block import USD_UNKNOWN, Bytes, Int8s, Int32s, Int64s
from manumit.schemas.fields import kinds_of
from manumit.schemas.transfer import Transfer

NAMES = tuple(kinds_of(Transfer))
FIELDS = len(NAMES)
(CHAIN, HEIGHT, BLOCK, TX, POSITION, AT_US, SEEN_US, SENDER, RECEIVER, ASSET, AMOUNT, DECIMALS, USD, OP, FINALITY) = (
    range(FIELDS)
)
MOST_CHAINS = 64
DONE, REFUSED = 0, 1
NEXT, STOP, LINE, ROW, CHAINS = range(5)
CLOSING = ord("}")
LOST = 0
"""The address behind a field that could not be read."""


class Columns(NamedTuple):
    """Where rows go. at_us, usd_micro int64[n]; chain int32[n]; op int8[n]; evm uint8[n]: 1 where both addresses
    are 0x and 40 lower-case hex digits; lines int64[n, 2]: start and stop in the data; senders, receivers, chains:
    texts end to end, cut by offsets int64[n + 1], of rows or of the first MOST_CHAINS chains seen; place int64[5]:
    next byte, end of the line last looked at, number of the next line, rows, chains; sizes int64[fields]: of the
    texts last read."""

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


class _Field(NamedTuple):
    """What stands before a value, with the quote that opens a text; least and greatest length or value; whether
    the field may be absent; digits that are within the limits whatever they are."""

    key: bytes
    least: int
    most: int
    optional: bool
    unread: int


def _fields() -> list[_Field]:
    """Read from the record itself: the order of its fields, and what msgspec allows in each."""
    info = msgspec.inspect.type_info(Transfer)
    assert isinstance(info, msgspec.inspect.StructType)  # noqa: S101 - tells mypy what Transfer is
    return [_field(place, field) for place, field in enumerate(info.fields)]


def _field(place: int, field: msgspec.inspect.Field) -> _Field:
    kind = field.type.type if isinstance(field.type, msgspec.inspect.Metadata) else field.type
    least, most, quote = 0, 0, ""
    if isinstance(kind, msgspec.inspect.StrType):
        least, most, quote = kind.min_length or 0, kind.max_length or 2**31, '"'
    elif isinstance(kind, msgspec.inspect.IntType):
        least, most = (1, LONGEST_AMOUNT) if kind.le is None else (kind.ge or 0, kind.le)
    key = f'{"," if place else "{"}"{field.encode_name}":{quote}'.encode()
    unread = len(str(most)) - 1 if least == 0 and place != AT_US else 0
    return _Field(key, least, most, not field.required, unread)


TABLE = _fields()
KEYS = np.array([np.frombuffer(field.key.ljust(LANES, b"\0"), np.uint8) for field in TABLE])
KEY_SIZES = tuple(len(field.key) for field in TABLE)
LEAST = tuple(field.least for field in TABLE)
MOST = tuple(field.most for field in TABLE)
OPTIONAL = tuple(field.optional for field in TABLE)
UNREAD = tuple(field.unread for field in TABLE)


def _behind_key(address: int, keys: int, field: int) -> Any:
    """Where the value of a field begins, or LOST when another key stands there."""
    if leading_ones(same_at(address, keys + LANES * field)) < KEY_SIZES[field]:
        return LOST
    return address + KEY_SIZES[field]


behind_key = inlined(_behind_key)


def _text_field(address: int, keys: int, stop: int, field: int, sizes: Int64s) -> Any:
    """The address behind the field: LOST if it cannot be read, or if `address` is LOST already.

    So do the other fields, which return their value with it."""
    if address == LOST:
        return LOST
    start = behind_key(address, keys, field)
    if start == LOST:
        return address if OPTIONAL[field] else LOST
    length = text_at(start, stop, sizes[field], LEAST[field], MOST[field])
    sizes[field] = length
    return start + length + 1 if length >= 0 else LOST


text_field = inlined(_text_field)


def _integer_field(address: int, keys: int, field: int) -> Any:
    if address == LOST:
        return LOST, 0
    start = behind_key(address, keys, field)
    if start == LOST:
        return LOST, 0
    length, value = integer_at(start, LEAST[field], MOST[field], UNREAD[field])
    return (start + length, value) if length > 0 else (LOST, 0)


integer_field = inlined(_integer_field)


def _amount_field(address: int, keys: int) -> Any:
    start = behind_key(address, keys, AMOUNT) if address != LOST else LOST
    length = amount_at(start) if start != LOST else 0
    return start + length if length > 0 else LOST


amount_field = inlined(_amount_field)


def _usd_field(address: int, keys: int) -> Any:
    if address == LOST:
        return LOST, USD_UNKNOWN
    start = behind_key(address, keys, USD)
    if start == LOST:
        return address, USD_UNKNOWN
    length, value = usd_at(start)
    return (start + length, value) if length > 0 else (LOST, value)


usd_field = inlined(_usd_field)


def _sign_field(address: int, keys: int) -> Any:
    if address == LOST:
        return LOST, 1
    start = behind_key(address, keys, OP)
    if start == LOST:
        return address, 1
    length, value = sign_at(start)
    return (start + length, value) if length > 0 else (LOST, value)


sign_field = inlined(_sign_field)


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


def _scan_rows(data: int, size: int, keys: int, columns: Columns) -> Any:
    """Rows of `columns` from place[NEXT] on, until the data end (DONE) or a line is REFUSED: place then stands
    before it, place[STOP] at its end. `data` and `keys` are addresses; `columns` must have room."""
    at_us, usd_micro, chain, op, evm, lines, senders, sender_offsets, receivers, receiver_offsets = columns[:10]
    place, sizes = columns.place, columns.sizes
    sender_bytes, receiver_bytes = senders.ctypes.data, receivers.ctypes.data
    stop, safe = data + size, last_line(data, size)
    while place[NEXT] < size:
        first, row = data + place[NEXT], place[ROW]
        if byte_at(first) == NEWLINE:
            place[NEXT], place[LINE] = place[NEXT] + 1, place[LINE] + 1
            continue
        if first >= safe:
            return refused(place, data, size)
        at = text_field(first, keys, stop, CHAIN, sizes)
        name = at - sizes[CHAIN] - 1
        at, _ = integer_field(at, keys, HEIGHT)
        at = text_field(at, keys, stop, BLOCK, sizes)
        at = text_field(at, keys, stop, TX, sizes)
        at, _ = integer_field(at, keys, POSITION)
        at, when = integer_field(at, keys, AT_US)
        at, _ = integer_field(at, keys, SEEN_US)
        at = text_field(at, keys, stop, SENDER, sizes)
        sender = at - sizes[SENDER] - 1
        at = text_field(at, keys, stop, RECEIVER, sizes)
        receiver = at - sizes[RECEIVER] - 1
        at = text_field(at, keys, stop, ASSET, sizes)
        at = amount_field(at, keys)
        at, _ = integer_field(at, keys, DECIMALS)
        at, usd = usd_field(at, keys)
        at, sign = sign_field(at, keys)
        at = text_field(at, keys, stop, FINALITY, sizes)
        if at == LOST or byte_at(at) != CLOSING or byte_at(at + 1) != NEWLINE:
            return refused(place, data, size)
        code = chain_code(columns, name, sizes[CHAIN])
        if code < 0:
            return refused(place, data, size)
        chain[row], at_us[row], usd_micro[row], op[row] = code, when, usd, sign
        evm[row] = is_evm(sender, sizes[SENDER]) and is_evm(receiver, sizes[RECEIVER])
        sender_offsets[row + 1] = sender_offsets[row] + sizes[SENDER]
        receiver_offsets[row + 1] = receiver_offsets[row] + sizes[RECEIVER]
        copy_text(sender_bytes + sender_offsets[row], sender, sizes[SENDER])
        copy_text(receiver_bytes + receiver_offsets[row], receiver, sizes[RECEIVER])
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
