"""The transfers of blocks that can still be taken back, one file a block, so that a restart can take them back.

A node forgets orphaned blocks, and a position must stay small, so the position names blocks and the shelf keeps them.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TypeVar

import msgspec

from manumit.schemas.errors import Broken, EdgeDown
from manumit.schemas.transfer import Transfer
from manumit.schemas.utxo import UtxoTransaction

WHOLE = ".whole"
Rows = TypeVar("Rows")


class Shelf:
    """Files `HEIGHT-HASH.json` (and `.whole`) in `folder`, named by their block's hash: writing twice is harmless."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def put(
        self,
        height: int,
        block_hash: str,
        transfers: Sequence[Transfer],
        transactions: Sequence[UtxoTransaction] = (),
    ) -> None:
        """Durable when it returns: the position that names the block is written later. Raises EdgeDown."""
        path = self._path(height, block_hash)
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            if transactions:  # before the transfers: where those are, these are
                _write(path.with_suffix(WHOLE), msgspec.json.encode(transactions))
            _write(path, msgspec.json.encode(transfers))
        except OSError as error:
            raise EdgeDown(f"cannot keep block {height} in {self.folder}: {error.strerror}; free disk space") from error

    def take(self, height: int, block_hash: str) -> list[Transfer]:
        """The transfers of a block. Raises Broken when they are gone: they cannot be taken back then."""
        return self._read(height, self._path(height, block_hash), list[Transfer])

    def take_transactions(self, height: int, block_hash: str) -> list[UtxoTransaction]:
        """The whole transactions of a block, where it came with any. Raises Broken when they are damaged."""
        path = self._path(height, block_hash).with_suffix(WHOLE)
        return self._read(height, path, list[UtxoTransaction]) if path.exists() else []

    def _read(self, height: int, path: Path, form: type[Rows]) -> Rows:
        try:
            return msgspec.json.decode(path.read_bytes(), type=form)
        except (OSError, msgspec.MsgspecError) as error:
            message = f"block {height} was taken back by a reorg, but its transfers are not in {path}: {error}"
            raise Broken(f"{message}; remove this source's checkpoint and replay its chain") from error

    def sweep(self, below: int) -> None:
        """Forget blocks lower than `below`."""
        for path in self.folder.glob("*-*"):
            if int(path.name.partition("-")[0]) < below:
                path.unlink(missing_ok=True)

    def _path(self, height: int, block_hash: str) -> Path:
        return self.folder / f"{height}-{block_hash}.json"


def _write(path: Path, data: bytes) -> None:
    unfinished = path.with_suffix(path.suffix + ".part")
    with unfinished.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(path)
