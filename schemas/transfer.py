"""One movement of value between two addresses, observed in one block."""

from __future__ import annotations

from typing import Literal

import msgspec

from manumit.schemas.fields import (
    AtUs,
    BaseUnits,
    Count8,
    Count32,
    Count64,
    Hash,
    Identifier,
    Operation,
    Usd,
    Word,
)

Finality = Literal["provisional", "final"]


class Transfer(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Topic and file form of a transfer; field names follow ethereum-etl where one exists.

    `chain` is a CAIP-2 id (`eip155:1`), addresses are lower case (or canonical base58/bech32),
    `asset` is the token contract or the chain's native symbol, `amount` is in base units of
    `decimals`. `position` is the log index, `1_000_000 + transaction index` for native value, on
    Bitcoin-like chains the number of the transfer within its transaction.
    """

    chain: Word
    block_height: Count64
    block_hash: Hash
    tx_hash: Hash
    position: Count32
    at_us: AtUs
    seen_us: AtUs
    sender: Identifier
    receiver: Identifier
    asset: Word
    amount: BaseUnits
    decimals: Count8
    amount_usd: Usd = None
    op: Operation = 1
    finality: Word = "final"

    @property
    def event_id(self) -> str:
        """`chain:block_hash:tx_hash:position`: one observation; a reorg gives another id."""
        return f"{self.chain}:{self.block_hash}:{self.tx_hash}:{self.position}"


NATIVE_POSITION = 1_000_000
