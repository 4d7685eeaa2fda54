"""The definition of every feature, in plain Python. Slow, obvious; the compiled engine must equal it.

Per account and per aggregate there is one queue of the transfers still in the window: expire what
is too old, append the new one, read. Undo rebuilds from the transfers that remain.
"""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from manumit.detectors.windows.contract import DEFAULT_UNDO_DEPTH, LabelSpan, Pushed, no_row
from manumit.detectors.windows.event_memory import EventMemory
from manumit.detectors.windows.features import NEVER, Aggregate, Direction, Feature, Filter, PairCount, Side
from manumit.detectors.windows.plan import Plan, filter_of
from manumit.schemas.block import TextColumn, TransferBlock
from manumit.schemas.errors import Broken

Account = tuple[str, str]
DAY_US = 86_400_000_000
LOW_32 = 0xFFFFFFFF


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One transfer as the oracle keeps it; labels as of its time."""

    at_us: int
    usd_micro: int
    sender: Account
    receiver: Account
    sender_labels: int
    receiver_labels: int

    def subject(self, direction: Direction) -> Account:
        return self.receiver if direction == "in" else self.sender

    def counterparty(self, direction: Direction) -> Account:
        return self.sender if direction == "in" else self.receiver


@dataclass(slots=True)
class Window:
    """The transfers of one key that one aggregate counts now."""

    events: deque[tuple[int, int, Account]] = field(default_factory=deque)
    total: int = 0
    others: Counter[Account] = field(default_factory=Counter)

    def add(self, at_us: int, value: int, other: Account) -> None:
        self.events.append((at_us, value, other))
        self.total += value
        self.others[other] += 1

    def expire(self, limit_us: int) -> None:
        while self.events and self.events[0][0] <= limit_us:
            _, value, other = self.events.popleft()
            self.total -= value
            self.others[other] -= 1
            if not self.others[other]:
                del self.others[other]


class Oracle:
    """See `contract.WindowEngine`."""

    def __init__(self, plan: Plan, *, undo_depth: int = DEFAULT_UNDO_DEPTH) -> None:
        self.plan = plan
        self._undo_depth = undo_depth
        self._spans: dict[Account, list[LabelSpan]] = defaultdict(list)
        self._aggregates = _aggregates(plan)
        self._pair_counts = {f for _, f in plan.requests if isinstance(f, PairCount)}
        self._events: list[Event] = []
        self._floor = 0
        self._forget()

    def _forget(self) -> None:
        self._windows: dict[tuple[Aggregate, Account], Window] = defaultdict(Window)
        self._pairs: dict[tuple[PairCount, Account, Account], Window] = defaultdict(Window)
        self._last: dict[tuple[str, Account] | tuple[str, Account, Account], int] = {}

    @property
    def length(self) -> int:
        return len(self._events)

    def push(self, block: TransferBlock) -> Pushed:
        self._check(block)
        first = self.length
        rows = len(block)
        columns = np.empty((len(self.plan.requests), rows), np.int64)
        labels = np.empty((2, rows), np.uint32)
        for i in range(rows):
            event = self._event(block, i)
            self._append(event)
            columns[:, i] = [self._read(side, feature, event) for side, feature in self.plan.requests]
            labels[:, i] = event.sender_labels, event.receiver_labels
            self._remember(event)
        self._floor = max(self._floor, self.length - self._undo_depth)
        return Pushed(
            plan=self.plan,
            block=block,
            first=first,
            columns=columns,
            sender_labels=labels[0],
            receiver_labels=labels[1],
        )

    def _check(self, block: TransferBlock) -> None:
        if (block.op != 1).any():
            raise Broken("a retraction reached push; undo it instead")
        times = [event.at_us for event in self._events[-1:]] + block.at_us.tolist()
        if times != sorted(times):
            raise Broken("transfers must be pushed in event-time order")

    def _event(self, block: TransferBlock, i: int) -> Event:
        at_us = int(block.at_us[i])
        chain = block.chains[block.chain[i]]
        sender, receiver = (chain, block.sender[i]), (chain, block.receiver[i])
        known = 0 if block.known is None else int(block.known[i])
        return Event(
            at_us=at_us,
            usd_micro=int(block.usd_micro[i]),
            sender=sender,
            receiver=receiver,
            sender_labels=self._labels(sender, at_us) | known >> 32,
            receiver_labels=self._labels(receiver, at_us) | known & LOW_32,
        )

    def _labels(self, account: Account, at_us: int) -> int:
        bits = 0
        for span in self._spans.get(account, ()):
            if span.valid_from_us <= at_us < span.valid_to_us:
                bits |= span.bits
        return bits

    def _append(self, event: Event) -> None:
        # every filter reads the state before this event, so all are judged before any window changes
        counted = [a for a in self._aggregates if self._holds(event, a.direction, a.where)]
        paired = [p for p in self._pair_counts if self._holds(event, "in", p.where)]
        for aggregate in counted:
            value = 1 if aggregate.measure == "count" else max(event.usd_micro, 0)
            window = self._windows[aggregate, event.subject(aggregate.direction)]
            window.add(event.at_us, value, event.counterparty(aggregate.direction))
        for pair in paired:
            self._pairs[pair, event.sender, event.receiver].add(event.at_us, 1, event.sender)
        self._events.append(event)

    def _remember(self, event: Event) -> None:
        self._last["last-in", event.receiver] = event.at_us
        self._last["last-out", event.sender] = event.at_us
        self._last["pair", event.sender, event.receiver] = event.at_us

    def _holds(self, event: Event, direction: Direction, where: Filter) -> bool:
        if filter_of(direction, where) is None:
            return True
        labels = event.sender_labels if direction == "in" else event.receiver_labels
        return (
            where.low <= event.usd_micro < where.high
            and (not where.labels or bool(labels & where.labels))
            and (not where.held_us or self._age("last-in", event.sender, event.at_us) <= where.held_us)
            and (not where.empty_window_us or self._found_empty(event, where))
            and (not where.new_pair_us or self._pair_age(event) >= where.new_pair_us)
            and (not where.clock_us or (event.at_us + where.clock_shift_us) % DAY_US < where.clock_us)
            and (not where.step or is_multiple(event.usd_micro, where))
        )

    def _found_empty(self, event: Event, where: Filter) -> bool:
        base = Aggregate(measure="sum", direction="in", window_us=where.empty_window_us)
        came = self._total(base, event.receiver, event.at_us)
        went = self._total(replace(base, direction="out"), event.receiver, event.at_us)
        return came > 0 and (came - went) * 1000 <= came * where.empty_per_mille

    def _age(self, moment: str, account: Account, now: int) -> int:
        last = self._last.get((moment, account))
        return NEVER if last is None else now - last

    def _pair_age(self, event: Event) -> int:
        last = self._last.get(("pair", event.sender, event.receiver))
        return NEVER if last is None else event.at_us - last

    def _total(self, aggregate: Aggregate, account: Account, now: int) -> int:
        window = self._windows.get((aggregate, account))
        if window is None:
            return 0
        window.expire(now - aggregate.window_us)
        if aggregate.measure == "counterparties":
            if aggregate.at_least == 1:
                return len(window.others)
            return sum(times >= aggregate.at_least for times in window.others.values())
        return window.total

    def _read(self, side: Side, feature: Feature, event: Event) -> int:
        account = event.sender if side == "sender" else event.receiver
        if isinstance(feature, Aggregate):
            return self._total(feature, account, event.at_us)
        if isinstance(feature, PairCount):
            window = self._pairs.get((feature, event.sender, event.receiver))
            if window is None:
                return 0
            window.expire(event.at_us - feature.window_us)
            return window.total
        paired = feature.moment == "pair"
        age = self._pair_age(event) if paired else self._age(feature.moment, account, event.at_us)
        return age if age < feature.within_us else NEVER

    def undo(self, count: int) -> None:
        if count > self.length - self._floor:
            raise Broken(f"cannot take back {count} transfers")
        kept = self._events[: len(self._events) - count]
        self._events = []
        self._forget()
        for event in kept:
            self._append(event)
            self._remember(event)

    def label(self, spans: Sequence[LabelSpan]) -> None:
        for span in spans:
            self._spans[span.chain, span.address].append(span)

    def relabel(self, spans: Sequence[LabelSpan]) -> None:
        self._spans.clear()
        self.label(spans)

    def recent(
        self,
        chain: str,
        address: str,
        limit: int,
        *,
        last: int = NEVER,
        until_us: int = NEVER,
        after_us: int = -NEVER,
    ) -> list[int]:
        account = (chain, address)
        touched = [
            i
            for i, e in enumerate(self._events)
            if account in (e.sender, e.receiver) and i <= last and after_us < e.at_us <= until_us
        ]
        return touched[::-1][:limit]

    def entries(self, first: int, stop: int, rows: Sequence[int]) -> TransferBlock:
        kept = [self._events[first:stop][i] for i in rows]
        chains = tuple(dict.fromkeys(event.sender[0] for event in kept))
        return TransferBlock(
            at_us=np.array([event.at_us for event in kept], np.int64),
            usd_micro=np.array([event.usd_micro for event in kept], np.int64),
            chains=chains,
            chain=np.array([chains.index(event.sender[0]) for event in kept], np.int32),
            sender=TextColumn.of([event.sender[1] for event in kept]),
            receiver=TextColumn.of([event.receiver[1] for event in kept]),
            op=np.ones(len(kept), np.int8),
            row=no_row,
        )

    def memory(self) -> EventMemory:
        return EventMemory(self._events, self._labels)

    @property
    def remembered(self) -> int:
        """All history is kept here; the engine forgets what no feature can reach."""
        return 0

    @property
    def undoable_from(self) -> int:
        return self._floor


def is_multiple(usd_micro: int, where: Filter) -> bool:
    """The nearest multiple of the step, from one on, is at most `slack` away."""
    nearest = max(1, (usd_micro + where.step // 2) // where.step) * where.step
    return abs(usd_micro - nearest) <= where.slack


def _aggregates(plan: Plan) -> tuple[Aggregate, ...]:
    """Those asked for, and the two sums each `emptied` filter reads."""
    asked = {f for _, f in plan.requests if isinstance(f, Aggregate)}
    for aggregate in tuple(asked):
        if aggregate.where.empty_window_us:
            base = Aggregate(measure="sum", direction="in", window_us=aggregate.where.empty_window_us)
            asked |= {base, replace(base, direction="out")}
    return tuple(sorted(asked, key=repr))
