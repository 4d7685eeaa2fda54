"""What a Bitcoin-like node says of a block, held against the block's own hash. Pure: bytes in, checked blocks out.

Transactions are read from their bytes, not from the node's decimals: ids, merkle root and header hash then prove that
the block is whole and unchanged. Only the spent outputs are the node's word (`getblock` at verbosity 3).
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Annotated

import msgspec

from manumit.connectors.chains.evm import Lie, read
from manumit.connectors.chains.utxo.raw import (
    Output,
    RawTransaction,
    double_sha256,
    merkle_root,
    shown,
    transaction,
)
from manumit.schemas.addresses import DASH
from manumit.schemas.fields import YEAR_2200_US

US = 1_000_000
COIN_DIGITS = 8
MOST_UNITS = 2**63 - 1
OTHER_BLOCK_HASH = frozenset({DASH})
"""Chains whose block hash is not SHA-256 twice over the header."""

Hex32 = Annotated[str, msgspec.Meta(pattern=r"\A[0-9a-f]{64}\Z")]
Hexadecimal = Annotated[str, msgspec.Meta(pattern=r"\A([0-9a-f]{2})*\Z")]
Uint32 = Annotated[int, msgspec.Meta(ge=0, le=2**32 - 1)]
Outpoint = tuple[str, int]


class Script(msgspec.Struct, frozen=True):
    """A locking script."""

    hex: Hexadecimal


class Prevout(msgspec.Struct, frozen=True, rename="camel"):
    """The output an input spends. `value` in whole coins."""

    value: Decimal
    script_pub_key: Script


class Input(msgspec.Struct, frozen=True):
    """What is not in the bytes of an input."""

    prevout: Prevout | None = None


class Listed(msgspec.Struct, frozen=True):
    """One transaction of a block."""

    txid: Hex32
    hex: Hexadecimal
    vin: list[Input]


class Header(msgspec.Struct, frozen=True):
    """A block's header. `confirmations` is -1 for a block that is not on the best chain."""

    hash: Hex32
    confirmations: int
    height: Uint32
    time: Uint32
    parent_hash: Hex32 = msgspec.field(name="previousblockhash", default="00" * 32)


class Answer(msgspec.Struct, frozen=True):
    """`getblock` at verbosity 2 or 3."""

    hash: Hex32
    confirmations: int
    height: Uint32
    version: Annotated[int, msgspec.Meta(ge=-(2**31), le=2**31 - 1)]
    merkleroot: Hex32
    time: Uint32
    nonce: Uint32
    bits: Annotated[str, msgspec.Meta(pattern=r"\A[0-9a-f]{8}\Z")]
    tx: Annotated[list[Listed], msgspec.Meta(min_length=1)]
    parent_hash: Hex32 = msgspec.field(name="previousblockhash", default="00" * 32)


@dataclass(frozen=True, slots=True, kw_only=True)
class UtxoBlock:
    """A checked block. `spent` are the outputs its inputs spend, as far as the node told."""

    height: int
    hash: str
    parent_hash: str
    at_us: int
    transactions: tuple[RawTransaction, ...]
    spent: dict[Outpoint, Output] = field(default_factory=dict)


def block_of(raw: bytes, chain: str, *, wanted: str) -> UtxoBlock:
    """The block of `getblock`. Raises Lie for another block, or one that contradicts its own hash."""
    place = f"block {wanted}"
    answer = read(raw, Answer, place=place)
    found = tuple(_transaction(listed, place) for listed in answer.tx)
    root = merkle_root([one.tx_hash for one in found])
    says = None
    if answer.hash != wanted:
        says = f"asked for block {wanted}, got {answer.hash}"
    elif root != answer.merkleroot:
        says = f"the transactions of block {wanted} are not those of its header"
    elif len({one.tx_hash for one in found}) != len(found):  # the root does not tell (CVE-2012-2459)
        says = f"block {wanted} holds a transaction twice"
    elif chain not in OTHER_BLOCK_HASH and _hash(answer) != wanted:
        says = f"the header of block {wanted} has another hash"
    elif not found[0].is_coinbase or any(one.is_coinbase for one in found[1:]):
        says = f"block {wanted} makes coins elsewhere than in its first transaction"
    elif answer.time * US > YEAR_2200_US:
        says = f"block {wanted} is dated after the year 2200"
    if says:
        shown_part = {"hash": answer.hash, "height": answer.height, "merkleroot": answer.merkleroot}
        raise Lie(says, place=place, payload=msgspec.json.encode(shown_part))
    return UtxoBlock(
        height=answer.height,
        hash=answer.hash,
        parent_hash=answer.parent_hash,
        at_us=answer.time * US,
        transactions=found,
        spent=_spent(answer, found, place),
    )


def transaction_of(listed: str, *, wanted: str) -> RawTransaction:
    """The transaction with these bytes in hexadecimal. Raises Lie when it is another."""
    place = f"transaction {wanted}"
    try:
        found = transaction(bytes.fromhex(listed))
    except ValueError as error:
        raise Lie(f"not a transaction: {error}", place=place, payload=listed[:2000]) from error
    if found.tx_hash != wanted:
        raise Lie(f"asked for transaction {wanted}, got {found.tx_hash}", place=place, payload=listed[:2000])
    return found


def _transaction(listed: Listed, place: str) -> RawTransaction:
    found = transaction_of(listed.hex, wanted=listed.txid)
    if found.spends and len(found.spends) != len(listed.vin):
        payload = msgspec.json.encode(listed)[:2000]
        raise Lie(
            f"{len(listed.vin)} inputs told of {len(found.spends)} in {listed.txid}", place=place, payload=payload
        )
    return found


def _hash(answer: Answer) -> str:
    header = struct.pack("<i", answer.version)
    header += bytes.fromhex(answer.parent_hash)[::-1] + bytes.fromhex(answer.merkleroot)[::-1]
    header += struct.pack("<I", answer.time) + bytes.fromhex(answer.bits)[::-1] + struct.pack("<I", answer.nonce)
    return shown(double_sha256(header))


def _spent(answer: Answer, found: tuple[RawTransaction, ...], place: str) -> dict[Outpoint, Output]:
    spent: dict[Outpoint, Output] = {}
    for listed, one in zip(answer.tx, found, strict=True):
        for source, told in zip(one.spends, listed.vin, strict=False):
            if told.prevout is not None:
                spent[source] = Output(base_units(told.prevout.value, place), _script(told.prevout))
    return spent


def _script(prevout: Prevout) -> bytes:
    return bytes.fromhex(prevout.script_pub_key.hex)


def base_units(value: Decimal, place: str) -> int:
    """Whole coins to base units. Raises Lie for a fraction of one, a negative or an absurd number."""
    units = value.scaleb(COIN_DIGITS)
    if not 0 <= units <= MOST_UNITS or units != units.to_integral_value():
        raise Lie(f"{value} is no number of coins", place=place, payload=str(value))
    return int(units)
