"""A compiled reader of transfers in the exact form `schemas.wire` writes. Pure.

It reads a line only when every byte is as expected: keys in the struct's order, no spaces, ASCII text
without escapes, numbers in range. Any other line, however lawful, it leaves to the general reader. The
expectation is built from the struct, so a new field needs no change here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, get_args

import msgspec
import numpy as np
import numpy.typing as npt
from numba import njit

from manumit.schemas.block import Bytes, Int32s, Int64s
from manumit.schemas.fields import kinds_of
from manumit.schemas.transfer import Transfer

TEXT, WHOLE, AMOUNT, USD, SIGN = range(5)
NUMBER_DIGITS, AMOUNT_DIGITS, EXACT_DIGITS = 18, 77, 15
QUOTE, BACKSLASH, SPACE, TILDE, ZERO, NINE, DOT, MINUS = 34, 92, 32, 126, 48, 57, 46, 45
PLAIN = np.array([SPACE <= c <= TILDE and c not in (QUOTE, BACKSLASH) for c in range(256)], np.bool_)
NULL = np.frombuffer(b"null", np.uint8)
USD_NULL, USD_BY_TEXT = -1.0, -2.0
LETTER_X, CAPITAL_A, CAPITAL_F = 120, 65, 70
UNKNOWN = -1
LOWER_HEX = np.array([chr(c) in "0123456789abcdef" for c in range(256)], np.bool_)

u = np.uint64
"""Indices as unsigned numbers: numba then leaves out what Python's negative ones would need."""

Spans = npt.NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class WireForm:
    """The bytes before each field, each field's way of reading, and its least and greatest length or value."""

    names: tuple[str, ...]
    literals: Bytes
    edges: Int64s
    ways: Int64s
    least: Int64s
    most: Int64s

    def place(self, name: str) -> int:
        """The field's number."""
        return self.names.index(name)


def wire_form() -> WireForm:
    """Of the Transfer struct as it is."""
    kinds = kinds_of(Transfer)
    fields = msgspec.structs.fields(Transfer)
    texts = {"text", "word"}
    opened = [QUOTE] if kinds[fields[0].name] in texts else []
    literals = [b'{"' + fields[0].name.encode() + b'":' + bytes(opened)]
    for before, field in pairwise(fields):
        closing = b'"' if kinds[before.name] in texts else b""
        literals.append(closing + b',"' + field.name.encode() + b'":' + (b'"' if kinds[field.name] in texts else b""))
    literals.append((b'"' if kinds[fields[-1].name] in texts else b"") + b"}")
    ways = [way_of(kinds[f.name]) for f in fields]
    bounds = [bounds_of(f.type, way) for f, way in zip(fields, ways, strict=True)]
    return WireForm(
        names=tuple(f.name for f in fields),
        literals=np.frombuffer(b"".join(literals), np.uint8),
        edges=np.cumsum([0, *map(len, literals)]).astype(np.int64),
        ways=np.array(ways, np.int64),
        least=np.array([low for low, _ in bounds], np.int64),
        most=np.array([high for _, high in bounds], np.int64),
    )


def way_of(kind: str) -> int:
    """How a field kind is read."""
    ways = {"text": TEXT, "word": TEXT, "uint256": AMOUNT, "usd": USD, "int8": SIGN}
    return ways.get(kind, WHOLE)


def bounds_of(annotated: Any, way: int) -> tuple[int, int]:
    """Length bounds of a text, value bounds of a number, as the annotation says them."""
    metas = [part for part in get_args(annotated) if isinstance(part, msgspec.Meta)]
    if way == TEXT:
        return max([m.min_length or 0 for m in metas]), min([m.max_length or 512 for m in metas])
    least, most = [int(m.ge or 0) for m in metas], [int(m.le) for m in metas if m.le is not None]
    return max([0, *least]), min([2**63 - 1, *most])


def _text(data: Bytes, at: int, stop: int) -> int:
    while at < stop and PLAIN[data[u(at)]]:
        at += 1
    return at if at < stop and data[u(at)] == QUOTE else -1


def _digits(data: Bytes, at: int, stop: int) -> int:
    start = at
    while at < stop and ZERO <= data[u(at)] <= NINE:
        at += 1
    leading_zero = at - start > 1 and data[u(start)] == ZERO
    return -1 if at == start or leading_zero else at


_digits_of: Callable[[Bytes, int, int], int] = njit(inline="always")(_digits)
_text_of: Callable[[Bytes, int, int], int] = njit(inline="always")(_text)


def _number(data: Bytes, start: int, stop: int) -> int:
    value = 0
    for place in range(start, stop):
        value = value * 10 + (data[u(place)] - ZERO)
    return value


_number_of: Callable[[Bytes, int, int], int] = njit(inline="always")(_number)


def _usd_end(data: Bytes, at: int, stop: int) -> int:
    if stop - at >= 4 and data[u(at)] == NULL[0]:
        for place in range(4):
            if data[u(at + place)] != NULL[place]:
                return -1
        return at + 4
    at = _digits_of(data, at, stop)
    if at < 0 or at >= stop or data[u(at)] != DOT:
        return at
    at += 1
    start = at
    while at < stop and ZERO <= data[u(at)] <= NINE:
        at += 1
    return -1 if at == start else at


_usd_end_of: Callable[[Bytes, int, int], int] = njit(inline="always")(_usd_end)


def _usd(data: Bytes, start: int, stop: int) -> float:
    """Exact for up to 15 digits (Clinger's fast path: both parts are exact, so the quotient rounds once)."""
    if data[u(start)] == NULL[0]:
        return USD_NULL
    mantissa, digits, after, scale = 0, 0, False, 1.0
    for place in range(start, stop):
        if data[u(place)] == DOT:
            after = True
            continue
        mantissa = mantissa * 10 + (data[u(place)] - ZERO)
        digits += 1
        if after:
            scale *= 10.0
        if digits > EXACT_DIGITS:
            return USD_BY_TEXT
    return mantissa / scale


_usd_of: Callable[[Bytes, int, int], float] = njit(inline="always")(_usd)


def _field_end(data: Bytes, at: int, stop: int, way: int, least: int, most: int) -> int:
    if way == TEXT:
        end = _text_of(data, at, stop)
        return end if end >= 0 and least <= end - at <= most else -1
    if way == USD:
        return _usd_end_of(data, at, stop)
    if way == SIGN:
        end = _digits_of(data, at + 1 if data[u(at)] == MINUS else at, stop)
        return (
            end if end >= 0 and data[u(end - 1)] == ZERO + 1 and end - at == (2 if data[u(at)] == MINUS else 1) else -1
        )
    end = _digits_of(data, at, stop)
    if way == AMOUNT or end < 0:
        return end if end - at <= AMOUNT_DIGITS else -1
    in_range = end - at <= NUMBER_DIGITS and least <= _number_of(data, at, end) <= most
    return end if in_range else -1


_field_end_of: Callable[[Bytes, int, int, int, int, int], int] = njit(inline="always")(_field_end)


def _scan(
    data: Bytes,
    starts: Int64s,
    stops: Int64s,
    literals: Bytes,
    edges: Int64s,
    ways: Int64s,
    least: Int64s,
    most: Int64s,
    spans: Spans,
    read: Bytes,
) -> None:
    fields = len(ways)
    for row in range(len(starts)):
        at, stop = starts[row], stops[row]
        for field in range(fields + 1):
            size = edges[field + 1] - edges[field]
            good = at + size <= stop
            first = edges[field]
            if good:
                for place in range(size):
                    if data[u(at + place)] != literals[u(first + place)]:
                        good = False
                        break
            at += size
            if not good or (field < fields and at >= stop):
                break
            if field == fields:
                read[row] = at == stop
                break
            end = _field_end_of(data, at, stop, ways[field], least[field], most[field])
            if end < 0:
                break
            spans[row, field, 0], spans[row, field, 1] = at, end
            at = end


def _whole_column(data: Bytes, spans: Spans, read: Bytes, field: int, out: Int64s) -> None:
    for row in range(len(out)):
        if read[row]:
            start, stop = spans[row, field, 0], spans[row, field, 1]
            minus = data[u(start)] == MINUS
            value = _number_of(data, start + 1 if minus else start, stop)
            out[row] = -value if minus else value


def _usd_column(data: Bytes, spans: Spans, read: Bytes, field: int, out: npt.NDArray[np.float64]) -> None:
    for row in range(len(out)):
        if read[row]:
            out[row] = _usd_of(data, spans[row, field, 0], spans[row, field, 1])


def _copy_column(data: Bytes, spans: Spans, offsets: Int64s, out: Bytes) -> None:
    for row in range(len(spans)):
        to = offsets[row]
        for place in range(spans[row, 0], spans[row, 1]):
            out[u(to)] = data[u(place)]
            to += 1


def _equal_rows(data: Bytes, spans: Spans, field: int, row: int, code: int, out: Int32s) -> None:
    start, size = spans[row, field, 0], spans[row, field, 1] - spans[row, field, 0]
    for other in range(row, len(out)):
        at = spans[other, field, 0]
        if out[other] != UNKNOWN or spans[other, field, 1] - at != size:
            continue
        same = 0
        while same < size and data[u(at + same)] == data[u(start + same)]:
            same += 1
        if same == size:
            out[other] = code


def _check_evm(data: Bytes, spans: Spans, field: int, evm: Bytes, read: Bytes) -> None:
    for row in range(len(read)):
        if not (read[row] and evm[row]):
            continue
        start, stop = spans[row, field, 0], spans[row, field, 1]
        good = stop - start == 42 and data[u(start)] == ZERO and data[u(start + 1)] == LETTER_X
        place = start + 2
        while good and place < stop:
            good = LOWER_HEX[data[place]]
            place += 1
        if not good:
            read[row] = 0


def _check_assets(data: Bytes, spans: Spans, field: int, read: Bytes) -> None:
    for row in range(len(read)):
        start, stop = spans[row, field, 0], spans[row, field, 1]
        if read[row] and stop - start > 2 and data[u(start)] == ZERO and data[u(start + 1)] == LETTER_X:
            for place in range(start + 2, stop):
                if CAPITAL_A <= data[u(place)] <= CAPITAL_F:
                    read[row] = 0


# Marks in `read` the lines that are exactly in the wire form, and where their values stand in `spans`.
scan_lines: Callable[..., None] = njit(cache=True, nogil=True)(_scan)
whole_column: Callable[[Bytes, Spans, Bytes, int, Int64s], None] = njit(cache=True, nogil=True)(_whole_column)
usd_column: Callable[..., None] = njit(cache=True, nogil=True)(_usd_column)
# Puts the texts of one field end to end in `out`.
copy_column: Callable[[Bytes, Spans, Int64s, Bytes], None] = njit(cache=True, nogil=True)(_copy_column)
# Gives `code` to every row whose text equals that of `row` and that has none yet.
equal_rows: Callable[[Bytes, Spans, int, int, int, Int32s], None] = njit(cache=True, nogil=True)(_equal_rows)
# Unmarks rows of EVM chains whose address is not in canonical form.
check_evm: Callable[[Bytes, Spans, int, Bytes, Bytes], None] = njit(cache=True, nogil=True)(_check_evm)
# Unmarks rows whose asset is a contract address in capitals.
check_assets: Callable[[Bytes, Spans, int, Bytes], None] = njit(cache=True, nogil=True)(_check_assets)
