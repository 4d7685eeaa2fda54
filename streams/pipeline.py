"""Events in, alerts out. Pure: no clock, no disk, no network; live, replay and cluster all call this.

The same events give the same alerts with the same ids, whatever bundles they come in.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from manumit.detectors.contract import Joiner
from manumit.detectors.episodes import Episodes
from manumit.detectors.folding import Need
from manumit.detectors.live_episodes import Unsaid
from manumit.detectors.suppression import Suppressions
from manumit.detectors.windows.contract import WindowEngine
from manumit.detectors.windows.engine import Engine
from manumit.detectors.windows.features import duration_us
from manumit.detectors.windows.plan import Plan, plan
from manumit.detectors.wording import alert, longest_window_us
from manumit.schemas.alert import Alert
from manumit.schemas.block import TransferBlock
from manumit.schemas.errors import Broken
from manumit.schemas.label import Label
from manumit.schemas.signal import Signal
from manumit.schemas.transfer import Transfer
from manumit.schemas.triage import Suppression
from manumit.streams.adverts import Adverts
from manumit.streams.customer_lane import CustomerLane
from manumit.streams.held import account_of, held_rows, names, up_to
from manumit.streams.label_book import LabelBook, split_account
from manumit.streams.lanes import BEGINNING_US
from manumit.streams.merging import Bundle
from manumit.streams.movements import Movements, Told, event_id, told_block
from manumit.streams.pipeline_state import PipelineState
from manumit.streams.rule_pack import Configured, pack_digest, policy_of
from manumit.streams.searching import Search, parts
from manumit.streams.segments import Segments
from manumit.streams.undoable import entry_us, missing, oldest_us, provisional_heights
from manumit.streams.watching import AdvertWatch, LookBack
from manumit.streams.withdrawing import REORG, REVISED, end_labels, end_listings, only_signals

MAX_CONTEXT = 24
QUIET_SLACK_US = 86_400_000_000  # a reorg may turn the clock back: episodes are forgotten a day late


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """What one bundle changed: new alert revisions and the signals behind them."""

    alerts: tuple[Alert, ...]
    signals: tuple[Signal, ...]
    events: int


class Pipeline:
    """`make_engine` builds the window engine for a plan: compiled by default, the oracle in tests."""

    def __init__(
        self,
        configured: Configured,
        *,
        label_mode: str = "as-of",
        suppressions: Iterable[Suppression] = (),
        make_engine: Callable[[Plan], WindowEngine] = Engine,
    ) -> None:
        self.judges = configured.judges()
        joiners = [d for d in configured.detectors if isinstance(d, Joiner)]
        within_us = max((duration_us(joiner.within) for joiner in joiners), default=0)
        self.search = Search(self.judges.detectors, self.judges.values)
        requests = [*self.judges.requests, *self.search.requests]
        self.plan = plan(requests, remember_us=max(within_us, self.search.within_us))
        self.engine: WindowEngine = make_engine(self.plan)
        self.labels = LabelBook(label_mode)
        self.suppressions = Suppressions(suppressions)
        self.movements = Movements(self.labels)
        self.customers = CustomerLane(self.judges.customers(), self.labels)
        self.segments = Segments()
        self.watch = AdvertWatch(joiners, self.judges.values, self.labels)
        self.adverts = Adverts(self.judges.detectors, self.judges.values)
        self._policies = {d.about.id: policy_of(d) for d in configured.detectors}
        self.episodes = Episodes(self._policies.__getitem__, self._context)
        self._provisional: dict[str, int] = {}
        self._streamed: list[Label] = []
        self._windows = {j.detector.about.id: longest_window_us(j.wanted) for j in self.judges.judged}
        self._now: dict[tuple[str, str], int] = {}
        self._needs: dict[tuple[str, str, str], tuple[Need, ...]] = {}
        self._until_us = BEGINNING_US
        self._held: list[Told] = []
        self._looks: list[LookBack] = []
        self._again: list[LookBack] = []
        self._fresh: set[str] = set()
        plans = self.plan.digest, self.customers.digest
        self.digest = pack_digest(plans, self.judges, label_mode, configured.model_name)

    def learn_labels(self, labels: Iterable[Label]) -> None:
        """Labels hold for the events that follow; alerts that rest on a withdrawn one are withdrawn with it."""
        spans = self.labels.add(labels)
        if not self.labels.withdrawn_since():
            self.engine.label(spans)
            return
        self.engine.relabel(self.labels.spans())
        end_labels(self.episodes, self.labels, self._until_us)

    def dump(self) -> PipelineState:
        """Everything that past events left behind; the static labels and settings are not part of it."""
        if not isinstance(self.engine, Engine):
            raise Broken("only the compiled engine keeps snapshots")
        return PipelineState(
            engine=self.engine.snapshot(),
            segments=self.segments.dump(),
            episodes=self.episodes.dump(),
            labels=[*self._streamed, *self.labels.watched()],
            provisional=dict(self._provisional),
            muted=dict(self.suppressions.muted),
            until_us=self._until_us,
            held=self._held,
            looks=self._looks,
            again=self._again,
            fresh=sorted(self._fresh),
            homes=self.movements.homes.dump(),
            customers=self.customers.dump(),
            adverts=self.adverts.dump(),
        )

    def load(self, state: PipelineState, labels: Iterable[Label]) -> None:
        """Go on where `state` stood, with today's static `labels`. Raises ConfigError for another rule pack."""
        engine = Engine.restore(self.plan, state.engine)
        self.labels.add([*labels, *state.labels])
        self.labels.withdrawn_since()
        engine.relabel(self.labels.spans())
        self._streamed = [label for label in state.labels if label.category != "advert-wallet"]
        self.engine = engine
        self.customers.load(state.customers)
        self.segments.load(state.segments)
        self.episodes.load(state.episodes)
        self._provisional = dict(state.provisional)
        self.suppressions.muted.update(state.muted)
        self._until_us, self._held = state.until_us, list(state.held)
        self.movements.homes.load(state.homes)
        self.adverts.load(state.adverts)
        self._looks, self._again, self._fresh = list(state.looks), list(state.again), set(state.fresh)
        end_listings(self.episodes, self.labels, self._until_us)

    def take(self, bundle: Bundle) -> Changes:
        """One bundle through every detector. Raises Broken when a retraction is deeper than the memory."""
        self._now = {}
        fresh = [label for label in bundle.labels if not self.labels.knows(label)]
        self.learn_labels(fresh)
        self._streamed += fresh
        if bundle.retracted is not None:
            self._retract(bundle.retracted)
        if bundle.until_us < self._until_us:
            self._go_back(bundle.until_us)
        self._until_us = bundle.until_us
        signals = self._signals(bundle)
        for signal in self.adverts.told(signals):
            if isinstance(signal, Unsaid):
                self.suppressions.forget(self.episodes.unsay(signal, REVISED))
                continue
            muted_by, needs = self.suppressions.match(signal), self._needs.get(_key(signal), ())
            provisional = signal.event_id in self._provisional
            self.episodes.take(signal, muted_by=muted_by, provisional=provisional, needs=needs)
        self._needs = {}
        self._finalise(bundle.final)
        abouts, values, changed = self.judges.abouts, self.judges.values, self.episodes.changes()
        alerts = tuple(alert(c, abouts[c.episode.detector], values[c.episode.detector]) for c in changed)
        self.episodes.forget(self.oldest_us, bundle.until_us)
        self.episodes.close_quiet(bundle.until_us - QUIET_SLACK_US)
        self.segments.forget(self.engine.remembered)
        return Changes(alerts=alerts, signals=only_signals(signals), events=events_in(bundle))

    def _signals(self, bundle: Bundle) -> list[Signal | Unsaid]:
        found = self.adverts.signals(bundle.listings)
        watched = [self.watch.forward(row) for row in bundle.listings]
        self.engine.label([span for spans, _ in watched for span in spans])
        back, self._held = up_to(self._held, bundle.until_us)
        again = told_block(back)
        moved = self.movements.block(bundle.account_events, bundle.customers)
        blocks = [block for block in (again, *(block for _, block in bundle.transfers), moved) if block is not None]
        if self._again:
            self._fresh |= {row.event_id for _, block in bundle.transfers for row in map(block.row, range(len(block)))}
        pushed: list[Signal] = []
        if blocks:
            known = names(back)
            merged = TransferBlock.merged(blocks).between_two()
            pushed = [s for part in parts(merged) for s in self._push(part) if s.event_id not in known]
        for live, block in bundle.transfers:
            if live:
                self._provisional.update(provisional_heights(block))
        found += self._looked_back([look for _, looks in watched for look in looks])
        found += self.customers.take(bundle, self._needs)
        # sorting is stable: detectors of one event keep the order of their ids; what is known of the past comes first
        return sorted((*found, *pushed), key=lambda signal: signal.at_us)

    def _looked_back(self, looks: Sequence[LookBack]) -> list[Signal]:
        """Signals of new adverts on older transfers, and of older adverts on transfers that a reorg put before them."""
        found = [s for look in looks for s in self.watch.backward(look, self.engine, self.segments)]
        due = [look for look in self._again if look.at_us <= self._until_us]
        late = [s for look in due for s in self.watch.backward(look, self.engine, self.segments)]
        self._again = [look for look in self._again if look.at_us > self._until_us]
        found += [s for s in late if s.event_id in self._fresh and not self.episodes.holds(s)]
        self._fresh = self._fresh if self._again else set()
        self._looks = [look for look in (*self._looks, *looks) if look.at_us > self._until_us - QUIET_SLACK_US]
        return found

    def _push(self, block: TransferBlock) -> list[Signal]:
        pushed = self.engine.push(block)
        row = block.row
        self.segments.append(pushed.first, block, lambda i: event_id(row(i)))
        signals = self.judges.signals(pushed, self.labels, lambda i: event_id(row(i)))
        stories = self.search.signals(pushed, self.engine.memory(), self.labels, self.segments.event_id)
        signals += [(signal, sequence, ()) for signal, sequence in stories]
        signals.sort(key=lambda found: (found[1], found[0].detector))
        for signal, sequence, needs in signals:
            self._now[signal.event_id, signal.detector] = sequence
            if needs:
                self._needs[_key(signal)] = needs
        return [signal for signal, _, _ in signals]

    def _context(self, signal: Signal) -> tuple[str, ...]:
        """The subject's latest events within the detector's longest window, up to the one that signals."""
        if signal.evidence:
            return signal.evidence
        if self.customers.judges(signal.detector):
            return self.customers.context(signal, MAX_CONTEXT)
        sequence = self._now.get((signal.event_id, signal.detector))
        if sequence is None:
            return ()
        chain, address = split_account(account_of(self.engine.entries(sequence, sequence + 1, [0]), signal.subject))
        after_us = signal.at_us - self._windows.get(signal.detector, 0)
        found = self.engine.recent(chain, address, MAX_CONTEXT, last=sequence, after_us=min(after_us, signal.at_us - 1))
        return tuple(self.segments.event_id(s) for s in reversed(found))

    @property
    def oldest_us(self) -> int:
        """As `undoable.oldest_us`."""
        return oldest_us(self.engine)

    def missing(self, rows: Iterable[Transfer]) -> frozenset[str]:
        """As `undoable.missing`."""
        held = names(self._held)
        return missing((row for row in rows if row.event_id not in held), self.engine, self.segments)

    def _retract(self, block: TransferBlock) -> None:
        """Undo the engine down to the oldest retracted transfer; what stays is held, to be pushed again."""
        rows = [block.row(i) for i in range(len(block))]
        events = [row.event_id for row in rows]
        gone = frozenset(events)
        left = {row.event_id for row in rows if row.sender != row.receiver} - names(self._held)
        self._held = [(row, known) for row, known in self._held if row.event_id not in gone]
        length, depth = self.engine.length, 0
        while left:
            depth += 1
            if length - depth < self.engine.remembered:
                raise Broken(f"{len(left)} retracted transfers are not in memory any more, {min(left)} among them")
            left.discard(self.segments.event_id(length - depth))
        self._take_back(depth, gone)
        for event in gone:
            self._provisional.pop(event, None)
        self.suppressions.forget(self.episodes.retract(events, REORG))

    def _go_back(self, until_us: int) -> None:
        """Hold what the engine has seen after `until_us`: older transfers are about to come."""
        length, depth = self.engine.length, 0
        while length - depth > self.engine.remembered and entry_us(self.engine, length - depth - 1) > until_us:
            depth += 1
        self._take_back(depth, frozenset())
        self._again = [look for look in self._looks if look.at_us > until_us]

    def _take_back(self, depth: int, gone: frozenset[str]) -> None:
        if not depth:
            return
        first = self.engine.length - depth
        events = [self.segments.event_id(s) for s in range(first, first + depth)]
        stays = [i for i, event in enumerate(events) if event not in gone]
        kept = self.engine.entries(first, first + depth, stays)
        known = [self.segments.known(first + i) for i in stays]
        self._held = [*held_rows(kept, [events[i] for i in stays], known), *self._held]
        self.engine.undo(depth)
        self.segments.undo(first)

    def _finalise(self, final: Mapping[str, int]) -> None:
        if not final:
            return
        done = {
            event for event, height in self._provisional.items() if height <= final.get(event.rsplit(":", 3)[0], -1)
        }
        self.episodes.finalise(done)
        for event in done:
            del self._provisional[event]


def _key(signal: Signal) -> tuple[str, str, str]:
    return signal.detector, signal.subject, signal.event_id


def events_in(bundle: Bundle) -> int:
    transfers = sum(len(block) for _, block in bundle.transfers)
    return transfers + len(bundle.listings) + len(bundle.customers) + len(bundle.account_events)
