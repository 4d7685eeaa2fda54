"""Smuggling fees: families in many places pay one organiser in stages; the organiser sends the money on in
pieces just below a reporting threshold."""

from __future__ import annotations

import numpy as np

from manumit.connectors.world.clock import DAY, HOUR, between
from manumit.connectors.world.draft import Draft
from manumit.connectors.world.ledger import cents
from manumit.connectors.world.plants.people import open_case, payers, supply
from manumit.schemas.block import Int64s

THRESHOLDS_USD = (10_000, 3_000, 1_000)


def plant(draft: Draft, dice: np.random.Generator, index: int) -> None:
    case = open_case(draft, "smuggling-fees", index)
    organiser = draft.open_one("organiser")
    start = int(dice.integers(6, 42)) * DAY
    families = payers(draft, int(dice.integers(11, 14)))
    threshold = THRESHOLDS_USD[index % 3]
    at, who, paid = stages(dice, len(families), start, 4200 if threshold == 10_000 else 2600)
    supply(draft, dice, at, families[who], paid)
    draft.ledger.pay(at, families[who], organiser, paid, case=case.number)
    pieces = min(int(dice.integers(4, 7)), int(paid.sum()) // (threshold * 1_000_000))
    sent = cents(threshold * dice.uniform(0.92, 0.995, pieces))
    last = int(at.max()) + DAY
    moments = last + np.arange(pieces) * 20 * HOUR + between(dice, 0, DAY // 4, pieces)
    couriers = draft.open("courier", 2)
    draft.ledger.pay(np.sort(moments), organiser, couriers[np.arange(pieces) % 2], sent, case=case.number)
    case.expect("tx-funnel-fan-in", [draft.accounts.caip(organiser)])
    case.expect("tx-smuggling-staged-fee", [draft.accounts.caip(organiser)])
    case.expect("tx-structuring-below-threshold", [draft.accounts.caip(organiser)])


def stages(dice: np.random.Generator, families: int, start: int, typical_usd: int) -> tuple[Int64s, Int64s, Int64s]:
    """A first part within five days, a second on arrival one to three weeks later; some pay a third.

    Moments, number of the family and micro-USD, int64[n] each.
    """
    first = start + between(dice, 0, 5 * DAY, families)
    second = first + between(dice, 8 * DAY, 20 * DAY, families)
    third = second[: families // 3] + between(dice, 3 * DAY, 8 * DAY, families // 3)
    who = np.concatenate([np.arange(families), np.arange(families), np.arange(families // 3)])
    fee = np.round(typical_usd * dice.uniform(0.8, 1.25, families), -2)
    part = np.concatenate([np.full(families, 0.5), np.full(families, 0.5), np.full(families // 3, 0.2)])
    return np.concatenate([first, second, third]), who, cents(np.round(fee[who] * part, -1))
