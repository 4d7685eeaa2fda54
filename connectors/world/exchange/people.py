"""Every customer's own facts as arrays: who they are, where they live, whose device they use. One row a customer."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from manumit.connectors.world.exchange.populations import NUMBER, POPULATIONS
from manumit.connectors.world.exchange.rows import Ints, token
from manumit.connectors.world.exchange.words import HOMES, TOWNS_EACH

DAY_US = 86_400_000_000
START_US = 1_736_121_600_000_000  # Monday, 6 January 2025
DAYS = 182
OPENED_IN_SPAN = 0.12
HOME_SHARES = (0.22, 0.18, 0.14, 0.2, 0.08, 0.06, 0.06, 0.06)
UNVERIFIED = 0.015  # of all customers something is still to be shown
Bools = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]


@dataclass(slots=True, kw_only=True)
class People:
    """n customers. `opened` days since the start, negative before; `town` a code of `place`; `group` and `employer`
    numbers; `device` tokens; `related`, `guarded`: declared. `income` yearly USD; `untaxed` pay no tax from here.
    `told`: what planted cases and rare circumstances change of a record; `later`: more snapshots, each a day, the
    customer and changes.
    """

    seed: int
    population: npt.NDArray[np.int8]
    group: Ints
    home: npt.NDArray[np.int8]
    town: npt.NDArray[np.int16]
    income: Floats
    opened: Ints
    device: Ints
    employer: Ints
    payday: Ints
    related: Bools
    guarded: Bools
    business: Bools
    staff: Ints
    untaxed: Bools
    told: dict[int, dict[str, Any]] = field(default_factory=dict)
    later: list[tuple[float, int, dict[str, Any]]] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.population)

    def of(self, *names: str) -> Ints:
        """Customers of these populations."""
        return np.flatnonzero(np.isin(self.population, [NUMBER[name] for name in names])).astype(np.int64)

    def dice(self, *names: object) -> np.random.Generator:
        """The same names, the same dice."""
        words = [self.seed, *(int.from_bytes(str(name).encode()[-7:], "big") for name in names)]
        return np.random.default_rng(np.random.SeedSequence(words))

    def rate(self, name: str) -> Floats:
        """A number of the population for each customer."""
        found: Floats = np.array([getattr(one, name) for one in POPULATIONS], np.float64)[self.population]
        return found

    def change(self, customer: int, **facts: Any) -> None:
        """Fields of the customer's record that differ from those of the population."""
        self.told.setdefault(customer, {}).update(facts)


def people(seed: int, count: int) -> People:
    """`count` customers, the same for the same seed."""
    dice = np.random.default_rng([seed, 1])
    sizes = [max(one.group, round(count * one.share)) for one in POPULATIONS]
    sizes[0] += count - sum(sizes)
    population = np.repeat(np.arange(len(POPULATIONS), dtype=np.int8), sizes)
    groups = np.array([one.group for one in POPULATIONS])[population]
    place = np.concatenate([np.arange(size) for size in sizes])
    group = place // groups + population.astype(np.int64) * 10_000_000
    _, number = np.unique(group, return_inverse=True)
    households = int(number.max()) + 1
    home = dice.choice(len(HOMES), households, p=HOME_SHARES).astype(np.int8)[number]
    town = (home.astype(np.int16) * TOWNS_EACH + dice.integers(0, TOWNS_EACH, households)[number] + 1).astype(np.int16)
    low, high = (np.array([one.incomes[i] for one in POPULATIONS])[population] for i in (0, 1))
    n = len(population)
    together = dice.random(households)[number] < 0.25
    opening = np.where(together, dice.random(households)[number], dice.random(n))
    declared = np.array([one.declared for one in POPULATIONS])[population]
    said = np.where(groups > 10, dice.random(n), dice.random(households)[number]) < declared
    made = People(
        seed=seed,
        population=population,
        group=number.astype(np.int64),
        home=home,
        town=town,
        income=np.round(np.exp(np.log(low + 1) + dice.random(n) * (np.log(high + 1) - np.log(low + 1))), -2),
        opened=_opened(dice, opening, together, population),
        device=_devices(dice, number, population),
        employer=_employers(dice, population, home, number),
        payday=np.zeros(n, np.int64),
        related=said & (groups > 1),
        guarded=(population == NUMBER["care-homes"]) & said & (dice.random(n) < 0.5),
        business=np.array([one.business for one in POPULATIONS])[population],
        staff=np.zeros(n, np.int64),
        untaxed=np.zeros(n, np.bool_),
    )
    made.payday = made.employer % 28
    _businesses(dice, made)
    return made


def _opened(dice: np.random.Generator, opening: Floats, together: Bools, population: npt.NDArray[np.int8]) -> Ints:
    """In the span for some, over the six years before for the rest; newcomers all in the span."""
    n = len(population)
    new = opening < OPENED_IN_SPAN
    inside = opening / OPENED_IN_SPAN * DAYS
    slack = np.where(together, dice.integers(0, 6, n), 0)
    days = np.where(new, inside + slack, -30 - dice.integers(0, 2_000, n))
    fresh = population == NUMBER["newcomers"]
    days = np.where(fresh, dice.integers(0, DAYS - 14, n), days)
    return np.minimum(days, DAYS - 1).astype(np.int64)


def _devices(dice: np.random.Generator, number: Ints, population: npt.NDArray[np.int8]) -> Ints:
    """One each; in half of the families some share one telephone."""
    n = len(population)
    families = population == NUMBER["families"]
    shares = families & (dice.random(int(number.max()) + 1)[number] < 0.5) & (dice.random(n) < 0.7)
    own = token("d", np.arange(n))
    found: Ints = np.where(shares, token("d", (1 << 40) + number), own)
    return found


def _employers(dice: np.random.Generator, population: npt.NDArray[np.int8], home: Any, number: Ints) -> Ints:
    """Who pays wages: a dormitory has one employer, others are spread over firms of about ten customers; -1 nobody."""
    n = len(population)
    waged = ("employees", "families", "migrant-workers", "savers", "newcomers", "day-traders", "travelling-staff")
    employed = np.isin(population, [NUMBER[name] for name in (*waged, "drivers", "dormitories")])
    firms = max(1, n // 10)
    free = dice.integers(0, firms, n) * 8 + home
    bound = 10_000_000 + number
    works = employed & (dice.random(n) < 0.85)
    in_dormitory = population == NUMBER["dormitories"]
    found: Ints = np.where(in_dormitory, bound, np.where(works, free, -1)).astype(np.int64)
    return found


def _businesses(dice: np.random.Generator, made: People) -> None:
    firms, shops = made.of("firms"), made.of("small-merchants")
    made.staff[firms] = dice.integers(4, 90, len(firms))
    made.staff[shops] = dice.integers(0, 3, len(shops))
    made.staff[made.of("payment-processors")] = 60
