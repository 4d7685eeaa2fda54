"""Words of an array by address, for the compiled loops.

Handing arrays to a helper inside a loop costs a reference count per array and call, and every index is checked
for being negative: together more than the work itself. Addresses (`array.ctypes.data` plus an offset) cost
neither, so a loop can be cut into small functions. The caller keeps the array alive and stays inside it.
"""

from __future__ import annotations

from typing import Any

from llvmlite import ir  # type: ignore[import-untyped]  # it carries no types
from numba import types
from numba.extending import intrinsic

WORD, HALF, BYTE = ir.IntType(64), ir.IntType(32), ir.IntType(8)
WORD_BYTES = 8
READ_SOON = (0, 3, 1)  # for reading, into every level of cache, data


def _pointer(builder: Any, row: Any, column: Any) -> Any:
    address = builder.add(row, builder.mul(column, ir.Constant(WORD, WORD_BYTES)))
    return builder.inttoptr(address, WORD.as_pointer())


def _get(_typing: Any, _row: Any, _column: Any) -> Any:
    def generate(_context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        row, column = arguments
        return builder.load(_pointer(builder, row, column), align=1)

    return types.int64(types.int64, types.int64), generate


def _get_half(_typing: Any, _address: Any) -> Any:
    def generate(_context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        return builder.sext(builder.load(builder.inttoptr(arguments[0], HALF.as_pointer())), WORD)

    return types.int64(types.int64), generate


def _get_byte(_typing: Any, _address: Any) -> Any:
    def generate(_context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        return builder.zext(builder.load(builder.inttoptr(arguments[0], BYTE.as_pointer())), WORD)

    return types.int64(types.int64), generate


def _put(_typing: Any, _row: Any, _column: Any, _value: Any) -> Any:
    def generate(context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        row, column, value = arguments
        builder.store(value, _pointer(builder, row, column), align=1)
        return context.get_dummy_value()

    return types.void(types.int64, types.int64, types.int64), generate


def _add(_typing: Any, _row: Any, _column: Any, _value: Any) -> Any:
    def generate(context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        row, column, value = arguments
        pointer = _pointer(builder, row, column)
        builder.store(builder.add(builder.load(pointer, align=1), value), pointer, align=1)
        return context.get_dummy_value()

    return types.void(types.int64, types.int64, types.int64), generate


def _soon(_typing: Any, _address: Any) -> Any:
    def generate(context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        pointer = builder.inttoptr(arguments[0], BYTE.as_pointer())
        kind = ir.FunctionType(ir.VoidType(), [pointer.type, HALF, HALF, HALF])
        prefetch = builder.module.declare_intrinsic("llvm.prefetch", (pointer.type,), kind)
        builder.call(prefetch, [pointer, *(ir.Constant(HALF, word) for word in READ_SOON)])
        return context.get_dummy_value()

    return types.void(types.int64), generate


get: Any = intrinsic(_get)
"""(row, column) -> the int64 there; `row` is an address, `column` counts words."""
put: Any = intrinsic(_put)
"""(row, column, value): stores an int64."""
add: Any = intrinsic(_add)
"""(row, column, value): adds to an int64."""
get_half: Any = intrinsic(_get_half)
"""address -> the int32 there."""
get_byte: Any = intrinsic(_get_byte)
"""address -> the byte there."""
soon: Any = intrinsic(_soon)
"""address: begin to bring its cache line in. Never faults, so it may point anywhere."""
