"""Every customer rule over each bundle of snapshots and account events. Pure but for the engine's memory."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from manumit.detectors.contract import CustomerRule, Values
from manumit.detectors.customers import keeping
from manumit.detectors.customers.block import CustomerBlock
from manumit.detectors.customers.coded import Bools
from manumit.detectors.customers.columns import KEYS, EventColumns, KeyName, Record, columns_of, in_order
from manumit.detectors.customers.engine import CHUNK, Engine, Numbered
from manumit.detectors.customers.features import NEVER, Ask, Last, Window
from manumit.detectors.customers.history import EVERY
from manumit.detectors.customers.oracle import Oracle
from manumit.detectors.customers.plan import Plan, plan
from manumit.schemas.account_event import AccountEvent
from manumit.schemas.block import MICRO_USD, Int64s
from manumit.schemas.customer import Customer
from manumit.schemas.label import Label
from manumit.schemas.signal import Signal

HOUR_US = 3_600_000_000
OWN_NAMES = ("customer", "identifier")  # say themselves what they are; a wallet does too
CUSTOMERS_OWN: tuple[KeyName, ...] = ("customer", "whereabouts", "dealing", "arrival")
Shift = Callable[[Ask], Ask]
Found = dict[tuple[int, int, str], Signal]


def unshifted(ask: Ask) -> Ask:
    return ask


def is_shared(rule: CustomerRule, values: Values) -> bool:
    """True for a rule over what several customers may share: it judges that, or counts by it."""
    asks = rule.asks(values).values()
    keys = {ask.key for ask in asks} | {ask.after_key for ask in asks if isinstance(ask, Window)} - {""}
    return rule.subject != "customer" or not keys <= set(CUSTOMERS_OWN)


@dataclass(frozen=True, slots=True)
class Classed:
    """A stretch of rows with every rule's classes. `held` int64[n]: a bit for each shared rule that counts the row."""

    block: CustomerBlock
    classes: Mapping[str, Mapping[str, Bools]]
    held: Int64s


class CustomerJudge:
    """`values` are the thresholds in force by detector id; `shift` moves windows, for tests of their edges;
    `elsewhere`: rules over what customers share that another judge judges: only the rows they count are told.

    A rule over what customers share is judged only at rows of one of its classes, and tells only of such rows: so it
    says the same of all rows and of those rows alone.
    """

    def __init__(
        self,
        rules: Sequence[CustomerRule],
        values: Mapping[str, Values],
        shift: Shift = unshifted,
        elsewhere: Sequence[CustomerRule] = (),
    ) -> None:
        self.rules = tuple(sorted(rules, key=lambda rule: rule.about.id))
        self.elsewhere = tuple(elsewhere)
        self.values = {rule.about.id: values[rule.about.id] for rule in self.rules}
        self.asks: dict[str, dict[str, Ask]] = {
            rule.about.id: {
                name: shift(_named(ask, rule.about.id)) for name, ask in rule.asks(self.values[rule.about.id]).items()
            }
            for rule in self.rules
        }
        self.plan: Plan = plan(ask for asks in self.asks.values() for ask in asks.values())
        self._places = {ask: place for place, ask in enumerate(self.plan.asks)}
        shared = [rule.about.id for rule in self.rules if is_shared(rule, self.values[rule.about.id])]
        self.bits = {rule: 1 << number for number, rule in enumerate(shared)}
        self._their_values = {rule.about.id: values[rule.about.id] for rule in self.elsewhere}
        self.subjects = {name for name in KEYS for rule in self.rules if rule.subject == name}
        self.engine = Engine(self.plan, self.subjects)

    def judges(self, detector: str) -> bool:
        return detector in self.values

    def take(
        self, customers: Sequence[Customer], events: Sequence[AccountEvent], labels: Sequence[Label] = ()
    ) -> list[Signal]:
        """Signals by event, then detector id. Each sequence is in event-time order; `labels` are those of persons."""
        records = in_order(customers, events, labels)
        return self.taken(records) if records and self.rules else []

    def taken(self, records: Sequence[Record], oracle: Oracle | None = None) -> list[Signal]:
        return self.judged(columns_of(records), oracle)

    def judged(self, columns: EventColumns, oracle: Oracle | None = None) -> list[Signal]:
        """As `take`, of rows that are columns already."""
        return self.judged_and_counted(columns, oracle)[0]

    def judged_and_counted(self, columns: EventColumns, oracle: Oracle | None = None) -> tuple[list[Signal], Bools]:
        """Signals, and bool[n]: the row is of a class of a rule judged elsewhere."""
        batch = self.engine.numbered(columns)
        found: Found = {}
        counted = np.zeros(len(columns), np.bool_)
        for start in range(0, len(columns), CHUNK):
            stop = min(start + CHUNK, len(columns))
            part = batch.part(start, stop)
            classed = self._classed(part)
            counted[start:stop] = self._counted(classed.block)
            self._judge(part, classed, found, oracle)
        first = _first_rows(columns) if found else {}
        return [found[place] for place in sorted(found, key=lambda place: (first[place[0]], place[1]))], counted

    def _counted(self, block: CustomerBlock) -> Bools:
        found = np.zeros(len(block), np.bool_)
        for rule in self.elsewhere:
            found |= _any(rule.classes(block, self._their_values[rule.about.id]), len(block))
        return found

    def _classed(self, part: Numbered) -> Classed:
        """What every rule counts these rows for. Takes their snapshots."""
        states = self.engine.states(part)
        bare = CustomerBlock(columns=part.columns, asked={}, classes={}, states=states)
        classes = {rule.about.id: rule.classes(bare, self.values[rule.about.id]) for rule in self.rules}
        held = np.zeros(len(bare), np.int64)
        for rule, bit in self.bits.items():
            held |= np.where(_any(classes[rule], len(bare)), bit, 0)
        return Classed(bare, classes, held)

    def _judge(self, part: Numbered, classed: Classed, found: Found, oracle: Oracle | None) -> None:
        named = {f"{rule}:{name}": mask for rule, masks in classed.classes.items() for name, mask in masks.items()}
        asked = self.engine.push(part, named, classed.held)
        asked = asked if oracle is None else oracle.push(part.columns, named)
        for rank, rule in enumerate(self.rules):
            detector = rule.about.id
            own = {name: asked[self._places[ask]] for name, ask in self.asks[detector].items()}
            block = replace(classed.block, asked=own, classes=classed.classes[detector])
            fires = rule.fires(block, self.values[detector]) & block.has(rule.subject)
            if detector in self.bits:
                fires &= (classed.held & self.bits[detector]) != 0
            for row in np.flatnonzero(fires).tolist():
                place = (int(part.columns.record[row]), rank, subject_of(rule.subject, part.columns, row))
                if place not in found:
                    found[place] = self._signal(rule, block, row, place[2])

    def _signal(self, rule: CustomerRule, block: CustomerBlock, row: int, subject: str) -> Signal:
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
            subject=subject,
            event_id=columns.event_id(row),
            at_us=int(columns.at_us[row]),
            values=values,
        )

    def context(self, signal: Signal, limit: int) -> tuple[str, ...]:
        """The subject's latest events within the rule's longest window, up to the one that signals; of what customers
        share only those that the rule counts."""
        rule = next(rule for rule in self.rules if rule.about.id == signal.detector)
        asks = self.asks[signal.detector].values()
        within = max((ask.window_us for ask in asks if isinstance(ask, Window)), default=1)
        bare = signal.subject.removeprefix(f"{rule.subject}:")
        held = self.bits.get(signal.detector, EVERY)
        found = self._recent(rule.subject, signal.subject, signal.at_us, within, limit, held)
        found = found or self._recent(rule.subject, bare, signal.at_us, within, limit, held)
        return tuple(event for event in found if event != signal.event_id)[-limit:]

    def _recent(self, key: KeyName, name: str, until_us: int, within_us: int, limit: int, held: int) -> list[str]:
        return self.engine.recent(key, name, until_us=until_us, within_us=within_us, limit=limit + 1, held=held)

    def dump(self) -> bytes:
        return keeping.snapshot(self.engine)

    def load(self, raw: bytes) -> None:
        """Raises Broken for a snapshot of other rules."""
        if raw:
            self.engine = keeping.restored(self.plan, raw)


def _any(classes: Mapping[str, Bools], rows: int) -> Bools:
    found = np.zeros(rows, np.bool_)
    for mask in classes.values():
        found |= mask
    return found


def _first_rows(columns: EventColumns) -> dict[int, int]:
    """Where each record's rows begin."""
    records, rows = np.unique(columns.record, return_index=True)
    return dict(zip(records.tolist(), rows.tolist(), strict=True))


def subject_of(key: KeyName, columns: EventColumns, row: int) -> str:
    """What is judged, with its kind before it."""
    coded = columns.key(key)
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
