"""One unit's state: what its partition's log has told it, folded message by message. The clock is never asked.

Records wait until everything older has come, where a publisher of history says how far it is; then they go on in
event-time order, as on one machine. Without such a publisher the records whose order counts go on as they come, and
the others wait for them: an advert for its chain's next block, a customer's snapshot for the exchange's next event.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby

import msgspec

from manumit.schemas.account_event import AccountEvent
from manumit.schemas.block import TransferBlock
from manumit.schemas.customer import Customer
from manumit.schemas.dead_letter import DeadLetter, dead_letter
from manumit.schemas.fields import FIRST_BLOCK_US, YEAR_1990_US
from manumit.schemas.label import Label
from manumit.schemas.listing import Listing
from manumit.schemas.records import name_of
from manumit.schemas.transfer import Transfer
from manumit.schemas.wire import encode
from manumit.streams.clocks import Clocks
from manumit.streams.lanes import BEGINNING_US, END_US
from manumit.streams.merging import Bundle
from manumit.streams.pipeline import Changes, Pipeline
from manumit.streams.shards import role_of

REMEMBERED = 65_536  # ids of records without an order: more than a publisher says again after a crash
AT_ONCE = 8_192  # rows in a bundle: a part of what the engine can look back on without loss
AGAIN = ("duplicate", "the topic holds this event twice")
Timed = Transfer | Listing | Customer | AccountEvent


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What one message holds for a unit. `origin` is the place of the message it was taken from."""

    origin: str
    rows: Sequence[msgspec.Struct]
    live: bool = False
    final: Mapping[str, int] = field(default_factory=dict)

    @property
    def lane(self) -> str:
        return self.origin.rpartition("@")[0]


@dataclass(slots=True)
class LaneState:
    """`newest` are the event ids at `high_us`: what they repeat is a duplicate."""

    high_us: int = BEGINNING_US
    newest: set[str] = field(default_factory=set)


@dataclass(slots=True, kw_only=True)
class Waiting:
    """A record that waits. `live`: its block may be taken back."""

    row: Timed
    live: bool


@dataclass(slots=True)
class Outcome:
    """What messages lead to, in the order of writing: alerts last, after what they refer to."""

    rows: dict[str, list[msgspec.Struct]] = field(default_factory=dict)
    letters: list[DeadLetter] = field(default_factory=list)

    def add(self, table: str, rows: Iterable[msgspec.Struct]) -> None:
        self.rows.setdefault(table, []).extend(rows)

    def take(self, changes: Changes) -> None:
        self.add("signals", changes.signals)
        self.add("alerts", changes.alerts)


class Unit:
    """`cut_us`: what has gone on is not newer. `prepare` is called before each bundle, for what stands in no log."""

    def __init__(self, name: str, pipeline: Pipeline, prepare: Callable[[Pipeline], None]) -> None:
        self.name = name
        self.role = role_of(name)
        self.pipeline = pipeline
        self.prepare = prepare
        self.cut_us = BEGINNING_US
        self.lanes: dict[str, LaneState] = {}
        self.waiting: list[Waiting] = []
        self.finals: dict[str, int] = {}
        self.known: dict[str, None] = {}

    def take(self, given: Given, clocks: Clocks, into: Outcome) -> None:
        """Raises Broken for a retraction deeper than the engine's memory, and what detectors raise."""
        first = given.rows[0] if given.rows else None
        if isinstance(first, Label):
            self._go(Bundle(until_us=self.cut_us, labels=tuple(r for r in given.rows if isinstance(r, Label))), into)
            return
        if isinstance(first, Transfer) and first.op == -1:
            self._retract(given, into)
        else:
            self._admit(given, into)
        self.finals |= given.final
        self.release(clocks, into)

    def hold(self, given: Given, into: Outcome) -> None:
        """Transfers seen, which wait for `release`; among messages of one lane it may as well come after the last."""
        self._admit(given, into)

    def remember(self, given: Given, into: Outcome) -> None:
        """What was told to all before this unit was there; nothing goes on yet."""
        if isinstance(given.rows[0], Label):
            self.take(given, Clocks(), into)
        else:
            self._admit(given, into)

    def release(self, clocks: Clocks, into: Outcome) -> None:
        """Everything that need not wait any longer."""
        first_us, others_us = self._bounds(clocks)
        due: list[Waiting] = []
        left: list[Waiting] = []
        for one in self.waiting:
            bound_us = first_us if isinstance(one.row, self.role.first) else others_us
            (due if one.row.at_us <= bound_us else left).append(one)
        self.waiting = left
        due.sort(key=lambda one: one.row.at_us)
        for start, stop in _cuts([one.row.at_us for one in due]):
            self._go(self._bundle(due[start:stop]), into)
        if self.finals and not any(isinstance(one.row, Transfer) for one in left):
            final, self.finals = self.finals, {}
            self._go(Bundle(until_us=self.cut_us, final=final), into)

    def _bounds(self, clocks: Clocks) -> tuple[int, int]:
        """Up to when the first kind and the others may go on."""
        role = self.role
        told_us = clocks.bound_us([name_of(kind) for kind in (role.first, *role.reads)], self.lanes)
        if told_us is not None:
            return told_us, told_us
        highs = [state.high_us for state in self.lanes.values()]
        if not highs:
            return END_US, END_US
        newest_us = max(highs)
        slowest_us = min(high_us for high_us in highs if high_us >= newest_us - role.patience_us)
        return (slowest_us if role.patience_us else newest_us), slowest_us

    def _admit(self, given: Given, into: Outcome) -> None:
        rows = [row for row in given.rows if isinstance(row, (Transfer, Listing, Customer, AccountEvent))]
        lane = given.lane
        for row in rows:
            refusal = self._refusal(lane, row)
            if refusal is None:
                self.waiting.append(Waiting(row=self._placed(row), live=given.live))
            else:
                into.letters.append(_unwanted(row, given.origin, *refusal))
                continue
            if isinstance(row, self.role.stores):
                into.add(TABLES[type(row)], (row,))

    def _refusal(self, lane: str, row: Timed) -> tuple[str, str] | None:
        """Why a row cannot go on; notes it as its lane's newest where it can."""
        at_us = row.at_us
        if at_us < (FIRST_BLOCK_US if isinstance(row, Transfer) else YEAR_1990_US):
            return "bad-time", f"its time {at_us} lies before there was anything to watch"
        if not isinstance(row, self.role.first):
            return self._seen_before(row)
        state = self.lanes.setdefault(lane, LaneState())
        if isinstance(row, Listing):
            state.high_us = max(state.high_us, at_us)
            return self._seen_before(row)
        newest_us = max(state.high_us, self.cut_us)
        if at_us < newest_us:
            return "late", f"older than {newest_us}, the newest of {self.name}"
        event_id = row.event_id
        if at_us > state.high_us:
            state.high_us, state.newest = at_us, {event_id}
        elif event_id in state.newest:
            return AGAIN
        else:
            state.newest.add(event_id)
        return None

    def _seen_before(self, row: Timed) -> tuple[str, str] | None:
        if row.event_id in self.known:
            return AGAIN
        self.known[row.event_id] = None
        if len(self.known) > REMEMBERED:
            del self.known[next(iter(self.known))]
        return None

    def _placed(self, row: Timed) -> Timed:
        """A record that comes after its time, and is no event, is known from now on."""
        if isinstance(row, (Listing, Customer)) and row.at_us < self.cut_us:
            return msgspec.structs.replace(row, at_us=self.cut_us)
        return row

    def _retract(self, given: Given, into: Outcome) -> None:
        """Newest first; what replaces them may be as old as the oldest of them."""
        rows = [row for row in given.rows if isinstance(row, Transfer)]
        ids = {row.event_id for row in rows}
        dropped = {one.row.event_id for one in self.waiting if one.row.event_id in ids}
        self.waiting = [one for one in self.waiting if one.row.event_id not in ids]
        rest = [row for row in rows if row.event_id not in dropped]
        missing = self.pipeline.missing(rest)
        why = "takes back a transfer that is not in memory"
        into.letters += [
            _unwanted(row, given.origin, "unknown-retraction", why) for row in rest if row.event_id in missing
        ]
        known = [row for row in rest if row.event_id not in missing]
        gone = [row for row in rows if row.event_id not in missing]
        if not gone:
            return
        state = self.lanes.setdefault(given.lane, LaneState())
        state.high_us, state.newest = min(state.high_us, *(row.at_us for row in gone)), set()
        if Transfer in self.role.stores:
            into.add("transfers", gone)
        if known:
            self.cut_us = min(self.cut_us, state.high_us)
            self._go(Bundle(until_us=self.cut_us, retracted=TransferBlock.of(known)), into)

    def _bundle(self, due: Sequence[Waiting]) -> Bundle:
        self.cut_us = max(self.cut_us, due[-1].row.at_us)
        moved = [(one.live, one.row) for one in due if isinstance(one.row, Transfer)]
        return Bundle(
            until_us=self.cut_us,
            transfers=tuple(
                (live, TransferBlock.of([row for _, row in run]))
                for live, run in groupby(moved, key=lambda one: one[0])
            ),
            listings=tuple(one.row for one in due if isinstance(one.row, Listing)),
            customers=tuple(one.row for one in due if isinstance(one.row, Customer)),
            account_events=tuple(one.row for one in due if isinstance(one.row, AccountEvent)),
        )

    def _go(self, bundle: Bundle, into: Outcome) -> None:
        self.prepare(self.pipeline)
        into.take(self.pipeline.take(bundle))


TABLES: dict[type[msgspec.Struct], str] = {
    Transfer: "transfers",
    Listing: "listings",
    Customer: "customers",
    AccountEvent: "account_events",
}


def _cuts(times: Sequence[int]) -> Iterable[tuple[int, int]]:
    """Spans of at most AT_ONCE rows, or more where they share a microsecond."""
    start = 0
    while start < len(times):
        stop = min(start + AT_ONCE, len(times))
        while stop < len(times) and times[stop] == times[stop - 1]:
            stop += 1
        yield start, stop
        start = stop


def _unwanted(row: Timed, origin: str, reason: str, why: str) -> DeadLetter:
    """The same for every leg of the message, so that it is one row."""
    lane, _, leg = origin.rpartition("@")
    return dead_letter(
        source=f"kafka:{lane.rpartition('/')[0]}",
        place=f"{lane}@{leg.partition('.')[0]} {row.event_id}",
        reason=reason,
        message=why,
        payload=encode(row),
        at_us=max(row.at_us, 0),
        record=name_of(type(row)),
    )
