"""Where a run stands, on disk: one file, written whole or not at all, two kept.

A file is 32 bytes of sha256 over the rest, one byte of version, then msgpack. A damaged newest file falls
back to the one before; the sources are then read again from there, and rows written twice fold in the store.
"""

from __future__ import annotations

import os
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

import msgspec

from manumit.schemas.errors import ConfigError, EdgeDown
from manumit.streams.pipeline_state import PipelineState

VERSION = b"\x05"
KEPT = 2
HASH_BYTES = 32


class Checkpoint(msgspec.Struct, frozen=True, kw_only=True):
    """`positions` resume each source; everything up to `cut_us` is in `pipeline` and in the store.

    `rules` is the pipeline's digest; `passed` and `reorged` as in `merging.Merger`, `alerts` as in
    `digest.AlertDigest`.
    """

    rules: str
    cut_us: int
    positions: dict[str, str]
    passed: dict[str, int]
    reorged: list[str]
    pipeline: PipelineState
    totals: dict[str, int]
    alerts: dict[str, tuple[int, bytes]]


class Checkpoints:
    """The folder they live in; it is made when the first is saved."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def save(self, checkpoint: Checkpoint) -> None:
        """Returns when the file is durable. Raises EdgeDown when the disk is full or away."""
        body = VERSION + msgspec.msgpack.encode(checkpoint)
        number = 1 + max((int(path.stem) for path in self._files()), default=0)
        target = self._folder / f"{number:012d}.checkpoint"
        draft = target.with_suffix(".draft")
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            _write(draft, sha256(body).digest() + body)
            draft.replace(target)
            _sync_folder(self._folder)
            for old in self._files()[:-KEPT]:
                old.unlink()
        except OSError as error:
            with suppress(OSError):
                draft.unlink()
            raise EdgeDown(
                f"no checkpoint can be written in {self._folder} ({error.strerror}): make room or give another "
                "state_dir; the run goes on from the checkpoint before"
            ) from error

    def newest(self, rules: str) -> Checkpoint | None:
        """The newest whole checkpoint, None where there is none yet.

        Raises ConfigError when it was made by other rules or another version, or when every one is damaged.
        """
        files = self._files()
        for path in reversed(files):
            body = _body(path)
            if body is not None:
                return _checked(path, body, rules)
        if files:
            raise ConfigError(f"every checkpoint in {self._folder} is damaged: remove them to begin from the start")
        return None

    def _files(self) -> list[Path]:
        return sorted(path for path in self._folder.glob("*.checkpoint") if path.stem.isdigit())


def _write(path: Path, data: bytes) -> None:
    with path.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    """A rename is durable once its folder is."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _body(path: Path) -> bytes | None:
    data = path.read_bytes()
    digest, body = data[:HASH_BYTES], data[HASH_BYTES:]
    return body if sha256(body).digest() == digest else None


def _checked(path: Path, body: bytes, rules: str) -> Checkpoint:
    if body[:1] != VERSION:
        raise ConfigError(f"{path} was made by another version of manumit; rebuild with a fresh state_dir and store")
    found = msgspec.msgpack.decode(body[1:], type=Checkpoint)
    if found.rules != rules:
        raise ConfigError(
            f"{path} was made with another set of rules, thresholds or another model; "
            "run with a fresh state_dir and a fresh store to rebuild"
        )
    return found
