"""Messages of legs.v1 through their units into the store, in their order, by whatever engine brings them.

The log is the state: what a partition's units hold at offset n is exactly the messages before n. A worker that
begins in the middle folds them in first, and writes only what its group has not acknowledged yet.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from zlib import crc32

import msgspec

from manumit.connectors.contract import Store
from manumit.connectors.kafka.reading import Message
from manumit.connectors.snapshots import SnapshotStore
from manumit.schemas.alert import Alert
from manumit.schemas.errors import EdgeDown
from manumit.streams.measures import MICROSECONDS, Measures
from manumit.streams.partition import PartitionState, UnitMaker
from manumit.streams.snapshots import dumped, loaded
from manumit.streams.unit import Outcome

TABLES = ("transfers", "listings", "customers", "account_events", "labels", "child_referrals")
MAX_SNAPSHOT_SHARE = 20  # times as long as a snapshot took must pass before the next
Rows = Mapping[str, Sequence[msgspec.Struct]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """What screening needs of the world around it.

    `log(partition, first, stop)` reads the topic again, `acknowledged(partition)` is the offset the group has
    committed, `unit(name, partition, shards)` makes an empty one, `clock` is UTC microseconds. `announce` is given
    what was written, by table, and returns when that is durable too. `again` is asked after each write refused
    because the store or the broker is away, with how many there were: True when it has waited and the write is to be
    tried again, False to give up. `note` is told in words what an operator should know of.
    """

    store: Store
    shards: int
    unit: UnitMaker
    log: Callable[[int, int, int], Iterator[Message]]
    acknowledged: Callable[[int], int]
    clock: Callable[[], int]
    announce: Callable[[Rows], None] = lambda rows: None
    again: Callable[[int, EdgeDown], bool] = lambda refusals, error: False
    snapshots: SnapshotStore | None = None
    snapshot_every_us: int = 60_000_000
    note: Callable[[str], None] = lambda what: None
    measures: Measures = field(default_factory=lambda: Measures(lambda: 0))
    rebuilding: Callable[[int, int, int], None] = lambda partition, offset, stop: None


class Screening:
    """`take` returns when everything the messages led to is durable; only then may they be acknowledged.

    Any error leaves their partitions without state: should the messages come again, it is rebuilt from the log.
    """

    def __init__(self, bench: Bench) -> None:
        self.bench = bench
        self._partitions: dict[int, PartitionState] = {}
        self._saved_us: dict[int, int] = {}
        self._save_took_us = 0
        self._lock = threading.Lock()

    def take(self, messages: Sequence[Message]) -> None:
        """Messages of each partition in their order; one that is in the state already is passed over.

        Raises EdgeDown, Broken and what rules raise.
        """
        with self._lock:
            states: dict[int, PartitionState] = {}
            outcome = Outcome()
            with self.bench.measures.folding.time():
                for message in messages:
                    if message.partition not in states:
                        states[message.partition] = self._taken_out(message.partition)
                    self._advance(states[message.partition], message, outcome)
                for state in states.values():
                    state.settle(outcome)
            self._write(outcome)
            self._partitions |= states
            self._measure(messages, states.values())
            for state in states.values():
                self._save_when_due(state)

    def forget(self, partitions: Iterable[int]) -> None:
        """Drop the state of partitions another worker has now."""
        with self._lock:
            for partition in partitions:
                self._partitions.pop(partition, None)

    def _taken_out(self, partition: int) -> PartitionState:
        kept = self._partitions.pop(partition, None) or self._restored(partition)
        bench = self.bench
        return kept or PartitionState(partition=partition, shards=bench.shards, make=bench.unit)

    def _restored(self, partition: int) -> PartitionState | None:
        """The newest snapshot that is whole and of this log; None: everything is in the log."""
        bench = self.bench
        self._saved_us[partition] = bench.clock()
        if bench.snapshots is None:
            return None
        try:
            for offset, body in list(bench.snapshots.newest(_name(partition))):
                state = None if body is None else loaded(body, bench.unit, partition, bench.shards)
                if state is not None and self._is_of_this_log(state):
                    return state
                bench.measures.snapshot_faults.inc()
                bench.note(f"the snapshot of partition {partition} at {offset} is damaged or of other rules or topics")
                bench.snapshots.drop(_name(partition), offset)
        except EdgeDown as error:
            bench.note(f"{error}; partition {partition} is rebuilt from the log")
        return None

    def _is_of_this_log(self, state: PartitionState) -> bool:
        """A topic that was made anew has other messages at the same offsets."""
        before = state.next_offset - 1
        found = list(self.bench.log(state.partition, before, state.next_offset))
        return len(found) == 1 and found[0].offset == before and crc32(found[0].value) == state.last

    def _save_when_due(self, state: PartitionState) -> None:
        """A snapshot that cannot be written costs time after a restart, and nothing else."""
        bench = self.bench
        began_us = bench.clock()
        wait_us = max(bench.snapshot_every_us, MAX_SNAPSHOT_SHARE * self._save_took_us)
        waited_us = began_us - self._saved_us.get(state.partition, began_us)
        if bench.snapshots is None or 0 <= waited_us < wait_us:  # a clock set back does not put it off
            return
        try:
            bench.snapshots.save(_name(state.partition), state.next_offset, dumped(state))
        except EdgeDown as error:
            bench.measures.snapshot_faults.inc()
            bench.note(str(error))
        else:
            bench.measures.snapshot_at.labels(str(state.partition)).set(bench.clock() / MICROSECONDS)
        self._saved_us[state.partition] = bench.clock()
        self._save_took_us = bench.clock() - began_us

    def _measure(self, messages: Sequence[Message], states: Iterable[PartitionState]) -> None:
        measures, now_us = self.bench.measures, self.bench.clock()
        measures.messages.labels("screen").inc(len(messages))
        for message in messages:
            measures.broker_to_store.observe(max(now_us - message.stamp_us, 0) / MICROSECONDS)
        for state in states:
            measures.waiting.labels(str(state.partition)).set(sum(len(unit.waiting) for unit in state.units.values()))
            cuts = [unit.cut_us for unit in state.units.values()]
            measures.watermark.labels(str(state.partition)).set(max(0, *cuts, 0) / MICROSECONDS)

    def _advance(self, state: PartitionState, message: Message, outcome: Outcome) -> None:
        if message.offset > state.next_offset:
            self._catch_up(state, message)
        if message.offset == state.next_offset:
            state.fold(message, outcome)

    def _catch_up(self, state: PartitionState, message: Message) -> None:
        """Fold in the messages between. What the group has acknowledged was written before it was."""
        acknowledged = self.bench.acknowledged(message.partition)
        with self.bench.measures.busy(f"partition {message.partition} is rebuilt from the log"):
            self._fold_in(state, message, acknowledged)
        state.next_offset = message.offset  # offsets that hold no message are passed over

    def _fold_in(self, state: PartitionState, message: Message, acknowledged: int) -> None:
        to_do = self.bench.measures.rebuilding.labels(str(message.partition))
        for earlier in self.bench.log(message.partition, state.next_offset, message.offset):
            outcome = Outcome()
            state.fold(earlier, outcome)
            state.settle(outcome)
            if earlier.offset >= acknowledged:
                self._write(outcome)
            to_do.set(message.offset - earlier.offset - 1)
            self.bench.rebuilding(message.partition, earlier.offset + 1, message.offset)

    def _write(self, outcome: Outcome) -> None:
        """As often as it takes: what was folded stays, and nothing more is taken meanwhile."""
        refusals = 0
        while True:
            try:
                with self.bench.measures.writing.time():
                    self._write_once(outcome)
            except EdgeDown as error:
                refusals += 1
                self.bench.measures.refusals.inc()
                with self.bench.measures.busy(f"waits for an edge: {error}"):
                    if not self.bench.again(refusals, error):
                        raise
            else:
                self._count(outcome)
                return

    def _count(self, outcome: Outcome) -> None:
        measures, now_us = self.bench.measures, self.bench.clock()
        for table, rows in outcome.rows.items():
            measures.rows.labels(table).inc(len(rows))
        for letter in outcome.letters:
            measures.dead_letters.labels(letter.reason).inc()
        for row in outcome.rows.get("alerts", ()):
            if isinstance(row, Alert):
                measures.event_to_alert.observe(max(now_us - row.last_us, 0) / MICROSECONDS)

    def _write_once(self, outcome: Outcome) -> None:
        """Alerts last, so that whoever sees an alert finds what it refers to."""
        bench, rows = self.bench, outcome.rows
        for table in TABLES:
            bench.store.write(table, rows.get(table, ()))
        bench.store.write("dead_letters", outcome.letters)
        bench.store.write("signals", rows.get("signals", ()))
        now_us = bench.clock()
        alerts = [
            msgspec.structs.replace(row, stored_us=now_us) for row in rows.get("alerts", ()) if isinstance(row, Alert)
        ]
        bench.store.write("alerts", alerts)
        bench.announce({"dead_letters": outcome.letters, "signals": rows.get("signals", ()), "alerts": alerts})


def _name(partition: int) -> str:
    return f"{partition:04d}"
