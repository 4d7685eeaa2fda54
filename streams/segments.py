"""Which event each entry of the engine's log was: sequence number to event id, for evidence."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable

import msgspec
import numpy as np

from manumit.schemas.block import TransferBlock


class Segment(msgspec.Struct, kw_only=True):
    """`size` log entries from sequence `first` on. `ids` once known; until then `name(i)` tells one.

    `known` holds, by offset, the label bits that came with an entry and are not 0.
    """

    first: int
    size: int
    ids: list[str] | None = None
    known: dict[int, int] = {}


class Segments:
    """Appended with every push, cut at the end by an undo and at the start when the engine forgets."""

    def __init__(self) -> None:
        self._segments: list[Segment] = []
        self._names: dict[int, Callable[[int], str]] = {}

    def append(self, first: int, block: TransferBlock, name: Callable[[int], str]) -> None:
        if len(block):
            told = {} if block.known is None else {int(i): int(block.known[i]) for i in np.flatnonzero(block.known)}
            self._segments.append(Segment(first=first, size=len(block), known=told))
            self._names[first] = name

    def event_id(self, sequence: int) -> str:
        segment = self._segment(sequence)
        offset = sequence - segment.first
        return self._names[segment.first](offset) if segment.ids is None else segment.ids[offset]

    def known(self, sequence: int) -> int:
        """The label bits that came with an entry."""
        segment = self._segment(sequence)
        return segment.known.get(sequence - segment.first, 0)

    def _segment(self, sequence: int) -> Segment:
        return self._segments[bisect_right(self._segments, sequence, key=lambda s: s.first) - 1]

    def undo(self, length: int) -> None:
        """Forget the entries from `length` on."""
        while self._segments and self._segments[-1].first >= length:
            self._names.pop(self._segments.pop().first, None)
        if self._segments:
            last = self._segments[-1]
            last.size = min(last.size, length - last.first)

    def forget(self, remembered: int) -> None:
        """Forget segments wholly before `remembered`."""
        gone = 0
        while gone < len(self._segments) and self._segments[gone].first + self._segments[gone].size <= remembered:
            self._names.pop(self._segments[gone].first, None)
            gone += 1
        del self._segments[:gone]

    def dump(self) -> bytes:
        """All ids, spelled out once; later dumps reuse them."""
        for segment in self._segments:
            if segment.ids is None:
                name = self._names.pop(segment.first)
                segment.ids = [name(i) for i in range(segment.size)]
        return msgspec.msgpack.encode(self._segments)

    def load(self, data: bytes) -> None:
        self._segments = msgspec.msgpack.decode(data, type=list[Segment])
        self._names = {}
