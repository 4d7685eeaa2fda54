"""The cluster without a broker: topics as lists, and the parts that workers are made of between them."""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from zlib import crc32

import msgspec

from manumit.connectors.contract import Source
from manumit.connectors.kafka.publisher import KafkaPublisher
from manumit.connectors.kafka.reading import Message
from manumit.schemas.dead_letter import DeadLetter
from manumit.schemas.envelope import Form, content_type
from manumit.schemas.errors import EdgeDown
from manumit.schemas.settings import Settings
from manumit.schemas.topic import topics
from manumit.schemas.transfer import Transfer
from manumit.streams.assembly import listing_reader
from manumit.streams.cluster import archive, checking, unit_maker
from manumit.streams.digest import AlertDigest
from manumit.streams.fanning import Fan
from manumit.streams.publishing import Publishing
from manumit.streams.replay import ReplayStore
from manumit.streams.screening import Bench, Screening

LEGS = "legs.v1"


@dataclass(slots=True)
class Logs:
    """Every partition of every topic. `partitions` of legs.v1 are the shards."""

    shards: int = 2
    by_place: dict[tuple[str, int], list[Message]] = field(default_factory=lambda: defaultdict(list))
    messages: int = 0

    def partitions(self, topic: str) -> tuple[int, ...]:
        return tuple(range(self.shards if topic == LEGS else topics()[topic].partitions))

    def send(
        self,
        topic: str,
        key: bytes,
        message: bytes,
        *,
        partition: int | None = None,
        stamp_us: int = 0,
        form: Form = "msgpack",
    ) -> None:
        place = (topic, crc32(key) % len(self.partitions(topic)) if partition is None else partition)
        self.messages += 1
        self.by_place[place].append(
            Message(
                topic=topic,
                partition=place[1],
                offset=len(self.by_place[place]),
                key=key,
                value=message,
                content_type=content_type(form),
                stamp_us=self.messages,
            )
        )

    def flush(self) -> None:
        return None

    def close(self) -> None:
        return None


class LogPublisher(KafkaPublisher):
    """The publisher, onto lists."""

    def __init__(self, logs: Logs) -> None:
        self._prefix, self._source, self._form = "", "test", "msgpack"
        self._run = logs.messages
        self._producing = logs  # type: ignore[assignment]  # what it uses of a producer


class Ledger(ReplayStore):
    """Remembers every table, counts writes, and is away when told to."""

    def __init__(self) -> None:
        super().__init__()
        self.letters: dict[str, DeadLetter] = {}
        self.events: set[str] = set()
        self.counts: dict[str, int] = defaultdict(int)
        self.away = False

    def write(self, table: str, rows: Sequence[msgspec.Struct]) -> None:
        if self.away and table == "alerts" and rows:
            raise EdgeDown("the store is away")
        super().write(table, rows)
        self.counts[table] += len(rows)
        self.letters |= {row.letter_id: row for row in rows if isinstance(row, DeadLetter)}
        self.events |= {row.event_id for row in rows if isinstance(row, Transfer)}

    @property
    def digest(self) -> str:
        found = AlertDigest()
        found.take(self.alerts.values())
        return found.hex


@dataclass(slots=True, kw_only=True)
class SmallCluster:
    """Workers in turn, each with the partitions of legs.v1 that fall to it. `key` is the token key's file."""

    key: Path
    shards: int = 2
    workers: int = 1
    seed: int = 0
    store: Ledger = field(default_factory=Ledger)
    logs: Logs = field(init=False)
    done: dict[tuple[str, int], int] = field(default_factory=lambda: defaultdict(int))
    members: list[Screening] = field(init=False)

    def __post_init__(self) -> None:
        self.logs = Logs(self.shards)
        self.members = [self.member() for _ in range(self.workers)]

    @property
    def settings(self) -> Settings:
        return Settings(token_key_file=str(self.key))

    def member(self) -> Screening:
        """A worker that knows nothing yet."""
        return Screening(
            Bench(
                store=self.store,
                shards=self.shards,
                unit=unit_maker(self.settings, (), list),
                log=self.between,
                acknowledged=lambda partition: self.done[LEGS, partition],
                clock=lambda: 1,
            )
        )

    def between(self, partition: int, first: int, stop: int) -> Iterator[Message]:
        return iter(self.logs.by_place[LEGS, partition][first:stop])

    def publish(self, sources: Sequence[Source], state: Path, *, meanwhile: Callable[[], None] = lambda: None) -> None:
        Publishing(
            sources=sources,
            publisher=LogPublisher(self.logs),
            folder=state,
            read=listing_reader(self.settings),
            progress=lambda totals, positions: meanwhile(),
        ).run(threading.Event())

    def fan(self, *, at_most: int = 10**9, by_lane: bool = False) -> None:
        """Fan out up to so many messages, taken from the archive's partitions in a random order.

        `by_lane`: each partition to its end before another is begun.
        """
        fan = Fan(shards=self.shards, checking=checking(self.settings))
        dice = Random(self.seed)  # noqa: S311 - a shuffle, not a secret
        for _ in range(at_most):
            open_ = [place for place in self.places() if self.done[place] < len(self.logs.by_place[place])]
            if not open_:
                return
            place = min(open_, key=lambda one: (one[0] != "transfers.v1", one)) if by_lane else dice.choice(open_)
            message = self.logs.by_place[place][self.done[place]]
            for leg in fan.legs(message, topics()[message.topic].schema):
                self.logs.send(LEGS, leg.unit.encode(), leg.value, partition=leg.partition)
            self.done[place] += 1

    def places(self) -> list[tuple[str, int]]:
        return [(topic.name, partition) for topic in archive() for partition in range(topic.partitions)]

    def screen(self, *, at_once: int = 16, stop: int | None = None) -> None:
        """Take and acknowledge what stands in legs.v1, each partition by its worker, up to offset `stop`."""
        for partition in range(self.shards):
            worker = self.members[partition % len(self.members)]
            rest = self.logs.by_place[LEGS, partition][self.done[LEGS, partition] : stop]
            for start in range(0, len(rest), at_once):
                part = rest[start : start + at_once]
                worker.take(part)
                self.done[LEGS, partition] = part[-1].offset + 1
