"""A transaction of a Bitcoin-like chain whole, beside the transfers derived from it, and the links it suggests."""

from __future__ import annotations

from typing import Annotated

import msgspec

from manumit.schemas.fields import AtUs, BaseUnits, Count8, Count32, Count64, Hash, Identifier, Operation, Share, Word


class Coin(msgspec.Struct, frozen=True, kw_only=True):
    """One input or output. `amount` in base units; `kind` of its script (`pubkeyhash`, `multisig`, `nulldata` ...).

    `members` are the addresses of the keys where a script names several.
    """

    address: str
    amount: int
    kind: str
    members: tuple[str, ...] = ()


class UtxoTransaction(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One transaction as one block held it. `position` is its index there; `coinbase` is 1 where coins are made.

    A reorg writes the same row with op -1; of two rows the one with the later `seen_us` stands.
    """

    chain: Word
    block_height: Count64
    block_hash: Hash
    tx_hash: Hash
    position: Count32
    at_us: AtUs
    seen_us: AtUs
    coinbase: Count8 = 0
    fee: BaseUnits = 0
    inputs: Annotated[tuple[Coin, ...], msgspec.Meta(extra={"kind": "json"})] = ()
    outputs: Annotated[tuple[Coin, ...], msgspec.Meta(extra={"kind": "json"})] = ()
    op: Operation = 1


class ClusterLink(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Two addresses that one transaction suggests have one owner, by a named heuristic, with its confidence.

    `position` counts the links of the transaction. Rows fold as those of `UtxoTransaction` do.
    """

    chain: Word
    block_height: Count64
    block_hash: Hash
    tx_hash: Hash
    position: Count32
    at_us: AtUs
    seen_us: AtUs
    first: Identifier
    second: Identifier
    heuristic: Word
    confidence: Share
    op: Operation = 1
