"""From a node's blocks to transfers: one block as it comes, or a range at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import msgspec

from manumit.connectors.chains.evm import Block, Lie, Log, Money, Receipt, Sighting, transfers
from manumit.connectors.chains.node import Node
from manumit.connectors.chains.truth import check_child, check_logs, may_hold_transfers
from manumit.schemas.transfer import Finality, Transfer

RECEIPTS_PER_REQUEST = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """Asks `node` and reads with `money`. `native` also reads value transfers, which needs receipts.

    `clock` gives UTC microseconds, for `seen_us`.
    """

    node: Node
    money: Money
    native: bool
    clock: Callable[[], int]

    def one(self, block: Block, finality: Finality) -> list[Transfer]:
        """Transfers of a block asked for with `whole=self.native`: logs by block hash."""
        logs = self.node.logs_of(block)
        receipts = self._receipts([block]).get(block.height, ())
        return self._transfers(block, logs, receipts, finality)

    def span(
        self, first: int, last: int, final: int, parent: tuple[str, int] | None
    ) -> list[tuple[Block, list[Transfer]]]:
        """Blocks first to last with their transfers: logs by range, then blocks, each held against the other.

        `parent` is hash and at_us of the block before `first`, when known. Blocks up to `final` are final.
        """
        by_height: dict[int, list[Log]] = {height: [] for height in range(first, last + 1)}
        for log in self.node.logs_between(first, last):
            _at_height(by_height, log).append(log)
        blocks = self.node.blocks(first, last, whole=self.native)
        _check_chain(parent, blocks)
        receipts = self._receipts(blocks)
        found = []
        for block in blocks:
            logs = self._settled(block, by_height[block.height])
            finality: Finality = "final" if block.height <= final else "provisional"
            found.append((block, self._transfers(block, logs, receipts.get(block.height, ()), finality)))
        return found

    def _settled(self, block: Block, logs: list[Log]) -> list[Log]:
        """A lagging node answers a range with fewer logs and no error (go-ethereum#24078); the bloom tells."""
        if not logs and may_hold_transfers(block):
            return self.node.logs_of(block)
        check_logs(block, logs)
        return logs

    def _receipts(self, blocks: Sequence[Block]) -> dict[int, Sequence[Receipt]]:
        paying = [block for block in blocks if self.native and block.payments()]
        found: dict[int, Sequence[Receipt]] = {}
        for start in range(0, len(paying), RECEIPTS_PER_REQUEST):
            part = paying[start : start + RECEIPTS_PER_REQUEST]
            found.update(zip((b.height for b in part), self.node.receipts_of(part), strict=True))
        return found

    def _transfers(
        self, block: Block, logs: Sequence[Log], receipts: Sequence[Receipt], finality: Finality
    ) -> list[Transfer]:
        seen = Sighting(block=block, logs=logs, receipts=receipts)
        return transfers(seen, self.money, seen_us=self.clock(), finality=finality)


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
