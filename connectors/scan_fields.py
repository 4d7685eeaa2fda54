"""Reading one JSON value at an address: compiled parts of `connectors.scan`.

Most return (bytes consumed, value), or REFUSED for anything but the plainest spelling; msgspec then
decides. The caller owns LANES bytes beyond every line.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numba import njit

from manumit.connectors.lanes import (
    LANES,
    byte_at,
    digits_at,
    leading_ones,
    lower_hex_at,
    newlines_at,
    ones,
    plain_at,
    word_at,
)
from manumit.schemas.block import MAX_MICRO_USD, MICRO_USD, USD_UNKNOWN

QUOTE, POINT, MINUS, ZERO, NEWLINE = (ord(c) for c in '".-0\n')
ALL_LANES = 2**LANES - 1
EVM_LENGTH, LETTER_X = 42, ord("x")
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


def _digit_run(address: int) -> Any:
    return leading_ones(digits_at(address))


digit_run = inlined(_digit_run)


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


def _line_end(address: int, stop: int) -> Any:
    """Where the line's newline stands, or `stop`."""
    while address + LANES <= stop:
        ends = newlines_at(address)
        if ends:
            return address + ones((ends & -ends) - 1)
        address += LANES
    while address < stop and byte_at(address) != NEWLINE:
        address += 1
    return address


line_end = compiled(_line_end)


def _text_run(address: int) -> Any:
    """How many bytes of plain text stand there; a newline is none."""
    run = leading_ones(plain_at(address))
    length = run
    while run == LANES:
        run = leading_ones(plain_at(address + length))
        length += run
    return length


text_run = compiled(_text_run)


def _is_text(address: int, length: int) -> Any:
    """Whether `length` bytes and no more are plain text: they end with a quote."""
    strange = 0
    for done in range(0, length - LANES + 1, LANES):
        strange |= ~plain_at(address + done)
    rest = length & (LANES - 1)
    strange |= ~plain_at(address + length - rest) & ((1 << rest) - 1)
    return strange & ALL_LANES == 0 and byte_at(address + length) == QUOTE


is_text = inlined(_is_text)


def _text_at(address: int, stop: int, guess: int, least: int, most: int) -> Any:
    """The text's length, -1 when it is refused.

    `guess`, the length last time, is tried first: when it is right, what stands behind the text need not wait
    for its end to be found.
    """
    length = guess
    if guess < 0 or address + guess + LANES > stop or not is_text(address, guess):
        length = text_run(address)
        if byte_at(address + length) != QUOTE:
            return -1
    return length if least <= length <= most else -1


text_at = inlined(_text_at)


def _integer_at(address: int, least: int, most: int, unread: int) -> Any:
    """Up to `unread` digits are within the limits whatever they are, and nobody asks for their value."""
    count = digit_run(address)
    if count == 0 or count > LONGEST_INTEGER or (count > 1 and byte_at(address) == ZERO):
        return REFUSED
    if count <= unread:
        return count, 0
    value = digits_value(address, count)
    return (count, value) if least <= value <= most else REFUSED


integer_at = compiled(_integer_at)


def _amount_at(address: int) -> Any:
    """How many digits, 0 when they are refused: nobody asks for their value before a record is decoded whole."""
    count = digit_run(address)
    if count == LANES:
        count += digit_run(address + LANES)
    if count == 2 * LANES:
        count += digit_run(address + 2 * LANES)
    return 0 if count > LONGEST_AMOUNT or (count > 1 and byte_at(address) == ZERO) else count


amount_at = compiled(_amount_at)


def _usd_at(address: int) -> Any:
    """A decimal number or null as `schemas.block.micro_usd` of it.

    Up to 2^53 the digits and their power of ten are exact floats, so one division rounds as float(text) does
    (Clinger, 1990). Longer digits are refused when the few roundings in between could tip the last one.
    """
    if word_at(address) & np.uint64(0xFFFFFFFF) == NULL:
        return 4, USD_UNKNOWN
    whole = digit_run(address)
    places = 0
    if byte_at(address + whole) == POINT:
        places = digit_run(address + whole + 1)
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


def _is_evm(address: int, length: int) -> Any:
    """0x and 40 lower-case hex digits, looked at as the first LANES of them and the last."""
    if length != EVM_LENGTH or byte_at(address) != ZERO or byte_at(address + 1) != LETTER_X:
        return False
    return leading_ones(lower_hex_at(address + 2) & lower_hex_at(address + EVM_LENGTH - LANES)) == LANES


is_evm = compiled(_is_evm)
