"""What a habit needs to know: who is here, and each customer's own constants."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from manumit.connectors.world.exchange.people import Bools, Floats, People
from manumit.connectors.world.exchange.rows import Ints

MONTH = 28  # wages come every four weeks


@dataclass(slots=True, kw_only=True)
class Life:
    """`own(name)` is a number in [0, 1) for each customer that never changes: whether somebody does a thing at all,
    which shop they like, how much they earn at it."""

    people: People
    _own: dict[str, Floats] = field(default_factory=dict)
    _members: dict[tuple[str, ...], Ints] = field(default_factory=dict)

    def own(self, name: str) -> Floats:
        if name not in self._own:
            self._own[name] = self.people.dice("own", name).random(len(self.people))
        return self._own[name]

    def pick(self, name: str, most: int) -> Ints:
        """A whole number below `most` for each customer."""
        found: Ints = (self.own(name) * most).astype(np.int64)
        return found

    def here(self, day: int, *names: str) -> Ints:
        """Customers of these populations, all when none is named, whose account is open."""
        if names not in self._members:
            everybody = np.arange(len(self.people), dtype=np.int64)
            self._members[names] = self.people.of(*names) if names else everybody
        members = self._members[names]
        return members[self.people.opened[members] < day]

    def some(self, dice: np.random.Generator, who: Ints, rate: Floats | float) -> Ints:
        """Those of `who` who do it today; a rate above 1 names somebody several times."""
        often = dice.poisson(rate, len(who))
        return np.repeat(who, often)

    def due(self, who: Ints, day: int, after: Ints | int = 0, every: int = MONTH) -> Ints:
        """Those of `who` whose payday was `after` days ago; nobody without a wage."""
        people = self.people
        waged = people.employer[who] >= 0
        phase = (day - people.payday[who] - after) % every == 0
        found: Ints = who[waged & phase]
        return found

    def wage(self, who: Ints) -> Floats:
        found: Floats = self.people.income[who] / 13
        return found


def chosen(dice: np.random.Generator, who: Ints, share: float) -> Bools:
    found: Bools = dice.random(len(who)) < share
    return found
