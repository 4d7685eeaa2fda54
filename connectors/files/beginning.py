"""Positions that know their file: each carries a digest of how the file began, checked before it is used.

Only what lies before the position is digested, so a file may grow behind it; decompressed bytes and decoded
rows are, so a file may be packed again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from hashlib import sha256
from itertools import islice
from pathlib import Path
from typing import Any

import pyarrow as pa

from manumit.connectors.contract import Batch
from manumit.connectors.files.stream import read_chunks
from manumit.connectors.files.table import open_parquet
from manumit.schemas.errors import BadRecord, ConfigError

BYTES_DIGESTED = 4096
ROWS_DIGESTED = 16
DIGITS = 16
MARK = "@"


@dataclass(frozen=True, slots=True, kw_only=True)
class Beginning:
    """How one file begins. `first(n)` gives its first n parts as bytes, fewer where there are no more."""

    path: Path
    first: Callable[[int], bytes]
    longest: int

    def sealed(self, batches: Iterable[Batch], done: Callable[[str], int]) -> Iterator[Batch]:
        """The batches, each position with its digest. `done`: parts read at a position. Raises EdgeDown."""
        size, digest = -1, ""
        for batch in batches:
            wanted = min(self.longest, done(batch.position))
            if wanted != size:
                size, digest = wanted, self.digest(wanted)
            yield replace(batch, position=f"{batch.position}{MARK}{digest}")

    def checked(self, token: str | None, done: Callable[[str], int]) -> str | None:
        """The position without its digest. Raises ConfigError when the file begins in another way, EdgeDown."""
        if token is None:
            return None
        position, _, digest = token.partition(MARK)
        if digest != self.digest(min(self.longest, done(position))):
            message = f"{self.path}: another file stands at this path than the one the checkpoint was made on; "
            raise ConfigError(message + "use a fresh state_dir, or give it another name")
        return position

    def digest(self, size: int) -> str:
        """Of the first `size` parts; "" where they can no longer be read."""
        try:
            return sha256(self.first(size)).hexdigest()[:DIGITS]
        except BadRecord:
            return ""


def unsealed(token: str) -> str:
    """A position without its digest."""
    return token.partition(MARK)[0]


def text_beginning(path: Path) -> Beginning:
    """Of a text file, by its decompressed bytes."""
    return Beginning(path=path, first=lambda size: first_bytes(path, size), longest=BYTES_DIGESTED)


def parquet_beginning(path: Path) -> Beginning:
    """Of a Parquet file, by its rows: a longer file has other bytes from the start."""
    return Beginning(path=path, first=lambda size: first_rows(path, size), longest=ROWS_DIGESTED)


def first_bytes(path: Path, size: int) -> bytes:
    """At most `size` bytes. Raises EdgeDown, BadRecord where gzip data break off before them."""
    found, chunks = b"", read_chunks(path)
    while len(found) < size and (chunk := next(chunks, b"")):
        found += chunk
    return found[:size]


def first_rows(path: Path, size: int) -> bytes:
    """At most `size` rows as text. Raises EdgeDown, BadRecord when it is no whole Parquet file."""
    batches = open_parquet(path).iter_batches(batch_size=ROWS_DIGESTED)
    rows = (row for batch in batches for row in plain(batch).to_pylist())
    return repr(list(islice(rows, size))).encode("utf-8", "backslashreplace")


def plain(batch: Any) -> Any:
    """The record batch with timestamps as int64: Python has no year 38505, a spoilt file may."""
    columns = [c.cast(pa.int64()) if pa.types.is_timestamp(c.type) else c for c in batch.columns]
    return pa.RecordBatch.from_arrays(columns, names=batch.schema.names)
