"""From a node's blocks to transfers: one block as it comes, or a range at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Protocol

import msgspec

from manumit.connectors.chains.evm import Block, Lie, Log, Money, Payment, Sighting, paid, transfers
from manumit.connectors.chains.node import Node
from manumit.connectors.chains.reading import Found, Header, Sight
from manumit.connectors.chains.rpc import Rpc
from manumit.connectors.chains.truth import check_child, check_logs, may_hold_transfers
from manumit.schemas.transfer import Finality

RECEIPTS_PER_REQUEST = 10


class NativePayments(Protocol):
    """Where the payments of the coin itself are read. `whole`: from blocks with their transactions."""

    @property
    def whole(self) -> bool: ...

    def of(self, blocks: Sequence[Block]) -> dict[int, Sequence[Payment]]:
        """Payments by height; a height without any may be left out. Raises Lie, NodeFault."""
        ...

    def close(self) -> None:
        """Let go of connections of its own."""
        ...


@dataclass(frozen=True, slots=True)
class ReceiptPayments:
    """Value of the transactions that succeeded, as their receipts say."""

    node: Node

    @property
    def whole(self) -> bool:
        return True

    def of(self, blocks: Sequence[Block]) -> dict[int, Sequence[Payment]]:
        """See NativePayments."""
        paying = [block for block in blocks if block.payments()]
        found: dict[int, Sequence[Payment]] = {}
        for start in range(0, len(paying), RECEIPTS_PER_REQUEST):
            part = paying[start : start + RECEIPTS_PER_REQUEST]
            for block, receipts in zip(part, self.node.receipts_of(part), strict=True):
                found[block.height] = paid(block, receipts)
        return found

    def close(self) -> None:
        """Nothing: the node is the reader's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """Asks `node` and reads with `money`. `native` reads payments of the coin itself; None: they are not read.

    `has_bloom`: a block's bloom filter rules Transfer logs out. `clock` gives UTC microseconds, for `seen_us`.
    """

    node: Node
    money: Money
    native: NativePayments | None
    clock: Callable[[], int]
    has_bloom: bool = True

    @property
    def rpc(self) -> Rpc:
        return self.node.rpc

    @property
    def whole(self) -> bool:
        """Blocks must be asked for with their transactions."""
        return self.native is not None and self.native.whole

    def close(self) -> None:
        """Let go of all connections."""
        self.node.rpc.close()
        if self.native:
            self.native.close()

    def check_chain(self, chain: str) -> None:
        """See ChainReader."""
        self.node.check_chain(chain)

    def head(self) -> Sight:
        """See ChainReader. Its transactions are hashes, which is enough unless `whole`."""
        return self._sight(self.node.head(), readable=not self.whole)

    def final_height(self, tag: str) -> int:
        """See ChainReader. Raises ConfigError for a tag the node does not know."""
        return self.node.head(tag).height

    def block(self, height: int) -> Sight | None:
        """See ChainReader."""
        block = self.node.block(height, whole=self.whole)
        return None if block is None else self._sight(block, readable=True)

    def hash_at(self, height: int) -> str | None:
        """See ChainReader."""
        block = self.node.block(height, whole=False)
        return None if block is None else block.hash

    def joined(self, parent_hash: str, parent_at_us: int, block: Sight) -> Sight:
        """See ChainReader: times never fall on these chains."""
        check_child(parent_hash, parent_at_us, block)
        return block

    def _sight(self, block: Block, *, readable: bool) -> Sight:
        return Sight(
            height=block.height,
            hash=block.hash,
            parent_hash=block.parent_hash,
            at_us=block.at_us,
            find=partial(self._one, block) if readable else None,
        )

    def _one(self, block: Block, at_us: int, finality: Finality) -> Found:
        """A block asked for with `whole`: logs by block hash."""
        logs = self.node.logs_of(block)
        return self._found(block, logs, self._payments([block]).get(block.height, ()), finality)

    def span(self, first: int, last: int, final: int, parent: tuple[str, int] | None) -> list[tuple[Header, Found]]:
        """See ChainReader: logs by range, then blocks, each held against the other."""
        by_height: dict[int, list[Log]] = {height: [] for height in range(first, last + 1)}
        for log in self.node.logs_between(first, last):
            _at_height(by_height, log).append(log)
        blocks = self.node.blocks(first, last, whole=self.whole)
        _check_chain(parent, blocks)
        payments = self._payments(blocks)
        found: list[tuple[Header, Found]] = []
        for block in blocks:
            logs = self._settled(block, by_height[block.height])
            finality: Finality = "final" if block.height <= final else "provisional"
            found.append((block, self._found(block, logs, payments.get(block.height, ()), finality)))
        return found

    def _settled(self, block: Block, logs: list[Log]) -> list[Log]:
        """A lagging node answers a range with fewer logs and no error (go-ethereum#24078); the bloom tells."""
        if not logs and block.transactions and (not self.has_bloom or may_hold_transfers(block)):
            return self.node.logs_of(block)
        check_logs(block, logs)
        return logs

    def _payments(self, blocks: Sequence[Block]) -> dict[int, Sequence[Payment]]:
        return self.native.of(blocks) if self.native else {}

    def _found(self, block: Block, logs: Sequence[Log], payments: Sequence[Payment], finality: Finality) -> Found:
        seen = Sighting(block=block, logs=logs, payments=payments)
        return Found(transfers=tuple(transfers(seen, self.money, seen_us=self.clock(), finality=finality)))


def _check_chain(parent: tuple[str, int] | None, blocks: Sequence[Block]) -> None:
    for block in blocks:
        if parent:
            check_child(*parent, block)
        parent = (block.hash, block.at_us)


def _at_height(by_height: dict[int, list[Log]], log: Log) -> list[Log]:
    height = int(log.block_number, 16)
    if height not in by_height:
        raise Lie(
            f"a log of block {height} in another range", place=f"block {height}", payload=msgspec.json.encode(log)
        )
    return by_height[height]
