"""Reading one JSON value at an address: compiled parts of `connectors.scan`.

Each function returns (bytes consumed, value), or REFUSED for anything but the plainest spelling; msgspec then
decides. The caller owns LANES bytes beyond every value.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numba import njit

from manumit.connectors.lanes import LANES, byte_at, digits_from, plain_from, word_at
from manumit.schemas.block import MAX_MICRO_USD, MICRO_USD, USD_UNKNOWN

QUOTE, POINT, MINUS, ZERO = (ord(c) for c in '".-0')
LONGEST_INTEGER = 16
LONGEST_NUMBER = 18  # digits of a decimal number whose digits alone fit into an int64
LONGEST_AMOUNT = 77  # any 77 digits are below 2^256
EXACT_FLOAT = 2**53
DOUBT = 2.0**-49  # five roundings of half a unit each, twice over
REFUSED = (-1, 0)

NULL = int.from_bytes(b"null", "little")
POWERS = np.array([10**k for k in range(LONGEST_NUMBER + 1)], np.int64)

Reader = Callable[..., Any]
compiled: Callable[[Reader], Any] = njit(cache=True, nogil=True, error_model="numpy")
inlined: Callable[[Reader], Any] = njit(cache=True, nogil=True, error_model="numpy", forceinline=True)


def _eight_digits(word: Any) -> Any:
    """Eight digits as a number: the bytes less 0x30, the first digit lowest (Lemire's three multiplications)."""
    word = word * np.uint64(10) + (word >> np.uint64(8))
    low = (word & np.uint64(0x000000FF000000FF)) * np.uint64(0x000F424000000064)
    high = ((word >> np.uint64(16)) & np.uint64(0x000000FF000000FF)) * np.uint64(0x0000271000000001)
    return np.int64((low + high) >> np.uint64(32))


eight_digits = compiled(_eight_digits)


def _up_to_eight(address: int, count: int) -> Any:
    word = word_at(address) - np.uint64(0x3030303030303030)
    return eight_digits(word << np.uint64(64 - 8 * count)) if count > 0 else 0


up_to_eight = compiled(_up_to_eight)


def _digits_value(address: int, count: int) -> Any:
    """`count` digits, at most 24 and below 2^63, as a number."""
    value = up_to_eight(address, (count - 1) % 8 + 1 if count else 0)
    for at in range(address + (count - 1) % 8 + 1, address + count, 8):
        value = value * 100_000_000 + up_to_eight(at, 8)
    return value


digits_value = compiled(_digits_value)


def _text_at(address: int, least: int, most: int) -> Any:
    """The text and its closing quote; the value is the text's length."""
    length = 0
    while plain_from(address + length) == LANES and length <= most:
        length += LANES
    length += plain_from(address + length)
    if not least <= length <= most or byte_at(address + length) != QUOTE:
        return REFUSED
    return length + 1, length


text_at = compiled(_text_at)


def _integer_at(address: int, least: int, most: int) -> Any:
    count = digits_from(address)
    if count == 0 or count > LONGEST_INTEGER or (count > 1 and byte_at(address) == ZERO):
        return REFUSED
    value = digits_value(address, count)
    return (count, value) if least <= value <= most else REFUSED


integer_at = compiled(_integer_at)


def _amount_at(address: int) -> Any:
    """Digits alone are checked: nobody asks for the value of an amount before a record is decoded whole."""
    count = digits_from(address)
    if count == LANES:
        count += digits_from(address + LANES)
    if count == 2 * LANES:
        count += digits_from(address + 2 * LANES)
    if count == 0 or count > LONGEST_AMOUNT or (count > 1 and byte_at(address) == ZERO):
        return REFUSED
    return count, 0


amount_at = compiled(_amount_at)


def _usd_at(address: int) -> Any:
    """A decimal number or null as `schemas.block.micro_usd` of it.

    Up to 2^53 the digits and their power of ten are exact floats, so one division rounds as float(text) does
    (Clinger, 1990). Longer digits are refused when the few roundings in between could tip the last one.
    """
    if word_at(address) & np.uint64(0xFFFFFFFF) == NULL:
        return 4, USD_UNKNOWN
    whole = digits_from(address)
    places = 0
    if byte_at(address + whole) == POINT:
        places = digits_from(address + whole + 1)
        if places == 0:
            return REFUSED
    if whole == 0 or whole + places > LONGEST_NUMBER or (whole > 1 and byte_at(address) == ZERO):
        return REFUSED
    digits = digits_value(address, whole) * POWERS[places]
    if places:
        digits += digits_value(address + whole + 1, places)
    micro = digits / POWERS[places] * MICRO_USD
    if digits > EXACT_FLOAT and abs(micro - np.floor(micro) - 0.5) <= micro * DOUBT:
        return REFUSED
    return whole + places + (places > 0), min(np.int64(np.rint(min(micro, 2.0 * MAX_MICRO_USD))), MAX_MICRO_USD)


usd_at = compiled(_usd_at)


def _sign_at(address: int) -> Any:
    """1 or -1."""
    minus = 1 if byte_at(address) == MINUS else 0
    if byte_at(address + minus) != ZERO + 1:
        return REFUSED
    return minus + 1, 1 - 2 * minus


sign_at = compiled(_sign_at)
