"""A made-up stream of edges with bursts in it, for MIDAS: who pays whom in which tick, and what was a burst."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from manumit.detectors.models.midas import UInt64s
from manumit.schemas.block import Int64s

ACCOUNTS, TICKS, BURSTS = 60, 200, 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Edges:
    """n edges in order. source, destination uint64[n]; tick int64[n] from 1; burst bool[n]."""

    source: UInt64s
    destination: UInt64s
    tick: Int64s
    burst: npt.NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.tick)


def burst_set(seed: int, edges: int) -> Edges:
    """Steady payments among few accounts, some much busier than others, and twenty sudden bursts of one edge each."""
    dice = np.random.default_rng(seed)
    source, destination = (dice.zipf(1.5, edges) % ACCOUNTS for _ in range(2))
    tick = dice.integers(1, TICKS + 1, edges)
    rows = [np.column_stack([source, destination + ACCOUNTS, tick])]
    for _ in range(BURSTS):
        one = [dice.integers(ACCOUNTS), ACCOUNTS + dice.integers(ACCOUNTS), dice.integers(20, TICKS + 1)]
        rows.append(np.tile(one, (int(dice.integers(20, 120)), 1)))
    every = np.vstack(rows)
    order = np.argsort(every[:, 2], kind="stable")
    return Edges(
        source=every[order, 0].astype(np.uint64),
        destination=every[order, 1].astype(np.uint64),
        tick=every[order, 2].astype(np.int64),
        burst=order >= edges,
    )
