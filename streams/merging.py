"""Several sources into one stream in event-time order, cut only where every source is past.

The cut never falls inside a microsecond, and sources at the same microsecond come in the order they
were named, so the merged stream is the same however each source cuts its batches. Only a live source that is
alone is cut at its newest event; what follows at the same microsecond follows it in the stream.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

from manumit.connectors.contract import Batch
from manumit.schemas.account_event import AccountEvent
from manumit.schemas.block import TransferBlock
from manumit.schemas.customer import Customer
from manumit.schemas.dead_letter import DeadLetter
from manumit.schemas.label import Label
from manumit.schemas.listing import Listing
from manumit.schemas.transfer import Transfer
from manumit.schemas.utxo import UtxoTransaction
from manumit.streams.lanes import BEGINNING_US, END_US, Lane, Mark, taken_rows, unknown_retraction

MOST_TRANSFERS = 32_768  # in one bundle: half of what the engine can look back on without loss


@dataclass(frozen=True, slots=True, kw_only=True)
class Bundle:
    """Everything up to `until_us` that was not in an earlier bundle. Each part is in event-time order.

    `transfers` say of each block whether its source is live. `retracted`, newest first, comes before the rest.
    `transactions` are evidence and wait for nobody; each says itself whether it stands.
    After a retraction `until_us` may go back: what follows belongs among events that were already given.
    """

    until_us: int
    transfers: tuple[tuple[bool, TransferBlock], ...] = ()
    listings: tuple[Listing, ...] = ()
    customers: tuple[Customer, ...] = ()
    account_events: tuple[AccountEvent, ...] = ()
    labels: tuple[Label, ...] = ()
    dead_letters: tuple[DeadLetter, ...] = ()
    retracted: TransferBlock | None = None
    transactions: tuple[UtxoTransaction, ...] = ()
    final: dict[str, int] = field(default_factory=dict)
    positions: dict[str, str] = field(default_factory=dict)


class Memory(Protocol):
    """What has gone on and can still be taken back."""

    @property
    def oldest_us(self) -> int: ...

    def missing(self, rows: Iterable[Transfer]) -> frozenset[str]: ...


class Merger:
    """Feed it batches; take bundles. It drops nothing: what comes too late is a dead letter, and so is what a file
    takes back that is not in `memory` (of a live source that is an error, found by whoever takes the bundle).

    After a restart `after_us` is the checkpoint's cut, `passed` says of each source whose position lies before
    rows that are in the state up to when they are (those are passed over), and `reorged` names the sources
    whose next transfers replace older ones.
    """

    def __init__(
        self,
        sources: Sequence[tuple[str, bool]],
        *,
        after_us: int = BEGINNING_US,
        passed: Mapping[str, int] | None = None,
        reorged: Sequence[str] = (),
        memory: Memory | None = None,
    ) -> None:
        passes = passed or {}
        self._lanes = {
            name: Lane(
                name=name,
                live=live,
                taken_us=passes.get(name, BEGINNING_US),
                passes_us=passes.get(name),
                reorged=name in reorged,
            )
            for name, live in sources
        }
        self._cut_us = after_us
        self._memory = memory
        self._side: list[Bundle] = []

    @property
    def watermark_us(self) -> int:
        return self._cut_us

    @property
    def passed(self) -> dict[str, int]:
        """Of each source with rows in the state that its position lies before: up to when they are."""
        return {lane.name: lane.taken_us for lane in self._lanes.values() if lane.marks} | {
            lane.name: lane.passes_us for lane in self._lanes.values() if lane.passes_us is not None
        }

    @property
    def reorged(self) -> list[str]:
        return [lane.name for lane in self._lanes.values() if lane.reorged]

    def hungriest(self) -> str | None:
        """The source that holds the others back: the one to read next. None when all have ended."""
        waiting = self._open()
        return min(waiting, key=lambda lane: lane.high_us).name if waiting else None

    def _open(self) -> list[Lane]:
        return [lane for lane in self._lanes.values() if not lane.ended]

    def offer(self, source: str, batch: Batch, *, latest_us: int = END_US) -> None:
        """Take a batch in. Raises nothing: events that are late or newer than `latest_us` become dead letters."""
        lane = self._lanes[source]
        lane.latest_us = latest_us
        lane.caught_up, lane.behind_us = batch.caught_up, batch.behind_us
        if batch.reorged or _takes_back(batch.transfers):
            self._retract(lane, batch.transfers)
        else:
            self._append(lane, batch)
        if batch.transactions:
            self._side.append(Bundle(until_us=self._cut_us, transactions=batch.transactions))
        lane.marks.append(
            Mark(high_us=lane.high_us, position=batch.position, dead_letters=batch.dead_letters, final=batch.final)
        )

    def _append(self, lane: Lane, batch: Batch) -> None:
        late: list[DeadLetter] = []
        floor_us = self._floor_us(lane)
        if batch.transfers is not None:
            block = lane.fresh(batch.transfers)
            if lane.reorged and len(block):
                floor_us = self._go_back(lane, max(int(block.at_us[0]), self._deepest_us(lane)))
            late += lane.take_transfers(block, floor_us)
        late += lane.take_rows(lane.listings, batch.listings, floor_us)
        late += lane.take_rows(lane.customers, batch.customers, floor_us)
        late += lane.take_rows(lane.account_events, batch.account_events, floor_us)
        lane.arrive()
        if late or batch.labels:
            self._side.append(Bundle(until_us=self._cut_us, labels=batch.labels, dead_letters=tuple(late)))

    def _floor_us(self, lane: Lane) -> int:
        """The oldest event that still has a place. A file must be in order; a live source is bound by the cut."""
        if not lane.live:
            return max(self._cut_us + 1, lane.high_us)
        return self._cut_us if len(self._open()) == 1 else self._cut_us + 1

    def _go_back(self, lane: Lane, first_us: int) -> int:
        """The blocks that replace others may be older than the cut: go back to where they belong."""
        lane.reorged = False
        if first_us <= self._cut_us:
            self._cut_us = lane.taken_us = first_us - 1
            lane.lower(self._cut_us)
            self._side.append(Bundle(until_us=self._cut_us))
        return self._cut_us + 1

    def _deepest_us(self, lane: Lane) -> int:
        """What a file puts in place of other rows goes behind what can no longer be taken back."""
        return BEGINNING_US if lane.live or self._memory is None else self._memory.oldest_us + 1

    def _retract(self, lane: Lane, block: TransferBlock | None) -> None:
        """Rows of this source that are still waiting are dropped with the retraction; the rest is passed on."""
        rows = [] if block is None else [block.row(i) for i in range(len(block))]
        waiting = lane.drop(frozenset(row.event_id for row in rows))
        rest = [row for row in rows if row.event_id not in waiting]
        unknown = frozenset() if lane.live or self._memory is None else self._memory.missing(rest)
        letters = tuple(unknown_retraction(lane.name, row, self._cut_us) for row in rest if row.event_id in unknown)
        rest = [row for row in rest if row.event_id not in unknown]
        if letters:
            self._side.append(Bundle(until_us=self._cut_us, dead_letters=letters))
        if rest:
            self._side.append(Bundle(until_us=self._cut_us, retracted=TransferBlock.of(rest)))
        if waiting or rest or not rows:
            lane.lower(max([self._cut_us, *(int(at_us[-1]) for at_us in lane.waiting_us())]))
            lane.reorged = True

    def end(self, source: str) -> None:
        lane = self._lanes[source]
        lane.ended = True

    def tick(self, now_us: int) -> None:
        """A live source that has nothing more to say for now no longer holds others back beyond `now_us`."""
        for lane in self._lanes.values():
            if lane.live and lane.caught_up and not lane.blocks:
                lane.high_us = max(lane.high_us, now_us - lane.behind_us)

    def ready(self, *, all_of_it: bool = False) -> list[Bundle]:
        """Bundles that can go on now. `all_of_it`: no source will say more for now; cut at the latest event."""
        found, self._side = self._side, []
        target = self._safe_cut(all_of_it)
        while self._cut_us < target:
            self._cut_us = self._step_us(target)
            found.append(self._bundle(self._cut_us))
        if any(lane.marks and lane.marks[0].high_us <= self._cut_us for lane in self._lanes.values()):
            found.append(self._bundle(self._cut_us))
        return found

    def _safe_cut(self, all_of_it: bool) -> int:
        waiting = self._open()
        highest = max((lane.high_us for lane in self._lanes.values()), default=BEGINNING_US)
        if all_of_it or not waiting:
            return highest
        if len(waiting) == 1 and waiting[0].live:
            return waiting[0].high_us
        return min(lane.high_us for lane in waiting) - 1

    def _step_us(self, target_us: int) -> int:
        """The target, or a nearer cut when too many transfers lie before it."""
        arrays = [at_us for lane in self._lanes.values() for at_us in lane.waiting_us()]
        times = np.concatenate([at_us[at_us <= target_us] for at_us in arrays]) if arrays else np.zeros(0, np.int64)
        if len(times) <= MOST_TRANSFERS:
            return target_us
        return int(np.partition(times, MOST_TRANSFERS - 1)[MOST_TRANSFERS - 1])

    def _bundle(self, cut_us: int) -> Bundle:
        lanes = self._lanes.values()
        blocks = [(lane.live, block) for lane in lanes for block in lane.taken(cut_us)]
        marks = {lane.name: lane.settled(cut_us) for lane in lanes}
        for lane in lanes:
            lane.taken_us = max(lane.taken_us, cut_us)
        return Bundle(
            until_us=cut_us,
            transfers=tuple(blocks),
            listings=taken_rows([lane.listings for lane in lanes], cut_us),
            customers=taken_rows([lane.customers for lane in lanes], cut_us),
            account_events=taken_rows([lane.account_events for lane in lanes], cut_us),
            dead_letters=tuple(letter for found in marks.values() for mark in found for letter in mark.dead_letters),
            final=_highest([mark.final for found in marks.values() for mark in found]),
            positions={name: found[-1].position for name, found in marks.items() if found},
        )


def _takes_back(block: TransferBlock | None) -> bool:
    return block is not None and len(block) > 0 and bool(block.op[0] == -1)


def _highest(finals: Sequence[Mapping[str, int]]) -> dict[str, int]:
    found: dict[str, int] = {}
    for final in finals:
        for chain, height in final.items():
            found[chain] = max(height, found.get(chain, height))
    return found
