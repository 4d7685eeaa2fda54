"""Messages into alerts, without a broker: the same as reading the file, whatever the messages and restarts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby

import msgspec
import pytest

from manumit.connectors.kafka.reading import Message
from manumit.schemas.dead_letter import DeadLetter
from manumit.schemas.envelope import content_type, packed
from manumit.schemas.errors import EdgeDown
from manumit.schemas.settings import Settings
from manumit.schemas.transfer import Transfer
from manumit.streams.assembly import pipeline
from manumit.streams.digest import AlertDigest
from manumit.streams.replay import ReplayStore
from manumit.streams.screening import Bench, Screening
from tests.streams.town import Town, rates

TOPIC = "transfers.v1"


def message(offset: int, value: bytes, *, kind: bytes | None = content_type("msgpack")) -> Message:
    return Message(topic=TOPIC, partition=0, offset=offset, key=b"", value=value, content_type=kind)


def log_of(rows: Sequence[Transfer], size: int) -> list[Message]:
    """A partition that holds the rows, at most `size` of one chain in a message."""
    values = [
        value
        for start in range(0, len(rows), size)
        for _, run in groupby(sorted(rows[start : start + size], key=lambda row: row.chain), key=lambda row: row.chain)
        for value in packed(list(run), source="test")
    ]
    return [message(offset, value) for offset, value in enumerate(values)]


class Ledger(ReplayStore):
    """Remembers every table, counts writes, and is away when told to."""

    def __init__(self) -> None:
        super().__init__()
        self.letters: dict[str, DeadLetter] = {}
        self.events: set[str] = set()
        self.alert_writes = 0
        self.away = False

    def write(self, table: str, rows: Sequence[msgspec.Struct]) -> None:
        if self.away and table == "alerts" and rows:
            raise EdgeDown("the store is away")
        super().write(table, rows)
        self.alert_writes += len(rows) if table == "alerts" else 0
        self.letters |= {row.letter_id: row for row in rows if isinstance(row, DeadLetter)}
        self.events |= {row.event_id for row in rows if isinstance(row, Transfer)}

    @property
    def digest(self) -> str:
        found = AlertDigest()
        found.take(self.alerts.values())
        return found.hex


@dataclass(slots=True)
class Group:
    """A log, its store and the offset acknowledged."""

    log: list[Message]
    store: Ledger = field(default_factory=Ledger)
    acknowledged: int = 0
    at_once: int = 1

    def screening(self) -> Screening:
        """A worker that knows nothing yet."""
        return Screening(
            Bench(
                store=self.store,
                pipeline=lambda: pipeline(Settings()),
                log=self.between,
                acknowledged=lambda partition: self.acknowledged,
                rates=rates(),
                clock=lambda: 1,
            )
        )

    def between(self, partition: int, first: int, stop: int) -> Iterator[Message]:
        return iter([one for one in self.log if first <= one.offset < stop])

    def work(self, screening: Screening, stop: int | None = None) -> None:
        """Take and acknowledge up to `stop`."""
        rest = self.log[self.acknowledged : stop]
        for start in range(0, len(rest), self.at_once):
            screening.take(rest[start : start + self.at_once])
            self.acknowledged = rest[start : start + self.at_once][-1].offset + 1


@pytest.mark.parametrize(("size", "at_once"), [(64, 1), (64, 7), (500, 3), (10_000, 100)])
def test_any_packing_gives_the_alerts_of_the_file(town: Town, size: int, at_once: int) -> None:
    group = Group(log_of(town.rows, size), at_once=at_once)
    group.work(group.screening())
    assert group.store.digest == town.totals.digest.hex
    assert len(group.store.alerts) == town.totals.alerts > 10
    assert len(group.store.events) == len(town.rows)
    assert group.store.letters == {}


def test_a_new_worker_writes_only_what_was_not_acknowledged(town: Town) -> None:
    group = Group(log_of(town.rows, 200))
    first = group.screening()
    group.work(first, stop=14)
    first.take([group.log[14]])  # durable, and then killed before the acknowledgement
    written = group.store.alert_writes
    second = group.screening()
    second.take([group.log[14]])
    again = group.store.alert_writes - written
    assert again < written
    group.work(second)
    assert group.store.digest == town.totals.digest.hex
    assert group.store.letters == {}


def test_messages_the_engine_never_handed_over_are_written_too(town: Town) -> None:
    """Whatever a consumer skips between the acknowledged offset and the message in hand is not lost."""
    group = Group(log_of(town.rows, 200))
    screening = group.screening()
    for one in group.log[::5]:
        screening.take([one])
    screening.take([group.log[-1]])
    assert group.store.digest == town.totals.digest.hex


def test_a_message_that_comes_twice_counts_once(town: Town) -> None:
    group = Group(log_of(town.rows, 200))
    screening = group.screening()
    for one in group.log:
        screening.take([one])
        screening.take([one])
    assert group.store.digest == town.totals.digest.hex
    assert group.store.letters == {}


def test_a_store_that_was_away_costs_nothing(town: Town) -> None:
    group = Group(log_of(town.rows, 200))
    screening = group.screening()
    refused = 0
    for one in group.log:
        group.store.away = one.offset % 4 == 3
        try:
            screening.take([one])
        except EdgeDown:
            refused += 1
            group.store.away = False
            screening.take([one])
        group.acknowledged = one.offset + 1
    assert refused > 2
    assert group.store.digest == town.totals.digest.hex


def test_a_publisher_that_begins_again_doubles_nothing(town: Town) -> None:
    log = log_of(town.rows, 200)
    again = log[10:20]
    values = [one.value for one in (*log[:20], *again, *log[20:])]
    group = Group([message(offset, value) for offset, value in enumerate(values)])
    group.work(group.screening())
    assert group.store.digest == town.totals.digest.hex
    assert {letter.reason for letter in group.store.letters.values()} <= {"late", "duplicate"}
    assert len(group.store.letters) == sum(len(msgspec.msgpack.decode(one.value)["records"]) for one in again)


def test_bad_records_and_messages_become_dead_letters_and_the_rest_goes_on(town: Town) -> None:
    log = log_of(town.rows, 200)
    whole = msgspec.msgpack.decode(log[3].value)
    broken = msgspec.msgpack.encode(
        whole | {"records": [*whole["records"][:5], {"chain": "eip155:1"}, 7, *whole["records"][5:]]}
    )
    values = [(one.value, one.content_type) for one in log]
    values[3] = (broken, log[3].content_type)
    values[5:5] = [
        (b"\xff\xfe no envelope", log[0].content_type),
        (msgspec.msgpack.encode(whole | {"schema": "transfer.v9"}), log[0].content_type),
        (log[4].value, b"application/x-unheard-of"),
        (b"", None),
    ]
    group = Group([message(offset, value, kind=kind) for offset, (value, kind) in enumerate(values)])
    group.work(group.screening())
    reasons = sorted((letter.place, letter.reason) for letter in group.store.letters.values())
    assert reasons == [
        ("transfers.v1/0@3#5", "malformed"),
        ("transfers.v1/0@3#6", "malformed"),
        ("transfers.v1/0@5", "malformed"),
        ("transfers.v1/0@6", "unknown-schema"),
        ("transfers.v1/0@7", "malformed"),
        ("transfers.v1/0@8", "malformed"),
    ]
    assert group.store.digest == town.totals.digest.hex


def test_what_a_reorg_takes_back_is_as_if_it_had_never_been(town: Town) -> None:
    """The last 300 transfers of a chain, provisional, taken back and said again: the alerts of the file, but final."""
    chain = town.rows[0].chain
    rows = [row for row in town.rows if row.chain == chain]
    settled, moved = rows[:-300], rows[-300:]
    gone = [msgspec.structs.replace(row, op=-1) for row in reversed(moved)]
    values = [
        *packed(settled, source="test"),
        *packed(moved, source="test", live=True),
        *packed(gone, source="test", live=True),
        *packed(gone, source="test", live=True),  # the publisher began again
        *packed(moved, source="test", live=True, final={chain: moved[-1].block_height}),
    ]
    group = Group([message(offset, value) for offset, value in enumerate(values)])
    group.work(group.screening())
    plain = Group(log_of(rows, 500))
    plain.work(plain.screening())
    standing = {key: alert for key, alert in group.store.alerts.items() if alert.state != "withdrawn"}
    assert standing.keys() == plain.store.alerts.keys()
    assert all(alert.evidence == plain.store.alerts[key].evidence for key, alert in standing.items())
    assert {letter.reason for letter in group.store.letters.values()} == {"unknown-retraction"}
    assert len(group.store.letters) == len(gone)
