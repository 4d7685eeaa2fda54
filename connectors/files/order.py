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

    `position` as text is the token to resume behind the row (made only where a batch ends). `outcome` is
    the event, the dead letter, or None for a row that holds nothing to watch.
    """

    position: object
    at_us: int
    outcome: Event | DeadLetter | None
    op: int = 1


def clean_cut(at_us: Int64s, limit: int) -> int:
    """The largest clean k <= limit, else the smallest clean k < n, else 0.

    k is clean when max(at_us[:k]) <= min(at_us[k:]).
    """
    if bool(np.all(at_us[1:] >= at_us[:-1])):
        return min(limit, len(at_us))
    newest = np.maximum.accumulate(at_us)[:-1]
    earliest_after = np.minimum.accumulate(at_us[::-1])[::-1][1:]
    clean = np.flatnonzero(newest <= earliest_after) + 1
    within = int(np.searchsorted(clean, limit, "right"))
    if within:
        return int(clean[within - 1])
    return int(clean[0]) if len(clean) else 0


def run_length(at_us: Int64s, op: Int8s, size: int, *, ended: bool) -> int:
    """How many rows of the window make the next run. `ended`: the file has no rows behind the window.

    Where nothing is clean the whole rest goes out when its end is known, else `size` rows as they stand.
    """
    same = same_op(op)
    if op[0] < 0:
        return min(same, size)
    closed = ended or same < len(op)
    if closed and same <= size:
        return same
    return clean_cut(at_us[:same], size) or (same if closed else size)


def runs(items: Iterator[Item], size: int, window: int) -> Iterator[tuple[str, list[Item]]]:
    """(position behind it, rows) of prefixes, each in event-time order, of `size` rows where that is clean.

    Ties keep the file's order. Rows that are taken back (op -1) stand in runs of their own, as they
    come. What follows depends only on where a cut lies, so a resumed reading cuts at the same places.
    """
    held: list[Item] = []
    for item in items:
        held.append(item)
        if len(held) == window:
            cut = next_cut(held, size, ended=False)
            yield str(held[cut - 1].position), in_order(held[:cut])
            held = held[cut:]
    while held:
        cut = next_cut(held, size, ended=True)
        yield str(held[cut - 1].position), in_order(held[:cut])
        held = held[cut:]


def next_cut(items: Sequence[Item], size: int, *, ended: bool) -> int:
    """Where the next run of these items ends."""
    count = len(items)
    at_us = np.fromiter((item.at_us for item in items), np.int64, count)
    op = np.fromiter((item.op for item in items), np.int8, count)
    return run_length(at_us, op, size, ended=ended)


def same_op(op: Int8s) -> int:
    """How many rows from the start share the first one's op."""
    changes = np.flatnonzero(op != op[0])
    return int(changes[0]) if len(changes) else len(op)


def in_order(items: list[Item]) -> list[Item]:
    """Stable by time; rows taken back keep their order, which is newest first."""
    return items if items[0].op < 0 else sorted(items, key=lambda item: item.at_us)
