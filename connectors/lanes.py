"""Thirty-two bytes at once, for compiled readers of text.

Every function takes plain addresses (`array.ctypes.data` plus an offset), not arrays, so calling one in a
loop costs no reference count. It reads LANES bytes from the address on: the caller must own them. Text is
classed the way simdjson does (Langdale and Lemire, 2019): compare all lanes, gather the answers into one
word, count its trailing zeros. The vectors are LLVM's own, so the same source serves every processor.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from llvmlite import ir  # type: ignore[import-untyped]  # it carries no types
from numba import types
from numba.extending import intrinsic

LANES = 32
BOUNDS = 4
READ_SOON = (0, 3, 1)  # for reading, into every level of cache, data

BYTE, WORD = ir.IntType(8), ir.IntType(64)
LINE = ir.VectorType(BYTE, LANES)
ANSWERS = ir.IntType(LANES)


def _line(builder: Any, address: Any) -> Any:
    return builder.load(builder.inttoptr(address, LINE.as_pointer()), align=1)


def _all_lanes(value: int) -> ir.Constant:
    return ir.Constant(LINE, [value] * LANES)


def _within(builder: Any, line: Any, low: int, high: int) -> Any:
    return builder.icmp_unsigned("<=", builder.sub(line, _all_lanes(low)), _all_lanes(high - low))


def _is_digit(builder: Any, line: Any) -> Any:
    return _within(builder, line, ord("0"), ord("9"))


def _is_newline(builder: Any, line: Any) -> Any:
    return builder.icmp_unsigned("==", line, _all_lanes(ord("\n")))


def _is_plain(builder: Any, line: Any) -> Any:
    """Printable ASCII that neither ends a text nor starts an escape."""
    plain = _within(builder, line, 0x20, 0x7E)
    for special in '"\\':
        plain = builder.and_(plain, builder.icmp_unsigned("!=", line, _all_lanes(ord(special))))
    return plain


def _is_lower_hex(builder: Any, line: Any) -> Any:
    return builder.or_(_is_digit(builder, line), _within(builder, line, ord("a"), ord("f")))


def _answers(builder: Any, lanes: Any) -> Any:
    return builder.zext(builder.bitcast(lanes, ANSWERS), WORD)


def _lanes_where(holds: Callable[[Any, Any], Any]) -> Any:
    """A compiled function address -> LANES bits, bit k set where byte k `holds`."""

    def generate(_context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        return _answers(builder, holds(builder, _line(builder, arguments[0])))

    def typed(_typing: Any, _address: Any) -> Any:
        return types.int64(types.int64), generate

    return intrinsic(typed)


digits_at = _lanes_where(_is_digit)
newlines_at = _lanes_where(_is_newline)
plain_at = _lanes_where(_is_plain)
lower_hex_at = _lanes_where(_is_lower_hex)


def _same_lanes(_typing: Any, _one: Any, _other: Any) -> Any:
    def generate(_context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        one, other = (_line(builder, address) for address in arguments)
        return _answers(builder, builder.icmp_unsigned("==", one, other))

    return types.int64(types.int64, types.int64), generate


def _fits_lanes(_typing: Any, _address: Any, _bounds: Any) -> Any:
    def generate(_context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        address, bounds = arguments
        line = _line(builder, address)
        low, span, other_low, other_span = (
            _line(builder, builder.add(bounds, ir.Constant(WORD, k * LANES))) for k in range(BOUNDS)
        )
        one = builder.icmp_unsigned("<=", builder.sub(line, low), span)
        other = builder.icmp_unsigned("<=", builder.sub(line, other_low), other_span)
        return _answers(builder, builder.or_(one, other))

    return types.int64(types.int64, types.int64), generate


def _leading_ones(_typing: Any, _lanes: Any) -> Any:
    def generate(_context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        return builder.cttz(builder.not_(arguments[0]), ir.Constant(ir.IntType(1), 1))

    return types.int64(types.int64), generate


def _ones(_typing: Any, _lanes: Any) -> Any:
    def generate(_context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        return builder.ctpop(arguments[0])

    return types.int64(types.int64), generate


def _copy_line(_typing: Any, _to: Any, _source: Any) -> Any:
    def generate(context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        to, source = arguments
        builder.store(_line(builder, source), builder.inttoptr(to, LINE.as_pointer()), align=1)
        return context.get_dummy_value()

    return types.void(types.int64, types.int64), generate


def _word_at(_typing: Any, _address: Any) -> Any:
    def generate(_context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        return builder.load(builder.inttoptr(arguments[0], WORD.as_pointer()), align=1)

    return types.uint64(types.int64), generate


def _soon(_typing: Any, _address: Any) -> Any:
    def generate(context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        pointer, number = builder.inttoptr(arguments[0], BYTE.as_pointer()), ir.IntType(32)
        kind = ir.FunctionType(ir.VoidType(), [pointer.type, number, number, number])
        prefetch = builder.module.declare_intrinsic("llvm.prefetch", (pointer.type,), kind)
        builder.call(prefetch, [pointer, *(ir.Constant(number, word) for word in READ_SOON)])
        return context.get_dummy_value()

    return types.void(types.int64), generate


def _byte_at(_typing: Any, _address: Any) -> Any:
    def generate(_context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        return builder.zext(builder.load(builder.inttoptr(arguments[0], BYTE.as_pointer())), WORD)

    return types.int64(types.int64), generate


same_at: Any = intrinsic(_same_lanes)
"""(one, other) -> LANES bits, bit k set where byte k is the same."""
fits_at: Any = intrinsic(_fits_lanes)
"""(address, bounds) -> LANES bits, bit k set where byte k lies in either of its two ranges. `bounds` is the address
of BOUNDS lines: the lows of the first ranges, how many values lie above each, and the same of the second ranges."""
leading_ones: Any = intrinsic(_leading_ones)
"""How many of the lowest bits are set before the first that is not: 0 to LANES."""
ones: Any = intrinsic(_ones)
"""How many bits are set."""
copy_line: Any = intrinsic(_copy_line)
"""(to, source): copies LANES bytes."""
word_at: Any = intrinsic(_word_at)
"""address -> eight bytes as a little-endian unsigned word."""
byte_at: Any = intrinsic(_byte_at)
soon: Any = intrinsic(_soon)
"""address: begin to bring its cache line in. Never faults, so it may point anywhere."""
