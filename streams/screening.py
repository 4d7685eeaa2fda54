"""Messages of transfers through the pipeline into the store, in their order, by whatever engine brings them.

The log is the state: what a partition's windows hold at offset n is exactly the messages before n. A worker that
begins in the middle folds them in first, and writes only what its group has not acknowledged yet.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby

import msgspec

from manumit.connectors.contract import Store
from manumit.connectors.kafka.reading import Message, transfers_of
from manumit.connectors.rates import Rates
from manumit.schemas.alert import Alert
from manumit.schemas.block import TransferBlock
from manumit.schemas.dead_letter import DeadLetter, dead_letter
from manumit.schemas.fields import FIRST_BLOCK_US
from manumit.schemas.signal import Signal
from manumit.schemas.transfer import Transfer
from manumit.schemas.triage import Suppression
from manumit.schemas.wire import encode
from manumit.streams.lanes import BEGINNING_US
from manumit.streams.merging import Bundle
from manumit.streams.pipeline import Pipeline


@dataclass(slots=True)
class ChainState:
    """One chain's pipeline. `newest` are the event ids at `high_us`: what they repeat is a duplicate."""

    pipeline: Pipeline
    high_us: int = BEGINNING_US
    newest: set[str] = field(default_factory=set)


@dataclass(slots=True)
class PartitionState:
    """Everything before `next_offset` of one partition. Chains do not share windows."""

    next_offset: int = 0
    at_us: int = 0
    chains: dict[str, ChainState] = field(default_factory=dict)


@dataclass(slots=True)
class Rows:
    """What messages put into the store, in the order of writing: alerts last, after what they refer to."""

    transfers: list[Transfer] = field(default_factory=list)
    dead_letters: list[DeadLetter] = field(default_factory=list)
    signals: list[Signal] = field(default_factory=list)
    alerts: list[Alert] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """What screening needs of the world around it.

    `log(partition, first, stop)` reads the topic again, `acknowledged(partition)` is the offset the group has
    committed, `pipeline` makes one for a chain, `clock` is UTC microseconds.
    """

    store: Store
    pipeline: Callable[[], Pipeline]
    log: Callable[[int, int, int], Iterator[Message]]
    acknowledged: Callable[[int], int]
    rates: Rates
    clock: Callable[[], int]
    suppressions: Callable[[], list[Suppression]] = list
    rebuilding: Callable[[int, int, int], None] = lambda partition, offset, stop: None


class Screening:
    """`take` returns when everything the messages led to is durable; only then may they be acknowledged.

    Any error leaves their partitions without state: should the messages come again, it is rebuilt from the log.
    """

    def __init__(self, bench: Bench) -> None:
        self.bench = bench
        self._partitions: dict[int, PartitionState] = {}
        self._lock = threading.Lock()

    def take(self, messages: Sequence[Message]) -> None:
        """Messages of each partition in their order; one that is in the state already is passed over.

        Raises EdgeDown, Broken and what rules raise.
        """
        with self._lock:
            states: dict[int, PartitionState] = {}
            rows = Rows()
            for message in messages:
                if message.partition not in states:
                    states[message.partition] = self._partitions.pop(message.partition, PartitionState())
                self._advance(states[message.partition], message, rows)
            self._write(rows)
            self._partitions |= states

    def forget(self, partitions: Iterable[int]) -> None:
        """Drop the state of partitions another worker has now."""
        with self._lock:
            for partition in partitions:
                self._partitions.pop(partition, None)

    def _advance(self, state: PartitionState, message: Message, rows: Rows) -> None:
        if message.offset > state.next_offset:
            self._catch_up(state, message)
        if message.offset == state.next_offset:
            self._fold(state, message, rows)

    def _catch_up(self, state: PartitionState, message: Message) -> None:
        """Fold in the messages between. What the group has acknowledged was written before it was."""
        acknowledged = self.bench.acknowledged(message.partition)
        for earlier in self.bench.log(message.partition, state.next_offset, message.offset):
            rows = Rows()
            self._fold(state, earlier, rows)
            if earlier.offset >= acknowledged:
                self._write(rows)
            self.bench.rebuilding(message.partition, earlier.offset + 1, message.offset)
        state.next_offset = message.offset  # offsets that hold no message are passed over

    def _fold(self, state: PartitionState, message: Message, into: Rows) -> None:
        found = transfers_of(message, self.bench.rates, state.at_us)
        into.dead_letters += found.letters
        for (chain, op), run in groupby(found.rows, key=lambda row: (row.chain, row.op)):
            lane = self._lane(state, chain)
            judge = _known if op == -1 else _timely
            rows = judge(lane, run, message, into.dead_letters)
            bundle = _retraction(lane, rows) if op == -1 else _bundle(lane, rows, live=found.live)
            changes = lane.pipeline.take(bundle)
            into.signals += changes.signals
            into.alerts += changes.alerts
            into.transfers += rows
            state.at_us = max([state.at_us, *(row.at_us for row in rows)])
        for chain, height in found.final.items():
            lane = self._lane(state, chain)
            into.alerts += lane.pipeline.take(Bundle(until_us=lane.high_us, final={chain: height})).alerts
        state.next_offset = message.offset + 1

    def _lane(self, state: PartitionState, chain: str) -> ChainState:
        lane = state.chains.get(chain)
        if lane is None:
            lane = state.chains[chain] = ChainState(self.bench.pipeline())
        lane.pipeline.suppressions.replace(self.bench.suppressions())
        return lane

    def _write(self, rows: Rows) -> None:
        store = self.bench.store
        store.write("transfers", rows.transfers)
        store.write("dead_letters", rows.dead_letters)
        store.write("signals", rows.signals)
        now_us = self.bench.clock()
        store.write("alerts", [msgspec.structs.replace(alert, stored_us=now_us) for alert in rows.alerts])


def _timely(lane: ChainState, run: Iterable[Transfer], message: Message, letters: list[DeadLetter]) -> list[Transfer]:
    """The rows that may go on; what is older than the newest, or was there already, becomes a dead letter."""
    good: list[Transfer] = []
    for row in run:
        if row.at_us < FIRST_BLOCK_US:
            letters.append(_unwanted(row, message, "bad-time", f"its time {row.at_us} lies before there were chains"))
        elif row.at_us < lane.high_us:
            letters.append(_unwanted(row, message, "late", f"older than {lane.high_us}, the newest of {row.chain}"))
        elif row.at_us == lane.high_us and row.event_id in lane.newest:
            letters.append(_unwanted(row, message, "duplicate", "the topic holds this event twice"))
        else:
            lane.newest = {row.event_id} if row.at_us > lane.high_us else lane.newest | {row.event_id}
            lane.high_us = row.at_us
            good.append(row)
    return good


def _known(lane: ChainState, run: Iterable[Transfer], message: Message, letters: list[DeadLetter]) -> list[Transfer]:
    """The rows taken back that were taken in; a publisher that began again says some of them twice."""
    wanted = list(run)
    missing = lane.pipeline.missing(wanted)
    why = "takes back a transfer that is not in memory"
    letters += [_unwanted(row, message, "unknown-retraction", why) for row in wanted if row.event_id in missing]
    return [row for row in wanted if row.event_id not in missing]


def _bundle(lane: ChainState, rows: list[Transfer], *, live: bool) -> Bundle:
    return Bundle(until_us=lane.high_us, transfers=((live, TransferBlock.of(rows)),) if rows else ())


def _retraction(lane: ChainState, rows: list[Transfer]) -> Bundle:
    """Newest first; what replaces them may be as old as the oldest of them."""
    if not rows:
        return Bundle(until_us=lane.high_us)
    lane.high_us = min(lane.high_us, *(row.at_us for row in rows))
    lane.newest = set()
    return Bundle(until_us=lane.high_us, retracted=TransferBlock.of(rows))


def _unwanted(row: Transfer, message: Message, reason: str, why: str) -> DeadLetter:
    return dead_letter(
        source=f"kafka:{message.topic}",
        place=f"{message.place} {row.event_id}",
        reason=reason,
        message=why,
        payload=encode(row),
        at_us=row.at_us,
        record="transfer.v1",
    )
