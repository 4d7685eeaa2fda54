"""Several sources into one stream in event-time order, cut only where every source is past.

The cut never falls inside a microsecond, and sources at the same microsecond come in the order they
were named, so the merged stream is the same however each source cuts its batches.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TypeVar

import numpy as np

from manumit.connectors.contract import Batch
from manumit.schemas.account_event import AccountEvent
from manumit.schemas.block import TransferBlock
from manumit.schemas.customer import Customer
from manumit.schemas.dead_letter import DeadLetter, dead_letter
from manumit.schemas.label import Label
from manumit.schemas.listing import Listing
from manumit.schemas.transfer import Transfer
from manumit.schemas.wire import encode

BEGINNING_US = -(2**62)
END_US = 2**62


@dataclass(frozen=True, slots=True, kw_only=True)
class Bundle:
    """Everything up to `until_us` that was not in an earlier bundle. Each part is in event-time order.

    `retracted` comes first: event ids taken back, newest first. `provisional`: the transfers may be.
    """

    until_us: int
    transfers: tuple[tuple[bool, TransferBlock], ...] = ()
    listings: tuple[Listing, ...] = ()
    customers: tuple[Customer, ...] = ()
    account_events: tuple[AccountEvent, ...] = ()
    labels: tuple[Label, ...] = ()
    dead_letters: tuple[DeadLetter, ...] = ()
    retracted: TransferBlock | None = None
    final: dict[str, int] = field(default_factory=dict)
    positions: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True, kw_only=True)
class Lane:
    """One source's events that wait for the others."""

    name: str
    live: bool
    high_us: int = BEGINNING_US
    ended: bool = False
    resuming: bool = False
    blocks: deque[TransferBlock] = field(default_factory=deque)
    listings: deque[Listing] = field(default_factory=deque)
    customers: deque[Customer] = field(default_factory=deque)
    account_events: deque[AccountEvent] = field(default_factory=deque)
    pending: deque[tuple[int, str]] = field(default_factory=deque)


class Merger:
    """Feed it batches; take bundles. It drops nothing: what comes too late is a dead letter.

    After a restart (`after_us`: the checkpoint's cut) a source begins with the batch the cut went through;
    its rows up to the cut are already in the state and are passed over.
    """

    def __init__(self, sources: Sequence[tuple[str, bool]], *, after_us: int = BEGINNING_US) -> None:
        resuming = after_us > BEGINNING_US
        self._lanes = {name: Lane(name=name, live=live, resuming=resuming) for name, live in sources}
        self._cut_us = after_us
        self._side: list[Bundle] = []

    @property
    def watermark_us(self) -> int:
        return self._cut_us

    def hungriest(self) -> str | None:
        """The source that holds the others back: the one to read next. None when all have ended."""
        waiting = [lane for lane in self._lanes.values() if not lane.ended]
        return min(waiting, key=lambda lane: lane.high_us).name if waiting else None

    def offer(self, source: str, batch: Batch) -> None:
        """Take a batch in. Raises nothing: late events go to dead letters of the next bundle."""
        lane = self._lanes[source]
        block = batch.transfers
        if block is not None and len(block) and block.op[0] == -1:
            self._retract(lane, batch, block)
            return
        late: list[DeadLetter] = []
        if block is not None and len(block):
            block = self._timely(lane, block, late)
        if block is not None and len(block):
            lane.blocks.append(block)
            lane.high_us = max(lane.high_us, int(block.at_us[-1]))
        self._queue(lane, lane.listings, batch.listings, late)
        self._queue(lane, lane.customers, batch.customers, late)
        self._queue(lane, lane.account_events, batch.account_events, late)
        lane.pending.append((lane.high_us, batch.position))
        if late or batch.dead_letters or batch.labels or batch.final:
            self._side.append(
                Bundle(
                    until_us=self._cut_us,
                    labels=batch.labels,
                    dead_letters=(*batch.dead_letters, *late),
                    final=dict(batch.final),
                )
            )

    def _retract(self, lane: Lane, batch: Batch, block: TransferBlock) -> None:
        """Rows of this source that are still waiting are dropped with the retraction; the rest is passed on."""
        gone = {block.row(i).event_id for i in range(len(block))}
        waiting: set[str] = set()
        for held in lane.blocks:
            waiting |= gone & {held.row(i).event_id for i in range(len(held))}
        lane.blocks = deque(_without(held, waiting) for held in lane.blocks)
        rest = [i for i in range(len(block)) if block.row(i).event_id not in waiting]
        self._side.append(
            Bundle(
                until_us=self._cut_us,
                retracted=TransferBlock.of([block.row(i) for i in rest]) if rest else None,
                dead_letters=batch.dead_letters,
                final=dict(batch.final),
            )
        )
        lane.high_us = min(lane.high_us, max([self._cut_us, *(int(b.at_us[-1]) for b in lane.blocks if len(b))]))
        lane.pending.append((lane.high_us, batch.position))

    def _timely(self, lane: Lane, block: TransferBlock, late: list[DeadLetter]) -> TransferBlock:
        if lane.resuming:
            fresh = int(np.argmax(block.at_us > self._cut_us)) if (block.at_us > self._cut_us).any() else len(block)
            lane.resuming = fresh == len(block)
            block = block.slice(fresh, len(block))
        floor = np.maximum.accumulate(np.maximum(block.at_us, max(self._cut_us + 1, lane.high_us)))
        good = block.at_us >= floor
        if good.all():
            return block
        late += [_late(lane.name, block.row(int(i)), self._cut_us) for i in np.flatnonzero(~good)]
        return TransferBlock.of([block.row(int(i)) for i in np.flatnonzero(good)])

    def _queue(self, lane: Lane, queue: deque[Timed], rows: Sequence[Timed], late: list[DeadLetter]) -> None:
        for row in rows:
            if row.at_us > self._cut_us:
                lane.resuming = False
                queue.append(row)
                lane.high_us = max(lane.high_us, row.at_us)
            elif not lane.resuming:
                late.append(_late(lane.name, row, self._cut_us))

    def end(self, source: str) -> None:
        lane = self._lanes[source]
        lane.ended = True

    def tick(self, now_us: int) -> None:
        """A live source that has been silent no longer holds others back beyond `now_us`."""
        for lane in self._lanes.values():
            if lane.live and not lane.blocks:
                lane.high_us = max(lane.high_us, now_us)

    def ready(self, *, all_of_it: bool = False) -> list[Bundle]:
        """Bundles that can go on now. `all_of_it`: no source will say more for now; cut at the latest event."""
        found, self._side = self._side, []
        cut = self._safe_cut(all_of_it)
        if cut > self._cut_us:
            self._cut_us = cut
            found.append(self._bundle(cut))
        elif found or any(lane.pending and lane.pending[0][0] <= self._cut_us for lane in self._lanes.values()):
            found.append(Bundle(until_us=self._cut_us, positions=self._positions(self._cut_us)))
        return found

    def _safe_cut(self, all_of_it: bool) -> int:
        open_lanes = [lane for lane in self._lanes.values() if not lane.ended]
        highest = max((lane.high_us for lane in self._lanes.values()), default=BEGINNING_US)
        if all_of_it or not open_lanes:
            return highest
        if len(open_lanes) == 1 and open_lanes[0].live:
            return min(highest, open_lanes[0].high_us)
        return min(lane.high_us for lane in open_lanes) - 1

    def _bundle(self, cut: int) -> Bundle:
        lanes = self._lanes.values()
        blocks = [(lane.live, block) for lane in lanes for block in _take_blocks(lane, cut)]
        return Bundle(
            until_us=cut,
            transfers=tuple(blocks),
            listings=_taken([lane.listings for lane in lanes], cut),
            customers=_taken([lane.customers for lane in lanes], cut),
            account_events=_taken([lane.account_events for lane in lanes], cut),
            positions=self._positions(cut),
        )

    def _positions(self, cut: int) -> dict[str, str]:
        found: dict[str, str] = {}
        for lane in self._lanes.values():
            while lane.pending and lane.pending[0][0] <= cut:
                found[lane.name] = lane.pending.popleft()[1]
        return found


Timed = TypeVar("Timed", Listing, Customer, AccountEvent)


def _taken(queues: Sequence[deque[Timed]], cut: int) -> tuple[Timed, ...]:
    rows: list[Timed] = []
    for queue in queues:
        while queue and queue[0].at_us <= cut:
            rows.append(queue.popleft())
    return tuple(sorted(rows, key=lambda row: row.at_us))


def _take_blocks(lane: Lane, cut: int) -> list[TransferBlock]:
    found: list[TransferBlock] = []
    while lane.blocks:
        block = lane.blocks[0]
        stop = int(np.searchsorted(block.at_us, cut, side="right"))
        if stop:
            found.append(block if stop == len(block) else block.slice(0, stop))
        if stop < len(block):
            lane.blocks[0] = block.slice(stop, len(block)) if stop else block
            break
        lane.blocks.popleft()
    return found


def _without(block: TransferBlock, gone: set[str]) -> TransferBlock:
    rows = [block.row(i) for i in range(len(block))]
    return TransferBlock.of([row for row in rows if row.event_id not in gone]) if gone else block


def _late(source: str, row: Transfer | Listing | Customer | AccountEvent, cut_us: int) -> DeadLetter:
    return dead_letter(
        source=source,
        place=row.event_id,
        reason="late",
        message=f"older than the watermark {cut_us}: the windows it belongs to have passed",
        payload=encode(row),
        at_us=max(cut_us, 0),
    )
