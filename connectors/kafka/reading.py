"""Messages of one partition between two offsets, and what a message of transfers holds."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass

from kafka import KafkaAdminClient, KafkaConsumer, TopicPartition

from manumit.connectors.files.own import checked_transfer
from manumit.connectors.kafka.access import BOOTSTRAP_TIMEOUT_MS, answering, broker_errors
from manumit.connectors.rates import Rates
from manumit.schemas.dead_letter import DeadLetter, dead_letter
from manumit.schemas.envelope import CONTENT_TYPE, form_of, unpacked
from manumit.schemas.errors import BadRecord, EdgeDown
from manumit.schemas.transfer import Transfer
from manumit.schemas.wire import encode

POLL_MS = 500
SILENT_POLLS = 60
POLL_RECORDS = 50
FETCH_WAIT_MS = 50
FETCH_BYTES = 4_000_000
MILLISECOND_US = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One message where it stands. `content_type` is the header's value, None without one; `stamp_us` the time the
    log gives it."""

    topic: str
    partition: int
    offset: int
    key: bytes
    value: bytes
    content_type: bytes | None
    stamp_us: int = 0

    @property
    def lane(self) -> str:
        """`transfers.v1/3`"""
        return f"{self.topic}/{self.partition}"

    @property
    def place(self) -> str:
        """`transfers.v1/3@1042`"""
        return f"{self.lane}@{self.offset}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Transfers:
    """The transfers of one message in its order, and a dead letter for each record that is none."""

    rows: tuple[Transfer, ...]
    live: bool
    final: Mapping[str, int]
    letters: tuple[DeadLetter, ...]


def transfers_of(message: Message, rates: Rates, at_us: int) -> Transfers:
    """Pure. `at_us` is the event time dead letters get: the last good one before the message."""
    try:
        opened = unpacked(message.value, form_of(message.content_type))
    except BadRecord as error:
        return Transfers(rows=(), live=False, final={}, letters=(_letter(message, "", error, message.value, at_us),))
    letters = [
        _letter(message, f"#{bad.index}", BadRecord(bad.reason, bad.message), bad.payload, at_us)
        for bad in opened.refused
    ]
    rows: list[Transfer] = []
    for index, record in zip(opened.places, opened.records, strict=True):
        try:
            rows.append(_transfer(record, rates))
        except BadRecord as error:
            letters.append(_letter(message, f"#{index}", error, encode(record), at_us))
    return Transfers(rows=tuple(rows), live=opened.live, final=opened.final, letters=tuple(letters))


def _transfer(record: object, rates: Rates) -> Transfer:
    if not isinstance(record, Transfer):
        raise BadRecord("unknown-schema", f"a {type(record).__name__} on a topic of transfers")
    return checked_transfer(record, rates)


def _letter(message: Message, where: str, error: BadRecord, payload: bytes, at_us: int) -> DeadLetter:
    return dead_letter(
        source=f"kafka:{message.topic}",
        place=message.place + where,
        reason=error.reason,
        message=str(error),
        payload=payload,
        at_us=at_us,
        record="transfer.v1",
    )


def ends(servers: str, topic: str) -> dict[int, tuple[int, int]]:
    """Per partition: the first offset kept and the one behind the last. Raises EdgeDown, ConfigError."""
    with broker_errors(f"read {topic}", servers), closing(_consumer(servers)) as consumer:
        partitions = consumer.partitions_for_topic(topic) or ()
        places = [TopicPartition(topic, partition) for partition in sorted(partitions)]
        first, behind = consumer.beginning_offsets(places), consumer.end_offsets(places)
    return {place.partition: (first[place], behind[place]) for place in places}


def messages(servers: str, topic: str, partition: int, first: int, stop: int) -> Iterator[Message]:
    """Messages with offsets in [first, stop), in order; offsets that are no messages are passed over.

    Begins at the oldest that is kept when `first` is gone. Raises EdgeDown when the broker falls silent.
    """
    place = TopicPartition(topic, partition)
    with broker_errors(f"read {topic}", servers), closing(_consumer(servers)) as consumer:
        consumer.assign([place])
        consumer.seek(place, first)
        silent = 0
        while consumer.position(place) < stop:
            found = consumer.poll(POLL_MS).get(place, ())
            silent = 0 if found else silent + 1
            if silent > SILENT_POLLS:
                raise EdgeDown(f"read {topic}: {servers} gives nothing behind offset {consumer.position(place)}")
            for record in found:
                if record.offset >= stop:
                    return
                stamp_us = record.timestamp * MILLISECOND_US
                yield message_of(
                    topic, partition, record.offset, record.key, record.value, record.headers, stamp_us=stamp_us
                )


def keys(servers: str, topic: str, partition: int, first: int, stop: int) -> tuple[bytes, ...]:
    """The keys of the messages in [first, stop), in order of first sight. Reads them all, and opens none."""
    return tuple(dict.fromkeys(message.key for message in messages(servers, topic, partition, first, stop)))


def message_of(
    topic: str,
    partition: int,
    offset: int,
    key: bytes | None,
    value: bytes | None,
    headers: Sequence[tuple[str, bytes]],
    *,
    stamp_us: int = 0,
) -> Message:
    """A client's record as ours. A message without a value becomes an empty one, which no reader takes."""
    kinds = [text for name, text in headers if name.lower() == CONTENT_TYPE]
    return Message(
        topic=topic,
        partition=partition,
        offset=offset,
        key=key or b"",
        value=value or b"",
        content_type=kinds[-1] if kinds else None,
        stamp_us=max(stamp_us, 0),
    )


def committed(servers: str, group: str, topic: str) -> Callable[[int], int]:
    """Asks, for a partition, the offset a consumer group has acknowledged up to; 0 where it has none."""

    def asked(partition: int) -> int:
        place = TopicPartition(topic, partition)
        with broker_errors(f"offsets of {group}", servers), closing(_admin(servers)) as admin:
            found = admin.list_group_offsets({group: [place]})[group].get(place)
        return max(found.offset, 0) if found is not None else 0

    return asked


def _admin(servers: str) -> KafkaAdminClient:
    return KafkaAdminClient(bootstrap_servers=answering(servers), bootstrap_timeout_ms=BOOTSTRAP_TIMEOUT_MS)


def _consumer(servers: str) -> KafkaConsumer:
    return KafkaConsumer(
        bootstrap_servers=answering(servers),
        bootstrap_timeout_ms=BOOTSTRAP_TIMEOUT_MS,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        isolation_level="read_committed",
        max_partition_fetch_bytes=FETCH_BYTES,
        max_poll_records=POLL_RECORDS,
        fetch_max_wait_ms=FETCH_WAIT_MS,
        allow_auto_create_topics=False,
    )
