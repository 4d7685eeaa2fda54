"""A message of the archive as messages for the units it concerns. Pure: the same message gives the same legs.

Legs carry their origin, and a reader passes over an origin it has had, so that a message may be fanned out as often
as a crash makes it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

import msgspec

from manumit.connectors.kafka.reading import Message
from manumit.connectors.kafka.records import Checking, Found, protected, records_of
from manumit.schemas.child_referral import ChildReferral
from manumit.schemas.envelope import packed
from manumit.schemas.label import Label
from manumit.schemas.listing import Listing
from manumit.schemas.transfer import Transfer
from manumit.streams.shards import (
    ACCOUNTS,
    ADVERTS,
    CUSTOMERS,
    EVERYBODY,
    LETTERS,
    STORIES,
    home_of,
    shard_of,
)

SCREENED = "screen"  # the source of what workers publish themselves


@dataclass(frozen=True, slots=True, kw_only=True)
class Leg:
    """One message for `legs.v1`."""

    partition: int
    unit: str
    value: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Fan:
    """`shards` is the number of partitions of legs.v1."""

    shards: int
    checking: Checking

    def legs(self, message: Message, schema: str) -> list[Leg]:
        """In the order they must be written. `schema` is that of the message's topic."""
        found = records_of(message, schema, self.checking)
        if schema == "dead-letter.v1" and found.source == SCREENED:
            return []
        return list(self._legs(message, schema, protected(found, self.checking)))

    def _legs(self, message: Message, schema: str, found: Found) -> Iterator[Leg]:
        step = 0
        for step, (chain, rows) in enumerate(_runs(found.rows)):
            origin = f"{message.place}.{step}"
            if isinstance(rows[0], Transfer):
                yield from self._transfers(origin, chain, rows, live=found.live)
            else:
                yield from self._others(origin, rows)
        for chain, height in found.final.items():
            step += 1
            yield from self._final(f"{message.place}.{step}", chain, height)
        if found.until_us is not None:
            yield from self._clock(f"{message.place}.{step + 1}", schema, found)
        if found.letters:
            yield from self._one(LETTERS, f"{message.place}.{step + 2}", found.letters)
        if found.referrals:
            yield from self._one(LETTERS, f"{message.place}.{step + 3}", found.referrals)

    def _transfers(self, origin: str, chain: str, rows: Sequence[msgspec.Struct], *, live: bool) -> Iterator[Leg]:
        stories = f"{STORIES}/{chain}"
        yield from self._to(home_of(stories, self.shards), stories, origin, rows, live=live)
        shares: dict[int, list[msgspec.Struct]] = {}
        for row in (one for one in rows if isinstance(one, Transfer)):
            for partition in {self._shard(chain, row.sender), self._shard(chain, row.receiver)}:
                shares.setdefault(partition, []).append(row)
        for partition, share in sorted(shares.items()):
            yield from self._to(partition, f"{ACCOUNTS}/{chain}", origin, share, live=live)

    def _shard(self, chain: str, address: str) -> int:
        return shard_of(f"{chain}:{address}", self.shards)

    def _others(self, origin: str, rows: Sequence[msgspec.Struct]) -> Iterator[Leg]:
        first = rows[0]
        if isinstance(first, Label):
            yield from self._all(origin, rows)
        elif isinstance(first, ChildReferral):
            yield from self._one(LETTERS, origin, rows)
        elif isinstance(first, Listing):
            yield from self._one(ADVERTS, origin, rows)
            watched = [_wallets_only(row) for row in rows if isinstance(row, Listing) and row.wallets]
            if watched:
                yield from self._all(origin, watched)
        else:
            yield from self._one(CUSTOMERS, origin, rows)

    def _final(self, origin: str, chain: str, height: int) -> Iterator[Leg]:
        stories = f"{STORIES}/{chain}"
        yield from self._to(home_of(stories, self.shards), stories, origin, [], final={chain: height})
        for partition in range(self.shards):
            yield from self._to(partition, f"{ACCOUNTS}/{chain}", origin, [], final={chain: height})

    def _one(self, unit: str, origin: str, rows: Sequence[msgspec.Struct]) -> Iterator[Leg]:
        yield from self._to(home_of(unit, self.shards), unit, origin, rows)

    def _all(self, origin: str, rows: Sequence[msgspec.Struct]) -> Iterator[Leg]:
        for partition in range(self.shards):
            yield from self._to(partition, EVERYBODY, origin, rows)

    def _clock(self, origin: str, schema: str, found: Found) -> Iterator[Leg]:
        messages = packed(
            [],
            source=SCREENED,
            schema=schema,
            until_us=found.until_us,
            run=found.run,
            lanes=found.lanes,
            unit=EVERYBODY,
            origin=origin,
        )
        return (Leg(partition=p, unit=EVERYBODY, value=value) for value in messages for p in range(self.shards))

    def _to(
        self,
        partition: int,
        unit: str,
        origin: str,
        rows: Sequence[msgspec.Struct],
        *,
        live: bool = False,
        final: Mapping[str, int] | None = None,
    ) -> Iterator[Leg]:
        messages = packed(
            rows,
            source=SCREENED,
            live=live,
            final=final,
            unit=unit,
            origin=origin,
        )
        return (Leg(partition=partition, unit=unit, value=value) for value in messages)


def _runs(rows: Sequence[msgspec.Struct]) -> Iterator[tuple[str, list[msgspec.Struct]]]:
    """Rows of one chain, seen or taken back, together; records that are no transfers in one run."""
    for (chain, _), run in groupby(rows, key=_chain):
        yield chain, list(run)


def _chain(row: msgspec.Struct) -> tuple[str, int]:
    return (row.chain, row.op) if isinstance(row, Transfer) else ("", 0)


def _wallets_only(listing: Listing) -> Listing:
    return msgspec.structs.replace(listing, title="", text="", contacts=(), payments=(), prices=(), photos=())
