"""Blocks as a node's answers, made from bytes: real ones of the shared data, and small invented ones."""

from __future__ import annotations

import bz2
import struct
from collections.abc import Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec

from manumit.connectors.chains.utxo.answers import Outpoint
from manumit.connectors.chains.utxo.raw import Cursor, Output, RawTransaction, double_sha256, shown, transaction_at

MAGIC = bytes.fromhex("f9beb4d9")


def answer(block: bytes, height: int, spent: Mapping[Outpoint, Output] | None = None) -> dict[str, Any]:
    """`getblock` at verbosity 3 of a whole block's bytes; prevouts where `spent` knows them."""
    version, parent, root, time, bits, nonce = struct.unpack("<i32s32sIII", block[:80])
    cursor = Cursor(block, 80)
    listed = [_listed(block, cursor, spent or {}) for _ in range(cursor.count())]
    assert cursor.at == len(block)
    return {
        "hash": shown(double_sha256(block[:80])),
        "confirmations": 1,
        "height": height,
        "version": version,
        "merkleroot": shown(root),
        "time": time,
        "nonce": nonce,
        "bits": f"{bits:08x}",
        "previousblockhash": shown(parent),
        "tx": listed,
    }


def _listed(block: bytes, cursor: Cursor, spent: Mapping[Outpoint, Output]) -> dict[str, Any]:
    start = cursor.at
    one = transaction_at(cursor)
    vin = [_input(spent.get(source)) for source in one.spends] or [{"coinbase": "00"}]
    return {"txid": one.tx_hash, "hex": block[start : cursor.at].hex(), "vin": vin}


def _input(output: Output | None) -> dict[str, Any]:
    if output is None:
        return {}
    value = msgspec.Raw(str(Decimal(output.amount).scaleb(-8)).encode())
    return {"prevout": {"value": value, "scriptPubKey": {"hex": output.script.hex()}}}


def transactions(block: bytes) -> list[RawTransaction]:
    cursor = Cursor(block, 80)
    return [transaction_at(cursor) for _ in range(cursor.count())]


def first_blocks(folder: Path) -> Iterator[bytes]:
    """Bitcoin's blocks 1 to 255, from btcd's test data: the network's magic and a length before each."""
    return _framed(bz2.decompress((folder / "blocks1-256.bz2").read_bytes()))


def _framed(data: bytes) -> Iterator[bytes]:
    at = 0
    while at < len(data):
        assert data[at : at + 4] == MAGIC
        size = int.from_bytes(data[at + 4 : at + 8], "little")
        yield data[at + 8 : at + 8 + size]
        at += 8 + size


def unspent_outputs(folder: Path) -> dict[Outpoint, Output]:
    """What block 277647 spends, from btcd's test data: outpoint, length, then its compressed entry."""
    data = bz2.decompress((folder / "277647.utxostore.bz2").read_bytes())
    found: dict[Outpoint, Output] = {}
    at = 0
    while at < len(data):
        source = shown(data[at : at + 32]), int.from_bytes(data[at + 32 : at + 36], "little")
        size = int.from_bytes(data[at + 36 : at + 40], "little")
        entry = Compressed(data[at + 40 : at + 40 + size])
        entry.number()  # height and coinbase
        found[source] = Output(entry.amount(), entry.script())
        at += 40 + size
    return found


FIELD_PRIME = 2**256 - 2**32 - 977


class Compressed:
    """Amounts and scripts as Bitcoin Core and btcd store them (compressor.cpp)."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def number(self) -> int:
        """A variable-length quantity, most significant group first."""
        found = 0
        while True:
            byte = self._data[self._at]
            self._at += 1
            found = found << 7 | byte & 0x7F
            if not byte & 0x80:
                return found
            found += 1

    def amount(self) -> int:
        packed = self.number()
        if not packed:
            return 0
        packed, exponent = divmod(packed - 1, 10)
        if exponent == 9:
            return (packed + 1) * 10**9
        packed, digit = divmod(packed, 9)
        return int((packed * 10 + digit + 1) * 10**exponent)

    def script(self) -> bytes:
        kind = self.number()
        rest = self._data[self._at :]
        if kind == 0:
            return b"\x76\xa9\x14" + rest + b"\x88\xac"
        if kind == 1:
            return b"\xa9\x14" + rest + b"\x87"
        if kind in (2, 3):
            return b"\x21" + bytes([kind]) + rest + b"\xac"
        if kind in (4, 5):
            return b"\x41\x04" + rest + _other_coordinate(rest, odd=kind == 5) + b"\xac"
        return rest


def _other_coordinate(x: bytes, *, odd: bool) -> bytes:
    square = (pow(int.from_bytes(x, "big"), 3, FIELD_PRIME) + 7) % FIELD_PRIME
    y = pow(square, (FIELD_PRIME + 1) // 4, FIELD_PRIME)
    return (y if y % 2 == odd else FIELD_PRIME - y).to_bytes(32, "big")
