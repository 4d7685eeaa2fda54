"""Compiled checks over whole columns of text. Pure.

Compiled on first use and kept in numba's cache; importing costs what importing numba costs.
"""

from __future__ import annotations

from collections.abc import Callable

from numba import njit

from manumit.connectors.scan_fields import is_evm
from manumit.schemas.block import Bytes, Int64s

ZERO, NINE = 48, 57


def _evm_texts(data: Bytes, offsets: Int64s) -> int:
    first = data.ctypes.data
    for row in range(len(offsets) - 1):
        if not is_evm(first + offsets[row], offsets[row + 1] - offsets[row]):
            return row
    return -1


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
# The first row that is not 1 to `longest` decimal digits, or -1.
first_not_digits: Callable[[Bytes, Int64s, int], int] = njit(cache=True, nogil=True)(_digit_texts)
