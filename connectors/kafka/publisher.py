"""Records to topics: idempotent, keyed, compressed, and never more in memory than the broker keeps up with."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

import msgspec
from kafka import KafkaProducer

from manumit.connectors.kafka.access import BOOTSTRAP_TIMEOUT_MS, answering, broker_errors
from manumit.connectors.kafka.topics import require_topics
from manumit.schemas.block import TransferBlock
from manumit.schemas.envelope import CONTENT_TYPE, MAX_BYTES, Form, content_type, packed
from manumit.schemas.records import name_of
from manumit.schemas.topic import COMPRESSION, Topic, topic_of, topics
from manumit.schemas.transfer import Transfer

IN_FLIGHT_BYTES = 16_000_000
LINGER_MS = 5
DELIVERY_MS = 120_000
TRANSFERS = "transfer.v1"


class KafkaPublisher:
    """One producer. `source` names the publisher in its envelopes; `flush` is the moment to remember a position.

    An error means that what was published since the last `flush` may be missing or, after a restart from there,
    may stand twice: readers must take an event id once. `prefix` stands before the topics' names. Raises ConfigError
    when a topic is missing.
    """

    def __init__(self, servers: str, *, source: str, form: Form = "msgpack", prefix: str = "") -> None:
        self._servers = servers
        self._prefix = prefix
        self._source = source
        self._form = form
        self._headers = [(CONTENT_TYPE, content_type(form))]
        self._sent: deque[tuple[int, Any]] = deque()
        self._waiting_bytes = 0
        self.messages = 0
        require_topics(servers, [prefix + name for name in topics()])
        with broker_errors("publish", servers):
            self._producer = KafkaProducer(
                bootstrap_servers=answering(servers),
                bootstrap_timeout_ms=BOOTSTRAP_TIMEOUT_MS,
                enable_idempotence=True,
                acks="all",
                compression_type=COMPRESSION,
                linger_ms=LINGER_MS,
                batch_size=MAX_BYTES,
                delivery_timeout_ms=DELIVERY_MS,
                allow_auto_create_topics=False,
            )

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

    def records(self, records: Sequence[msgspec.Struct]) -> None:
        """Records of one type to the topic of their schema, packed per key. Raises EdgeDown, ConfigError."""
        if not records:
            return
        topic = topic_of(name_of(type(records[0])))
        for key, rows in _by_key(topic, records).items():
            for piece in [[row] for row in rows] if topic.cleanup == "compact" else [rows]:
                self._send(topic, key, piece)

    def flush(self) -> None:
        """Returns when the broker has everything. Raises EdgeDown, ConfigError."""
        with broker_errors("publish", self._servers):
            self._producer.flush()
        self._settle(0)

    def close(self) -> None:
        """Ends the producer; call `flush` before."""
        with broker_errors("publish", self._servers):
            self._producer.close(timeout=LINGER_MS)

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
                self._settle(IN_FLIGHT_BYTES - len(message))
                name = self._prefix + topic.name
                with broker_errors(f"publish to {name}", self._servers):
                    future = self._producer.send(name, message, key=key.encode(), headers=self._headers)
                self._sent.append((len(message), future))
                self._waiting_bytes += len(message)
                self.messages += 1

    def _settle(self, limit: int) -> None:
        """Wait for the oldest messages until no more than `limit` bytes are on their way."""
        while self._sent and (self._waiting_bytes > limit or self._sent[0][1].is_done):
            size, future = self._sent.popleft()
            self._waiting_bytes -= size
            with broker_errors("publish", self._servers):
                future.get(timeout=DELIVERY_MS / 1000)


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
