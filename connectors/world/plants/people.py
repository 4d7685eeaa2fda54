"""Who takes part in planted cases, and how their money reaches them."""

from __future__ import annotations

import numpy as np

from manumit.connectors.world.clock import DAY, HOUR, between
from manumit.connectors.world.draft import Draft
from manumit.connectors.world.ledger import cents
from manumit.connectors.world.truth import CasePlan, Typology
from manumit.schemas.block import Int32s, Int64s


def open_case(draft: Draft, typology: Typology, index: int) -> CasePlan:
    case = CasePlan(len(draft.cases), typology, index)
    draft.cases.append(case)
    return case


def payers(draft: Draft, count: int) -> Int32s:
    """int32[count], up to half of them innocents with a life of their own."""
    known = [draft.pool.pop() for _ in range(min(count // 2, len(draft.pool)))]
    return np.concatenate([np.array(known, np.int32), draft.open("payer", count - len(known))])


def supply(draft: Draft, dice: np.random.Generator, at: Int64s, people: Int32s, amount: Int64s) -> None:
    """Each person's exchange sends them what they will spend, a day or so before their first payment.

    at, people, amount: [n] payments to come. The supply itself belongs to no case.
    """
    who, place = np.unique(people, return_inverse=True)
    first = np.full(len(who), np.iinfo(np.int64).max)
    np.minimum.at(first, place, at)
    needed = np.bincount(place, amount, len(who))
    earlier = np.maximum(first - between(dice, 2 * HOUR, DAY, len(who)), first // 2)
    draft.withdraw(earlier, who.astype(np.int32), cents(needed * dice.uniform(1.02, 1.3, len(who)) / 1e6 + 2))


def exit_account(draft: Draft, owner: int) -> int:
    """The owner's labelled deposit address at an exchange."""
    return int(draft.deposit_addresses(np.array([owner], np.int32))[0])


def one(moment: int) -> Int64s:
    return np.array([moment], np.int64)
