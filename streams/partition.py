"""One partition of legs.v1 as state: its units, and what they must all be told. A pure fold over the log."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from zlib import crc32

from manumit.connectors.kafka.reading import Message
from manumit.connectors.kafka.records import letter_about
from manumit.schemas.child_referral import ChildReferral
from manumit.schemas.dead_letter import DeadLetter
from manumit.schemas.envelope import Opened, form_of, unpacked
from manumit.schemas.errors import BadRecord
from manumit.schemas.label import Label
from manumit.schemas.listing import Listing
from manumit.schemas.transfer import Transfer
from manumit.streams.clocks import Clock, Clocks
from manumit.streams.shards import ADVERTS, EVERYBODY, LETTERS, home_of
from manumit.streams.unit import Given, Outcome, Unit

NOTHING = (-1, -1, -1)
KEPT_ADVERTS = 65_536
LEG = "leg"  # what stands in it cannot be said, so its letters keep none of it
Step = tuple[int, ...]
UnitMaker = Callable[[str, int, int], Unit]
"""Makes the empty unit of a name, for a partition among so many shards."""


@dataclass(slots=True, kw_only=True)
class PartitionState:
    """Everything before `next_offset`; `last` is the checksum of the message before it.

    `seen` is, by unit and lane, the newest origin that was taken. `adverts` and `labels` were told to all units, and
    are told to those that begin later; `shards` is the number of partitions.
    """

    partition: int
    shards: int
    make: UnitMaker
    next_offset: int = 0
    last: int = 0
    units: dict[str, Unit] = field(default_factory=dict)
    clocks: Clocks = field(default_factory=Clocks)
    seen: dict[str, Step] = field(default_factory=dict)
    labels: list[Label] = field(default_factory=list)
    adverts: list[tuple[str, Listing]] = field(default_factory=list)
    held: dict[str, Unit] = field(default_factory=dict)
    held_lane: str = ""

    def settle(self, into: Outcome) -> None:
        """What `fold` has held back goes on. Before it the state is not whole. Raises as `fold`."""
        held, self.held = self.held, {}
        for unit in held.values():
            unit.release(self.clocks, into)

    def fold(self, message: Message, into: Outcome) -> None:
        """The message at `next_offset` or behind it; `settle` comes after the last of several.

        Transfers of one lane are held back until another kind of message or lane comes, so that rules look at many
        messages at once: what they find does not depend on it. Raises Broken and what detectors raise.
        """
        try:
            opened = unpacked(message.value, form_of(message.content_type))
            lane, step = _origin(opened)
        except BadRecord as error:
            into.letters.append(letter_about(message, "", error, b"", LEG))
        else:
            into.letters += [
                letter_about(message, f"#{bad.index}", BadRecord(bad.reason, bad.message), b"", LEG)
                for bad in opened.refused
            ]
            place = f"{opened.unit}|{lane}"
            if step > self.seen.get(place, NOTHING):
                self.seen[place] = step
                self._take(opened, lane, into)
        self.next_offset, self.last = message.offset + 1, crc32(message.value)

    def _take(self, opened: Opened, lane: str, into: Outcome) -> None:
        held_back = _is_seen(opened)
        if not held_back or lane != self.held_lane:
            self.settle(into)
        given = Given(origin=opened.origin, rows=opened.records, live=opened.live, final=opened.final)
        if opened.until_us is not None:
            self.clocks.hear(lane, Clock(schema=opened.schema, until_us=opened.until_us, run=opened.run), opened.lanes)
        elif opened.records:
            self.clocks.goes_on(lane)
        if opened.unit == EVERYBODY:
            self._tell(given, into)
        elif opened.unit == LETTERS:
            into.letters += [row for row in given.rows if isinstance(row, DeadLetter)]
            into.add("child_referrals", [row for row in given.rows if isinstance(row, ChildReferral)])
        elif held_back:
            unit = self.held[opened.unit] = self._unit(opened.unit, into)
            self.held_lane = lane
            unit.hold(given, into)
        else:
            self._unit(opened.unit, into).take(given, self.clocks, into)

    def _tell(self, given: Given, into: Outcome) -> None:
        if not given.rows:
            for unit in self.units.values():
                unit.release(self.clocks, into)
            return
        kind = type(given.rows[0])
        for row in given.rows:
            if isinstance(row, Label):
                self.labels.append(row)
            elif isinstance(row, Listing):
                self.adverts.append((given.origin, row))
        if kind is Label and home_of(ADVERTS, self.shards) == self.partition:
            into.add("labels", given.rows)
        self.adverts = self.adverts[-KEPT_ADVERTS:]
        for unit in self.units.values():
            if kind in unit.role.reads:
                unit.take(given, self.clocks, into)

    def _unit(self, name: str, into: Outcome) -> Unit:
        """The unit; a new one is told first what all were told before it was there."""
        unit = self.units.get(name)
        if unit is None:
            unit = self.units[name] = self.make(name, self.partition, self.shards)
            given = [Given(origin="", rows=tuple(self.labels))]
            if Listing in unit.role.reads:
                given += [Given(origin=origin, rows=(row,)) for origin, row in self.adverts]
            for one in given:
                if one.rows:
                    unit.remember(one, into)
        return unit


def _is_seen(opened: Opened) -> bool:
    """Nothing but transfers that were seen: no clock, no final height, nothing taken back."""
    first = opened.records[0] if opened.records else None
    return isinstance(first, Transfer) and first.op == 1 and opened.until_us is None and not opened.final


def _origin(opened: Opened) -> tuple[str, Step]:
    """`transfers.v1/3@1042.0.1` as its lane and what orders it there."""
    lane, at, step = opened.origin.rpartition("@")
    parts = step.split(".")
    if not at or not opened.unit or len(parts) != len(NOTHING) or not all(part.isdigit() for part in parts):
        raise BadRecord("malformed", "no leg: legs.v1 is written by the workers alone")
    return lane, tuple(map(int, parts))
