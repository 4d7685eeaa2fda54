"""Payments to and from an address that a list named before they happened."""

from __future__ import annotations

import numpy as np

from manumit.connectors.world.clock import DAY, between
from manumit.connectors.world.draft import Draft
from manumit.connectors.world.ledger import cents
from manumit.connectors.world.plants.people import open_case, payers, supply
from manumit.schemas.label import LabelCategory

CATEGORIES: tuple[LabelCategory, ...] = ("sanctions", "trafficking", "law-enforcement")


def plant(draft: Draft, dice: np.random.Generator, index: int) -> None:
    case = open_case(draft, "watch-listed", index)
    listed = draft.open("listed", 1)
    draft.label(listed, CATEGORIES[index % 3], "listed address")
    people = payers(draft, 3)
    at = between(dice, 10 * DAY, 75 * DAY, 3)
    paid = cents(dice.uniform(40, 1500, 3))
    supply(draft, dice, at, people, paid)
    draft.ledger.pay(at, people, int(listed[0]), paid, case=case.number)
    receiver = draft.open_one("payer")
    draft.ledger.pay(at[:1] + DAY, int(listed[0]), receiver, paid[:1] // 2, case=case.number)
    case.expect("tx-watchlist-address", [draft.accounts.caip(int(listed[0]))])
    case.subjects.extend(draft.accounts.caip(a) for a in np.append(people, receiver).tolist())
