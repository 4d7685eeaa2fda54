"""Rows as a customer rule sees them. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

import numpy as np

from manumit.detectors.customers.coded import Bools
from manumit.detectors.customers.columns import EventColumns
from manumit.detectors.customers.facts import COUNTRY_CODES, FACTS, address_code
from manumit.schemas.block import MICRO_USD, Floats, Int32s, Int64s

Found = TypeVar("Found")


@dataclass(frozen=True, slots=True, kw_only=True)
class States:
    """n rows: which column of `facts` int64[FACTS, s] holds at the row, and just before it. int32[n] each."""

    facts: Int64s
    now: Int32s
    earlier: Int32s

    @property
    def state(self) -> Int64s:
        """int64[n, FACTS]."""
        return np.ascontiguousarray(self.facts[:, self.now].T)

    @property
    def before(self) -> Int64s:
        return np.ascontiguousarray(self.facts[:, self.earlier].T)


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerBlock:
    """n rows: `asked` int64[n] by the rule's names, `classes` bool[n] by its names; `states`: the customer as known at
    the row, and just before it. What several rules ask of a block is worked out once.
    """

    columns: EventColumns
    asked: Mapping[str, Int64s]
    classes: Mapping[str, Bools]
    states: States
    _once: dict[object, Any] = field(default_factory=dict)

    def __getitem__(self, name: str) -> Int64s:
        return self.asked[name]

    def __len__(self) -> int:
        return len(self.columns)

    def once(self, what: object, make: Callable[[], Found]) -> Found:
        if what not in self._once:
            self._once[what] = make()
        found: Found = self._once[what]
        return found

    @property
    def usd(self) -> Floats:
        """NaN where unknown."""
        return self.once("usd", self._usd)

    def _usd(self) -> Floats:
        usd: Floats = self.columns.usd_micro / MICRO_USD
        usd[self.columns.usd_micro < 0] = float("nan")
        return usd

    def fact(self, name: str) -> Int64s:
        """One of FACTS as of the row."""
        return self.once(("fact", name), lambda: self.states.facts[FACTS.index(name)][self.states.now])

    def previous(self, name: str) -> Int64s:
        """One of FACTS just before the row."""
        return self.once(("previous", name), lambda: self.states.facts[FACTS.index(name)][self.states.earlier])

    def word(self, name: str, *words: str) -> Bools:
        return self.once(("word", name, words), lambda: self.columns.words[name].is_one_of(*words))

    def moved(self, *kinds: str) -> Bools:
        """Money was moved by one of these kinds of events: not refused, abandoned or taken back."""
        stopped = ("abandoned", "refused", "refunded")
        return self.once(("moved", kinds), lambda: self.word("kind", *kinds) & ~self.word("outcome", *stopped))

    def has(self, key: str) -> Bools:
        """The row names such a key."""
        return self.once(("has", key), lambda: self.columns.keys[key].codes >= 0)

    def lives_at(self, *kinds: str) -> Bools:
        """The address on file is of one of these types."""
        found: Bools = np.isin(self.fact("address_type"), [address_code(kind) for kind in kinds])
        return found

    def in_countries(self, countries: tuple[str, ...]) -> Bools:
        return self.once(("countries", countries), lambda: self._in(countries))

    def _in(self, countries: tuple[str, ...]) -> Bools:
        wanted = np.zeros(len(COUNTRY_CODES) + 1, np.bool_)
        wanted[[COUNTRY_CODES[code] for code in countries]] = True
        found: Bools = wanted[self.fact("country")]
        return found
