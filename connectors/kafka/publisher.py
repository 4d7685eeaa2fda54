"""Records to topics: idempotent, keyed, compressed, and never more in memory than the broker keeps up with."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby

import msgspec

from manumit.connectors.kafka.producing import Producing
from manumit.connectors.kafka.topics import require_topics
from manumit.schemas.block import TransferBlock
from manumit.schemas.envelope import Form, packed
from manumit.schemas.records import name_of
from manumit.schemas.topic import Topic, topic_of, topics
from manumit.schemas.transfer import Transfer

TRANSFERS = "transfer.v1"
TIMED = (TRANSFERS, "listing.v1", "customer.v1", "account-event.v1", "label.v1")
CLOCK_KEY = b"clock"


class KafkaPublisher:
    """One producer. `source` names the publisher in its envelopes; `flush` is the moment to remember a position.

    An error means that what was published since the last `flush` may be missing or, after a restart from there,
    may stand twice: readers must take an event id once. `prefix` stands before the topics' names. Raises ConfigError
    when a topic is missing.
    """

    def __init__(self, servers: str, *, source: str, form: Form = "msgpack", prefix: str = "") -> None:
        self._prefix = prefix
        self._source = source
        self._form = form
        self._run = time.time_ns() // 1000
        require_topics(servers, [prefix + name for name in topics()])
        self._producing = Producing(servers, form=form)

    @property
    def messages(self) -> int:
        """Sent so far."""
        return self._producing.messages

    def transfers(self, block: TransferBlock, *, live: bool = False, final: Mapping[str, int] | None = None) -> None:
        """A block's rows in their order, packed per chain; rows taken back must be a block of their own.

        `live`: they may be taken back. `final`: per chain the highest block that cannot be any more.
        Waits while the broker is behind. Raises EdgeDown, ConfigError.
        """
        rows = [block.row(i) for i in range(len(block))]
        by_chain = _by_key(topic_of(TRANSFERS), rows)
        for chain in dict.fromkeys((*by_chain, *(final or ()))):
            heights = {chain: final[chain]} if final and chain in final else None
            self._send(topic_of(TRANSFERS), chain, by_chain.get(chain, []), live=live, final=heights)

    def records(self, records: Sequence[msgspec.Struct], *, restricted: bool = False) -> None:
        """Records of one type to the topic of their schema, packed per key. Raises EdgeDown, ConfigError.

        `restricted`: to the one for restricted eyes.
        """
        if not records:
            return
        topic = topic_of(name_of(type(records[0])), restricted=restricted)
        for key, rows in _by_key(topic, records).items():
            for piece in [[row] for row in rows] if topic.cleanup == "compact" else [rows]:
                self._send(topic, key, piece)

    def clock(self, until_us: int) -> None:
        """Say to every partition that nothing older than `until_us` follows from here; END_US when nothing does.

        Readers wait for it before they judge what came with it, so that history gives what it gave when it was live.
        """
        timed = [topic for topic in topics().values() if topic.schema in TIMED and not topic.inner]
        places = {topic.schema: self._producing.partitions(self._prefix + topic.name) for topic in timed}
        lanes = {schema: len(partitions) for schema, partitions in places.items()}
        for topic in timed:
            (message,) = packed(
                [],
                source=self._source,
                form=self._form,
                schema=topic.schema,
                until_us=until_us,
                run=self._run,
                lanes=lanes,
            )
            for partition in places[topic.schema]:
                self._producing.send(self._prefix + topic.name, CLOCK_KEY, message, partition=partition)

    def flush(self) -> None:
        """Returns when the broker has everything. Raises EdgeDown, ConfigError."""
        self._producing.flush()

    def close(self) -> None:
        """Ends the producer; call `flush` before."""
        self._producing.close()

    def __enter__(self) -> KafkaPublisher:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def _send(
        self,
        topic: Topic,
        key: str,
        records: Sequence[msgspec.Struct],
        *,
        live: bool = False,
        final: Mapping[str, int] | None = None,
    ) -> None:
        for run in _runs(records):
            last = final if not run or run[-1] is records[-1] else None
            for message in packed(run, source=self._source, form=self._form, live=live, final=last):
                self._producing.send(self._prefix + topic.name, key.encode(), message)


def _by_key(topic: Topic, records: Iterable[msgspec.Struct]) -> dict[str, list[msgspec.Struct]]:
    found: dict[str, list[msgspec.Struct]] = {}
    for record in records:
        found.setdefault(topic.key_of(record), []).append(record)
    return found


def _runs(records: Sequence[msgspec.Struct]) -> Iterator[list[msgspec.Struct]]:
    """Rows seen and rows taken back in envelopes of their own; one empty run where there is nothing."""
    if not records:
        yield []
    for _, run in groupby(records, key=lambda record: isinstance(record, Transfer) and record.op):
        yield list(run)
