"""Does a node's answer agree with its own block? Pure checks; each raises Lie, nothing is guessed.

Header hashes are not recomputed: every fork adds header fields and TRON hashes otherwise. What is held
is that everything said about one block names that block, and that blocks name their parents.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from manumit.connectors.chains.evm import Block, Lie, Log, Receipt
from manumit.connectors.chains.reading import Header
from manumit.schemas.fields import YEAR_2200_US

# The low 11 bits of the first three byte pairs of keccak(TRANSFER_TOPIC) (yellow paper, 4.3.1).
TRANSFER_BLOOM_BITS = (1443, 481, 1060)


def check_block(block: Block, *, height: int, raw: bytes) -> None:
    """The block stands at the height asked for and its transactions say so too."""
    if block.height != height:
        raise _lie(block, f"asked for block {height}, got {block.height}", raw)
    if block.at_us > YEAR_2200_US:
        raise _lie(block, f"block {height} is dated after the year 2200", raw)
    strange = (t for t in block.transactions if not isinstance(t, str) and t.block_hash != block.hash)
    if next(strange, None):
        raise _lie(block, f"a transaction in block {block.hash} says it is in another", raw)


def check_child(parent_hash: str, parent_at_us: int, block: Header) -> None:
    """`block` follows the block of that hash and is not older than it."""
    check_parent(parent_hash, block)
    if block.at_us < parent_at_us:
        raise _lie(block, f"block {block.height} is older than its parent")


def check_parent(parent_hash: str, block: Header) -> None:
    """`block` follows the block of that hash."""
    if block.parent_hash != parent_hash:
        raise _lie(block, f"block {block.height} names parent {block.parent_hash}, its parent is {parent_hash}")


def check_logs(block: Block, logs: Sequence[Log]) -> None:
    """Every log names this block and one of its transactions, and no log index comes twice."""
    taken: set[int] = set()
    for log in logs:
        index, log_index = int(log.transaction_index, 16), int(log.log_index, 16)
        if log.block_hash != block.hash or int(log.block_number, 16) != block.height:
            raise _lie(block, f"a log of block {block.hash} says it is in {log.block_hash}", msgspec.json.encode(log))
        if index >= len(block.transactions) or block.tx_hash(index) != log.transaction_hash:
            raise _lie(block, f"log {log_index} names a transaction the block does not have", msgspec.json.encode(log))
        if log_index in taken:
            raise _lie(block, f"log index {log_index} comes twice", msgspec.json.encode(log))
        taken.add(log_index)


def check_receipts(block: Block, receipts: Sequence[Receipt]) -> None:
    """One receipt for each transaction, in the block's order."""
    if len(receipts) != len(block.transactions):
        raise _lie(block, f"{len(receipts)} receipts for {len(block.transactions)} transactions")
    for index, receipt in enumerate(receipts):
        if receipt.block_hash != block.hash or receipt.transaction_hash != block.tx_hash(index):
            raise _lie(block, f"receipt {index} is not of this block", msgspec.json.encode(receipt))


def may_hold_transfers(block: Block) -> bool:
    """False only when the header's bloom filter rules Transfer logs out; True when there is no filter."""
    if len(block.logs_bloom) != 2 + 512:
        return True
    bloom = int(block.logs_bloom, 16)
    return all(bloom >> bit & 1 for bit in TRANSFER_BLOOM_BITS)


def _lie(block: Header, message: str, raw: bytes = b"") -> Lie:
    shown = raw or msgspec.json.encode({"height": block.height, "hash": block.hash, "parentHash": block.parent_hash})
    return Lie(message, place=f"block {block.height} {block.hash}", payload=shown)
