"""One source's events that wait for the other sources, in event-time order."""

from __future__ import annotations

from bisect import insort
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import dropwhile
from typing import TypeVar

import msgspec
import numpy as np

from manumit.schemas.account_event import AccountEvent
from manumit.schemas.block import Int64s, TransferBlock
from manumit.schemas.customer import Customer
from manumit.schemas.dead_letter import DeadLetter, dead_letter
from manumit.schemas.fields import FIRST_BLOCK_US, YEAR_1990_US
from manumit.schemas.listing import Listing
from manumit.schemas.records import name_of
from manumit.schemas.transfer import Transfer
from manumit.schemas.wire import encode
from manumit.streams.label_book import spoken_time

BEGINNING_US = -(2**62)
END_US = 2**62
Row = Transfer | Listing | Customer | AccountEvent
Timed = TypeVar("Timed", Listing, Customer, AccountEvent)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """The end of a batch. Once everything up to `high_us` has gone on, so may its position and the rest."""

    high_us: int
    position: str
    dead_letters: tuple[DeadLetter, ...] = ()
    final: Mapping[str, int] = field(default_factory=dict)


@dataclass(slots=True, kw_only=True)
class Lane:
    """`high_us`: nothing older is expected. `taken_us`: rows up to here have gone on.

    `passes_us`: after a restart, rows at the head of the source up to here are in the state already.
    `latest_us`: what is newer comes from a wrong clock. `caught_up`: the source has given all it has for now, and
    dates what comes next at most `behind_us` before the clock.
    `reorged`: the next transfers replace older ones.
    """

    name: str
    live: bool
    high_us: int = BEGINNING_US
    taken_us: int = BEGINNING_US
    passes_us: int | None = None
    latest_us: int = END_US
    ended: bool = False
    caught_up: bool = False
    behind_us: int = 0
    reorged: bool = False
    blocks: deque[TransferBlock] = field(default_factory=deque)
    listings: deque[Listing] = field(default_factory=deque)
    customers: deque[Customer] = field(default_factory=deque)
    account_events: deque[AccountEvent] = field(default_factory=deque)
    marks: deque[Mark] = field(default_factory=deque)

    def fresh(self, block: TransferBlock) -> TransferBlock:
        """The block without the rows the state already holds."""
        if self.passes_us is None or not len(block):
            return block
        fresh = np.flatnonzero(block.at_us > self.passes_us)
        return block.slice(int(fresh[0]) if len(fresh) else len(block), len(block))

    def take_transfers(self, block: TransferBlock, floor_us: int) -> list[DeadLetter]:
        """Queue what is in order and not older than `floor_us`; the rest are dead letters."""
        block, absurd = self._believable(block)
        if not len(block):
            return absurd
        floor_us = max(floor_us, int(self.blocks[-1].at_us[-1]) if self.blocks else floor_us)
        floors = np.maximum.accumulate(np.maximum(block.at_us, floor_us))
        on_time = block.at_us >= floors
        late = [_late(self.name, block.row(int(i)), int(floors[i])) for i in np.flatnonzero(~on_time)]
        if late:
            block = TransferBlock.of([block.row(int(i)) for i in np.flatnonzero(on_time)])
        if len(block):
            self.blocks.append(block)
            self.high_us = max(self.high_us, int(block.at_us[-1]))
        return absurd + late

    def _believable(self, block: TransferBlock) -> tuple[TransferBlock, list[DeadLetter]]:
        """Without the rows from before there were chains, and from the future."""
        good = (block.at_us >= FIRST_BLOCK_US) & (block.at_us <= self.latest_us)
        if good.all():
            return block, []
        rows = [block.row(int(i)) for i in np.flatnonzero(~good)]
        return block.take(np.flatnonzero(good)), [bad_time(self.name, row, self.high_us) for row in rows]

    def take_rows(self, queue: deque[Timed], rows: Sequence[Timed], floor_us: int) -> list[DeadLetter]:
        """As `take_transfers`, for one of the queues. A live source may be out of order above the floor.

        An advert of a live source that was posted before the floor is known from the floor on: it looks back.
        """
        late: list[DeadLetter] = []
        passes_us = BEGINNING_US if self.passes_us is None else self.passes_us
        for row in dropwhile(lambda row: row.at_us <= passes_us, rows):
            if not YEAR_1990_US <= row.at_us <= self.latest_us:
                late.append(bad_time(self.name, row, self.high_us))
                continue
            if row.at_us < floor_us and self.live and isinstance(row, Listing):
                row = msgspec.structs.replace(row, at_us=floor_us)
            if row.at_us < floor_us:
                late.append(_late(self.name, row, floor_us))
                continue
            insort(queue, row, key=_at_us)
            self.high_us = max(self.high_us, row.at_us)
            floor_us = floor_us if self.live else row.at_us
        return late

    def arrive(self) -> None:
        """After each batch: once a row was fresh, all that follow are."""
        if self.passes_us is not None and self.high_us > self.passes_us:
            self.passes_us = None

    def drop(self, gone: frozenset[str]) -> frozenset[str]:
        """Forget waiting transfers of these event ids; returns those that were waiting."""
        found: set[str] = set()
        kept: deque[TransferBlock] = deque()
        for block in self.blocks:
            rows = [block.row(i) for i in range(len(block))]
            here = gone & {row.event_id for row in rows}
            found |= here
            rest = [row for row in rows if row.event_id not in here]
            if rest:
                kept.append(TransferBlock.of(rest) if here else block)
        self.blocks = kept
        return frozenset(found)

    def lower(self, high_us: int) -> None:
        """Older transfers may come again."""
        self.high_us = min(self.high_us, high_us)
        lowered = (_lowered(mark, self.high_us) for mark in self.marks)
        self.marks = deque(lowered)

    def waiting_us(self) -> list[Int64s]:
        return [block.at_us for block in self.blocks]

    def taken(self, cut_us: int) -> list[TransferBlock]:
        """The transfers up to the cut, and no longer waiting."""
        found: list[TransferBlock] = []
        while self.blocks:
            block = self.blocks[0]
            stop = int(np.searchsorted(block.at_us, cut_us, side="right"))
            if stop:
                found.append(block if stop == len(block) else block.slice(0, stop))
            if stop < len(block):
                self.blocks[0] = block.slice(stop, len(block)) if stop else block
                break
            self.blocks.popleft()
        return found

    def settled(self, cut_us: int) -> list[Mark]:
        """The batches that have gone on wholly, and are no longer remembered."""
        found: list[Mark] = []
        while self.marks and self.marks[0].high_us <= cut_us:
            found.append(self.marks.popleft())
        return found


def taken_rows(queues: Sequence[deque[Timed]], cut_us: int) -> tuple[Timed, ...]:
    """The rows of several queues up to the cut; at the same microsecond in the order of the queues."""
    rows: list[Timed] = []
    for queue in queues:
        while queue and queue[0].at_us <= cut_us:
            rows.append(queue.popleft())
    return tuple(sorted(rows, key=_at_us))


def _at_us(row: Listing | Customer | AccountEvent) -> int:
    return row.at_us


def _lowered(mark: Mark, high_us: int) -> Mark:
    if mark.high_us <= high_us:
        return mark
    return Mark(high_us=high_us, position=mark.position, dead_letters=mark.dead_letters, final=mark.final)


def _late(source: str, row: Row, floor_us: int) -> DeadLetter:
    message = (
        f"came after events of {spoken_time(floor_us)}: the windows it belongs to have passed; to read history that "
        "is older than what was read, replay both together or start with a fresh state_dir and store"
    )
    return _letter(source, row, "late", message, floor_us)


def bad_time(source: str, row: Row, high_us: int) -> DeadLetter:
    """Of a row from the far past or the future."""
    ancient = f"lies before there were {'chains' if isinstance(row, Transfer) else 'adverts or customers to watch'}"
    future = "lies in the future; believing it would make all that follows late"
    message = f"its time {row.at_us} {ancient if row.at_us < FIRST_BLOCK_US else future}"
    return _letter(source, row, "bad-time", message, high_us)


def unknown_retraction(source: str, row: Transfer, at_us: int) -> DeadLetter:
    """Of a row that takes back what is not in memory."""
    message = f"takes back a transfer that is not in memory: none of this id came at {spoken_time(row.at_us)} of late"
    return _letter(source, row, "unknown-retraction", message, at_us)


def _letter(source: str, row: Row, reason: str, message: str, at_us: int) -> DeadLetter:
    return dead_letter(
        source=source,
        place=row.event_id,
        reason=reason,
        message=message,
        payload=encode(row),
        at_us=max(at_us, 0),
        record=name_of(type(row)),
    )
