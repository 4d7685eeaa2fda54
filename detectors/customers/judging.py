"""Every customer rule over each bundle of snapshots and account events. Pure but for the engine's memory."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import numpy as np

from manumit.detectors.contract import CustomerRule, Values
from manumit.detectors.customers.block import CustomerBlock
from manumit.detectors.customers.columns import EventColumns, KeyName, Record, columns_of, in_order
from manumit.detectors.customers.engine import Engine
from manumit.detectors.customers.features import NEVER, Ask, Last, Window
from manumit.detectors.customers.oracle import Oracle
from manumit.detectors.customers.plan import Plan, plan
from manumit.schemas.account_event import AccountEvent
from manumit.schemas.block import MICRO_USD
from manumit.schemas.customer import Customer
from manumit.schemas.label import Label
from manumit.schemas.signal import Signal

HOUR_US = 3_600_000_000
OWN_NAMES = ("customer", "identifier")  # say themselves what they are; a wallet does too
Shift = Callable[[Ask], Ask]


def unshifted(ask: Ask) -> Ask:
    return ask


class CustomerJudge:
    """`values` are the thresholds in force by detector id; `shift` moves windows, for tests of their edges."""

    def __init__(self, rules: Sequence[CustomerRule], values: Mapping[str, Values], shift: Shift = unshifted) -> None:
        self.rules = tuple(sorted(rules, key=lambda rule: rule.about.id))
        self.values = {rule.about.id: values[rule.about.id] for rule in self.rules}
        self.asks: dict[str, dict[str, Ask]] = {
            rule.about.id: {
                name: shift(_named(ask, rule.about.id)) for name, ask in rule.asks(self.values[rule.about.id]).items()
            }
            for rule in self.rules
        }
        self.plan: Plan = plan(ask for asks in self.asks.values() for ask in asks.values())
        self.engine = Engine(self.plan)

    def judges(self, detector: str) -> bool:
        return detector in self.values

    def take(
        self, customers: Sequence[Customer], events: Sequence[AccountEvent], labels: Sequence[Label] = ()
    ) -> list[Signal]:
        """Signals by event, then detector id. Each sequence is in event-time order; `labels` are those of persons."""
        records = in_order(customers, events, labels)
        return self.taken(records) if records and self.rules else []

    def taken(self, records: Sequence[Record], oracle: Oracle | None = None) -> list[Signal]:
        columns = columns_of(records)
        states = self.engine.states(columns)
        bare = CustomerBlock(columns=columns, asked={}, classes={}, state=states.state, before=states.before)
        classes = {rule.about.id: rule.classes(bare, self.values[rule.about.id]) for rule in self.rules}
        named = {f"{rule}:{name}": mask for rule, masks in classes.items() for name, mask in masks.items()}
        asked = self.engine.push(columns, named)
        asked = asked if oracle is None else oracle.push(columns, named)
        found: dict[tuple[int, int, str], Signal] = {}
        for rank, rule in enumerate(self.rules):
            own = {name: asked[self.plan.asks.index(ask)] for name, ask in self.asks[rule.about.id].items()}
            block = replace(bare, asked=own, classes=classes[rule.about.id])
            fires = rule.fires(block, self.values[rule.about.id]) & block.has(rule.subject)
            for row in np.flatnonzero(fires).tolist():
                signal = self._signal(rule, block, row)
                found.setdefault((int(columns.record[row]), rank, signal.subject), signal)
        return [found[place] for place in sorted(found, key=lambda place: place[:2])]

    def _signal(self, rule: CustomerRule, block: CustomerBlock, row: int) -> Signal:
        columns = block.columns
        values = {
            name: number
            for name, ask in self.asks[rule.about.id].items()
            if (number := human(ask, int(block[name][row]))) is not None
        }
        if columns.usd_micro[row] >= 0:
            values["usd"] = round(int(columns.usd_micro[row]) / MICRO_USD, 2)
        return Signal(
            detector=rule.about.id,
            version=rule.about.version,
            subject=subject_of(rule.subject, columns, row),
            event_id=columns.event_id(row),
            at_us=int(columns.at_us[row]),
            values=values,
        )

    def context(self, signal: Signal, limit: int) -> tuple[str, ...]:
        """The subject's latest events within the rule's longest window, up to the one that signals."""
        rule = next(rule for rule in self.rules if rule.about.id == signal.detector)
        asks = self.asks[signal.detector].values()
        within = max((ask.window_us for ask in asks if isinstance(ask, Window)), default=1)
        bare = signal.subject.removeprefix(f"{rule.subject}:")
        found = self._recent(rule.subject, signal.subject, signal.at_us, within, limit)
        found = found or self._recent(rule.subject, bare, signal.at_us, within, limit)
        return tuple(event for event in found if event != signal.event_id)[-limit:]

    def _recent(self, key: KeyName, name: str, until_us: int, within_us: int, limit: int) -> list[str]:
        return self.engine.recent(key, name, until_us=until_us, within_us=within_us, limit=limit + 1)

    def dump(self) -> bytes:
        return self.engine.snapshot()

    def load(self, raw: bytes) -> None:
        """Raises Broken for a snapshot of other rules."""
        if raw:
            self.engine = Engine.restore(self.plan, raw)


def subject_of(key: str, columns: EventColumns, row: int) -> str:
    """What is judged, with its kind before it."""
    coded = columns.keys[key]
    name = coded.names[int(coded.codes[row])]
    if key in OWN_NAMES or name.startswith(f"{key}:"):
        return name
    return f"{key}:{name}"


def _named(ask: Ask, rule: str) -> Ask:
    """Classes are a rule's own."""
    if isinstance(ask, Last):
        return replace(ask, of=f"{rule}:{ask.of}")
    return replace(ask, of=f"{rule}:{ask.of}", after=f"{rule}:{ask.after}" if ask.after else "")


def human(ask: Ask, value: int) -> float | None:
    """USD for sums, hours for ages, plain counts; None for an age of NEVER."""
    if isinstance(ask, Last):
        return None if value >= NEVER else round(value / HOUR_US, 3)
    if ask.measure == "sum":
        return round(value / MICRO_USD, 2)
    return float(value)
