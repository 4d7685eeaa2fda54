"""Messages into alerts, without a broker: the same as reading the file, whatever the messages and restarts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest

from manumit.connectors.kafka.reading import Message
from manumit.schemas.block import TransferBlock
from manumit.schemas.customer import Customer
from manumit.schemas.envelope import packed
from manumit.schemas.errors import EdgeDown
from manumit.schemas.listing import Listing
from manumit.schemas.transfer import Transfer
from manumit.schemas.wire import encode
from tests.schemas.samples import rows as sample
from tests.streams.small_cluster import LEGS, LogPublisher, SmallCluster
from tests.streams.town import Town

TOPIC = "transfers.v1"
Make = Callable[..., SmallCluster]


@pytest.fixture
def make(tmp_path: Path) -> Make:
    return lambda **given: SmallCluster(key=tmp_path / "token.key", **given)


def fill(cluster: SmallCluster, rows: Sequence[Transfer], size: int = 200, **more: object) -> SmallCluster:
    """The rows on their topic, at most `size` of one chain in a message."""
    publisher = LogPublisher(cluster.logs)
    for start in range(0, len(rows), size):
        publisher.transfers(TransferBlock.of(rows[start : start + size]))
    return cluster


def legs(cluster: SmallCluster) -> list[Message]:
    return [one for partition in range(cluster.shards) for one in cluster.logs.by_place[LEGS, partition]]


@pytest.mark.parametrize(("size", "at_once"), [(64, 1), (64, 7), (500, 3), (10_000, 100)])
def test_any_packing_gives_the_alerts_of_the_file(town: Town, make: Make, size: int, at_once: int) -> None:
    cluster = fill(make(), town.rows, size)
    cluster.fan()
    cluster.screen(at_once=at_once)
    assert cluster.store.digest == town.totals.digest.hex
    assert len(cluster.store.alerts) == town.totals.alerts > 10
    assert len(cluster.store.events) == len(town.rows) == cluster.store.counts["transfers"]
    assert cluster.store.letters == {}


def test_a_new_worker_writes_only_what_was_not_acknowledged(town: Town, make: Make) -> None:
    cluster = fill(make(), town.rows)
    cluster.fan()
    cluster.screen(stop=30)
    for partition in range(cluster.shards):  # durable, and then killed before the acknowledgement
        cluster.members[0].take([cluster.logs.by_place[LEGS, partition][30]])
    written = cluster.store.counts["alerts"]
    cluster.members = [cluster.member()]
    for partition in range(cluster.shards):
        cluster.members[0].take([cluster.logs.by_place[LEGS, partition][30]])
    assert cluster.store.counts["alerts"] - written < written
    cluster.screen()
    assert cluster.store.digest == town.totals.digest.hex
    assert cluster.store.letters == {}


def test_messages_the_engine_never_handed_over_are_written_too(town: Town, make: Make) -> None:
    """Whatever a consumer skips between the acknowledged offset and the message in hand is not lost."""
    cluster = fill(make(), town.rows)
    cluster.fan()
    for partition in range(cluster.shards):
        log = cluster.logs.by_place[LEGS, partition]
        for one in (*log[::5], log[-1]):
            cluster.members[0].take([one])
    assert cluster.store.digest == town.totals.digest.hex


def test_a_message_that_comes_twice_counts_once(town: Town, make: Make) -> None:
    cluster = fill(make(), town.rows)
    cluster.fan()
    for one in legs(cluster):
        cluster.members[0].take([one])
        cluster.members[0].take([one])
    assert cluster.store.digest == town.totals.digest.hex
    assert cluster.store.letters == {}


def test_what_is_fanned_out_again_after_a_crash_counts_once(town: Town, make: Make) -> None:
    cluster = fill(make(shards=3), town.rows)
    cluster.fan(at_most=20)
    done = dict(cluster.done)
    cluster.fan(at_most=15)
    cluster.done.update({place: done.get(place, 0) for place in cluster.places()})  # killed before it acknowledged
    cluster.fan()
    cluster.screen()
    assert cluster.store.digest == town.totals.digest.hex
    assert cluster.store.letters == {}


def test_a_store_that_is_away_is_waited_for(town: Town, make: Make) -> None:
    cluster = fill(make(), town.rows)
    cluster.fan()
    waits: list[int] = []

    def again(refusals: int, error: EdgeDown) -> bool:
        waits.append(refusals)
        cluster.store.away = refusals < 3
        return True

    cluster.members[0].bench = replace(cluster.members[0].bench, again=again)
    for one in legs(cluster):
        cluster.store.away = one.offset % 4 == 3
        cluster.members[0].take([one])
    assert waits[:3] == [1, 2, 3]
    assert cluster.store.digest == town.totals.digest.hex


def test_a_worker_that_gives_up_on_the_store_costs_nothing(town: Town, make: Make) -> None:
    cluster = fill(make(), town.rows)
    cluster.fan()
    refused = 0
    for one in legs(cluster):
        cluster.store.away = one.offset % 20 == 19
        try:
            cluster.members[0].take([one])
        except EdgeDown:
            refused += 1
            cluster.store.away = False
            cluster.members[0].take([one])
        cluster.done[LEGS, one.partition] = one.offset + 1
    assert refused > 1
    assert cluster.store.digest == town.totals.digest.hex


def test_a_publisher_that_begins_again_doubles_nothing(town: Town, make: Make) -> None:
    cluster = fill(make(), town.rows[:4000])
    fill(cluster, town.rows[2000:4000])
    fill(cluster, town.rows[4000:])
    cluster.fan()
    cluster.screen()
    assert cluster.store.digest == town.totals.digest.hex
    assert {letter.reason for letter in cluster.store.letters.values()} <= {"late", "duplicate"}
    assert len(cluster.store.letters) == 2000


def test_bad_records_and_messages_become_dead_letters_and_the_rest_goes_on(town: Town, make: Make) -> None:
    cluster = fill(make(), town.rows)
    place = (TOPIC, max(p for t, p in cluster.logs.by_place if t == TOPIC))
    log = cluster.logs.by_place[place]
    whole = msgspec.msgpack.decode(log[3].value)
    broken = msgspec.msgpack.encode(
        whole | {"records": [*whole["records"][:5], {"chain": "eip155:1"}, 7, *whole["records"][5:]]}
    )
    values = [(one.value, one.content_type) for one in log]
    values[3] = (broken, log[3].content_type)
    values[5:5] = [
        (b"\xff\xfe no envelope", log[0].content_type),
        (msgspec.msgpack.encode(whole | {"schema": "transfer.v9"}), log[0].content_type),
        (next(packed(sample(Customer), source="test")), log[0].content_type),
        (log[4].value, b"application/x-unheard-of"),
        (b"", None),
    ]
    cluster.logs.by_place[place] = [
        msgspec_replace(log[0], offset, value, kind) for offset, (value, kind) in enumerate(values)
    ]
    cluster.fan()
    cluster.logs.send(LEGS, b"", b"\x00 not a leg", partition=0)
    cluster.logs.send(LEGS, b"", values[0][0], partition=0)
    cluster.screen()
    name = f"{TOPIC}/{place[1]}"
    behind = len(cluster.logs.by_place[LEGS, 0])
    reasons = sorted((letter.place, letter.reason) for letter in cluster.store.letters.values())
    assert reasons == sorted(
        [
            (f"{LEGS}/0@{behind - 2}", "malformed"),
            (f"{LEGS}/0@{behind - 1}", "malformed"),
            (f"{name}@3#5", "malformed"),
            (f"{name}@3#6", "malformed"),
            (f"{name}@5", "malformed"),
            (f"{name}@6", "unknown-schema"),
            (f"{name}@7", "unknown-schema"),
            (f"{name}@8", "malformed"),
            (f"{name}@9", "malformed"),
        ]
    )
    assert cluster.store.digest == town.totals.digest.hex


def msgspec_replace(like: Message, offset: int, value: bytes, kind: bytes | None) -> Message:
    return Message(
        topic=like.topic, partition=like.partition, offset=offset, key=like.key, value=value, content_type=kind
    )


def test_what_a_reorg_takes_back_is_as_if_it_had_never_been(town: Town, make: Make) -> None:
    """The last 300 transfers of a chain, provisional, taken back and said again: the alerts of the file, but final."""
    chain = town.rows[0].chain
    rows = [row for row in town.rows if row.chain == chain]
    settled, moved = rows[:-300], rows[-300:]
    gone = [msgspec.structs.replace(row, op=-1) for row in reversed(moved)]
    cluster = fill(make(shards=3), settled)
    publisher = LogPublisher(cluster.logs)
    publisher.transfers(TransferBlock.of(moved), live=True)
    publisher.transfers(TransferBlock.of(gone), live=True)
    publisher.transfers(TransferBlock.of(gone), live=True)  # the publisher began again
    publisher.transfers(TransferBlock.of(moved), live=True, final={chain: moved[-1].block_height})
    cluster.fan()
    cluster.screen()
    plain = fill(make(), rows)
    plain.fan()
    plain.screen()
    standing = {key: alert for key, alert in cluster.store.alerts.items() if alert.state != "withdrawn"}
    assert standing.keys() == plain.store.alerts.keys()
    assert {alert.state for alert in standing.values()} == {"final"}
    assert all(alert.evidence == plain.store.alerts[key].evidence for key, alert in standing.items())
    assert {letter.reason for letter in cluster.store.letters.values()} == {"unknown-retraction"}
    assert len(cluster.store.letters) == len(gone)


def test_records_without_an_envelope_are_taken_too(make: Make) -> None:
    """What another system sends: one record a message, JSON, no header; adverts in the clear become tokens."""
    cluster = make()
    listing, customer = sample(Listing)[0], sample(Customer)[0]
    loud = msgspec.structs.replace(listing, text="Call +12025550123 now", contacts=())
    for topic, record in (("listings.v1", loud), ("customers.v1", customer)):
        cluster.logs.send(topic, b"k", encode(record), form="json")
    cluster.logs.send("listings.v1", b"k", b'{"source": "x"}', form="json")
    cluster.fan()
    cluster.screen()
    assert cluster.store.counts["listings"] == cluster.store.counts["customers"] == 1
    assert [letter.reason for letter in cluster.store.letters.values()] == ["malformed"]
    told = b"".join(one.value for one in legs(cluster))
    assert b"2025550123" not in told
    assert b"contact:" in told
