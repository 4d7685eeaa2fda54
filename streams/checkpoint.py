"""Where a run stands, on disk: one file, written whole or not at all, two kept.

A file is 32 bytes of sha256 over the rest, then msgpack. A damaged newest file falls back to the one
before; the sources are then read again from there, and rows written twice fold in the store.
"""

from __future__ import annotations

import os
from hashlib import sha256
from pathlib import Path

import msgspec

from manumit.schemas.errors import ConfigError
from manumit.streams.pipeline import PipelineState

VERSION = 1
KEPT = 2


class Checkpoint(msgspec.Struct, frozen=True, kw_only=True):
    """`positions` resume each source; everything up to `cut_us` is in `pipeline` and in the store."""

    version: int = VERSION
    plan: str
    cut_us: int
    positions: dict[str, str]
    pipeline: PipelineState
    totals: dict[str, int]


class Checkpoints:
    """The folder they live in; it is made when the first is saved."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def save(self, checkpoint: Checkpoint) -> None:
        """Returns when the file is durable. Raises OSError when the disk is full or away."""
        self._folder.mkdir(parents=True, exist_ok=True)
        body = msgspec.msgpack.encode(checkpoint)
        number = 1 + max((self._number(path) for path in self._files()), default=0)
        target = self._folder / f"{number:012d}.checkpoint"
        draft = target.with_suffix(".draft")
        with draft.open("wb") as file:
            file.write(sha256(body).digest() + body)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(target)
        for old in self._files()[:-KEPT]:
            old.unlink()

    def newest(self, plan: str) -> Checkpoint | None:
        """The newest whole checkpoint. Raises ConfigError when it was made with another rule pack."""
        for path in reversed(self._files()):
            found = _read(path)
            if found is None:
                continue
            if found.version != VERSION or found.plan != plan:
                raise ConfigError(
                    f"{path} was made with another set of rules or thresholds; run with a fresh state_dir to rebuild"
                )
            return found
        return None

    def _files(self) -> list[Path]:
        return sorted(self._folder.glob("*.checkpoint"))

    @staticmethod
    def _number(path: Path) -> int:
        return int(path.stem)


def _read(path: Path) -> Checkpoint | None:
    data = path.read_bytes()
    digest, body = data[:32], data[32:]
    if sha256(body).digest() != digest:
        return None
    return msgspec.msgpack.decode(body, type=Checkpoint)
