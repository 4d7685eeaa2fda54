"""A record that could not be used, kept with the reason, so nothing is lost.

What may name a person (an advert, a customer, anything unknown) is kept sealed: `streams.sealing`.
"""

from __future__ import annotations

from hashlib import sha256
from typing import Annotated

import msgspec

from manumit.schemas.fields import AtUs, Identifier, Text, Word

REASONS: dict[str, str] = {
    "malformed": "not valid JSON, CSV, Parquet or XML of the declared schema, or a field of the wrong kind",
    "unknown-schema": "the schema name or version is not one this build reads",
    "absurd-amount": "a number that is negative, not whole, 2^256 and above, or worth more than 10^15 USD",
    "bad-time": "before 1990 (on a chain before 2009), after 2200, or in the future",
    "late": "older than the watermark: its windows have passed",
    "bad-address": "the address or its checksum is wrong for the chain",
    "truncated": "the file or message ends in the middle of a record",
    "lying-node": "the node's answer contradicts its own block",
    "missing-prevout": "the node does not tell what an input spends, and senders and amounts are not guessed",
    "unusable-label": "the label names no address or no known category",
    "unknown-retraction": "takes back a transfer that was never seen, or too long ago",
    "duplicate": "the same event id was already taken",
    "refused-address": "leads to an address that must not be connected to, or out of the source register",
    "robots": "robots.txt or the page itself does not want it read",
    "too-large": "larger than what is read of such an answer, or swells beyond it when unpacked",
    "too-slow": "reading it took longer than one advert may take",
    "no-advert": "the page holds no text that could be an advert",
}

MAX_PAYLOAD = 16_384
NO_TIME_US = 0  # nothing is that old: the record told no time, and nothing before it in its source did
PUBLIC_RECORDS = frozenset(("transfer.v1", "utxo-transaction.v1", "label.v1"))  # of chains and published lists


class DeadLetter(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`payload` is the record as text, cut at 16 KiB; `place` says where it stood. `record` names its schema.

    Of a record that is not among `PUBLIC_RECORDS` the store holds a keyed hash in place of the text.
    """

    letter_id: Identifier
    source: Word
    place: Text
    reason: Word
    message: Text
    payload: Text
    at_us: AtUs
    record: Annotated[Word, msgspec.Meta(description="schema of the record; empty is unknown")] = ""

    @property
    def may_name_people(self) -> bool:
        return self.record not in PUBLIC_RECORDS


def dead_letter(
    *, source: str, place: str, reason: str, message: str, payload: bytes | str, at_us: int, record: str = ""
) -> DeadLetter:
    """The id comes from source, place and payload, so a second run writes the same row.

    `record` left out: it is treated as one that may name people. `at_us` is an event time of the stream (the last
    good one), never the clock, and NO_TIME_US where there was none. Raises KeyError for a reason that `REASONS` does
    not explain.
    """
    if reason not in REASONS:
        raise KeyError(reason)
    raw = payload.encode("utf-8", "backslashreplace") if isinstance(payload, str) else payload
    text = raw.decode("utf-8", "backslashreplace")
    digest = sha256("\x1f".join((source, place, text)).encode("utf-8", "backslashreplace")).hexdigest()[:32]
    return DeadLetter(
        letter_id=digest,
        source=source,
        place=place,
        reason=reason,
        message=message,
        payload=text[:MAX_PAYLOAD],
        at_us=at_us,
        record=record,
    )
