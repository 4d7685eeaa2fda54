"""The compiled engine over customers and their events: names to ids, windows, and each customer's state as of a row.

Account events are never taken back (no reorg reaches an exchange's own books), so nothing is undone here. A row
older than the newest one, which only a chain's reorg can let through, counts at the newest moment.
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt

from manumit.detectors.customers.columns import KEYS, Bools, EventColumns, KeyName
from manumit.detectors.customers.facts import FACTS, UNKNOWN
from manumit.detectors.customers.features import NEVER, Ask, Last
from manumit.detectors.customers.kernel import LONG_AGO, Cells, Log, Pairs, UInt8s, advance, as_of, rehashed
from manumit.detectors.customers.plan import BITS, PAIR, Plan
from manumit.schemas.block import Int32s, Int64s
from manumit.schemas.errors import Broken

CHUNK = 4096
FEWEST = 1024
CUSTOMER = KEYS.index("customer")


@dataclass(frozen=True, slots=True, kw_only=True)
class States:
    """n rows: `state`, `before` int64[n, FACTS]: the customer as known at the row, and just before it."""

    state: Int64s
    before: Int64s


class Engine:
    """All the memory of customer rules."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.names: list[dict[str, int]] = [{} for _ in KEYS]
        self.values = _cells(plan.value_columns, 0)
        self.lasts = _cells(plan.last_columns, LONG_AGO)
        self.pairs = Pairs(np.zeros(FEWEST, np.uint64), np.zeros(FEWEST, np.int32), np.zeros(1, np.int64))
        self.log = _log(2 * CHUNK, plan)
        self.event_ids: list[str] = []
        self.facts = np.array([UNKNOWN], np.int64)
        self.latest = np.zeros(FEWEST, np.int32)
        self.newest_us = 0

    def states(self, columns: EventColumns) -> States:
        """Take the snapshots of rows about to be pushed."""
        customer = self._ids_of("customer", columns)
        known = len(self.names[CUSTOMER])
        if known > len(self.latest):
            self.latest = np.concatenate([self.latest, np.zeros(max(known, len(self.latest)), np.int32)])
        if len(self.facts) > 4 * known + FEWEST:
            self.facts = np.concatenate([self.facts[:1], self.facts[self.latest[:known]]])
            self.latest[:known] = np.arange(1, known + 1)
        base = len(self.facts)
        self.facts = np.concatenate([self.facts, columns.facts]) if len(columns.facts) else self.facts
        now, before = np.zeros(len(columns), np.int32), np.zeros(len(columns), np.int32)
        as_of(customer, columns.snapshot, base, self.latest, now, before)
        return States(state=self.facts[now], before=self.facts[before])

    def push(self, columns: EventColumns, classes: Mapping[str, Bools]) -> Int64s:
        """Rows in event-time order; int64[asks, n] in the order of the plan's asks.

        Raises Broken when the rows are not in order, or a class of the plan is missing.
        """
        n = len(columns)
        at_us = np.maximum(columns.at_us, self.newest_us)
        if n and (np.diff(at_us) < 0).any():
            raise Broken("customer rows must come in event-time order")
        matrix = np.zeros((n, len(self.plan.classes)), np.uint8)
        for number, name in enumerate(self.plan.classes):
            if name not in classes:
                raise Broken(f"the class {name} of the plan is missing")
            matrix[:, number] = classes[name]
        ids = self._ids(columns)
        out = np.zeros((n, len(self.plan.windows)), np.int64)
        since = np.full((n, len(self.plan.lasts)), NEVER, np.int64)
        for start in range(0, n, CHUNK):
            self._chunk(columns, at_us, ids, matrix, start, min(CHUNK, n - start), out, since)
        if n:
            self.newest_us = int(at_us[-1])
        places = [self._place(ask) for ask in self.plan.asks]
        rows = [since[:, i] if is_last else out[:, i] for is_last, i in places]
        return np.stack(rows) if rows else np.zeros((0, n), np.int64)

    def _place(self, ask: Ask) -> tuple[bool, int]:
        if isinstance(ask, Last):
            return True, self.plan.lasts.index(ask)
        return False, self.plan.windows.index(ask)

    def _ids_of(self, name: KeyName, columns: EventColumns) -> Int32s:
        """Names of the block looked up once each."""
        coded = columns.keys[name]
        known = self.names[KEYS.index(name)]
        local = np.array([known.setdefault(text, len(known)) for text in coded.names] + [-1], np.int32)
        found: Int32s = local[coded.codes]
        return found

    def _ids(self, columns: EventColumns) -> Int32s:
        """int32[n, kinds]."""
        ids = np.stack([self._ids_of(name, columns) for name in KEYS], axis=1)
        rows = [len(known) for known in self.names]
        self.values = _grown(self.values, rows, 0)
        self.lasts = _grown(self.lasts, rows, LONG_AGO)
        return ids

    def _chunk(
        self,
        columns: EventColumns,
        at_us: Int64s,
        ids: Int32s,
        matrix: UInt8s,
        start: int,
        rows: int,
        out: Int64s,
        since: Int64s,
    ) -> None:
        self._make_room(rows)
        place = int(self.log.place[0])
        stop = start + rows
        self.log.at_us[place : place + rows] = at_us[start:stop]
        self.log.usd[place : place + rows] = columns.usd_micro[start:stop]
        self.log.keys[place : place + rows] = ids[start:stop]
        self.log.bits[place : place + rows] = 0
        self.event_ids += [columns.event_id(i) for i in range(start, stop)]
        advance(self.plan.tables, self.log, rows, matrix, start, self.values, self.lasts, self.pairs, out, since)

    def _make_room(self, rows: int) -> None:
        """For more rows in the log and more pairs in their table; what no window holds is let go."""
        used = int(self.log.place[0])
        dead = int(self.log.place[1:].min()) if len(self.log.place) > 1 else used
        if used + rows > len(self.log.at_us):
            room = _log(max(2 * (used - dead + rows), 2 * CHUNK), self.plan)
            room.at_us[: used - dead] = self.log.at_us[dead:used]
            room.usd[: used - dead] = self.log.usd[dead:used]
            room.keys[: used - dead] = self.log.keys[dead:used]
            room.bits[: used - dead] = self.log.bits[dead:used]
            room.place[:] = self.log.place - dead
            self.log = room
            self.event_ids = self.event_ids[dead:]
        most = int(self.pairs.used[0]) + rows * max(1, int((self.plan.tables.measure >= PAIR - 1).sum()))
        if 2 * most > len(self.pairs.keys):
            size = 1 << (2 * most).bit_length()
            larger = Pairs(np.zeros(size, np.uint64), np.zeros(size, np.int32), self.pairs.used)
            rehashed(self.pairs, larger.keys, larger.counts)
            self.pairs = larger

    def recent(self, kind: KeyName, name: str, *, until_us: int, within_us: int, limit: int) -> list[str]:
        """Ids of the latest events with this key, oldest first, none at or before `until_us - within_us`."""
        key = self.names[KEYS.index(kind)].get(name)
        used = int(self.log.place[0])
        if key is None:
            return []
        start = int(np.searchsorted(self.log.at_us[:used], until_us - within_us, side="right"))
        stop = int(np.searchsorted(self.log.at_us[:used], until_us, side="right"))
        found = np.flatnonzero(self.log.keys[start:stop, KEYS.index(kind)] == key) + start
        return list(dict.fromkeys(self.event_ids[i] for i in found.tolist()))[-limit:]

    def state_of(self, subject: str) -> Int64s | None:
        """The facts of a customer as they are now, in the order of FACTS."""
        key = self.names[CUSTOMER].get(subject)
        facts = None if key is None else self.facts[self.latest[key]]
        return facts if facts is not None and facts[FACTS.index("known")] else None

    def snapshot(self) -> bytes:
        """Everything, for a checkpoint."""
        out = io.BytesIO()
        used = int(self.log.place[0])
        arrays: dict[str, npt.NDArray[Any]] = {"values": self.values.cells, "value_base": self.values.base}
        arrays |= {"lasts": self.lasts.cells, "last_base": self.lasts.base}
        arrays |= {"log_at_us": self.log.at_us[:used], "log_usd": self.log.usd[:used]}
        arrays |= {"log_keys": self.log.keys[:used], "log_bits": self.log.bits[:used], "place": self.log.place}
        arrays |= {"pair_keys": self.pairs.keys, "pair_counts": self.pairs.counts, "pair_used": self.pairs.used}
        arrays |= {"facts": self.facts, "latest": self.latest}
        np.savez(out, **arrays)  # type: ignore[arg-type]  # numpy's stub takes a flag among the arrays
        names = [list(known) for known in self.names]
        return msgspec.msgpack.encode((self.plan.digest, names, self.event_ids, self.newest_us, out.getvalue()))

    @classmethod
    def restore(cls, plan: Plan, raw: bytes) -> Engine:
        """Raises Broken for a snapshot of other rules."""
        digest, names, event_ids, newest_us, packed = msgspec.msgpack.decode(raw, type=Kept)
        if digest != plan.digest:
            raise Broken("the snapshot was made with other customer rules")
        engine = cls(plan)
        with np.load(io.BytesIO(packed), allow_pickle=False) as arrays:
            engine.values = Cells(arrays["values"], arrays["value_base"], engine.values.width)
            engine.lasts = Cells(arrays["lasts"], arrays["last_base"], engine.lasts.width)
            engine.pairs = Pairs(arrays["pair_keys"], arrays["pair_counts"], arrays["pair_used"])
            engine.log = Log(
                arrays["log_at_us"], arrays["log_usd"], arrays["log_keys"], arrays["log_bits"], arrays["place"]
            )
            engine.facts, engine.latest = arrays["facts"], arrays["latest"]
        engine.names = [{name: number for number, name in enumerate(known)} for known in names]
        engine.event_ids, engine.newest_us = event_ids, newest_us
        return engine


Kept = tuple[str, list[list[str]], list[str], int, bytes]


def _log(rows: int, plan: Plan) -> Log:
    words = max(1, -(-len(plan.windows) // BITS))
    return Log(
        np.zeros(rows, np.int64),
        np.zeros(rows, np.int64),
        np.zeros((rows, len(KEYS)), np.int32),
        np.zeros((rows, words), np.int64),
        np.zeros(1 + len(plan.tables.length_us), np.int64),
    )


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
