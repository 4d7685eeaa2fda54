"""Planted cases while they are written: who takes part, what they do and when, and what should be found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import msgspec
import numpy as np

from manumit.connectors.world.exchange.clock import HOUR_US, MINUTE_US
from manumit.connectors.world.exchange.people import DAY_US, START_US, People
from manumit.connectors.world.exchange.rows import Day, text, token
from manumit.connectors.world.exchange.words import EXCHANGE, HOMES, TOWNS_EACH
from manumit.schemas.errors import Broken
from manumit.schemas.subject import customer_subject

Strength = Literal["weak", "plain", "strong"]


class ExchangeCase(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One planted story. `entry` is the catalogue's; any alert of a rule that cites it about one of `subjects` finds
    it. `customers` take part. `weak` stands at the edge of what the entry describes, `strong` far beyond it."""

    case_id: str
    entry: str
    strength: Strength
    subjects: tuple[str, ...]
    customers: tuple[str, ...]


def subject(customer: int) -> str:
    return customer_subject(EXCHANGE, name(customer))


def name(customer: int) -> str:
    return text(int(token("c", customer)))


def number_of(customer_id: str) -> int:
    """The number of a customer again."""
    return int(customer_id.rpartition("-")[2], 16)


def moment(day: float, hour: float = 0.0) -> int:
    """A moment of the span, in microseconds since 1970."""
    return START_US + round((day * 24 + hour) * HOUR_US)


@dataclass(slots=True)
class Plan:
    """`dice` are the case's own; `force` in [0, 1) says how strong it is."""

    people: People
    dice: np.random.Generator
    number: int
    force: float
    free: dict[str, list[int]]
    rows: dict[int, list[tuple[int, int, str, dict[str, Any]]]]
    taken: list[int] = field(default_factory=list)

    def take(self, population: str, count: int = 1, opened_before: int = 0) -> list[int]:
        """Customers that no other case has, open before that day. Raises Broken when there are none left."""
        pool = self.free[population]
        found: list[int] = []
        kept: list[int] = []
        while pool and len(found) < count:
            one = pool.pop()
            (found if self.people.opened[one] < opened_before else kept).append(one)
        pool.extend(kept)
        if len(found) < count:
            raise Broken(f"the generated exchange has no more {population} for another case: make it larger")
        self.taken += found
        return found

    def between(self, low: float, high: float) -> float:
        """Grows with the force of the case, a fifth of the range up or down at random."""
        place = self.force * 0.8 + self.dice.random() * 0.2
        return low + (high - low) * float(place)

    def whole(self, low: int, high: int) -> int:
        return min(high, int(self.between(low, high + 1)))

    def day(self, first: int, last: int) -> int:
        return int(self.dice.integers(first, last + 1))

    def hour(self, low: float = 8, high: float = 22) -> float:
        return float(low + (high - low) * self.dice.random())

    def usd(self, low: float, high: float) -> float:
        return round(float(low + (high - low) * self.dice.random()), 2)

    def one_of(self, words: Sequence[Any]) -> Any:
        return words[int(self.dice.integers(len(words)))]

    def token(self, letter: str, number: int = 0) -> int:
        """A token that no innocent and no other case has."""
        return int(token(letter, (1 << 43) + self.number * 4096 + number))

    def town(self, customer: int, number: int) -> int:
        return int(self.people.home[customer]) * TOWNS_EACH + number % TOWNS_EACH + 1

    def home(self, customer: int) -> str:
        return HOMES[int(self.people.home[customer])]

    def did(self, who: int, at_us: int, kind: str, **columns: Any) -> None:
        """One account event; what lies outside the span is left out."""
        day = (at_us - START_US) // DAY_US
        self.rows.setdefault(int(day), []).append((who, at_us, kind, columns))

    def soon(self, at_us: int, low_min: float, high_min: float) -> int:
        return at_us + round((low_min + (high_min - low_min) * self.dice.random()) * MINUTE_US)


def put(planted: dict[int, list[tuple[int, int, str, dict[str, Any]]]], day: int, rows: Day) -> None:
    """The rows of planted cases on one day."""
    for who, at_us, kind, columns in planted.get(day, ()):
        rows.put(np.array([who]), at_us, kind, **columns)


__all__ = ["ExchangeCase", "Plan", "Strength", "moment", "name", "number_of", "put", "subject", "text"]
