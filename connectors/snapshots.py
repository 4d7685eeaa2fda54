"""Snapshots by URL: a folder, an object store, whatever fsspec knows. Each is sealed, and a damaged one is none.

A file is 32 bytes of sha256 over the rest, one byte of version, then the body. Its name is where in the log it
stands. The one before is kept too.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from typing import Any

import fsspec

from manumit.schemas.errors import ConfigError, EdgeDown

VERSION = b"\x01"
KEPT = 2
HASH_BYTES = 32
SUFFIX = ".snapshot"
DRAFT = ".draft"


class SnapshotStore:
    """`url` is a folder or what fsspec takes (`s3://bucket/path`, `gcs://bucket/path`); the libraries of object
    stores are installed separately. Raises ConfigError for one that fsspec does not know.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        try:
            self._files, root = fsspec.core.url_to_fs(url)
        except (ValueError, ImportError) as error:
            raise ConfigError(f"snapshots in {url!r}: {error}") from error
        self._root = str(root).rstrip("/")

    def save(self, name: str, offset: int, body: bytes) -> None:
        """Returns when it is whole in its place. Raises EdgeDown when it cannot be written."""
        folder = f"{self._root}/{name}"
        sealed = VERSION + body
        with self._reached("written"):
            self._files.makedirs(folder, exist_ok=True)
            target = f"{folder}/{offset:016d}{SUFFIX}"
            self._remove_drafts(folder)  # of writes that failed: on a full disk they would keep it full
            self._files.pipe_file(target + DRAFT, sha256(sealed).digest() + sealed)
            self._files.mv(target + DRAFT, target)
            for old in self._names(name)[:-KEPT]:
                self._files.rm_file(old)

    def newest(self, name: str) -> Iterator[tuple[int, bytes | None]]:
        """Offset and body, newest first; None for a body that is damaged or of another version. Raises EdgeDown."""
        with self._reached("read"):
            for path in reversed(self._names(name)):
                yield int(path.rpartition("/")[2].removesuffix(SUFFIX)), _body(self._files.cat_file(path))

    def drop(self, name: str, offset: int) -> None:
        """Forget one that is of no use, so that it does not stand before those that are. Raises EdgeDown."""
        with self._reached("removed"):
            self._files.rm_file(f"{self._root}/{name}/{offset:016d}{SUFFIX}")

    def _remove_drafts(self, folder: str) -> None:
        self._files.invalidate_cache(folder)
        for path in map(str, self._files.ls(folder, detail=False)):
            if path.endswith(DRAFT):
                self._files.rm_file(path)

    def _names(self, name: str) -> list[str]:
        folder = f"{self._root}/{name}"
        if not self._files.exists(folder):
            return []
        self._files.invalidate_cache(folder)
        found: list[Any] = self._files.ls(folder, detail=False)
        paths = [str(path) for path in found]
        return sorted(p for p in paths if p.endswith(SUFFIX) and p.rpartition("/")[2].removesuffix(SUFFIX).isdigit())

    @contextmanager
    def _reached(self, what: str) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise EdgeDown(f"no snapshot can be {what} in {self.url}: {error}") from error


def _body(data: bytes) -> bytes | None:
    seal, sealed = data[:HASH_BYTES], data[HASH_BYTES:]
    if sha256(sealed).digest() != seal or sealed[:1] != VERSION:
        return None
    return sealed[1:]
