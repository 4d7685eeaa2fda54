"""Event-time order over a file that is almost in order. Pure.

Rows are held back a little and given out in runs that can be cut cleanly: no row behind the cut is
earlier than one before it. So what is given out is a prefix of the file, sorted, and a position in
the file is enough to resume. Rows displaced further than the buffer are passed on as they stand.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from manumit.connectors.files.own import Event
from manumit.schemas.block import Int8s, Int64s
from manumit.schemas.dead_letter import DeadLetter


@dataclass(frozen=True, slots=True)
class Item:
    """One row of a file, read. `at_us` is its time, or that of the good row before it.

    `outcome` is the event, the dead letter, or None for a row that holds nothing to watch.
    """

    position: str
    at_us: int
    outcome: Event | DeadLetter | None
    op: int = 1


def clean_cut(at_us: Int64s, limit: int) -> int:
    """The largest k <= limit with max(at_us[:k]) <= min(at_us[k:]), else min(limit, n)."""
    count = len(at_us)
    if count <= limit:
        return count
    newest = np.maximum.accumulate(at_us[:limit])
    earliest_after = np.minimum.accumulate(at_us[::-1])[::-1][1 : limit + 1]
    clean = np.flatnonzero(newest <= earliest_after)
    return int(clean[-1]) + 1 if len(clean) else limit


def runs(items: Iterator[Item], size: int) -> Iterator[tuple[str, list[Item]]]:
    """(position behind it, rows) of prefixes of at most `size` rows, each in event-time order.

    Ties keep the file's order. Rows that are taken back (op -1) stand in runs of their own, as they
    come. What follows depends only on where a cut lies, so a resumed reading cuts at the same places.
    """
    held: list[Item] = []
    for item in items:
        held.append(item)
        if len(held) == 2 * size:
            cut = next_cut(held, size)
            yield held[cut - 1].position, in_order(held[:cut])
            held = held[cut:]
    while held:
        cut = next_cut(held, size)
        yield held[cut - 1].position, in_order(held[:cut])
        held = held[cut:]


def next_cut(items: Sequence[Item], size: int) -> int:
    """Where the next run ends: at a change of op, or at a clean cut."""
    same = same_op(np.array([item.op for item in items], np.int8))
    if items[0].op < 0:
        return min(same, size)
    return clean_cut(np.array([item.at_us for item in items[:same]], np.int64), size)


def same_op(op: Int8s) -> int:
    """How many rows from the start share the first one's op."""
    changes = np.flatnonzero(op != op[0])
    return int(changes[0]) if len(changes) else len(op)


def in_order(items: list[Item]) -> list[Item]:
    """Stable by time; rows taken back keep their order, which is newest first."""
    return items if items[0].op < 0 else sorted(items, key=lambda item: item.at_us)
