"""The records of one message of a topic, checked as those of files are, whatever system wrote it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import msgspec

from manumit.connectors.contract import Batch
from manumit.connectors.files.own import checked_label, checked_transfer
from manumit.connectors.kafka.reading import Message
from manumit.connectors.rates import Rates
from manumit.schemas.account_event import AccountEvent
from manumit.schemas.child_referral import ChildReferral
from manumit.schemas.dead_letter import DeadLetter, dead_letter
from manumit.schemas.envelope import Opened, form_of, unpacked
from manumit.schemas.errors import BadRecord
from manumit.schemas.label import Label
from manumit.schemas.listing import Listing
from manumit.schemas.records import RECORDS
from manumit.schemas.transfer import Transfer
from manumit.schemas.wire import encode


@dataclass(frozen=True, slots=True, kw_only=True)
class Checking:
    """What records are checked with.

    `protect` takes out what goes the way of child protection, before anything else is done with it, and gives its
    referrals; `read` fills a listing's fields from its text, contacts as tokens; `quiet` does so with an event's
    note; `seal` takes the words out of a refused record.
    """

    rates: Rates
    read: Callable[[Listing], Listing]
    quiet: Callable[[AccountEvent], AccountEvent]
    seal: Callable[[DeadLetter], DeadLetter]
    protect: Callable[[Batch], tuple[Batch, Sequence[ChildReferral]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """`rows` in the message's order, and a dead letter for each record that is none. `until_us`: the clock."""

    rows: tuple[msgspec.Struct, ...] = ()
    source: str = ""
    live: bool = False
    final: Mapping[str, int]
    until_us: int | None = None
    run: int = 0
    lanes: Mapping[str, int] = field(default_factory=dict)
    letters: tuple[DeadLetter, ...] = ()
    referrals: tuple[ChildReferral, ...] = ()


def protected(found: Found, checking: Checking) -> Found:
    """Without what holds wording of children, read and sealed: what may be written down."""
    batch = Batch(
        position="",
        listings=tuple(row for row in found.rows if isinstance(row, Listing)),
        account_events=tuple(row for row in found.rows if isinstance(row, AccountEvent)),
        dead_letters=(*found.letters, *(row for row in found.rows if isinstance(row, DeadLetter))),
    )
    kept, referrals = checking.protect(batch)
    rest = (row for row in found.rows if not isinstance(row, (Listing, AccountEvent, DeadLetter)))
    rows = (*map(checking.read, kept.listings), *map(checking.quiet, kept.account_events), *rest)
    letters = tuple(map(checking.seal, kept.dead_letters))
    return replace(found, rows=rows, letters=letters, referrals=tuple(referrals))


def records_of(message: Message, schema: str, checking: Checking) -> Found:
    """`schema` is the topic's; a record may also stand in the message by itself, without an envelope."""
    try:
        opened = unpacked(message.value, form_of(message.content_type), bare=schema)
        _must_be(opened, schema)
    except BadRecord as error:
        return Found(final={}, letters=(letter_about(message, "", error, message.value, schema),))
    letters = [
        letter_about(message, f"#{bad.index}", BadRecord(bad.reason, bad.message), bad.payload, schema)
        for bad in opened.refused
    ]
    rows: list[msgspec.Struct] = []
    for index, record in zip(opened.places, opened.records, strict=True):
        try:
            rows.append(_checked(record, checking))
        except BadRecord as error:
            letters.append(letter_about(message, f"#{index}", error, encode(record), schema))
    return Found(
        rows=tuple(rows),
        source=opened.source,
        live=opened.live,
        final=opened.final,
        until_us=opened.until_us,
        run=opened.run,
        lanes=opened.lanes,
        letters=tuple(letters),
    )


def _must_be(opened: Opened, schema: str) -> None:
    if RECORDS[opened.schema] is not RECORDS[schema]:
        raise BadRecord("unknown-schema", f"{opened.schema} on a topic of {schema}")


def _checked(record: msgspec.Struct, checking: Checking) -> msgspec.Struct:
    if isinstance(record, Transfer):
        return checked_transfer(record, checking.rates)
    if isinstance(record, Label):
        return checked_label(record)
    return record


def letter_about(message: Message, where: str, error: BadRecord, payload: bytes, schema: str) -> DeadLetter:
    """`where` stands behind the message's place, `schema` is what it should have been. Its time is the log's."""
    return dead_letter(
        source=f"kafka:{message.topic}",
        place=message.place + where,
        reason=error.reason,
        message=str(error),
        payload=payload,
        at_us=message.stamp_us,
        record=schema,
    )
