"""Times of the generated world: microseconds since its start, snapped to blocks when it is done."""

from __future__ import annotations

import numpy as np

from manumit.schemas.block import Int64s

START_US = 1_735_689_600_000_000  # 2025-01-01T00:00:00Z
MINUTE = 60_000_000
HOUR = 60 * MINUTE
DAY = 24 * HOUR
WEEK = 7 * DAY
DAYS = 84
WEEKS = 12
HORIZON = DAYS * DAY
BLOCK = 12_000_000  # one block each 12 s


def between(dice: np.random.Generator, low: float, high: float, size: int) -> Int64s:
    """int64[size] microseconds, uniform in [low, high)."""
    return dice.integers(int(low), int(high), size, dtype=np.int64)


def at_hours(dice: np.random.Generator, days: Int64s, hour: float, spread: float) -> Int64s:
    """A moment on each of `days` (whole days since the start) around `hour`, normal with `spread` hours."""
    hours = (hour + spread * dice.standard_normal(len(days))) % 24
    return days.astype(np.int64) * DAY + (hours * HOUR).astype(np.int64)
