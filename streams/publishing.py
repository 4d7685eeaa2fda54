"""Sources to topics: merged into event-time order, published, and only then remembered."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import msgspec

from manumit.connectors.contract import Batch, Source
from manumit.connectors.kafka.publisher import KafkaPublisher
from manumit.detectors.text.reading import quiet_note
from manumit.schemas.block import TransferBlock
from manumit.schemas.child_referral import ChildReferral
from manumit.schemas.envelope import END_US
from manumit.schemas.errors import ConfigError
from manumit.schemas.listing import Listing
from manumit.schemas.unfit import fitted
from manumit.streams.lanes import BEGINNING_US
from manumit.streams.merging import Bundle, Merger
from manumit.streams.protecting import Protection, referrer
from manumit.streams.runner import Totals
from manumit.streams.sealing import Seal, without_a_key

REMEMBER_EVERY_MESSAGES = 2_000
CLOCK_EVERY_EVENTS = 8_192
PLACE = "published.json"
END = Batch(position="")


class Published(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How far the sources are on the topics, all of it acknowledged by the broker."""

    cut_us: int = BEGINNING_US
    positions: dict[str, str] = {}


@dataclass(slots=True, kw_only=True)
class Publishing:
    """Publishes sources that end. Resumes from `folder`; what was published and not remembered is said again,
    which readers take for duplicates. Readers wait for its clock until it is through, so that they judge history as
    one machine does; `release` ends that wait when a publication is given up.

    `read` fills a listing's fields from its text, so that no raw contact reaches a topic; `protect` comes before it.
    `seal` takes the words out of a refused record.
    """

    sources: Sequence[Source]
    publisher: KafkaPublisher
    folder: Path
    read: Callable[[Listing], Listing]
    protect: Callable[[Batch], tuple[Batch, Sequence[ChildReferral]]] = Protection(refer=referrer(b"no key")).screened
    seal: Seal = without_a_key
    progress: Callable[[Totals, Mapping[str, str]], None] = lambda totals, positions: None
    totals: Totals = field(default_factory=Totals)
    _remembered: int = 0
    _clocked: int = 0

    def run(self, stop: threading.Event) -> Totals:
        """To the end of every source, or `stop`. Raises as they do, and ConfigError for a live one."""
        endless = [source.name for source in self.sources if source.live]
        if endless:
            raise ConfigError(f"{endless[0]} never ends: only files are published")
        begun = _remembered(self.folder)
        merger = Merger([(source.name, False) for source in self.sources], after_us=begun.cut_us)
        positions = dict(begun.positions)
        feeds = {source.name: source.batches(positions.get(source.name)) for source in self.sources}
        self.publisher.clock(begun.cut_us)
        while not stop.is_set() and (name := merger.hungriest()) is not None:
            batch = next(feeds[name], END)
            if batch is END:
                merger.end(name)
            else:
                kept, referrals = self.protect(batch)
                self.publisher.records(referrals)
                noted = tuple(map(quiet_note, kept.account_events))
                plain = replace(kept, account_events=noted, customers=tuple(map(fitted, kept.customers)))
                merger.offer(name, replace(plain, listings=tuple(map(self.read, kept.listings))))
            self._publish(merger.ready(), positions)
            if self.totals.events - self._clocked >= CLOCK_EVERY_EVENTS:
                self._clocked = self.totals.events
                self.publisher.clock(merger.watermark_us + 1)
            if self.publisher.messages - self._remembered >= REMEMBER_EVERY_MESSAGES:
                self._remember(merger.watermark_us, positions)
        if merger.hungriest() is None:
            self._publish(merger.ready(all_of_it=True), positions)
            self.publisher.flush()
            self.publisher.clock(END_US)
        self._remember(merger.watermark_us, positions)
        return self.totals

    def _publish(self, bundles: Sequence[Bundle], positions: dict[str, str]) -> None:
        for bundle in bundles:
            if bundle.retracted is not None:
                self.publisher.transfers(bundle.retracted)
            for live, block in bundle.transfers:
                self.publisher.transfers(block, live=live)
            if bundle.final:
                self.publisher.transfers(TransferBlock.of(()), final=bundle.final)
            letters = tuple(map(self.seal, bundle.dead_letters))
            rows = (bundle.listings, bundle.customers, bundle.account_events, bundle.labels, letters)
            for records in rows:
                self.publisher.records(records)
            positions.update(bundle.positions)
            self.totals.events += sum(len(block) for _, block in bundle.transfers) + sum(map(len, rows[:3]))
            self.totals.dead_letters += len(bundle.dead_letters)
            self.totals.watermark_us = max(self.totals.watermark_us, bundle.until_us)
            self.progress(self.totals, positions)

    def _remember(self, cut_us: int, positions: Mapping[str, str]) -> None:
        self.publisher.flush()
        self._remembered = self.publisher.messages
        self.folder.mkdir(parents=True, exist_ok=True)
        draft = self.folder / (PLACE + ".draft")
        with draft.open("wb") as file:
            file.write(msgspec.json.encode(Published(cut_us=cut_us, positions=dict(positions))))
            file.flush()
            os.fsync(file.fileno())
        draft.replace(self.folder / PLACE)


def _remembered(folder: Path) -> Published:
    path = folder / PLACE
    if not path.is_file():
        return Published()
    try:
        return msgspec.json.decode(path.read_bytes(), type=Published)
    except msgspec.DecodeError as error:
        raise ConfigError(f"{path} is damaged ({error}); remove it to publish from the beginning") from error
