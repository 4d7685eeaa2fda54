"""Bytes of a text file, plain or gzip, cut into lines with their places."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from manumit.schemas.errors import BadRecord, EdgeDown

CHUNK_BYTES = 4 << 20
LONGEST_RECORD = 1 << 20
KEPT_OF_TOO_LONG = 16_384
GZIP_MAGIC = b"\x1f\x8b"
GZIP_WINDOW = 31


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One line without its newline. `stop` is the offset just past it, in decompressed bytes.

    A carriage return stays: inside a quoted cell it is content. `ended` is False when the file stopped
    before a newline; `fault` says why the line cannot be read.
    """

    raw: bytes
    line: int
    stop: int
    ended: bool = True
    fault: BadRecord | None = None


def is_gzip(path: Path) -> bool:
    """By the first two bytes, not by the name. Raises EdgeDown."""
    with open_file(path) as stream:
        return stream.read(2) == GZIP_MAGIC


def open_file(path: Path) -> BinaryIO:
    """Raises EdgeDown when the file is away."""
    try:
        return path.open("rb")
    except OSError as error:
        raise EdgeDown(f"{path}: cannot be opened ({error})") from error


def read_chunks(path: Path, offset: int = 0) -> Iterator[bytes]:
    """Decompressed bytes from `offset` on. Raises EdgeDown; BadRecord when gzip data break off."""
    gzipped = is_gzip(path)
    with open_file(path) as stream:
        if not gzipped:
            stream.seek(offset)
        raw = raw_chunks(stream, path)
        yield from skip(inflate(raw), offset) if gzipped else raw


def raw_chunks(stream: BinaryIO, path: Path) -> Iterator[bytes]:
    """The file's own bytes. Raises EdgeDown when reading fails half-way."""
    try:
        while chunk := stream.read(CHUNK_BYTES):
            yield chunk
    except OSError as error:
        raise EdgeDown(f"{path}: reading failed ({error})") from error


def inflate(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Gzip members one after the other. Pure. Raises BadRecord("truncated") where the data break off."""
    inflater, fed = zlib.decompressobj(GZIP_WINDOW), False
    for chunk in chunks:
        rest = chunk
        while rest:
            out, fed = inflated(inflater, rest), True
            if out:
                yield out
            rest = inflater.unconsumed_tail
            if inflater.eof:
                rest = inflater.unused_data.lstrip(b"\0")
                inflater, fed = zlib.decompressobj(GZIP_WINDOW), False
    if fed:
        yield inflater.flush()
        raise BadRecord("truncated", "the gzip file ends before its end mark")


def inflated(inflater: zlib._Decompress, data: bytes) -> bytes:
    """At most CHUNK_BYTES of output: a small file must not fill the memory."""
    try:
        return inflater.decompress(data, CHUNK_BYTES)
    except zlib.error as error:
        raise BadRecord("truncated", f"the gzip data are broken ({error})") from error


def skip(chunks: Iterable[bytes], count: int) -> Iterator[bytes]:
    """Chunks without their first `count` bytes."""
    for chunk in chunks:
        if count < len(chunk):
            yield chunk[count:]
        count = max(0, count - len(chunk))


def split_lines(chunks: Iterator[bytes], *, offset: int = 0, line: int = 0) -> Iterator[Record]:
    """Records in order. A break in the data ends them with one record whose `fault` is set."""
    held, dropped = b"", 0
    fault: BadRecord | None = None
    while fault is None:
        chunk, fault = next_chunk(chunks)
        if not chunk:
            break
        *whole, held = (held + chunk).split(b"\n")
        for raw in whole:
            line, offset = line + 1, offset + len(raw) + dropped + 1
            yield measured(raw, dropped, line, offset)
            dropped = 0
        if len(held) > LONGEST_RECORD:
            dropped += len(held) - KEPT_OF_TOO_LONG
            held = held[:KEPT_OF_TOO_LONG]
    if dropped or (held and fault is None):
        line, offset = line + 1, offset + len(held) + dropped
        yield measured(held, dropped, line, offset, ended=False)
        held = b""
    if fault:
        yield Record(raw=held, line=line + 1, stop=offset + len(held), ended=False, fault=fault)


@dataclass(frozen=True, slots=True)
class Block:
    """Whole lines, newlines and all. Where `dropped`, `fault` or not `ended`, one irregular line instead.

    `dropped` counts bytes of a line that was too long to keep.
    """

    raw: bytes
    dropped: int = 0
    ended: bool = True
    fault: BadRecord | None = None

    @property
    def is_regular(self) -> bool:
        return self.ended and not self.dropped and self.fault is None

    def record(self, line: int, offset: int) -> Record:
        """The irregular line as `split_lines` would give it."""
        stop = offset + len(self.raw) + self.dropped
        if self.fault:
            return Record(raw=self.raw, line=line, stop=stop, ended=False, fault=self.fault)
        return measured(self.raw.removesuffix(b"\n"), self.dropped, line, stop, ended=self.ended)


def split_blocks(chunks: Iterator[bytes]) -> Iterator[Block]:
    """As `split_lines`, but many lines at a time."""
    held, dropped = b"", 0
    fault: BadRecord | None = None
    while fault is None:
        chunk, fault = next_chunk(chunks)
        if not chunk:
            break
        if dropped and b"\n" in chunk:
            first = chunk.index(b"\n") + 1
            yield Block(held + chunk[:first], dropped)
            held, dropped, chunk = b"", 0, chunk[first:]
        cut = chunk.rfind(b"\n") + 1
        if cut:
            yield Block(b"".join((held, memoryview(chunk)[:cut])))
            held = b""
        held += chunk[cut:]
        if len(held) > LONGEST_RECORD:
            dropped += len(held) - KEPT_OF_TOO_LONG
            held = held[:KEPT_OF_TOO_LONG]
    if dropped or (held and fault is None):
        yield Block(held, dropped, ended=False)
    if fault:
        yield Block(b"" if dropped else held, ended=False, fault=fault)


def next_chunk(chunks: Iterator[bytes]) -> tuple[bytes, BadRecord | None]:
    """The next non-empty chunk, b"" at the end, and why the data break off there."""
    try:
        return next((chunk for chunk in chunks if chunk), b""), None
    except BadRecord as error:
        return b"", error


def measured(raw: bytes, dropped: int, line: int, stop: int, *, ended: bool = True) -> Record:
    """A record, or its fault when the line is longer than LONGEST_RECORD."""
    size = len(raw) + dropped
    if size <= LONGEST_RECORD:
        return Record(raw=raw, line=line, stop=stop, ended=ended)
    fault = BadRecord("malformed", f"the line is {size} bytes long; the limit is {LONGEST_RECORD}")
    return Record(raw=raw[:KEPT_OF_TOO_LONG], line=line, stop=stop, ended=ended, fault=fault)
