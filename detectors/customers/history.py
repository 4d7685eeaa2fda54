"""The latest rows of whoever may be a subject, to tell what led to an alert. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from manumit.schemas.block import Int32s, Int64s

Stretch = tuple[list[int], dict[str, list[int]], list[int], list[str]]
EVERY = -1


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """n rows of one batch: `keys` int32[n] by kind; `held` int64[n]: a bit for each group of rules that counts the row;
    `record` int32[n] says where in `event_ids` a row's id stands."""

    at_us: Int64s
    keys: Mapping[str, Int32s]
    held: Int64s
    record: Int32s
    event_ids: Sequence[str]


class History:
    """Pieces in order of time."""

    def __init__(self) -> None:
        self._pieces: list[Piece] = []

    def add(self, piece: Piece) -> None:
        if len(piece.at_us):
            self._pieces.append(piece)

    def forget(self, before_us: int) -> None:
        """Let go of pieces that end before this."""
        gone = next((i for i, piece in enumerate(self._pieces) if piece.at_us[-1] >= before_us), len(self._pieces))
        del self._pieces[:gone]

    def recent(self, kind: str, key: int, *, until_us: int, after_us: int, limit: int, held: int = EVERY) -> list[str]:
        """Ids of the latest events with this key, oldest first, later than `after_us` and not later than `until_us`."""
        found: list[str] = []
        for piece in reversed(self._pieces):
            if piece.at_us[-1] <= after_us:
                break
            start = int(np.searchsorted(piece.at_us, after_us, side="right"))
            stop = int(np.searchsorted(piece.at_us, until_us, side="right"))
            rows = np.flatnonzero(piece.keys[kind][start:stop] == key) + start
            if held != EVERY:
                rows = rows[(piece.held[rows] & held) != 0]
            for row in rows[::-1].tolist():
                event = piece.event_ids[int(piece.record[row])]
                if event not in found:
                    found.append(event)
                if len(found) == limit:
                    return found[::-1]
        return found[::-1]

    def dump(self) -> list[Stretch]:
        return [
            (
                piece.at_us.tolist(),
                {kind: codes.tolist() for kind, codes in piece.keys.items()},
                piece.held.tolist(),
                [piece.event_ids[record] for record in piece.record.tolist()],
            )
            for piece in self._pieces
        ]

    @classmethod
    def load(cls, stretches: Sequence[Stretch]) -> History:
        made = cls()
        for at_us, keys, held, event_ids in stretches:
            made.add(
                Piece(
                    at_us=np.array(at_us, np.int64),
                    keys={kind: np.array(codes, np.int32) for kind, codes in keys.items()},
                    held=np.array(held, np.int64),
                    record=np.arange(len(event_ids), dtype=np.int32),
                    event_ids=event_ids,
                )
            )
        return made
