"""A topic of transfers as a source: what it holds when reading begins, merged by event time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import msgspec
import numpy as np

from manumit.connectors.contract import Batch
from manumit.connectors.kafka.reading import Message, ends, keys, messages, transfers_of
from manumit.connectors.rates import Rates
from manumit.schemas.block import TransferBlock
from manumit.schemas.dead_letter import DeadLetter
from manumit.schemas.errors import ConfigError

TRANSFERS_TOPIC = "transfers.v1"


class Place(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The resume token: per partition, the offset to read next."""

    offsets: dict[int, int] = {}

    @classmethod
    def of(cls, token: str | None) -> Place:
        """Raises ConfigError for a token that is not ours."""
        try:
            return cls() if token is None else msgspec.json.decode(token, type=cls)
        except msgspec.DecodeError as error:
            raise ConfigError(f"{token!r} is no position in a topic: {error}") from error


@dataclass(frozen=True, slots=True, kw_only=True)
class KafkaSource:
    """All partitions of one topic of transfers, to the ends they have when `batches` begins.

    Messages of one key should be in event-time order, as a publisher leaves them; what is older than the message
    before it goes on and is for the reader to call late. Each key of a partition is read by itself, after a first
    pass that finds the keys, so that keys may lie in the log in any order. Rows taken back are taken back from
    the windows; a reader that must withdraw alerts too is the worker. Commits nothing: the token is the position.
    """

    servers: str
    rates: Rates
    topic: str = TRANSFERS_TOPIC

    @property
    def name(self) -> str:
        return f"kafka:{self.topic}"

    @property
    def live(self) -> bool:
        return False

    def total(self) -> int | None:
        """Messages kept at this moment. Raises EdgeDown."""
        return sum(behind - first for first, behind in ends(self.servers, self.topic).values())

    def done(self, position: str) -> int:
        """Messages before a position."""
        return sum(Place.of(position).offsets.values())

    def batches(self, after: str | None) -> Iterator[Batch]:
        """Raises EdgeDown, ConfigError for a foreign position or a topic that does not exist."""
        place = Place.of(after)
        found = ends(self.servers, self.topic)
        if not found:
            raise ConfigError(f"{self.servers} has no topic {self.topic}; run `manumit topics apply`")
        heads = [
            head
            for partition, (first, behind) in sorted(found.items())
            for head in self._heads(partition, max(first, place.offsets.get(partition, 0)), behind)
        ]
        for head in heads:
            head.fill()
        while waiting := [head for head in heads if not head.ended]:
            given = _next(waiting)
            yield _batch(given, heads)

    def _heads(self, partition: int, first: int, behind: int) -> list[Head]:
        found = keys(self.servers, self.topic, partition, first, behind) if first < behind else ()
        return [
            Head(self._of_key(key, partition, first, behind), partition, self.rates, read_to=first, behind=behind)
            for key in found
        ]

    def _of_key(self, key: bytes, partition: int, first: int, behind: int) -> Iterator[Message]:
        return (m for m in messages(self.servers, self.topic, partition, first, behind) if m.key == key)


@dataclass(slots=True)
class Head:
    """The first message of a key that is not yet given out whole; `read_to` is the offset behind those that are.

    What else it held (dead letters, final heights) is given out with its last row.
    """

    feed: Iterator[Message]
    partition: int
    rates: Rates
    read_to: int
    behind: int
    block: TransferBlock = field(default_factory=lambda: TransferBlock.of(()))
    letters: tuple[DeadLetter, ...] = ()
    final: Mapping[str, int] = field(default_factory=dict)
    offset: int = -1
    at_us: int = 0
    ended: bool = False

    def fill(self) -> None:
        """Go on to the next message."""
        message = next(self.feed, None)
        if message is None:
            self.ended = True
            self.read_to = self.behind
            return
        found = transfers_of(message, self.rates, self.at_us)
        self.block, self.letters, self.final = TransferBlock.of(found.rows), found.letters, found.final
        self.offset = message.offset
        self.at_us = max([self.at_us, *(row.at_us for row in found.rows)])

    @property
    def stands_alone(self) -> bool:
        """Nothing in it that has an order, or rows taken back."""
        return not len(self.block) or bool(self.block.op[0] == -1)

    def take(self, count: int) -> Given:
        """The first `count` rows; the next message follows when nothing is left of this one."""
        block, self.block = self.block.slice(0, count), self.block.slice(count, len(self.block))
        if len(self.block):
            return Given(block)
        given = Given(block, self.letters, self.final)
        self.read_to = self.offset + 1
        self.fill()
        return given


@dataclass(frozen=True, slots=True)
class Given:
    """A piece of one message."""

    block: TransferBlock
    letters: tuple[DeadLetter, ...] = ()
    final: Mapping[str, int] = field(default_factory=dict)


def _next(waiting: list[Head]) -> list[Given]:
    """A message that stands alone, else every key's rows up to where the first of them ends."""
    for head in waiting:
        if head.stands_alone:
            return [head.take(len(head.block))]
    cut = min(int(head.block.at_us.max()) for head in waiting)
    counts = [int((np.maximum.accumulate(head.block.at_us) <= cut).sum()) for head in waiting]
    return [head.take(count) for head, count in zip(waiting, counts, strict=True) if count]


def _batch(given: list[Given], heads: list[Head]) -> Batch:
    blocks = [piece.block for piece in given if len(piece.block)]
    return Batch(
        position=_token(heads),
        transfers=TransferBlock.merged(blocks) if blocks else None,
        dead_letters=tuple(letter for piece in given for letter in piece.letters),
        final={chain: height for piece in given for chain, height in piece.final.items()},
    )


def _token(heads: list[Head]) -> str:
    """A partition is read up to where the slowest of its keys is."""
    offsets: dict[int, int] = {}
    for head in heads:
        offsets[head.partition] = min(head.read_to, offsets.get(head.partition, head.read_to))
    return msgspec.json.encode(Place(offsets=offsets)).decode()
