"""Every byte a run leaves behind, with what is compressed opened, and what of it tells of somebody."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator, Mapping, Sequence
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile, is_zipfile

import numpy as np
import numpy.typing as npt
import pyarrow

from tests.cli.secrets import Secret, forms

CHECKSUM, HEADER = 16, 9  # ClickHouse: a hash of 16 bytes, then method, whole length and length inside
METHODS = {0x82: "lz4_raw", 0x90: "zstd"}
STORED = 0x02
HEAD = 6  # bytes of a needle that are looked up at once
LONGEST = 400
GZIP = b"\x1f\x8b"


def remains(folder: Path) -> dict[str, bytes]:
    """Files of a folder by name; of a compressed one the contents as well."""
    found: dict[str, bytes] = {}
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        raw = path.read_bytes()
        found[str(path.relative_to(folder))] = raw + b"\n" + b"\n".join(opened(raw))
    return found


def opened(raw: bytes) -> Iterator[bytes]:
    """What is inside: ClickHouse's compressed blocks, gzip, zip. Nothing for other bytes."""
    if raw.startswith(GZIP):
        yield gzip.decompress(raw)
    if is_zipfile(BytesIO(raw)):
        with ZipFile(BytesIO(raw)) as archive:
            yield from (archive.read(name) for name in archive.namelist())
    yield from blocks(raw)


def blocks(raw: bytes) -> Iterator[bytes]:
    """ClickHouse's blocks, one after the other; stops where no block stands."""
    at = 0
    while at + CHECKSUM + HEADER <= len(raw):
        method = raw[at + CHECKSUM]
        whole = int.from_bytes(raw[at + CHECKSUM + 1 : at + CHECKSUM + 5], "little")
        inside = int.from_bytes(raw[at + CHECKSUM + 5 : at + CHECKSUM + 9], "little")
        body = raw[at + CHECKSUM + HEADER : at + CHECKSUM + whole]
        if method not in (*METHODS, STORED) or whole <= HEADER or len(body) != whole - HEADER:
            return
        try:
            yield body if method == STORED else pyarrow.Codec(METHODS[method]).decompress(body, inside).to_pybytes()
        except (OSError, zlib.error):
            return
        at += CHECKSUM + whole


def told(places: Mapping[str, bytes], secrets: Sequence[Secret]) -> list[tuple[str, str, bytes]]:
    """(kind of secret, where, the bytes that tell it) for everything of a secret that stands in `places`."""
    wanted = {form: secret.kind for secret in secrets for needle in secret.needles for form in forms(needle)}
    heads = np.unique(np.array([head(form) for form in wanted], np.uint64))
    found = []
    for where, raw in places.items():
        lowered = raw.lower()
        for at in starts(lowered, heads):
            near = lowered[at : at + LONGEST]
            found += [(wanted[form], where, form) for form in wanted if near.startswith(form)]
    return found


def head(form: bytes) -> int:
    return int.from_bytes(form[:HEAD], "little")


def starts(raw: bytes, heads: npt.NDArray[np.uint64]) -> list[int]:
    """Offsets at which the first bytes of something wanted stand."""
    padded = raw + bytes(16)
    found: list[int] = []
    for shift in range(8):
        words = np.frombuffer(padded, np.uint64, (len(padded) - shift) // 8, shift) & np.uint64(256**HEAD - 1)
        places = np.minimum(np.searchsorted(heads, words), len(heads) - 1)
        found += (np.flatnonzero(heads[places] == words) * 8 + shift).tolist()
    return sorted(found)
