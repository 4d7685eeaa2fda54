"""Follow a chain by parent hash: transfers as blocks come, and their withdrawal when a reorg takes them back."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

import msgspec

from manumit.connectors.chains.evm import Lie
from manumit.connectors.chains.reading import ChainReader, Found, Sight
from manumit.connectors.chains.rpc import NodeFault
from manumit.connectors.chains.shelf import Shelf
from manumit.connectors.chains.websocket import HeadWatch
from manumit.connectors.chains.window import Kept, Window, window_at
from manumit.connectors.contract import Batch
from manumit.schemas.block import TransferBlock
from manumit.schemas.errors import Broken, EdgeDown

BLOCKS_PER_BATCH = 100
SHELF_DEPTHS = 4  # positions up to this many windows old can still be resumed


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """Where one question round led: the window now, a batch to hand on, and how often it led nowhere.

    `told`: the last batch said that we stand at the head. `why`: what was wrong with the last answer.
    """

    window: Window
    batch: Batch | None = None
    more: bool = False
    stalled: int = 0
    behind: int = 0
    told: bool = False
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Follower:
    """A live Source. A block is final `confirmations` under the head, or at `finalized_tag` if that is nearer.

    First start at `start_height`, None: at the head. A node that falls behind without another block in
    place is believed after `behind_polls` rounds. EdgeDown after `tries` rounds without sense; Broken when
    a final block is taken back. Blocks are dated at most `behind_us` before they come. WebSocket heads only
    wake the loop; what is read never depends on them.
    """

    name: str
    chain: str
    reader: ChainReader
    shelf: Shelf
    start_height: int | None = None
    confirmations: int = 64
    finalized_tag: str = ""
    poll_s: float = 2.0
    websocket_url: str = ""
    blocks_per_batch: int = BLOCKS_PER_BATCH
    behind_us: int = 0
    behind_polls: int = 3
    tries: int = 8
    wake: threading.Event = field(default_factory=threading.Event)

    @property
    def live(self) -> bool:
        return True

    def total(self) -> int | None:
        return None

    def stop(self) -> None:
        """End `batches` soon, from any thread: after the question in flight, without another batch."""
        self.reader.rpc.stop.set()
        self.wake.set()

    def batches(self, after: str | None) -> Iterator[Batch]:
        """See Source. Also raises Broken, for a reorg deeper than the window."""
        try:
            self.reader.check_chain(self.chain)
            step = Step(window=window_at(after, self.chain) if after else self._first_window())
            with self._heads():
                yield from self._follow(step)
        except EdgeDown:
            if not self.reader.rpc.stop.is_set():
                raise

    def _first_window(self) -> Window:
        start = self.reader.head().height if self.start_height is None else self.start_height
        return Window(chain=self.chain, next_height=start)

    def _heads(self) -> contextlib.AbstractContextManager[object]:
        return HeadWatch(self.websocket_url, self.wake) if self.websocket_url else contextlib.nullcontext()

    def _follow(self, step: Step) -> Iterator[Batch]:
        while True:
            self.wake.clear()
            if self.reader.rpc.stop.is_set():
                return
            step = self._careful(step)
            if step.batch:
                yield step.batch
            if step.stalled >= self.tries:
                raise EdgeDown(f"{self.name}: {self.tries} answers in a row made no sense or led nowhere; {step.why}")
            if not step.more:
                self.wake.wait(self.poll_s)

    def _careful(self, step: Step) -> Step:
        window = step.window
        try:
            return self._round(step)
        except Lie as lie:
            self.reader.rpc.distrust()
            letter = lie.letter(source=self.name, at_us=window.tip.at_us if window.tip else 0)
            batch = Batch(position=window.position(), dead_letters=(letter,), final=self._final(window))
            return Step(window=window, batch=batch, stalled=step.stalled + 1, why=str(lie))
        except NodeFault as fault:
            if fault.kind != "not-yet":
                raise
            return Step(window=window, stalled=step.stalled + 1, why=str(fault))

    def _round(self, step: Step) -> Step:
        window = step.window
        head = self.reader.head()
        if window.tip and head.hash == window.tip.hash:
            return Step(window=window, told=True, batch=None if step.told else self._heads_up(window))
        if head.height < window.next_height:
            return self._lower_head(step, head)
        final = self._final_height(head)
        if window.next_height < min(final, head.height):
            return self._far(step, final)
        return self._near(step, head, final)

    def _final_height(self, head: Sight) -> int:
        by_depth = head.height - self.confirmations
        return max(by_depth, self.reader.final_height(self.finalized_tag)) if self.finalized_tag else by_depth

    def _far(self, step: Step, final: int) -> Step:
        """Many blocks behind: read final blocks by range."""
        window = step.window
        last = min(final, window.next_height + self.blocks_per_batch - 1)
        parent = (window.tip.hash, window.tip.at_us) if window.tip else None
        if window.tip and not self._canonical(window.tip):
            return self._fork(step, self.reader.head())
        read: list[Found] = []
        for block, found in self.reader.span(window.next_height, last, final, parent):
            window = window.grown(block, block.height)
            read.append(found)
        return self._read(window, read)

    def _near(self, step: Step, head: Sight, final: int) -> Step:
        """One block on top of ours, or a fork."""
        window, tip = step.window, step.window.tip
        height = window.next_height
        block = head if height == head.height and head.find else self.reader.block(height)
        if block is None or block.find is None:
            raise NodeFault("not-yet", f"the node has no block {height} yet")
        if tip and block.parent_hash != tip.hash and not self._canonical(tip):
            return self._fork(step, head)
        at_us = self.reader.joined(tip.hash, tip.at_us, block).at_us if tip else block.at_us
        found = block.find(at_us, "final" if height <= final else "provisional")
        if height > final:
            self.shelf.put(block.height, block.hash, found.transfers, found.transactions)
        grown = window.grown(replace(block, at_us=at_us), final)
        self.shelf.sweep(grown.final - SHELF_DEPTHS * self.confirmations)
        return self._read(grown, [found], at_head=height == head.height)

    def _canonical(self, kept: Kept) -> bool:
        """The node's block of that height is the one we keep."""
        return self.reader.hash_at(kept.height) == kept.hash

    def _lower_head(self, step: Step, head: Sight) -> Step:
        """The head is not above our newest block: the node lags, went back, or put other blocks in place."""
        window = step.window
        if not window.kept:
            return Step(window=window)
        if head.height < window.kept[0].height:
            raise NodeFault("not-yet", f"the node is at block {head.height}, we were further; is it still syncing?")
        ours = window.at(head.height)
        only_lags = ours is not None and ours.hash == head.hash
        if only_lags and step.behind + 1 < self.behind_polls:
            return Step(window=window, behind=step.behind + 1)
        return self._fork(step, head)

    def _fork(self, step: Step, head: Sight) -> Step:
        """Take back our blocks down to the newest one the node still has."""
        window = step.window
        keep = len(window.kept)
        while keep and not self._stands(window.kept[keep - 1], head):
            keep -= 1
        if not keep and window.kept[0].height <= window.final:
            raise Broken(
                f"{self.name}: final block {window.final} was taken back, a reorg deeper than the "
                f"{self.confirmations} blocks kept; raise confirmations, remove the checkpoint and replay this chain"
            )
        if keep == len(window.kept):
            return Step(window=window, stalled=step.stalled + 1, why="the head moved while it was looked at")
        taken = [self._taken_back(kept) for kept in reversed(window.kept[keep:])]
        return self._read(window.cut(keep), taken, reorged=True)

    def _taken_back(self, kept: Kept) -> Found:
        """What the block held, newest first, as retractions."""
        transfers = self.shelf.take(kept.height, kept.hash)
        transactions = self.shelf.take_transactions(kept.height, kept.hash)
        now_us = self.reader.clock() if transactions else 0
        return Found(
            transfers=tuple(msgspec.structs.replace(row, op=-1) for row in reversed(transfers)),
            transactions=tuple(msgspec.structs.replace(row, op=-1, seen_us=now_us) for row in reversed(transactions)),
        )

    def _stands(self, kept: Kept, head: Sight) -> bool:
        if kept.height >= head.height:
            return kept.height == head.height and kept.hash == head.hash
        return self._canonical(kept)

    def _read(self, window: Window, read: Sequence[Found], *, at_head: bool = False, reorged: bool = False) -> Step:
        transfers = [row for found in read for row in found.transfers]
        batch = Batch(
            position=window.position(),
            transfers=TransferBlock.of(transfers) if transfers else None,
            transactions=tuple(row for found in read for row in found.transactions),
            dead_letters=tuple(row for found in read for row in found.dead_letters),
            final=self._final(window),
            reorged=reorged,
            caught_up=at_head,
            behind_us=self.behind_us,
        )
        return Step(window=window, batch=batch, more=True, told=at_head)

    def _heads_up(self, window: Window) -> Batch:
        """Nothing new, but the others need not wait for us."""
        return Batch(position=window.position(), final=self._final(window), caught_up=True, behind_us=self.behind_us)

    def _final(self, window: Window) -> dict[str, int]:
        return {self.chain: window.final} if window.final >= 0 else {}
