"""Compiled checks over whole columns of text. Pure.

Compiled on first use and kept in numba's cache; importing costs what importing numba costs.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from numba import njit

from manumit.connectors.lanes import LANES, byte_at, leading_ones, lower_hex_at
from manumit.schemas.block import Bytes, Int32s, Int64s

EVM_LENGTH = 42
ZERO, NINE, LETTER_X = 48, 57, 120


def _is_evm(address: int, length: int) -> Any:
    """0x and 40 lower-case hex digits, looked at as the first LANES of them and the last."""
    if length != EVM_LENGTH or byte_at(address) != ZERO or byte_at(address + 1) != LETTER_X:
        return False
    return leading_ones(lower_hex_at(address + 2) & lower_hex_at(address + EVM_LENGTH - LANES)) == LANES


is_evm: Callable[[int, int], Any] = njit(cache=True, nogil=True)(_is_evm)


def _evm_texts(data: Bytes, offsets: Int64s) -> int:
    first = data.ctypes.data
    for row in range(len(offsets) - 1):
        if not is_evm(first + offsets[row], offsets[row + 1] - offsets[row]):
            return row
    return -1


def _unmark_evm(data: Bytes, offsets: Int64s, chain: Int32s, evm: Bytes, marks: Bytes) -> None:
    first = data.ctypes.data
    for row in range(len(marks)):
        if marks[row] and evm[chain[row]] and not is_evm(first + offsets[row], offsets[row + 1] - offsets[row]):
            marks[row] = 0


def _digit_texts(data: Bytes, offsets: Int64s, longest: int) -> int:
    for row in range(len(offsets) - 1):
        if not 0 < offsets[row + 1] - offsets[row] <= longest:
            return row
        for place in range(offsets[row], offsets[row + 1]):
            if not ZERO <= data[place] <= NINE:
                return row
    return -1


# The first row that is not 0x and 40 lower-case hex digits, or -1.
first_not_evm: Callable[[Bytes, Int64s], int] = njit(cache=True, nogil=True)(_evm_texts)
# Takes away the marks of rows that are on an EVM chain (evm uint8[chains]) and hold no such text.
unmark_evm: Callable[[Bytes, Int64s, Int32s, Bytes, Bytes], None] = njit(cache=True, nogil=True)(_unmark_evm)
# The first row that is not 1 to `longest` decimal digits, or -1.
first_not_digits: Callable[[Bytes, Int64s, int], int] = njit(cache=True, nogil=True)(_digit_texts)
