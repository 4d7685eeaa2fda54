"""An exchange's history through the customer rules, from Parquet: in one process, or one process for each part.

How several processes stay exact. A rule over a customer's own rows (keys: the customer, the customer at a place or with
a counterparty) needs no other customer, so each part judges its own. A rule over what customers share (a device, a
payee, an identifier) is judged in one place for all parts: each part sends it the rows that are of one of the rule's
classes, and all snapshots are known there. Rows of no class count for nothing and are never judged, so the rule says
the same of these rows alone. Parts are merged by time, the first part first at one moment, as in one process.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.connection import Connection
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa

from manumit.detectors.contract import CustomerRule, Values
from manumit.detectors.customers.columns import EventColumns
from manumit.detectors.customers.judging import CustomerJudge, is_shared
from manumit.detectors.episodes import Episodes
from manumit.detectors.live_episodes import Change
from manumit.detectors.wording import alert
from manumit.schemas.alert import Alert
from manumit.schemas.errors import Broken
from manumit.schemas.signal import Signal
from manumit.streams.exchange_parts import PartFiles, Snapshots, Stretch, merged, stretches, with_customers
from manumit.streams.rule_pack import policy_of

MAX_CONTEXT = 24


@dataclass(frozen=True, slots=True)
class Replayed:
    """The last revision of every alert by id, how many rows of which records were read, and signals by detector."""

    alerts: Mapping[str, Alert]
    events: int
    signals: Mapping[str, int]


class Folding:
    """Signals of one judge into episodes; an alert is worded once, at the end."""

    def __init__(self, judge: CustomerJudge) -> None:
        self._rules = {rule.about.id: rule for rule in judge.rules}
        self._values = judge.values
        policies = {detector: policy_of(rule) for detector, rule in self._rules.items()}
        self._episodes = Episodes(policies.__getitem__, lambda signal: judge.context(signal, MAX_CONTEXT))
        self._changes: dict[str, Change] = {}
        self.signals: dict[str, int] = {}

    def take(self, signals: Sequence[Signal]) -> None:
        for signal in signals:
            self.signals[signal.detector] = self.signals.get(signal.detector, 0) + 1
            self._episodes.take(signal, muted_by="", provisional=False)
        self._changes |= {change.episode.alert_id: change for change in self._episodes.changes()}

    def alerts(self) -> dict[str, Alert]:
        return {
            name: alert(change, self._rules[change.episode.detector].about, self._values[change.episode.detector])
            for name, change in self._changes.items()
        }


def replay(parts: Sequence[PartFiles], rules: Sequence[CustomerRule], values: Mapping[str, Values]) -> Replayed:
    """All rules in this process. Raises BadRecord for files that hold unusable rows."""
    judge = CustomerJudge(rules, values)
    return _folded(judge, merged([stretches(part) for part in parts]))


def _folded(judge: CustomerJudge, batches: Iterator[EventColumns]) -> Replayed:
    folding, events = Folding(judge), 0
    for columns in batches:
        folding.take(judge.judged(columns))
        events += int((columns.words["kind"].codes >= 0).sum() - _made_of_snapshots(columns))
    return Replayed(folding.alerts(), events, folding.signals)


def _made_of_snapshots(columns: EventColumns) -> int:
    return int(columns.words["kind"].is_one_of("snapshot", "link", "attest").sum())


def replay_parts(parts: Sequence[PartFiles], rules: Sequence[CustomerRule], values: Mapping[str, Values]) -> Replayed:
    """One process for each part, and this one for the rules over what customers share. Says what `replay` says.

    Raises Broken when a part's process ends before its file.
    """
    shared = [rule for rule in rules if is_shared(rule, values[rule.about.id])]
    context = get_context("spawn")
    workers, ends = [], []
    for part in parts:
        mine, theirs = context.Pipe(duplex=False)
        worker = context.Process(target=_work, args=(part, [rule.about.id for rule in rules], dict(values), theirs))
        worker.start()
        theirs.close()
        workers.append(worker)
        ends.append(mine)
    try:
        finished: dict[int, Replayed] = {}
        lanes = [
            _received(part, end, number, finished) for number, (part, end) in enumerate(zip(parts, ends, strict=True))
        ]
        together = _folded(CustomerJudge(shared, values), merged(lanes))
    finally:
        for end in ends:
            end.close()
        for worker in workers:
            worker.join()
    return _summed(together, [finished[number] for number in range(len(parts))])


def _summed(together: Replayed, own: Sequence[Replayed]) -> Replayed:
    alerts, signals = dict(together.alerts), dict(together.signals)
    for one in own:
        alerts |= one.alerts
        for detector, count in one.signals.items():
            signals[detector] = signals.get(detector, 0) + count
    return Replayed(alerts, sum(one.events for one in own), signals)


def _received(part: PartFiles, end: Connection, number: int, finished: dict[int, Replayed]) -> Iterator[Stretch]:
    """What a part sends, with its snapshots."""
    customers = Snapshots(part.customers)
    try:
        while (until_us := end.recv()) is not None:
            with pa.ipc.open_stream(end.recv_bytes()) as stream:
                yield with_customers(customers, stream.read_all(), until_us)
        alerts, events, signals = msgspec.msgpack.decode(
            end.recv_bytes(), type=tuple[dict[str, Alert], int, dict[str, int]]
        )
    except EOFError as error:
        raise Broken(f"the process that reads {part.events} ended before the file did") from error
    finished[number] = Replayed(alerts, events, signals)
    late = customers.until(2**62)
    if late is not None:
        yield Stretch(late, int(late.at_us[-1]), len(late.event_ids))


def _work(part: PartFiles, detectors: Sequence[str], values: dict[str, Values], end: Connection) -> None:
    """One part: judge its customers' own rules, send on the rows that the other rules count."""
    from manumit.detectors.catalogue import detector

    rules = [rule for name in detectors if isinstance(rule := detector(name), CustomerRule)]
    shared = [rule for rule in rules if is_shared(rule, values[rule.about.id])]
    own = [rule for rule in rules if rule not in shared]
    judge = CustomerJudge(own, values, elsewhere=shared)
    folding, events = Folding(judge), 0
    for stretch in stretches(part):
        signals, counted = judge.judged_and_counted(stretch.columns)
        folding.take(signals)
        if stretch.events is not None:
            events += stretch.events.num_rows
            rows = stretch.columns.record[counted] - stretch.snapshots
            end.send(stretch.until_us)
            end.send_bytes(_packed(stretch.events.take(pa.array(np.sort(rows[rows >= 0])))))
    end.send(None)
    end.send_bytes(msgspec.msgpack.encode((folding.alerts(), events, folding.signals)))
    end.close()


def _packed(table: Any) -> Any:
    out = pa.BufferOutputStream()
    with pa.ipc.new_stream(out, table.schema) as stream:
        stream.write_table(table)
    return out.getvalue().to_pybytes()
