"""Customers' records, and the circumstances in which innocents resemble others: clerks' slips, shared telephones,
staff enrolled on one tablet, guests of hotels, papers that ran out.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec
import numpy as np

from manumit.connectors.world.exchange.people import DAY_US, START_US, UNVERIFIED, People
from manumit.connectors.world.exchange.plan import name
from manumit.connectors.world.exchange.populations import NUMBER, POPULATIONS
from manumit.connectors.world.exchange.rows import text, token
from manumit.connectors.world.exchange.words import EXCHANGE, HOMES
from manumit.schemas.customer import Customer
from manumit.schemas.fields import YEAR_1990_US

HOUR_US = 3_600_000_000
YEAR_US = 365 * DAY_US


def circumstances(people: People) -> None:
    """Rare and innocent: each is invented, and some satisfy a rule to the letter."""
    dice = people.dice("rare")
    n = len(people)
    for first, second in dice.permutation(n)[: 2 * max(1, n // 20_000)].reshape(-1, 2).tolist():
        people.change(second, documents=(f"doc-{name(first)}",))  # a clerk typed a number wrong
    families = people.of("families")
    for customer in families[dice.random(len(families)) < 0.03].tolist():
        people.change(customer, age=int(dice.integers(10, 18)), minimum_age=18, occupation="pupil")
        if dice.random() < 0.97:
            people.change(customer, guardian=name(int(families[0])))
    together = np.flatnonzero((people.population == NUMBER["dormitories"]) & (people.opened >= 0))
    for group in np.unique(people.group[together]).tolist():
        if dice.random() < 0.1:  # the employer enrols its staff on one tablet
            for customer in together[people.group[together] == group].tolist():
                people.change(customer, devices=(text(int(token("d", (6 << 40) + group))),))
    movers = people.of("employees", "savers", "retired")
    guests = movers[dice.random(len(movers)) < 0.0012]
    for customer in guests.tolist():
        hotel = int(dice.integers(0, max(4, n // 500)))
        people.change(customer, address=f"hotel-{hotel}", address_type="hotel")


def records(people: People) -> list[Customer]:
    """Every snapshot in order of time: those known from the start first."""
    dice = people.dice("records")
    n = len(people)
    unverified = dice.random(n) < UNVERIFIED
    expired = dice.random(n) < 0.01
    shown = dice.random(n) < 0.85
    ages = 19 + dice.integers(0, 50, n)
    found = list(_first(people, unverified, expired, shown, ages))
    by_number = dict(enumerate(found))
    for day, customer, changes in sorted(people.later, key=lambda one: one[:2]):
        at_us = max(START_US + round(day * DAY_US), by_number[customer].at_us + HOUR_US)
        by_number[customer] = msgspec.structs.replace(by_number[customer], at_us=at_us, **changes)
        found.append(by_number[customer])
    return sorted(found, key=lambda one: one.at_us)


def _first(people: People, unverified: Any, expired: Any, shown: Any, ages: Any) -> Iterator[Customer]:
    populations = people.population.tolist()
    for customer, population in enumerate(populations):
        yield _record(
            people,
            customer,
            POPULATIONS[population].name,
            verified=not unverified[customer],
            expired=bool(expired[customer]),
            shown=bool(shown[customer]),
            age=int(ages[customer]),
        )


def _record(
    people: People, customer: int, population: str, *, verified: bool, expired: bool, shown: bool, age: int
) -> Customer:
    kind = POPULATIONS[NUMBER[population]]
    who, group = name(customer), int(people.group[customer])
    business = bool(people.business[customer])
    opened_us = START_US + int(people.opened[customer]) * DAY_US + 6 * HOUR_US
    at_us = max(START_US, opened_us)
    alone = kind.group == 1
    contact = f"con-{group}" if population == "families" and group % 3 == 0 else f"con-{who}"
    facts: dict[str, Any] = {
        "tier": "business" if business else ("full" if verified else "basic"),
        "verification": "full" if verified else "basic",
        "tier_cap_usd": None if verified else 2_000.0,
        "jurisdiction": HOMES[int(people.home[customer])],
        "occupation": "technician" if population == "travelling-staff" and customer % 10 == 0 else kind.occupation,
        "declared_income_usd": float(people.income[customer]) if people.income[customer] > 0 else None,
        "contacts": (contact,),
        "devices": (text(int(people.device[customer])),),
        "documents": (f"doc-{who}",),
        "kind": "legal" if business else "natural",
        "account_type": "business" if business else "personal",
        "name": f"nam-{who}",
        "birth": "" if business else f"bir-{who}",
        "age": 0 if business else age,
        "minimum_age": 0 if business else 18,
        "address": f"adr-{who}" if alone else f"adr-g{group}",
        "address_type": kind.address,
        "document_expires_us": _expires(opened_us, expired),
        "related": (f"group-{group}",) if people.related[customer] else (),
        "guardian": f"carer-{group}" if people.guarded[customer] else "",
        "sector": "trade" if business else "",
        "staff": int(people.staff[customer]),
        "registers": ("money-service",) if population in ("p2p-merchants", "payment-processors") else (),
        "attested": (text(int(token("w", customer))),) if shown else (),
        **people.told.get(customer, {}),
    }
    return Customer(
        exchange=EXCHANGE,
        customer_id=who,
        at_us=at_us,
        opened_us=max(opened_us, YEAR_1990_US),
        verified_us=at_us,
        **facts,
    )


def _expires(opened_us: int, expired: bool) -> int:
    """Ten years after it was shown, or some day before the start."""
    return START_US - 30 * DAY_US if expired else max(opened_us, START_US) + 4 * YEAR_US
