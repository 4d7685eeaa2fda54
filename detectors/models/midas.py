"""MIDAS-F: sudden bursts of edges in a stream of a graph, in constant memory.

Bhatia, Hooi, Yoon, Shin & Faloutsos 2020 (arXiv 1911.04464) and its follow-up Bhatia, Liu, Hooi, Yoon, Shin &
Faloutsos 2022 (arXiv 2009.08452), section 4.3. Count-min sketches keep how often an edge, its source and its
destination were seen in this tick and in all ticks before; the score is a chi-squared statistic of this tick's count
against the mean of the past. At the end of a tick a cell whose score was high adds its own mean to the past instead
of its count, so that a burst does not poison what is held for usual; counts of a tick fade into the next.

`midas_oracle` is the same in plain Python, written from the papers.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
import numpy.typing as npt

from manumit.detectors.models.forest import Array
from manumit.detectors.windows.interner import njit
from manumit.schemas.block import Floats, Int64s
from manumit.schemas.errors import ConfigError

ROWS, COLUMNS = 2, 1_024  # section 5.1: 2 hash functions, 1,024 buckets
THRESHOLD, FADE = 1_000.0, 0.5  # section 5.1: scores from it on are not merged; decay of a tick's counts
EDGE, SOURCE, DESTINATION = range(3)
UInt64s = npt.NDArray[np.uint64]
STEP = np.uint64(0x9E3779B97F4A7C15)  # splitmix64, Steele, Lea & Flood 2014
FIRST_MIX, SECOND_MIX = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)


@dataclass(frozen=True, slots=True, kw_only=True)
class Midas:
    """now, past, score float64[3, rows, columns] for edges, sources and destinations; salt uint64[3, rows];
    tick int64[1], the newest seen; limits float64[2]: threshold and fade. The first three and tick change."""

    now: Floats
    past: Floats
    score: Floats
    salt: UInt64s
    tick: Int64s
    limits: Floats

    def parts(self) -> dict[str, Array]:
        """Plain arrays by name: a snapshot."""
        return {field.name: getattr(self, field.name).copy() for field in fields(self)}

    @classmethod
    def of(cls, parts: Mapping[str, Array]) -> Midas:
        """From `parts`; goes on exactly where they stood. Raises ConfigError when one is missing or damaged."""
        held: dict[str, Any] = {}
        for field in fields(cls):
            kind = {"salt": np.uint64, "tick": np.int64}.get(field.name, np.float64)
            part = parts.get(field.name)
            if not isinstance(part, np.ndarray) or part.dtype != kind:
                raise ConfigError(f"the state's part {field.name!r} is missing or of the wrong type: start anew")
            held[field.name] = np.array(part, order="C")
        found = cls(**held)
        shape = found.now.shape
        whole = len(shape) == 3 and shape[0] == 3 and min(shape) >= 1
        whole = whole and found.past.shape == found.score.shape == shape and found.salt.shape == shape[:2]
        if not whole or found.tick.shape != (1,) or found.limits.shape != (2,):
            raise ConfigError("the state's sketches are damaged: start anew")
        return found

    def take(self, source: UInt64s, destination: UInt64s, tick: Int64s) -> Floats:
        """float64[n] >= 0, high = a burst. source, destination: keys of accounts; tick from 1, never falling.

        One edge after the other: batches do not matter. Raises ValueError for a tick below 1 or before the last one.
        """
        if len(tick) and (int(tick[0]) < max(1, int(self.tick[0])) or bool((np.diff(tick) < 0).any())):
            raise ValueError("ticks of edges begin at 1 and never fall")
        out = np.zeros(len(tick), np.float64)
        follow(source, destination, tick, self.now, self.past, self.score, self.salt, self.tick, self.limits, out)
        return out


def fresh(
    seed: int, *, rows: int = ROWS, columns: int = COLUMNS, threshold: float = THRESHOLD, fade: float = FADE
) -> Midas:
    """Nothing seen yet. The same seed gives the same hash functions."""
    salt = np.random.default_rng(seed).integers(0, 2**63, (3, rows), np.int64).astype(np.uint64)
    empty = np.zeros((3, rows, columns), np.float64)
    return Midas(
        now=empty,
        past=empty.copy(),
        score=empty.copy(),
        salt=salt,
        tick=np.zeros(1, np.int64),
        limits=np.array([threshold, fade], np.float64),
    )


def keys(names: list[str]) -> UInt64s:
    """uint64[n] of accounts' names: FNV-1a, so that a name has one key in every process."""
    found = np.zeros(len(names), np.uint64)
    for place, name in enumerate(names):
        key = 0xCBF29CE484222325
        for byte in name.encode():
            key = (key ^ byte) * 0x100000001B3 & 0xFFFFFFFFFFFFFFFF
        found[place] = key
    return found


def _mixed(key: np.uint64) -> np.uint64:
    z = key + STEP
    z = (z ^ (z >> np.uint64(30))) * FIRST_MIX
    z = (z ^ (z >> np.uint64(27))) * SECOND_MIX
    return z ^ (z >> np.uint64(31))


def _surprise(count: float, past: float, tick: float) -> float:
    """(a + s - a t)^2 / (s (t - 1)), equation 7 of the follow-up; 0 where nothing was seen before."""
    if past == 0.0 or tick <= 1.0:
        return 0.0
    return (count + past - count * tick) ** 2 / (past * (tick - 1.0))


mixed: Any = njit(_mixed)
surprise: Any = njit(_surprise)


def _merge(now: Floats, past: Floats, score: Floats, tick: float, threshold: float, fade: float) -> None:
    """End of tick `tick`: the past of every cell grows by its count, or by its own mean where that was odd."""
    for kind in range(now.shape[0]):
        for row in range(now.shape[1]):
            for column in range(now.shape[2]):
                if score[kind, row, column] < threshold:
                    past[kind, row, column] += now[kind, row, column]
                elif tick > 1.0:
                    past[kind, row, column] += past[kind, row, column] / (tick - 1.0)
                now[kind, row, column] *= fade


merge: Any = njit(_merge)


def _follow(
    source: UInt64s,
    destination: UInt64s,
    tick: Int64s,
    now: Floats,
    past: Floats,
    score: Floats,
    salt: UInt64s,
    newest: Int64s,
    limits: Floats,
    out: Floats,
) -> None:
    rows, columns = now.shape[1], np.uint64(now.shape[2])
    place = np.zeros(rows, np.uint64)
    for i in range(len(tick)):
        if tick[i] > newest[0]:
            if newest[0] > 0:
                merge(now, past, score, float(newest[0]), limits[0], limits[1])
            newest[0] = tick[i]
        most = 0.0
        for kind in range(3):
            key = source[i] if kind == 1 else destination[i]
            if kind == 0:
                key = mixed(source[i]) ^ destination[i]
            count, before = np.inf, np.inf
            for row in range(rows):
                place[row] = mixed(key ^ salt[kind, row]) % columns
                now[kind, row, place[row]] += 1.0
                count = min(count, now[kind, row, place[row]])
                before = min(before, past[kind, row, place[row]])
            odd = surprise(count, before, float(tick[i]))
            for row in range(rows):
                score[kind, row, place[row]] = odd
            most = max(most, odd)
        out[i] = most


follow: Callable[..., None] = njit(_follow)
