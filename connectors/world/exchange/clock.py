"""Moments within a day of the generated exchange."""

from __future__ import annotations

import numpy as np

from manumit.connectors.world.exchange.people import DAY_US, START_US
from manumit.connectors.world.exchange.rows import Ints

HOUR_US = 3_600_000_000
MINUTE_US = 60_000_000


def midnight(day: int) -> int:
    return START_US + day * DAY_US


def between(dice: np.random.Generator, day: int, count: int, start_h: float = 7, stop_h: float = 23) -> Ints:
    """int64[count] microseconds since 1970 at random between two hours of the day."""
    span = round((stop_h - start_h) * HOUR_US)
    return midnight(day) + round(start_h * HOUR_US) + dice.integers(0, span, count)
