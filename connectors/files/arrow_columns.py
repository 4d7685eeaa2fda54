"""Arrow arrays to the columns of a TransferBlock, without a Python object per row. Pure."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from manumit.connectors.files.kernels import first_not_digits, first_not_evm
from manumit.schemas.block import MAX_MICRO_USD, MICRO_USD, USD_UNKNOWN, Floats, Int32s, Int64s, TextColumn

SAFE_DIGITS = 77  # 10^77 < 2^256: longer amounts are looked at one by one


def is_text(kind: Any) -> bool:
    """Plain, large or dictionary-encoded text."""
    of = kind.value_type if pa.types.is_dictionary(kind) else kind
    return bool(pa.types.is_string(of) or pa.types.is_large_string(of))


def one_array(chunked: Any) -> Any:
    """A chunked column as one array; a single chunk is not copied."""
    if isinstance(chunked, pa.ChunkedArray):
        return chunked.chunk(0) if chunked.num_chunks == 1 else chunked.combine_chunks()
    return chunked


def plain_text(array: Any) -> Any:
    """Text without a dictionary."""
    array = one_array(array)
    return array.dictionary_decode() if pa.types.is_dictionary(array.type) else array


def text_column(array: Any) -> TextColumn:
    """The array's own bytes and offsets, whatever slice of a buffer it is. Nulls must have been ruled out."""
    array = plain_text(array)
    _, raw_offsets, raw = array.buffers()
    width = np.int64 if pa.types.is_large_string(array.type) else np.int32
    if len(array) == 0 or raw_offsets is None:
        return TextColumn.of(())
    offsets = np.frombuffer(raw_offsets, width)[array.offset : array.offset + len(array) + 1]
    data = np.frombuffer(raw, np.uint8) if raw is not None else np.zeros(0, np.uint8)
    return TextColumn(data, offsets.astype(np.int64))


def codes(array: Any) -> tuple[tuple[str, ...], Int32s]:
    """(distinct texts, int32[n] index of each row's)."""
    array = one_array(array)
    encoded = array if pa.types.is_dictionary(array.type) else array.dictionary_encode()
    texts = tuple(str(text) for text in encoded.dictionary.to_pylist())
    return texts, encoded.indices.to_numpy(zero_copy_only=False).astype(np.int32)


def microseconds(array: Any) -> Int64s:
    """int64[n] of timestamps in microseconds, or of plain 64-bit integers; 0 for null."""
    array = one_array(array)
    whole = array.view(pa.int64()) if pa.types.is_timestamp(array.type) else array
    filled = whole.fill_null(0) if whole.null_count else whole
    numbers: Int64s = filled.to_numpy(zero_copy_only=False)
    return numbers


def usd_floats(array: Any) -> Floats:
    """float64[n], NaN for null."""
    numbers: Floats = one_array(array).to_numpy(zero_copy_only=False)
    return numbers


def micro_usds(usd: Floats) -> Int64s:
    """`schemas.block.micro_usd` of each row: USD_UNKNOWN for NaN, capped at MAX_MICRO_USD."""
    known = np.isfinite(usd) & (usd >= 0)
    whole = np.rint(np.where(known, usd, 0.0) * MICRO_USD)
    return np.where(known, np.minimum(whole, MAX_MICRO_USD), USD_UNKNOWN).astype(np.int64)


def are_amounts(array: Any) -> bool:
    """True when every text is surely an exact integer below 2^256."""
    column = text_column(array)
    return first_not_digits(column.data, column.offsets, SAFE_DIGITS) < 0


def are_evm(array: Any) -> bool:
    """True when every text is an EVM address in canonical form."""
    column = text_column(array)
    return first_not_evm(column.data, column.offsets) < 0


def distinct(array: Any) -> list[str]:
    """Each text once."""
    return list(pc.unique(plain_text(array)).to_pylist())
