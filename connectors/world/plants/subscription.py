"""Subscription pattern: thirty and more payers of one small price, weekly or monthly, to one address whose
money leaves through a mixer."""

from __future__ import annotations

import numpy as np

from manumit.connectors.world.clock import DAY, HOUR, between
from manumit.connectors.world.draft import Draft
from manumit.connectors.world.ledger import cents
from manumit.connectors.world.plants.people import open_case, payers, supply
from manumit.schemas.block import Int64s

PRICES_USD = (12.5, 14.0, 19.95, 24.5, 29.0)  # within 5 to 50 Canadian dollars
PAYMENTS = 3


def plant(draft: Draft, dice: np.random.Generator, index: int, mixer: int) -> None:
    case = open_case(draft, "subscription-pattern", index)
    address = draft.open_one("subscription-address")
    people = payers(draft, int(dice.integers(33, 36)))
    every = 7 if index % 2 == 0 else 30
    latest = 50 if every == 7 else 8
    first = int(dice.integers(4, latest)) * DAY + between(dice, 0, 6 * DAY, len(people))
    jitter = between(dice, 0, 9 * HOUR, PAYMENTS * len(people))
    at = np.tile(first, PAYMENTS) + np.repeat(np.arange(PAYMENTS), len(people)) * every * DAY + jitter
    who = np.tile(people, PAYMENTS)
    paid = np.full(len(who), cents(float(dice.choice(PRICES_USD))))
    supply(draft, dice, at, who, paid)
    draft.ledger.pay(at, who, address, paid, case=case.number)
    moments, taken = exits(at, paid, PAYMENTS)
    draft.ledger.pay(moments, address, mixer, taken, case=case.number)
    named = [draft.accounts.caip(address)]
    for rule in ("tx-csam-subscription-pattern", "tx-mixer-exposure", "tx-funnel-fan-in"):
        case.expect(rule, named)


def exits(at: Int64s, paid: Int64s, count: int) -> tuple[Int64s, Int64s]:
    """After each round, 97 % of what it brought; the last one a day after the last payment."""
    rounds = at.reshape(count, -1)
    taken = paid.reshape(count, -1).sum(axis=1) * 97 // 100
    return rounds.max(axis=1) + DAY, taken
