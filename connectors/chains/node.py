"""The questions a follower asks an EVM node, each answer decoded and checked against its block."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from manumit.connectors.chains.evm import TRANSFER_TOPIC, Block, Hexadecimal, Log, Receipt, read
from manumit.connectors.chains.rpc import NEVER, FaultKind, NodeFault, Rpc
from manumit.connectors.chains.truth import check_block, check_logs, check_receipts
from manumit.schemas.errors import ConfigError

SPLITTABLE: frozenset[FaultKind] = frozenset({"too-large", "timeout"})
UNKNOWN: frozenset[FaultKind] = frozenset({"refused"})
BLOCKS_PER_REQUEST = 50
NULL = b"null"
LATEST = "latest"
Row = TypeVar("Row")


class Node:
    """Typed questions over one Rpc. Raises Lie, and NodeFault `not-yet` for what the node does not have (yet)."""

    def __init__(self, rpc: Rpc) -> None:
        self.rpc = rpc

    def check_chain(self, chain: str) -> None:
        """Raises ConfigError when the node serves another chain than the CAIP-2 id says."""
        answer = int(read(self.rpc.call("eth_chainId"), Hexadecimal, place="eth_chainId"), 16)
        # Some versions of java-tron answer with the whole hash of the first block, whose last four bytes are the id.
        is_tron = chain.startswith("tron:")
        served = f"tron:0x{answer & 0xFFFF_FFFF:08x}" if is_tron else f"eip155:{answer}"
        if chain != served:
            raise ConfigError(f"the node serves {served}, the settings say {chain}; correct [[nodes]] chain")

    def head(self, tag: str = LATEST) -> Block:
        """The newest block (or `finalized`), transactions as hashes. Raises ConfigError for a tag it does not know."""
        try:
            raw = self.rpc.call("eth_getBlockByNumber", tag, False, unless=NEVER if tag == LATEST else UNKNOWN)
        except NodeFault as fault:
            if fault.kind != "refused" or tag == LATEST:
                raise
            remedy = 'set finalized_tag = "" in [[nodes]], blocks are then final by confirmations'
            raise ConfigError(f"the node does not know the block {tag!r} ({fault}); {remedy}") from fault
        if raw == NULL:
            raise NodeFault("not-yet", f"the node has no {tag} block")
        block = read(raw, Block, place=f"block {tag}")
        check_block(block, height=block.height, raw=raw)
        return block

    def block(self, height: int, *, whole: bool) -> Block | None:
        """The block at `height`, None when the node has none; `whole` asks for the transactions too."""
        raw = self.rpc.call("eth_getBlockByNumber", hex(height), whole)
        return None if raw == NULL else _block(raw, height)

    def blocks(self, first: int, last: int, *, whole: bool) -> list[Block]:
        """Blocks first to last, both included, in order; in smaller requests when the node finds them too large."""

        def ask(low: int, high: int, unless: frozenset[FaultKind]) -> list[Block]:
            calls = [("eth_getBlockByNumber", [hex(height), whole]) for height in range(low, high + 1)]
            answers = self.rpc.batch(calls, unless=unless)
            return [_block(raw, low + i) for i, raw in enumerate(answers)]

        parts = range(first, last + 1, BLOCKS_PER_REQUEST)
        return [b for low in parts for b in _in_halves(low, min(last, low + BLOCKS_PER_REQUEST - 1), ask)]

    def logs_between(self, first: int, last: int) -> list[Log]:
        """Transfer logs of a range, unchecked: the blocks are not known here. Split in two on too many results."""

        def ask(low: int, high: int, unless: frozenset[FaultKind]) -> list[Log]:
            wanted = {"fromBlock": hex(low), "toBlock": hex(high), "topics": [TRANSFER_TOPIC]}
            raw = self.rpc.call("eth_getLogs", wanted, unless=unless)
            return read(raw, list[Log], place=f"logs of {low} to {high}")

        return _in_halves(first, last, ask)

    def logs_of(self, block: Block) -> list[Log]:
        """Transfer logs of exactly this block. By hash: a node that lags says so instead of answering less."""
        wanted = {"blockHash": block.hash, "topics": [TRANSFER_TOPIC]}
        try:
            raw = self.rpc.call("eth_getLogs", wanted, unless=UNKNOWN)
        except NodeFault as fault:
            raise _not_yet(fault, block) from fault
        logs = read(raw, list[Log], place=f"logs of block {block.height}")
        check_logs(block, logs)
        return logs

    def receipts_of(self, blocks: Sequence[Block]) -> list[list[Receipt]]:
        """The receipts of each block, by hash, in one request."""
        calls = [("eth_getBlockReceipts", [block.hash]) for block in blocks]
        try:
            answers = self.rpc.batch(calls, unless=UNKNOWN)
        except NodeFault as fault:
            raise _not_yet(fault, blocks[0]) from fault
        return [_receipts(raw, block) for raw, block in zip(answers, blocks, strict=True)]


def _block(raw: bytes, height: int) -> Block:
    if raw == NULL:
        raise NodeFault("not-yet", f"the node has no block {height} yet")
    block = read(raw, Block, place=f"block {height}")
    check_block(block, height=height, raw=raw)
    return block


def _receipts(raw: bytes, block: Block) -> list[Receipt]:
    if raw == NULL:
        raise NodeFault("not-yet", f"the node has no receipts of block {block.height} yet")
    receipts = read(raw, list[Receipt], place=f"receipts of block {block.height}")
    check_receipts(block, receipts)
    return receipts


def _not_yet(fault: NodeFault, block: Block) -> NodeFault:
    """The block went away between two questions, or the answering node lags: not an error of ours."""
    return fault if fault.kind != "refused" else NodeFault("not-yet", f"block {block.height} {block.hash}: {fault}")


def _in_halves(low: int, high: int, ask: Callable[[int, int, frozenset[FaultKind]], list[Row]]) -> list[Row]:
    try:
        return ask(low, high, SPLITTABLE if high > low else NEVER)
    except NodeFault as fault:
        if fault.kind not in SPLITTABLE or low == high:
            raise
    middle = (low + high) // 2
    return _in_halves(low, middle, ask) + _in_halves(middle + 1, high, ask)
