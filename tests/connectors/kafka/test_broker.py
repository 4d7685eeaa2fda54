"""Topics, publisher and source on a real broker."""

from __future__ import annotations

import secrets
from collections.abc import Iterator

import msgspec
import pytest
from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer

from manumit.connectors.kafka.publisher import KafkaPublisher
from manumit.connectors.kafka.reading import ends, messages
from manumit.connectors.kafka.source import KafkaSource
from manumit.connectors.kafka.topics import apply_topics, check_topics
from manumit.connectors.rates import read_rates
from manumit.schemas.block import TransferBlock
from manumit.schemas.envelope import MAX_RECORDS, unpacked
from manumit.schemas.errors import ConfigError, EdgeDown
from manumit.schemas.label import Label
from manumit.schemas.topic import topics
from manumit.schemas.transfer import Transfer
from tests.connectors.files.events import transfer
from tests.schemas.samples import rows
from tests.servers import free_port, wait_until

pytestmark = pytest.mark.broker

CHAINS = ("eip155:1", "eip155:10", "eip155:137", "eip155:8453")  # two of them share a partition of eight


@pytest.fixture
def prefix(brokers: str) -> Iterator[str]:
    """Topics of one test."""
    name = f"test-{secrets.token_hex(4)}-"
    apply_topics(brokers, prefix=name)
    yield name
    admin = KafkaAdminClient(bootstrap_servers=brokers)
    admin.delete_topics([name + topic for topic in topics()])
    admin.close()


def source(brokers: str, prefix: str) -> KafkaSource:
    return KafkaSource(servers=brokers, rates=read_rates(()), topic=prefix + "transfers.v1")


def stream(count: int) -> list[Transfer]:
    """Four chains in turn, four transfers a second."""
    return [transfer(i // 4, chain=CHAINS[i % 4], position=i) for i in range(count)]


def publish(brokers: str, prefix: str, transfers: list[Transfer], *, at_once: int = 50) -> None:
    with KafkaPublisher(brokers, source="test", prefix=prefix) as publisher:
        for start in range(0, len(transfers), at_once):
            publisher.transfers(TransferBlock.of(transfers[start : start + at_once]))
        publisher.flush()


def read(source: KafkaSource, after: str | None = None) -> list[tuple[str, list[Transfer]]]:
    """Each batch's position and rows."""
    found = []
    for batch in source.batches(after):
        block = batch.transfers
        found.append((batch.position, [] if block is None else [block.row(i) for i in range(len(block))]))
    return found


def test_apply_makes_what_check_misses_and_repairs_what_it_names(brokers: str) -> None:
    prefix = f"test-{secrets.token_hex(4)}-"
    missing = check_topics(brokers, prefix=prefix)
    assert {(d.topic, d.found) for d in missing} == {(prefix + name, "missing") for name in topics()}
    admin = KafkaAdminClient(bootstrap_servers=brokers)
    name = prefix + "alerts.v1"
    admin.create_topics({name: {"num_partitions": 2, "replication_factor": 1, "configs": {"retention.ms": "1000"}}})
    admin.wait_for_topics([name])
    done = apply_topics(brokers, prefix=prefix)
    assert len(done) == len(topics()) - 1 + 2  # retention and compression of the one that was there
    wait_until(lambda: len(check_topics(brokers, prefix=prefix)) == 1, what="the settings to reach the broker")
    (left,) = check_topics(brokers, prefix=prefix)
    assert (left.topic, left.setting, left.declared, left.found) == (name, "partitions", "8", "2")
    assert apply_topics(brokers, prefix=prefix) == ()
    admin.delete_topics([prefix + topic for topic in topics()])
    admin.close()


def test_what_is_published_comes_back_in_event_time_order(brokers: str, prefix: str) -> None:
    sent = stream(1000)
    publish(brokers, prefix, sent)
    batches = [rows for _, rows in read(source(brokers, prefix))]
    got = [row for rows in batches for row in rows]
    assert sorted(got, key=lambda row: row.position) == sent
    assert [row.at_us for row in got] == sorted(row.at_us for row in got)
    assert len([stop for _, stop in ends(brokers, prefix + "transfers.v1").values() if stop]) < len(CHAINS)
    for chain in CHAINS:
        assert [row for row in got if row.chain == chain] == [row for row in sent if row.chain == chain]


def test_a_position_resumes_without_a_gap(brokers: str, prefix: str) -> None:
    publish(brokers, prefix, stream(600))
    reading = source(brokers, prefix)
    whole = read(reading)
    assert reading.total() == reading.done(whole[-1][0])
    for i in range(0, len(whole), 7):
        seen = {row.event_id for _, rows in whole[: i + 1] for row in rows}
        rest = {row.event_id for _, rows in read(reading, whole[i][0]) for row in rows}
        assert seen | rest == {row.event_id for row in stream(600)}
    assert read(reading, whole[-1][0]) == []
    with pytest.raises(ConfigError, match="no position"):
        read(reading, "page 7")


def test_rows_taken_back_and_final_heights_stand_alone(brokers: str, prefix: str) -> None:
    taken = [msgspec.structs.replace(row, op=-1) for row in reversed(stream(8)) if row.chain == CHAINS[0]]
    with KafkaPublisher(brokers, source="test", prefix=prefix) as publisher:
        publisher.transfers(TransferBlock.of(stream(8)), live=True)
        publisher.transfers(TransferBlock.of(taken), live=True)
        publisher.transfers(TransferBlock.of(()), final={CHAINS[0]: 5, CHAINS[1]: 6})
        publisher.flush()
    batches = list(source(brokers, prefix).batches(None))
    back = [batch.transfers for batch in batches if batch.transfers is not None and batch.transfers.op[0] == -1]
    assert [[block.row(i) for i in range(len(block))] for block in back] == [taken]
    assert {chain: height for batch in batches for chain, height in batch.final.items()} == {
        CHAINS[0]: 5,
        CHAINS[1]: 6,
    }


def test_a_chain_stays_in_one_partition_packed_and_said_by_header(brokers: str, prefix: str) -> None:
    publish(brokers, prefix, [row for row in stream(8000) if row.chain == CHAINS[0]], at_once=10_000)
    full = {p: stop for p, (_, stop) in ends(brokers, prefix + "transfers.v1").items() if stop}
    ((partition, count),) = full.items()
    found = list(messages(brokers, prefix + "transfers.v1", partition, 0, count))
    assert [len(unpacked(one.value, "msgpack").records) for one in found] == [MAX_RECORDS] * 4
    assert {one.content_type for one in found} == {b"application/msgpack"}
    assert [one.offset for one in messages(brokers, prefix + "transfers.v1", partition, 1, 3)] == [1, 2]


def test_labels_are_one_a_message_for_the_topic_is_compacted(brokers: str, prefix: str) -> None:
    labels = [row for row in rows(Label) if isinstance(row, Label)]
    with KafkaPublisher(brokers, source="test", form="json", prefix=prefix) as publisher:
        publisher.records(labels)
        publisher.flush()
    consumer = KafkaConsumer(prefix + "labels.v1", bootstrap_servers=brokers, auto_offset_reset="earliest")
    found = [record for batch in consumer.poll(20_000).values() for record in batch]
    consumer.close()
    assert [unpacked(record.value, "json").records for record in found] == [(label,) for label in labels]
    assert len({record.key for record in found}) == len(labels)


def test_other_codecs_are_turned_into_the_one_every_reader_has(brokers: str, prefix: str) -> None:
    producer = KafkaProducer(bootstrap_servers=brokers, compression_type="lz4")
    sent = producer.send(prefix + "transfers.v1", b"x" * 2000, key=b"k").get(timeout=20)
    producer.close()
    (found,) = messages(brokers, prefix + "transfers.v1", sent.partition, sent.offset, sent.offset + 1)
    assert found.value == b"x" * 2000


def test_no_topic_no_broker_and_no_address_are_told_apart(brokers: str) -> None:
    nowhere = f"127.0.0.1:{free_port()}"
    with pytest.raises(ConfigError, match="topics apply"):
        read(source(brokers, "test-never-made-"))
    with pytest.raises(EdgeDown, match=nowhere):
        check_topics(nowhere)
    with pytest.raises(EdgeDown, match=nowhere):
        KafkaPublisher(nowhere, source="test")
    with pytest.raises(ConfigError, match="host:port"):
        check_topics("localhost")
