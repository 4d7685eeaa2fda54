"""Customers in the pipeline: their rules, and the records about persons that join them when they begin. Pure."""

from __future__ import annotations

from collections.abc import MutableMapping

import msgspec

from manumit.detectors.customers.judging import CustomerJudge
from manumit.detectors.folding import Need
from manumit.schemas.label import Label
from manumit.schemas.signal import Signal
from manumit.streams.label_book import LabelBook
from manumit.streams.merging import Bundle

ADVERSE = ("trafficking", "child-abuse")  # source: catalogue entry kyc-adverse-media
Key = tuple[str, str, str]


class CustomerLane:
    """`named` are the records that have begun, by event id; a record that is told again is not told twice."""

    def __init__(self, judge: CustomerJudge, labels: LabelBook) -> None:
        self.judge = judge
        self._labels = labels
        self._named: set[str] = set()

    @property
    def digest(self) -> str:
        return self.judge.plan.digest

    def take(self, bundle: Bundle, needs: MutableMapping[Key, tuple[Need, ...]]) -> list[Signal]:
        """Signals of a bundle; what a signal rests on is put into `needs`."""
        found = []
        for signal in self.judge.take(bundle.customers, bundle.account_events, self._begun(bundle.until_us)):
            resting = self.rested(signal)
            if resting is None:
                continue
            found.append(resting[0])
            if resting[1]:
                needs[signal.detector, signal.subject, signal.event_id] = resting[1]
        return found

    def _begun(self, until_us: int) -> list[Label]:
        """Records that begin by then and have not been told, oldest first."""
        due = (label for label in self._labels.begun(until_us) if label.category in ADVERSE)
        fresh = {label.event_id: label for label in due if label.event_id not in self._named}
        self._named |= set(fresh)
        return list(fresh.values())

    def rested(self, signal: Signal) -> tuple[Signal, tuple[Need, ...]] | None:
        """With its sources, where it rests on a record; None where no record holds at that moment."""
        if not signal.detector.startswith("kyc-adverse-media"):
            return signal, ()
        subject = signal.subject.removeprefix("counterparty:")
        held = [one for one in self._labels.labels_at(subject, signal.at_us) if one.category in ADVERSE]
        if not held:
            return None
        any_of = tuple(dict.fromkeys((subject, one.category) for one in held))
        need = Need(any_of=any_of, sources=tuple(sorted({one.source for one in held})))
        sources = self._labels.sources(subject, signal.at_us)
        return msgspec.structs.replace(signal, label_sources=sources), (need,)

    def judges(self, detector: str) -> bool:
        return self.judge.judges(detector)

    def context(self, signal: Signal, limit: int) -> tuple[str, ...]:
        return self.judge.context(signal, limit)

    def dump(self) -> bytes:
        return msgspec.msgpack.encode((self.judge.dump(), sorted(self._named)))

    def load(self, raw: bytes) -> None:
        """Raises Broken for a snapshot of other rules."""
        if raw:
            judge, named = msgspec.msgpack.decode(raw, type=tuple[bytes, list[str]])
            self.judge.load(judge)
            self._named = set(named)
