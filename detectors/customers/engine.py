"""The compiled engine over customers and their events: names to ids, windows, and each customer's state as of a row.

Account events are never taken back (no reorg reaches an exchange's own books), so nothing is undone here. A row
older than the newest one, which only a chain's reorg can let through, counts at the newest moment.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from manumit.detectors.customers.block import States
from manumit.detectors.customers.coded import Bools, Coded
from manumit.detectors.customers.columns import KEYS, PARTS, EventColumns, KeyName
from manumit.detectors.customers.facts import FACTS, UNKNOWN
from manumit.detectors.customers.features import NEVER, Ask, Last
from manumit.detectors.customers.history import EVERY, History, Piece
from manumit.detectors.customers.kernel import LONG_AGO, Cells, Log, Pairs, advance, as_of, rehashed
from manumit.detectors.customers.plan import BITS, MEASURE, PAIR, Plan
from manumit.detectors.customers.texts import Interner, PairInterner, Texts
from manumit.schemas.block import Int32s, Int64s
from manumit.schemas.errors import Broken

CHUNK = 12_296  # rows at once; no power of two, or the columns of an answer would fight for the same cache lines
AT_ONCE = 2_048  # rows for which room is made in the table of pairs
FEWEST = 1024
CUSTOMER = KEYS.index("customer")


@dataclass(frozen=True, slots=True)
class Numbered:
    """A batch whose names are numbers: ids int32[kinds, n]."""

    columns: EventColumns
    ids: Int32s

    def part(self, start: int, stop: int) -> Numbered:
        return Numbered(self.columns.part(start, stop), self.ids[:, start:stop])


class Engine:
    """All the memory of customer rules. `subjects`: the keys whose latest events are remembered by id."""

    def __init__(self, plan: Plan, subjects: Collection[KeyName] = KEYS) -> None:
        self.plan = plan
        self.subjects = tuple(name for name in KEYS if name in subjects)
        self.names: dict[str, Interner] = {name: Interner() for name in KEYS if name not in PARTS}
        self.halves: dict[str, PairInterner] = {name: PairInterner() for name in PARTS}
        self.values = _cells(plan.value_columns, 0)
        self.lasts = _cells(plan.last_columns, LONG_AGO)
        self.pairs = Pairs(np.zeros(FEWEST, np.uint64), np.zeros(FEWEST, np.int32), np.zeros(1, np.int64))
        self.log = _log(2 * FEWEST, plan)
        self.history = History()
        self.facts = np.array([UNKNOWN], np.int64).T.copy()
        self.told = 1
        self.latest = np.zeros(FEWEST, np.int32)
        self.newest_us = 0

    def numbered(self, columns: EventColumns) -> Numbered:
        """Every name looked up once; what the engine has never heard of gets a number."""
        found = {name: self._ids_of(name, coded) for name, coded in columns.keys.items()}
        for name, (one, two) in PARTS.items():
            found[name] = self.halves[name].ids(found[one], found[two])
        held = [len(self.halves[name]) if name in PARTS else len(self.names[name]) for name in KEYS]
        self.values = _grown(self.values, held, 0)
        self.lasts = _grown(self.lasts, held, LONG_AGO)
        return Numbered(columns, np.stack([found[name] for name in KEYS]))

    def states(self, columns: EventColumns | Numbered) -> States:
        """Take the snapshots of rows about to be pushed."""
        batch = columns if isinstance(columns, Numbered) else self.numbered(columns)
        customer, rows = batch.ids[CUSTOMER], batch.columns
        known = len(self.names["customer"])
        if known > len(self.latest):
            self.latest = np.concatenate([self.latest, np.zeros(max(known, len(self.latest)), np.int32)])
        snapshot, facts = _own(rows)
        if len(facts):
            self._hold(facts, known)
        base = self.told - len(facts)
        now, before = np.zeros(len(rows), np.int32), np.zeros(len(rows), np.int32)
        as_of(customer, snapshot, base, self.latest, now, before)
        return States(facts=self.facts, now=now, earlier=before)

    def _hold(self, facts: Int64s, known: int) -> None:
        """Snapshots of the past are let go when they are many."""
        if self.told + len(facts) > self.facts.shape[1]:
            if self.told > 4 * known + FEWEST:
                kept = np.concatenate([self.facts[:, :1], self.facts[:, self.latest[:known]]], axis=1)
                self.latest[:known] = np.arange(1, known + 1)
                self.facts, self.told = kept, kept.shape[1]
            room = np.zeros((len(FACTS), self.told + len(facts) + FEWEST), np.int64)
            self.facts = np.concatenate([self.facts[:, : self.told], room], axis=1)
        self.facts[:, self.told : self.told + len(facts)] = facts.T
        self.told += len(facts)

    def push(
        self, columns: EventColumns | Numbered, classes: Mapping[str, Bools], held: Int64s | None = None
    ) -> Int64s:
        """Rows in event-time order; int64[asks, n] in the order of the plan's asks. `held` as in `history`.

        Raises Broken when the rows are not in order, or a class of the plan is missing.
        """
        batch = columns if isinstance(columns, Numbered) else self.numbered(columns)
        rows = batch.columns
        n = len(rows)
        at_us = np.maximum(rows.at_us, self.newest_us)
        if n and (np.diff(at_us) < 0).any():
            raise Broken("customer rows must come in event-time order")
        matrix = np.zeros((len(self.plan.classes), n), np.uint8)
        for number, name in enumerate(self.plan.classes):
            if name not in classes:
                raise Broken(f"the class {name} of the plan is missing")
            matrix[number] = classes[name]
        out = np.zeros((len(self.plan.windows), n), np.int64)
        since = np.full((len(self.plan.lasts), n), NEVER, np.int64)
        for start in range(0, n, AT_ONCE):
            part = slice(start, min(start + AT_ONCE, n))
            self._make_room(part.stop - start)
            advance(
                self.plan.tables, self.log, at_us[part], rows.usd_micro[part], batch.ids[:, part], matrix[:, part],
                self.values, self.lasts, self.pairs, out[:, part], since[:, part],
            )  # fmt: skip
        if n:
            self.newest_us = int(at_us[-1])
            self._remember(batch, at_us, np.zeros(n, np.int64) if held is None else held)
        places = [self._place(ask) for ask in self.plan.asks]
        answers = [since[i] if is_last else out[i] for is_last, i in places]
        return np.stack(answers) if answers else np.zeros((0, n), np.int64)

    def _place(self, ask: Ask) -> tuple[bool, int]:
        if isinstance(ask, Last):
            return True, self.plan.lasts.index(ask)
        return False, self.plan.windows.index(ask)

    def _remember(self, batch: Numbered, at_us: Int64s, held: Int64s) -> None:
        keys: dict[str, Int32s] = {name: batch.ids[KEYS.index(name)].copy() for name in self.subjects}
        columns = batch.columns
        self.history.add(Piece(at_us=at_us, keys=keys, held=held, record=columns.record, event_ids=columns.event_ids))

    def _ids_of(self, name: str, coded: Coded) -> Int32s:
        """Names of the block looked up once each."""
        names = coded.names if isinstance(coded.names, Texts) else Texts.of(coded.names)
        local = np.append(self.names[name].ids(names), np.int32(-1))
        found: Int32s = local[coded.codes]
        return found

    def _make_room(self, rows: int) -> None:
        """For more rows in the log and more pairs in their table; what no window holds is let go."""
        used = int(self.log.place[0])
        if used + rows + 1 > len(self.log.at_us):
            self.log = _compacted(self.log, self.plan, rows)
        most = int(self.pairs.used[0]) + rows * max(1, int((self.plan.tables.aggregates[:, MEASURE] >= PAIR - 1).sum()))
        if 2 * most > len(self.pairs.keys):
            size = 1 << (2 * most).bit_length()
            larger = Pairs(np.zeros(size, np.uint64), np.zeros(size, np.int32), self.pairs.used)
            rehashed(self.pairs, larger.keys, larger.counts)
            self.pairs = larger

    def recent(
        self, kind: KeyName, name: str, *, until_us: int, within_us: int, limit: int, held: int = EVERY
    ) -> list[str]:
        """Ids of the latest events with this key, oldest first, none at or before `until_us - within_us`."""
        key = self.names[kind].find(name)
        if key < 0:
            return []
        after_us = until_us - within_us
        return self.history.recent(kind, key, until_us=until_us, after_us=after_us, limit=limit, held=held)

    def state_of(self, subject: str) -> Int64s | None:
        """The facts of a customer as they are now, in the order of FACTS."""
        key = self.names["customer"].find(subject)
        facts = None if key < 0 else self.facts[:, self.latest[key]]
        return facts if facts is not None and facts[FACTS.index("known")] else None


def _own(columns: EventColumns) -> tuple[Int32s, Int64s]:
    """The snapshots of these rows alone: int32[n] their index, int64[s, FACTS]."""
    rows = np.flatnonzero(columns.snapshot >= 0)
    snapshot = np.full(len(columns), -1, np.int32)
    snapshot[rows] = np.arange(len(rows))
    return snapshot, columns.facts[columns.snapshot[rows]]


def _log(rows: int, plan: Plan) -> Log:
    words = max(1, -(-len(plan.windows) // BITS))
    return Log(
        np.zeros(rows, np.int64),
        np.zeros(rows, np.int64),
        np.zeros((rows, len(KEYS)), np.int32),
        np.zeros((rows, words), np.int64),
        np.zeros(1 + len(plan.tables.length_us), np.int64),
    )


def _compacted(log: Log, plan: Plan, rows: int) -> Log:
    """Without the rows that no window holds any more, and with room for as many again and `rows` more."""
    used = int(log.place[0])
    number = np.arange(used)
    keep = np.zeros(used, np.bool_)
    for window, own in enumerate(plan.tables.words):
        keep |= (number >= log.place[1 + window]) & ((log.bits[:used] & own) != 0).any(axis=1)
    before = np.append(np.int64(0), np.cumsum(keep))
    stay = np.flatnonzero(keep)
    room = _log(2 * (len(stay) + rows) + FEWEST, plan)
    room.at_us[: len(stay)] = log.at_us[stay]
    room.usd[: len(stay)] = log.usd[stay]
    room.keys[: len(stay)] = log.keys[stay]
    room.bits[: len(stay)] = log.bits[stay]
    room.place[:] = before[log.place]
    return room


def _cells(widths: Sequence[int], empty: int, rows: Sequence[int] | None = None) -> Cells:
    """`rows` keys of each kind; at first the fewest."""
    wide = np.array(widths, np.int64)
    size = wide * np.array(rows if rows is not None else [FEWEST] * len(wide), np.int64)
    base = np.concatenate([np.zeros(1, np.int64), np.cumsum(size)])
    return Cells(np.full(int(base[-1]), empty, np.int64), base, wide)


def _grown(old: Cells, rows: Sequence[int], empty: int) -> Cells:
    """With room for so many keys of each kind, twice as many where it was too little."""
    held = [int(size // max(1, width)) for size, width in zip(np.diff(old.base), old.width, strict=True)]
    if all(row <= room or not width for row, room, width in zip(rows, held, old.width, strict=True)):
        return old
    wanted = [max(row, 2 * room) if row > room else room for row, room in zip(rows, held, strict=True)]
    new = _cells(old.width.tolist(), empty, wanted)
    for kind in range(len(held)):
        start, stop = int(old.base[kind]), int(old.base[kind + 1])
        new.cells[int(new.base[kind]) : int(new.base[kind]) + stop - start] = old.cells[start:stop]
    return new
