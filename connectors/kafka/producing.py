"""One idempotent producer whose memory is bounded: who sends waits while the broker is behind."""

from __future__ import annotations

from collections import deque
from typing import Any

from kafka import KafkaProducer

from manumit.connectors.kafka.access import BOOTSTRAP_TIMEOUT_MS, answering, broker_errors
from manumit.schemas.envelope import CONTENT_TYPE, MAX_BYTES, Form, content_type
from manumit.schemas.topic import COMPRESSION

IN_FLIGHT_BYTES = 16_000_000
LINGER_MS = 5
DELIVERY_MS = 120_000
MILLISECOND_US = 1_000


class Producing:
    """`flush` is the moment to remember a position. An error means that what was sent since the last `flush` may
    be missing or, sent again, may stand twice.

    Raises EdgeDown, ConfigError in every method.
    """

    def __init__(self, servers: str, *, form: Form = "msgpack", in_flight_bytes: int = IN_FLIGHT_BYTES) -> None:
        self._servers = servers
        self._headers = [(CONTENT_TYPE, content_type(form))]
        self._in_flight_bytes = in_flight_bytes
        self._sent: deque[tuple[int, Any]] = deque()
        self.waiting_bytes = 0
        self.messages = 0
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

    def send(self, topic: str, key: bytes, message: bytes, *, partition: int | None = None, stamp_us: int = 0) -> None:
        """Waits until no more than `in_flight_bytes` are on their way.

        `partition` None: by the key. `stamp_us`: the time the log gives the message, 0 the clock's.
        """
        self._settle(self._in_flight_bytes - len(message))
        with broker_errors(f"publish to {topic}", self._servers):
            future = self._producer.send(
                topic,
                message,
                key=key,
                headers=self._headers,
                partition=partition,
                timestamp_ms=stamp_us // MILLISECOND_US or None,
            )
        self._sent.append((len(message), future))
        self.waiting_bytes += len(message)
        self.messages += 1

    def partitions(self, topic: str) -> tuple[int, ...]:
        with broker_errors(f"publish to {topic}", self._servers):
            return tuple(sorted(self._producer.partitions_for(topic)))

    def flush(self) -> None:
        """Returns when the broker has everything."""
        with broker_errors("publish", self._servers):
            self._producer.flush()
        self._settle(0)

    def close(self) -> None:
        """Ends the producer; call `flush` before."""
        with broker_errors("publish", self._servers):
            self._producer.close(timeout=LINGER_MS)

    def _settle(self, limit: int) -> None:
        """Wait for the oldest messages until no more than `limit` bytes are on their way."""
        while self._sent and (self.waiting_bytes > limit or self._sent[0][1].is_done):
            size, future = self._sent.popleft()
            self.waiting_bytes -= size
            with broker_errors("publish", self._servers):
                future.get(timeout=DELIVERY_MS / 1000)
