"""The transfers of blocks that can still be taken back, one file a block, so that a restart can take them back.

A node forgets orphaned blocks, and a position must stay small, so the position names blocks and the shelf keeps them.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import msgspec

from manumit.schemas.errors import Broken, EdgeDown
from manumit.schemas.transfer import Transfer


class Shelf:
    """Files `HEIGHT-HASH.json` in `folder`. A file is named by its block's hash, so writing twice is harmless."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def put(self, height: int, block_hash: str, transfers: Sequence[Transfer]) -> None:
        """Durable when it returns: the position that names the block is written later. Raises EdgeDown."""
        path = self._path(height, block_hash)
        unfinished = path.with_suffix(".part")
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            with unfinished.open("wb") as file:
                file.write(msgspec.json.encode(transfers))
                file.flush()
                os.fsync(file.fileno())
            unfinished.replace(path)
        except OSError as error:
            raise EdgeDown(f"cannot keep block {height} in {self.folder}: {error.strerror}; free disk space") from error

    def take(self, height: int, block_hash: str) -> list[Transfer]:
        """The transfers of a block. Raises Broken when they are gone: they cannot be taken back then."""
        path = self._path(height, block_hash)
        try:
            return msgspec.json.decode(path.read_bytes(), type=list[Transfer])
        except (OSError, msgspec.MsgspecError) as error:
            message = f"block {height} was taken back by a reorg, but its transfers are not in {path}: {error}"
            raise Broken(f"{message}; remove this source's checkpoint and replay its chain") from error

    def sweep(self, below: int) -> None:
        """Forget blocks lower than `below`."""
        for path in self.folder.glob("*-0x*"):
            if int(path.name.partition("-")[0]) < below:
                path.unlink(missing_ok=True)

    def _path(self, height: int, block_hash: str) -> Path:
        return self.folder / f"{height}-{block_hash}.json"
