"""One machine: read the sources, run the pipeline, write, and only then remember where we are."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import msgspec

from manumit.connectors.contract import Batch, OnChain, Source, Stoppable, Store
from manumit.detectors.clusters.linking import links
from manumit.detectors.text.reading import quiet_note
from manumit.schemas.alert import Alert
from manumit.schemas.block import TransferBlock
from manumit.schemas.child_referral import ChildReferral
from manumit.schemas.dead_letter import DeadLetter
from manumit.schemas.label import Label
from manumit.schemas.listing import Listing
from manumit.schemas.stored import from_stored
from manumit.schemas.triage import Suppression
from manumit.schemas.unfit import fitted
from manumit.streams.checkpoint import Checkpoint, Checkpoints
from manumit.streams.digest import AlertDigest
from manumit.streams.lanes import BEGINNING_US
from manumit.streams.live import END, live_batches
from manumit.streams.merging import Bundle, Merger
from manumit.streams.outages import Outages
from manumit.streams.pipeline import Changes, Pipeline
from manumit.streams.protecting import Protection, referrer
from manumit.streams.sealing import Seal, without_a_key

WRITE_ROWS = 20_000
MAX_CHECKPOINT_SHARE = 20
PROVISIONAL = "SELECT * FROM alerts FINAL WHERE state = 'provisional'"
OUTLIVED = "the run stopped before a checkpoint, and the chain may have moved on; written again if its events stand"
FUTURE_US = 86_400_000_000  # clocks and time zones are wrong by hours, not by days


@dataclass(slots=True, kw_only=True)
class Totals:
    """Counts since the run began. `watermark_us` is event time; `late` are the dead letters of that reason since the
    last start, a checkpoint does not keep it."""

    events: int = 0
    signals: int = 0
    alerts: int = 0
    dead_letters: int = 0
    watermark_us: int = 0
    late: int = 0
    digest: AlertDigest = field(default_factory=AlertDigest)

    def plain(self) -> dict[str, int]:
        return {
            "events": self.events,
            "signals": self.signals,
            "alerts": self.alerts,
            "dead_letters": self.dead_letters,
            "watermark_us": self.watermark_us,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """What a runner needs of the world around it.

    `protect` takes out of a batch what goes the way of child protection, before anything else is done with it;
    `read` fills a listing's fields from its text; `seal` takes the words out of a refused record; `clock` is UTC
    microseconds; `progress` is told the totals after every bundle, `outages` which live sources are away;
    `suppressions` fetches those in force; `keep_events` also stores the events themselves (customers always, for their
    ages say who may see the alerts).
    """

    store: Store
    clock: Callable[[], int]
    read: Callable[[Listing], Listing]
    seal: Seal = without_a_key
    protect: Callable[[Batch], tuple[Batch, Sequence[ChildReferral]]] = Protection(refer=referrer(b"no key")).screened
    suppressions: Callable[[], list[Suppression]] = list
    progress: Callable[[Totals, Mapping[str, str]], None] = lambda totals, positions: None
    outages: Outages = field(default_factory=lambda: Outages(lambda: 0))
    keep_events: bool = True
    checkpoint_every_us: int = 10_000_000
    allowed_lateness_us: int = 60_000_000


class Runner:
    """Runs until every source has ended or `stop` is set; can be resumed from its checkpoints.

    `resumed_us`: the event time up to which an earlier run has judged; None for a run from the beginning.
    """

    def __init__(
        self,
        *,
        sources: Sequence[Source],
        pipeline: Pipeline,
        desk: Desk,
        labels: Sequence[Label] = (),
        unusable: Sequence[DeadLetter] = (),
        checkpoints: Checkpoints | None = None,
    ) -> None:
        self._pipeline = pipeline
        self._desk = desk
        self._checkpoints = checkpoints
        self._positions: dict[str, str] = {}
        self._unusable = tuple(unusable)
        self.totals = Totals(dead_letters=len(self._unusable))
        found = checkpoints.newest(pipeline.digest) if checkpoints else None
        self.resumed_us = None if found is None else found.cut_us
        if found is None:
            pipeline.learn_labels(labels)
        else:
            self._restore(found, labels)
        self._merger = Merger(
            [(s.name, s.live) for s in sources],
            after_us=found.cut_us if found else BEGINNING_US,
            passed=found.passed if found else {},
            reorged=found.reorged if found else (),
            memory=pipeline,
        )
        self._sources = {source.name: source for source in sources}
        self._saved_us = desk.clock()
        self._save_took_us = 0

    def _restore(self, found: Checkpoint, labels: Sequence[Label]) -> None:
        self._pipeline.load(found.pipeline, labels)
        self._positions = dict(found.positions)
        counts = found.totals
        self.totals = Totals(
            events=counts["events"],
            signals=counts["signals"],
            alerts=counts["alerts"],
            dead_letters=counts["dead_letters"],
            watermark_us=counts["watermark_us"],
            digest=AlertDigest(found.alerts),
        )

    def run(self, stop: threading.Event) -> Totals:
        """Raises the error of a source or the store; what was committed before it stays committed."""
        self._desk.store.write("dead_letters", [self._desk.seal(letter) for letter in self._unusable])
        self._withdraw_outlived()
        feeds = {name: self._feed(source, stop) for name, source in self._sources.items()}
        while not stop.is_set():
            name = self._merger.hungriest()
            if name is None:
                break
            self._advance(name, feeds[name])
            self._process_all(self._merger.ready())
        for source in self._sources.values():
            if isinstance(source, Stoppable):
                source.stop()
        if self._merger.hungriest() is None:
            self._process_all(self._merger.ready(all_of_it=True))
        self._save()
        return self.totals

    def _withdraw_outlived(self) -> None:
        """Alerts written after the newest checkpoint on blocks that may have been replaced while nobody looked.

        They are withdrawn until the blocks that stand now make them again.
        """
        if self._checkpoints is None:
            return
        chains = tuple(f"{s.chain}:" for s in self._sources.values() if s.live and isinstance(s, OnChain))
        rows = [from_stored(Alert, row) for row in self._desk.store.query(PROVISIONAL)] if chains else []
        ours = {alert.alert_id: alert for alert in rows if alert.subject.startswith(chains)}
        gone = self._pipeline.episodes.outlived({alert.alert_id: alert.revision for alert in ours.values()})
        now_us = self._desk.clock()
        self._desk.store.write("alerts", [_outlived(ours[alert_id], now_us) for alert_id in gone])

    def _feed(self, source: Source, stop: threading.Event) -> Iterator[Batch | None]:
        position = self._positions.get(source.name)
        return live_batches(source, position, stop, self._desk.outages) if source.live else source.batches(position)

    def _advance(self, name: str, feed: Iterator[Batch | None]) -> None:
        batch = next(feed, END)
        if batch is None:
            self._merger.tick(self._desk.clock() - self._desk.allowed_lateness_us)
        elif batch is END:
            self._merger.end(name)
        else:
            kept, referrals = self._desk.protect(batch)
            self._desk.store.write("child_referrals", referrals)
            listings = tuple(self._desk.read(listing) for listing in kept.listings)
            noted = tuple(map(quiet_note, kept.account_events))
            known = tuple(map(fitted, kept.customers))
            read = replace(kept, listings=listings, account_events=noted, customers=known)
            self._merger.offer(name, read, latest_us=self._desk.clock() + FUTURE_US)

    def _process_all(self, bundles: Sequence[Bundle]) -> None:
        for given in bundles:
            bundle = _decoded(given) if self._desk.keep_events else given
            self._pipeline.suppressions.replace(self._desk.suppressions())
            changes = self._pipeline.take(bundle)
            self._write(bundle, changes)
            self._positions.update(bundle.positions)
            self._count(bundle, changes)
        if bundles and self._checkpoint_is_due():
            self._save()

    def _write(self, bundle: Bundle, changes: Changes) -> None:
        """Alerts last, so that whoever sees an alert finds what it refers to."""
        store = self._desk.store
        if self._desk.keep_events:
            for _, block in bundle.transfers:
                for start in range(0, len(block), WRITE_ROWS):
                    rows = range(start, min(start + WRITE_ROWS, len(block)))
                    store.write("transfers", [block.row(i) for i in rows])
            if bundle.retracted is not None:
                gone = bundle.retracted
                store.write("transfers", [gone.row(i) for i in range(len(gone))])
            store.write("utxo_transactions", bundle.transactions)
            store.write("cluster_links", [link for one in bundle.transactions for link in links(one)])
            store.write("listings", bundle.listings)
            store.write("account_events", bundle.account_events)
            store.write("labels", bundle.labels)
        store.write("customers", bundle.customers)
        store.write("dead_letters", [self._desk.seal(letter) for letter in bundle.dead_letters])
        store.write("signals", changes.signals)
        now_us = self._desk.clock()
        store.write("alerts", [msgspec.structs.replace(alert, stored_us=now_us) for alert in changes.alerts])

    def _count(self, bundle: Bundle, changes: Changes) -> None:
        self.totals.events += changes.events
        self.totals.signals += len(changes.signals)
        self.totals.dead_letters += len(bundle.dead_letters)
        self.totals.late += sum(letter.reason == "late" for letter in bundle.dead_letters)
        self.totals.watermark_us = max(bundle.until_us, 0)
        self.totals.alerts += sum(self.totals.digest.take(changes.alerts))
        self._desk.progress(self.totals, self._positions)

    def _checkpoint_is_due(self) -> bool:
        wait_us = max(self._desk.checkpoint_every_us, MAX_CHECKPOINT_SHARE * self._save_took_us)
        return self._checkpoints is not None and self._desk.clock() - self._saved_us >= wait_us

    def _save(self) -> None:
        if self._checkpoints is None or self._merger.watermark_us == BEGINNING_US:
            return
        began_us = self._desk.clock()
        self._checkpoints.save(
            Checkpoint(
                rules=self._pipeline.digest,
                cut_us=self._merger.watermark_us,
                positions=self._positions,
                passed=self._merger.passed,
                reorged=self._merger.reorged,
                pipeline=self._pipeline.dump(),
                totals=self.totals.plain(),
                alerts=self.totals.digest.dump(),
            )
        )
        self._saved_us = self._desk.clock()
        self._save_took_us = self._saved_us - began_us


def _decoded(bundle: Bundle) -> Bundle:
    """The same with every transfer decoded once: it is written, and named in the checkpoint."""
    return replace(bundle, transfers=tuple((live, _with_rows(block)) for live, block in bundle.transfers))


def _with_rows(block: TransferBlock) -> TransferBlock:
    rows = [block.row(i) for i in range(len(block))]
    return replace(block, row=rows.__getitem__)


def _outlived(alert: Alert, now_us: int) -> Alert:
    return msgspec.structs.replace(
        alert, revision=alert.revision + 1, state="withdrawn", withdrawn_reason=OUTLIVED, stored_us=now_us
    )
