"""One line read field by field, in the record's order: compiled parts of `connectors.scan`."""

from __future__ import annotations

from typing import Any

from manumit.connectors.lanes import LANES, byte_at, leading_ones, same_at
from manumit.connectors.scan_fields import NEWLINE, amount_at, inlined, integer_at, sign_at, text_at, usd_at
from manumit.connectors.scan_table import (
    AMOUNT,
    ASSET,
    AT_US,
    BLOCK,
    CHAIN,
    DECIMALS,
    FINALITY,
    HEIGHT,
    KEY_SIZES,
    LEAST,
    LOST,
    MOST,
    OP,
    OPTIONAL,
    POSITION,
    RECEIVER,
    SEEN_US,
    SENDER,
    TX,
    UNREAD,
    USD,
)
from manumit.schemas.block import USD_UNKNOWN, Int64s

CLOSING = ord("}")


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


def _read_line(first: int, stop: int, keys: int, sizes: Int64s, ends: Int64s) -> Any:
    """(address of the closing brace, time, worth, sign) of the line at `first`, read field by field; LOST first when
    it cannot be read. `sizes` and `ends` get what `scan_mould.cast` wants."""
    at = text_field(first, keys, stop, CHAIN, sizes)
    ends[CHAIN] = at
    at, _ = integer_field(at, keys, HEIGHT)
    ends[HEIGHT] = at
    at = text_field(at, keys, stop, BLOCK, sizes)
    ends[BLOCK] = at
    at = text_field(at, keys, stop, TX, sizes)
    ends[TX] = at
    at, _ = integer_field(at, keys, POSITION)
    ends[POSITION] = at
    at, when = integer_field(at, keys, AT_US)
    ends[AT_US] = at
    at, _ = integer_field(at, keys, SEEN_US)
    ends[SEEN_US] = at
    at = text_field(at, keys, stop, SENDER, sizes)
    ends[SENDER] = at
    at = text_field(at, keys, stop, RECEIVER, sizes)
    ends[RECEIVER] = at
    at = text_field(at, keys, stop, ASSET, sizes)
    ends[ASSET] = at
    at = amount_field(at, keys)
    ends[AMOUNT] = at
    at, _ = integer_field(at, keys, DECIMALS)
    ends[DECIMALS] = at
    at, usd = usd_field(at, keys)
    ends[USD] = at
    at, sign = sign_field(at, keys)
    ends[OP] = at
    at = text_field(at, keys, stop, FINALITY, sizes)
    ends[FINALITY] = at
    if at != LOST and byte_at(at) == CLOSING and byte_at(at + 1) == NEWLINE:
        return at, when, usd, sign
    return LOST, when, usd, sign


read_line = inlined(_read_line)
