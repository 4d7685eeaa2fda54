"""A range of a chain, read once and faster than following it: the same transfers, logs by range."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from manumit.connectors.chains.evm import Lie
from manumit.connectors.chains.reading import ChainReader, Found
from manumit.connectors.chains.window import Window, window_at
from manumit.connectors.contract import Batch
from manumit.schemas.block import TransferBlock
from manumit.schemas.errors import ConfigError, EdgeDown


@dataclass(frozen=True, slots=True, kw_only=True)
class Backfill:
    """Blocks `first` to `last`, both included, in batches of `span`; `total` counts blocks.

    For settled history: blocks less than `confirmations` under the head come as provisional, and a reorg
    between two batches is answered with EdgeDown, for only a Follower takes transfers back.
    """

    name: str
    chain: str
    reader: ChainReader
    first: int
    last: int
    span: int = 100
    confirmations: int = 64
    tries: int = 8

    @property
    def live(self) -> bool:
        return False

    def total(self) -> int | None:
        return max(0, self.last - self.first + 1)

    def done(self, position: str) -> int:
        """Blocks read at a position."""
        return window_at(position, self.chain).next_height - self.first

    def stop(self) -> None:
        """End `batches` soon, from any thread."""
        self.reader.rpc.stop.set()

    def batches(self, after: str | None) -> Iterator[Batch]:
        """See Source. Raises EdgeDown also when the chain has no block `last` yet."""
        reader = self.reader
        if self.first > self.last:
            raise ConfigError(f"{self.name}: the range {self.first} to {self.last} is empty")
        try:
            reader.check_chain(self.chain)
            head = reader.head().height
            if head < self.last:
                raise EdgeDown(f"{self.name}: the node is at block {head}, before the end of the range {self.last}")
            window = window_at(after, self.chain) if after else Window(chain=self.chain, next_height=self.first)
            yield from self._read(window, head - self.confirmations)
        except EdgeDown:
            if not reader.rpc.stop.is_set():
                raise

    def _read(self, window: Window, final: int) -> Iterator[Batch]:
        stalled = 0
        while window.next_height <= self.last and not self.reader.rpc.stop.is_set():
            try:
                batch, window = self._span(window, final)
                stalled = 0
            except Lie as lie:
                stalled += 1
                self.reader.rpc.distrust()
                at_us = window.tip.at_us if window.tip else 0
                letter = lie.letter(source=self.name, at_us=at_us)
                batch = Batch(position=window.position(), dead_letters=(letter,))
            yield batch
            if stalled >= self.tries:
                raise EdgeDown(f"{self.name}: {stalled} answers in a row contradict themselves; see the dead letters")

    def _span(self, window: Window, final: int) -> tuple[Batch, Window]:
        last = min(self.last, window.next_height + self.span - 1)
        parent = (window.tip.hash, window.tip.at_us) if window.tip else None
        read: list[Found] = []
        for block, found in self.reader.span(window.next_height, last, final, parent):
            window = window.grown(block, block.height)
            read.append(found)
        transfers = [transfer for found in read for transfer in found.transfers]
        settled = min(final, last)
        return (
            Batch(
                position=window.position(),
                transfers=TransferBlock.of(transfers) if transfers else None,
                transactions=tuple(row for found in read for row in found.transactions),
                dead_letters=tuple(row for found in read for row in found.dead_letters),
                final={self.chain: settled} if settled >= 0 else {},
            ),
            window,
        )
