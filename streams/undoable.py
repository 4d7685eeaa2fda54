"""What of the engine's log can still be taken back."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable
from itertools import takewhile

from manumit.detectors.windows.contract import WindowEngine
from manumit.schemas.block import TransferBlock
from manumit.schemas.transfer import Transfer
from manumit.streams.lanes import BEGINNING_US
from manumit.streams.segments import Segments


def entry_us(engine: WindowEngine, sequence: int) -> int:
    return int(engine.entries(sequence, sequence + 1, [0]).at_us[0])


def oldest_us(engine: WindowEngine) -> int:
    """The time of the oldest transfer that can still be taken back; older ones cannot be put before it any more."""
    first = engine.undoable_from
    return entry_us(engine, min(first, engine.length - 1)) if first else BEGINNING_US


def missing(rows: Iterable[Transfer], engine: WindowEngine, segments: Segments) -> frozenset[str]:
    """Event ids of those transfers that cannot be taken back: never seen at that time, or too long ago."""
    return frozenset(row.event_id for row in rows if not _is_undoable(row, engine, segments))


def _is_undoable(row: Transfer, engine: WindowEngine, segments: Segments) -> bool:
    """A payment to oneself is nothing to the engine, so that it can always be taken back."""
    if row.sender == row.receiver:
        return True
    sequences = range(engine.undoable_from, engine.length)
    at = bisect_left(sequences, row.at_us, key=lambda s: entry_us(engine, s))
    same = takewhile(lambda s: entry_us(engine, s) == row.at_us, sequences[at:])
    return any(segments.event_id(s) == row.event_id for s in same)


def provisional_heights(block: TransferBlock) -> dict[str, int]:
    """Event id to block height of the transfers that their chain may take back."""
    rows = map(block.row, range(len(block)))
    return {row.event_id: row.block_height for row in rows if row.finality == "provisional"}
