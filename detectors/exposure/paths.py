"""The paths that carried most of a category to, or from, an account: which transfers, through whom, how much.

What a pool pays is a mixture; a path's weight is what is left of the labelled money when each pool on the way is
split in proportion to what was in it. Best first: the heaviest unfinished path is followed next, so paths come out in
order of weight.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from heapq import heappop, heappush

import numpy as np

from manumit.detectors.exposure.state import HOP_UNIT
from manumit.detectors.exposure.walk import ARRIVED, ASKED, Walked
from manumit.detectors.windows.interner import njit
from manumit.schemas.block import Floats, Int64s
from manumit.schemas.label import LABEL_CATEGORIES

MOST_FOLLOWED = 16
"""Ours: contributors of one pool that are followed, the largest ones."""
MOST_STEPS = 256


@dataclass(frozen=True, slots=True, kw_only=True)
class Trail:
    """`steps` are transfers of the log in their order, from the first payer to the last payee; `micro` is the part of
    the last one that came all this way."""

    category: str
    micro: int
    steps: tuple[int, ...]


def heaviest(walked: Walked, category: str, count: int) -> list[Trail]:
    """At most `count` paths of one category, the heaviest first: to the account out of a walk `back`, from it to the
    addresses where its money arrived out of a walk `forward`."""
    found: list[Trail] = []
    for weight, steps in _ended(walked, LABEL_CATEGORIES.index(category)):
        found.append(Trail(category=category, micro=round(weight), steps=tuple(int(walked.sequence[i]) for i in steps)))
        if len(found) == count:
            break
    return found


def _ended(walked: Walked, place: int) -> Iterator[tuple[float, tuple[int, ...]]]:
    """Weight and steps, in falling order of weight."""
    queue: list[tuple[float, tuple[int, ...], int, int]] = []
    for row, key, amount in zip(*arrivals(walked, place), strict=True):
        heappush(queue, (-float(amount), (int(row),), int(key), int(row)))
    for _ in range(MOST_STEPS):
        if not queue:
            return
        negative, steps, key, row = heappop(queue)
        if key // HOP_UNIT == 1:
            yield -negative, steps
            continue
        rows, weights = contributors(
            walked.payer, walked.payee, walked.kept, walked.first, walked.keys, walked.amounts, row, key - HOP_UNIT
        )
        whole = float(weights.sum())
        for i in _largest(weights):
            part = float(weights[i]) / whole
            heappush(queue, (negative * part, (int(rows[i]), *steps), key - HOP_UNIT, int(rows[i])))


def arrivals(walked: Walked, place: int) -> tuple[Int64s, Int64s, Int64s]:
    """The largest pieces of a category at their end: transfer, key, amount."""
    rows = np.repeat(np.arange(len(walked.payee)), np.diff(walked.first))
    ended = walked.keys >= ARRIVED if walked.onward else walked.payee[rows] == ASKED
    mine = np.flatnonzero(ended & (walked.keys % HOP_UNIT == place))
    top = mine[_largest(walked.amounts[mine])]
    return rows[top], walked.keys[top] % ARRIVED, walked.amounts[top]


def _largest(weights: Int64s | Floats) -> Int64s:
    """Places of the largest, in falling order; equals stay in their order."""
    order = np.argsort(-weights, kind="stable")[:MOST_FOLLOWED]
    return order[weights[order] > 0].astype(np.int64)


@njit
def contributors(
    payer: Int64s, payee: Int64s, kept: Floats, first: Int64s, keys: Int64s, amounts: Int64s, row: int, key: int
) -> tuple[Int64s, Floats]:
    """The transfers whose pieces of `key` lay in the payer's pool when it paid transfer `row`, and how much of each."""
    subject = payer[row]
    rows, weights = np.empty(row, np.int64), np.empty(row, np.float64)
    count, left = 0, 1.0
    for i in range(row - 1, -1, -1):
        if payer[i] == subject:
            left *= kept[i]
            if left == 0.0:
                break
        elif payee[i] == subject:
            for at in range(first[i], first[i + 1]):
                if keys[at] == key:
                    rows[count] = i
                    weights[count] = amounts[at] * left
                    count += 1
    return rows[:count].copy(), weights[:count].copy()
