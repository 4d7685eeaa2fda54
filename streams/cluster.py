"""From settings to a worker's parts: what one member of the group fans out and screens with."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from functools import partial

from manumit.connectors.contract import Store
from manumit.connectors.kafka.producing import Producing
from manumit.connectors.kafka.publisher import KafkaPublisher
from manumit.connectors.kafka.reading import Message, committed, ends, messages
from manumit.connectors.kafka.records import Checking
from manumit.connectors.kafka.topics import require_topics
from manumit.connectors.rates import read_rates
from manumit.connectors.snapshots import SnapshotStore
from manumit.detectors.text.reading import quiet_note
from manumit.schemas.errors import EdgeDown
from manumit.schemas.label import Label
from manumit.schemas.settings import Settings
from manumit.schemas.topic import Topic, topics
from manumit.schemas.triage import Suppression
from manumit.streams.announcing import Announcing, protective
from manumit.streams.assembly import (
    chosen_detectors,
    known_labels,
    letter_sealer,
    listing_reader,
    pipeline,
    protection,
    sometimes,
)
from manumit.streams.fanning import SCREENED, Fan
from manumit.streams.known import suppressions_in
from manumit.streams.measures import MICROSECONDS, Measures
from manumit.streams.pipeline import Pipeline
from manumit.streams.screening import Bench, Screening
from manumit.streams.sealing import SEALED
from manumit.streams.sharded import Sharded
from manumit.streams.shards import detectors_of, keeper
from manumit.streams.unit import Unit
from manumit.streams.veil import subjects_of_minors

LEGS = "legs.v1"
FIRST_WAIT_S = 0.05
LONGEST_WAIT_S = 5.0
SAY_EVERY_REFUSALS = 12


def archive() -> tuple[Topic, ...]:
    """The topics that connectors and other systems write."""
    return tuple(topic for topic in topics().values() if topic.owner == "connectors")


def checking(settings: Settings) -> Checking:
    """What records of topics are checked with, whoever wrote them. Raises ConfigError."""
    sealer = letter_sealer(settings)
    return Checking(
        rates=read_rates(settings.rates),
        read=listing_reader(settings),
        quiet=quiet_note,
        seal=lambda letter: letter if letter.payload.startswith(SEALED) else sealer(letter),
        protect=protection(settings).screened,
    )


def unit_maker(
    settings: Settings, labels: Sequence[Label], suppressions: Callable[[], list[Suppression]]
) -> Callable[[str, int, int], Unit]:
    """Makes empty units; `labels` are those of the settings. Raises ConfigError as `assembly.pipeline`."""

    def prepare(made: Pipeline) -> None:
        made.suppressions.replace(suppressions())

    def make(name: str, partition: int, shards: int) -> Unit:
        chosen = chosen_detectors(settings)
        made = pipeline(
            settings,
            only=detectors_of(name, chosen),
            kind=partial(Sharded, keeps=keeper(name, chosen, partition, shards)),
        )
        made.learn_labels(labels)
        return Unit(name, made, prepare)

    return make


def screening(
    settings: Settings,
    store: Store,
    *,
    servers: str,
    group: str,
    prefix: str,
    clock: Callable[[], int],
    rebuilding: Callable[[int, int, int], None] = lambda partition, offset, stop: None,
    note: Callable[[str], None] = lambda what: None,
    stopping: threading.Event | None = None,
    measures: Measures | None = None,
) -> Screening:
    """What screens legs.v1 into `store`; tables are made, unusable labels are dead letters.

    While the store is away it waits and tries again until `stopping` is set.

    Raises ConfigError, EdgeDown.
    """
    require_topics(servers, [prefix + name for name in topics()])
    labels, unusable = known_labels(settings)
    pipeline(settings)  # a rule pack that cannot be built must not wait for the first message
    store.migrate()
    store.write("dead_letters", [letter_sealer(settings)(letter) for letter in unusable])
    topic = prefix + LEGS
    return Screening(
        Bench(
            store=store,
            shards=len(ends(servers, topic)),
            unit=unit_maker(settings, labels, sometimes(lambda: suppressions_in(store))),
            log=partial(messages, servers, topic),
            acknowledged=committed(servers, group, topic),
            clock=clock,
            announce=Announcing(
                KafkaPublisher(servers, source=SCREENED, prefix=prefix),
                minors=partial(subjects_of_minors, store),
                protection=protective(chosen_detectors(settings)),
            ),
            rebuilding=rebuilding,
            again=patience(stopping or threading.Event(), note),
            snapshots=SnapshotStore(f"{settings.snapshots}/{topic}") if settings.snapshots else None,
            snapshot_every_us=round(settings.snapshot_every_s * MICROSECONDS),
            note=note,
            measures=measures or Measures(clock),
        )
    )


def patience(stopping: threading.Event, note: Callable[[str], None]) -> Callable[[int, EdgeDown], bool]:
    """Waits a little longer each time, at most LONGEST_WAIT_S; gives up when the worker is to stop."""

    def again(refusals: int, error: EdgeDown) -> bool:
        if refusals == 1 or refusals % SAY_EVERY_REFUSALS == 0:
            note(f"waits, {refusals} times so far: {error}")
        return not stopping.wait(min(FIRST_WAIT_S * 2 ** min(refusals, 20), LONGEST_WAIT_S))

    return again


class Fanning:
    """Writes the legs of archive messages; called by one thread at a time."""

    def __init__(self, settings: Settings, *, servers: str, prefix: str, measures: Measures | None = None) -> None:
        self._measures = measures
        self._producing = Producing(servers)
        self._legs = prefix + LEGS
        self._schemas = {prefix + topic.name: topic.schema for topic in archive()}
        shards = len(ends(servers, self._legs))
        self._fan = Fan(shards=shards, checking=checking(settings))

    def take(self, messages: Sequence[Message]) -> None:
        """Returns when the broker has all their legs. Raises EdgeDown, ConfigError."""
        for message in messages:
            for leg in self._fan.legs(message, self._schemas[message.topic]):
                self._producing.send(
                    self._legs, leg.unit.encode(), leg.value, partition=leg.partition, stamp_us=message.stamp_us
                )
        self._producing.flush()
        if self._measures is not None:
            self._measures.messages.labels("fan").inc(len(messages))
