"""Files onto topics and back: everything once, also after an interruption."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from kafka import KafkaAdminClient

from manumit.connectors.contract import Source
from manumit.connectors.files.survey import open_files
from manumit.connectors.kafka.publisher import KafkaPublisher
from manumit.connectors.kafka.reading import ends, messages
from manumit.connectors.kafka.source import KafkaSource
from manumit.connectors.kafka.topics import apply_topics
from manumit.schemas.dead_letter import DeadLetter
from manumit.schemas.envelope import unpacked
from manumit.schemas.errors import ConfigError
from manumit.schemas.listing import Listing
from manumit.schemas.settings import Settings
from manumit.schemas.topic import topics
from manumit.schemas.wire import decode_as
from manumit.streams.assembly import listing_reader
from manumit.streams.publishing import Publishing
from manumit.streams.replay import ReplayStore
from manumit.streams.runner import Totals
from tests.streams.town import Town, rates, run

pytestmark = pytest.mark.broker


@pytest.fixture
def prefix(brokers: str) -> Iterator[str]:
    name = f"test-{secrets.token_hex(4)}-"
    apply_topics(brokers, prefix=name)
    yield name
    admin = KafkaAdminClient(bootstrap_servers=brokers)
    admin.delete_topics([name + topic for topic in topics()])
    admin.close()


def publish(brokers: str, prefix: str, path: Path, state: Path, stop_after: int | None = None) -> Totals:
    """`stop_after` so many events the stop is set, as Ctrl-C does."""
    stop = threading.Event()

    def progress(totals: Totals, positions: Mapping[str, str]) -> None:
        if stop_after is not None and totals.events >= stop_after:
            stop.set()

    with KafkaPublisher(brokers, source="test", prefix=prefix) as publisher:
        work = Publishing(
            sources=open_files(path, rates()),
            publisher=publisher,
            folder=state,
            read=listing_reader(Settings(token_key_file=str(state / "token.key"))),
            progress=progress,
        )
        return work.run(stop)


def records(brokers: str, prefix: str, topic: str) -> list[object]:
    return [
        record
        for partition, (first, stop) in ends(brokers, prefix + topic).items()
        for message in (messages(brokers, prefix + topic, partition, first, stop) if stop else ())
        for record in unpacked(message.value, "msgpack").records
    ]


def test_an_interrupted_publication_goes_on_where_it_stood(
    brokers: str, prefix: str, town: Town, tmp_path: Path
) -> None:
    begun = publish(brokers, prefix, town.file, tmp_path, stop_after=len(town.rows) // 3)
    assert 0 < begun.events < len(town.rows)
    ended = publish(brokers, prefix, town.file, tmp_path)
    assert begun.events + ended.events == len(town.rows)
    assert publish(brokers, prefix, town.file, tmp_path).events == 0
    totals = run([KafkaSource(servers=brokers, rates=rates(), topic=prefix + "transfers.v1")], ReplayStore())
    assert (totals.digest.hex, totals.dead_letters) == (town.totals.digest.hex, 0)


def test_every_kind_of_a_world_goes_to_its_topic_and_bad_lines_to_the_dead_letters(
    brokers: str, prefix: str, town: Town, tmp_path: Path
) -> None:
    world = tmp_path / "world"
    world.mkdir()
    for kind in ("listings", "customers", "account_events", "labels"):
        (world / f"{kind}.ndjson").write_bytes((town.file.parent / f"{kind}.ndjson").read_bytes())
    with (world / "customers.ndjson").open("ab") as file:
        file.write(b"{not a customer\n")
    totals = publish(brokers, prefix, world, tmp_path)
    counts = {
        kind: len((world / f"{kind}.ndjson").read_bytes().splitlines())
        for kind in ("listings", "customers", "account_events", "labels")
    }
    read = listing_reader(Settings(token_key_file=str(tmp_path / "token.key")))
    adverts = [decode_as(Listing, line) for line in (world / "listings.ndjson").read_bytes().splitlines()]
    listings = [row for row in records(brokers, prefix, "listings.v1") if isinstance(row, Listing)]
    assert {row.event_id: row for row in listings} == {row.event_id: read(row) for row in adverts}
    assert any(row.contacts for row in listings), "contacts are tokens before they are sent"
    assert len(records(brokers, prefix, "customers.v1")) == counts["customers"] - 1
    assert len(records(brokers, prefix, "account-events.v1")) == counts["account_events"]
    assert len(records(brokers, prefix, "labels.v1")) == counts["labels"]
    (letter,) = records(brokers, prefix, "dead-letters.v1")
    assert isinstance(letter, DeadLetter)
    assert (letter.reason, totals.dead_letters) == ("malformed", 1)


def test_a_damaged_place_and_an_endless_source_are_refused(
    brokers: str, prefix: str, town: Town, tmp_path: Path
) -> None:
    (tmp_path / "published.json").write_bytes(b"{")
    with pytest.raises(ConfigError, match="damaged"):
        publish(brokers, prefix, town.file, tmp_path)

    class Endless(KafkaSource):
        live = True

    endless: Source = Endless(servers=brokers, rates=rates())
    with KafkaPublisher(brokers, source="test", prefix=prefix) as publisher, pytest.raises(ConfigError, match="never"):
        Publishing(sources=[endless], publisher=publisher, folder=tmp_path, read=lambda row: row).run(threading.Event())
