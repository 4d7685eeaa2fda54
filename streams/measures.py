"""What a worker shows of itself: numbers for Prometheus, and whether it lives and is ready."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

MICROSECONDS = 1_000_000
LATENCIES_S = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0, 60.0, 600.0, 3600.0)
Place = tuple[str, int]


@dataclass(slots=True)
class Progress:
    """How far one partition is: the offset to do next, the one behind the last, and when it moved. Microseconds."""

    done: int = 0
    behind: int = 0
    moved_us: int = 0


class Measures:
    """`clock` is UTC microseconds. Called from any thread."""

    def __init__(self, clock: Callable[[], int]) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._progress: dict[Place, Progress] = {}
        self._busy: dict[int, str] = {}
        registry = self._registry = CollectorRegistry()
        self.messages = Counter("manumit_messages", "Messages taken.", ["stage"], registry=registry)
        self.rows = Counter("manumit_rows", "Rows written to the store.", ["table"], registry=registry)
        self.dead_letters = Counter("manumit_dead_letters", "Records refused.", ["reason"], registry=registry)
        self.refusals = Counter(
            "manumit_refusals", "Writes the store or the broker refused for being away.", registry=registry
        )
        self.snapshot_faults = Counter(
            "manumit_snapshot_faults", "Snapshots not written, or not usable.", registry=registry
        )
        self.lag = Gauge("manumit_lag_messages", "Messages not yet done.", ["topic", "partition"], registry=registry)
        self.waiting = Gauge(
            "manumit_waiting_rows", "Records that wait for a publisher's clock.", ["partition"], registry=registry
        )
        self.watermark = Gauge(
            "manumit_watermark_seconds", "Event time that has gone on, Unix.", ["partition"], registry=registry
        )
        self.snapshot_at = Gauge(
            "manumit_snapshot_seconds", "When the newest snapshot was written, Unix.", ["partition"], registry=registry
        )
        self.rebuilding = Gauge(
            "manumit_rebuilding_messages",
            "Messages still to be folded in.",
            ["partition"],
            registry=registry,
        )
        self.broker_to_store = Histogram(
            "manumit_broker_to_store_seconds",
            "From a message's time on the broker until what it led to is durable.",
            buckets=LATENCIES_S,
            registry=registry,
        )
        self.event_to_alert = Histogram(
            "manumit_event_to_alert_seconds",
            "From an alert's newest event, in event time, until the alert is durable.",
            buckets=LATENCIES_S,
            registry=registry,
        )
        self.folding = Histogram(
            "manumit_fold_seconds", "Rules and windows over the messages taken at once.", registry=registry
        )
        self.writing = Histogram("manumit_write_seconds", "Store and announcement.", registry=registry)

    def text(self) -> bytes:
        """In Prometheus' own form."""
        return generate_latest(self._registry)

    def done(self, topic: str, partition: int, next_offset: int) -> None:
        """Everything before `next_offset` is durable."""
        with self._lock:
            found = self._progress.setdefault((topic, partition), Progress())
            found.done, found.moved_us = next_offset, self._clock()
            self._show((topic, partition), found)

    def behind(self, topic: str, partition: int, end_offset: int) -> None:
        """The broker's end of the partition."""
        with self._lock:
            found = self._progress.setdefault((topic, partition), Progress(moved_us=self._clock()))
            if found.done >= found.behind:
                found.moved_us = self._clock()  # it had nothing to do until now
            found.behind = end_offset
            self._show((topic, partition), found)

    def forget(self, places: list[Place]) -> None:
        """Another worker has them now."""
        with self._lock:
            for topic, partition in places:
                if self._progress.pop((topic, partition), None) is not None:
                    self.lag.remove(topic, str(partition))

    def stuck(self, longest_us: int) -> list[Place]:
        """Partitions with messages to do that have not moved for so long, while nothing known keeps them."""
        with self._lock:
            if self._busy:
                return []
            late_us = self._clock() - longest_us
            return [place for place, one in self._progress.items() if one.done < one.behind and one.moved_us < late_us]

    def busy(self, what: str) -> Busy:
        """While it lasts, standing still has a reason that can be seen."""
        return Busy(self, what)

    def begin(self, key: int, what: str) -> None:
        with self._lock:
            self._busy[key] = what

    def end(self, key: int) -> None:
        with self._lock:
            self._busy.pop(key, None)
            for one in self._progress.values():
                one.moved_us = self._clock()

    @property
    def waits_for(self) -> tuple[str, ...]:
        """Why it is not ready; empty when it is."""
        with self._lock:
            return tuple(self._busy.values())

    def _show(self, place: Place, found: Progress) -> None:
        self.lag.labels(place[0], str(place[1])).set(max(found.behind - found.done, 0))


@dataclass(slots=True)
class Busy:
    """A reason to stand still, as a context."""

    measures: Measures
    what: str
    key: int = field(default=0)

    def __enter__(self) -> None:
        self.key = id(self)
        self.measures.begin(self.key, self.what)

    def __exit__(self, *error: object) -> None:
        self.measures.end(self.key)
