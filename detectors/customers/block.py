"""Rows as a customer rule sees them. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from manumit.detectors.customers.columns import Bools, EventColumns
from manumit.detectors.customers.facts import COUNTRY_CODES, FACTS, address_code
from manumit.schemas.block import MICRO_USD, Floats, Int64s


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerBlock:
    """n rows: `asked` int64[n] by the rule's names, `classes` bool[n] by its names; `state`, `before`
    int64[n, FACTS]: the customer as known at the row, and just before it.
    """

    columns: EventColumns
    asked: Mapping[str, Int64s]
    classes: Mapping[str, Bools]
    state: Int64s
    before: Int64s

    def __getitem__(self, name: str) -> Int64s:
        return self.asked[name]

    def __len__(self) -> int:
        return len(self.columns)

    @property
    def usd(self) -> Floats:
        """NaN where unknown."""
        usd: Floats = self.columns.usd_micro / MICRO_USD
        usd[self.columns.usd_micro < 0] = float("nan")
        return usd

    def fact(self, name: str) -> Int64s:
        """One of FACTS as of the row."""
        return self.state[:, FACTS.index(name)]

    def previous(self, name: str) -> Int64s:
        """One of FACTS just before the row."""
        return self.before[:, FACTS.index(name)]

    def word(self, name: str, *words: str) -> Bools:
        return self.columns.words[name].is_one_of(*words)

    def moved(self, *kinds: str) -> Bools:
        """Money was moved by one of these kinds of events: not refused, abandoned or taken back."""
        return self.word("kind", *kinds) & ~self.word("outcome", "abandoned", "refused", "refunded")

    def has(self, key: str) -> Bools:
        """The row names such a key."""
        found: Bools = self.columns.keys[key].codes >= 0
        return found

    def lives_at(self, *kinds: str) -> Bools:
        """The address on file is of one of these types."""
        found: Bools = np.isin(self.fact("address_type"), [address_code(kind) for kind in kinds])
        return found

    def in_countries(self, countries: tuple[str, ...]) -> Bools:
        found: Bools = np.isin(self.fact("country"), [COUNTRY_CODES[code] for code in countries])
        return found
