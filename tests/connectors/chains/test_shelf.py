"""What must survive a restart, and a clear word when it cannot be kept."""

from __future__ import annotations

from pathlib import Path

import pytest

from manumit.connectors.chains.shelf import Shelf
from manumit.schemas.errors import Broken, EdgeDown
from manumit.schemas.fields import MAX_UINT256
from manumit.schemas.transfer import Transfer

HASH = "0x" + "ab" * 32


def transfer(amount: int) -> Transfer:
    return Transfer(
        chain="eip155:1",
        block_height=9,
        block_hash=HASH,
        tx_hash="0x" + "01" * 32,
        position=0,
        at_us=1,
        seen_us=2,
        sender="0x" + "01" * 20,
        receiver="0x" + "02" * 20,
        asset="0x" + "03" * 20,
        amount=amount,
        decimals=6,
    )


def test_put_twice_take_and_sweep(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path / "new" / "folder")
    kept = [transfer(MAX_UINT256), transfer(0)]
    shelf.put(9, HASH, [])
    shelf.put(9, HASH, kept)
    shelf.put(10, HASH, [])
    assert shelf.take(9, HASH) == kept
    assert shelf.take(10, HASH) == []
    shelf.sweep(10)
    assert shelf.take(10, HASH) == []
    with pytest.raises(Broken, match="block 9 was taken back"):
        shelf.take(9, HASH)


def test_a_file_cut_short_is_not_guessed(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path)
    shelf.put(9, HASH, [transfer(5)])
    (file,) = tmp_path.iterdir()
    file.write_bytes(file.read_bytes()[:-20])
    with pytest.raises(Broken):
        shelf.take(9, HASH)


def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(EdgeDown, match="cannot keep block 9"):
        Shelf(tmp_path / "file").put(9, HASH, [])
