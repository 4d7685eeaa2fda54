"""ClickHouse's Native format in bytes, by the column codecs of clickhouse-driver.

The embedded store speaks Native through them, so both transports give and take the very same
Python values. They are internals of clickhouse-driver: its version is pinned exactly.
Layout: https://clickhouse.com/docs/interfaces/formats/Native
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from typing import Any

from clickhouse_driver.block import ColumnOrientedBlock
from clickhouse_driver.bufferedreader import CompressedBufferedReader
from clickhouse_driver.bufferedwriter import CompressedBufferedWriter
from clickhouse_driver.connection import ServerInfo
from clickhouse_driver.context import Context
from clickhouse_driver.errors import TypeMismatchError
from clickhouse_driver.streams.native import BlockInputStream, BlockOutputStream

from manumit.schemas.errors import Broken

FILE_REVISION = 50_000  # Native in files carries neither block info nor serialization flags
BUFFER_BYTES = 1 << 20
ENCODING_FAULTS = (AttributeError, OverflowError, TypeError, ValueError, struct.error, TypeMismatchError)
"""What the codecs raise for a value its column type cannot hold."""

Columns = Sequence[tuple[str, str]]
"""(name, ClickHouse type) of each column."""


def codec_context(revision: int = FILE_REVISION) -> Any:
    """What the driver's codecs ask about the other side: protocol revision, UTC, text as str."""
    context = Context()
    context.settings = {}
    context.client_settings = {
        "use_numpy": False,
        "strings_as_bytes": False,
        "strings_encoding": "utf-8",
        "input_format_null_as_default": False,
        "namedtuple_as_json": False,
    }
    context.server_info = ServerInfo("engine", 0, 0, 0, revision, "UTC", "engine", revision)
    return context


def encode(columns: Columns, values: Sequence[Sequence[Any]]) -> bytes:
    """One Native block; values[i] are the rows of column i. Raises Broken on a value its type cannot hold."""
    copies = [list(column) for column in values]  # the codecs write into the lists they are given
    parts = _Parts()
    writer = CompressedBufferedWriter(parts, BUFFER_BYTES)
    try:
        BlockOutputStream(writer, codec_context()).write(ColumnOrientedBlock(list(columns), copies))
    except ENCODING_FAULTS as error:
        raise Broken(f"a value does not fit its column type: {error}") from error
    writer.flush()
    return b"".join(parts.written)


def decode(raw: bytes) -> Iterator[tuple[Columns, Sequence[Sequence[Any]]]]:
    """The blocks of Native bytes as (columns, values by column). Raises Broken on a cut block."""
    reader = CompressedBufferedReader(_no_more, BUFFER_BYTES)
    reader.buffer = bytearray(raw)
    reader.current_buffer_size = len(raw)
    stream = BlockInputStream(reader, codec_context())
    while reader.position < len(raw):
        block = stream.read()
        yield block.columns_with_types, block.get_columns()


def _no_more() -> bytes:
    raise Broken("the engine's answer ends inside a block")


class _Parts:
    """Takes the writer's buffers: the one method of a compressor it calls."""

    def __init__(self) -> None:
        self.written: list[bytes] = []

    def write(self, part: bytes) -> None:
        self.written.append(bytes(part))
