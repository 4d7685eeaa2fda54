"""Escort payments: adverts that want crypto only or give a discount for it; many payers in the evening, small
sums that build up under one controller, then leave for an exchange in one piece."""

from __future__ import annotations

import numpy as np

from manumit.connectors.world import adverts
from manumit.connectors.world.clock import DAY, HOUR, at_hours
from manumit.connectors.world.draft import Draft
from manumit.connectors.world.ledger import cents
from manumit.connectors.world.plants.people import exit_account, one, open_case, payers, supply
from manumit.connectors.world.truth import CasePlan


def plant(draft: Draft, dice: np.random.Generator, index: int) -> None:
    case = open_case(draft, "escort-payments", index)
    wallet = draft.open_one("controller")
    start = int(dice.integers(8, 64))
    advertise(draft, dice, case, wallet, start)
    clients = payers(draft, int(dice.integers(18, 23)))
    who = np.concatenate([clients, clients[: int(dice.integers(2, 6))]])
    days = start + np.concatenate([dice.integers(0, 8, len(clients)), dice.integers(8, 12, len(who) - len(clients))])
    at = at_hours(dice, days, 21.5, 1.2)
    step = int(dice.choice([10, 20, 50]))
    paid = cents(dice.integers(100 // step, 420 // step, len(who)) * float(step))
    supply(draft, dice, at, who, paid)
    draft.ledger.pay(at, who, wallet, paid, case=case.number)
    cash = int(paid.sum()) * int(dice.integers(900, 996)) // 1000
    when = one(int(at.max()) + int(dice.integers(2 * HOUR, 12 * HOUR)))
    draft.ledger.pay(when, wallet, exit_account(draft, wallet), cash, case=case.number)
    case.expect("tx-funnel-fan-in", [draft.accounts.caip(wallet)])
    case.expect("tx-accumulate-then-cashout", [draft.accounts.caip(wallet)])


def advertise(draft: Draft, dice: np.random.Generator, case: CasePlan, wallet: int, start: int) -> None:
    """Three to five adverts, in different towns, with one telephone, one messenger name and one wallet."""
    by = adverts.advertiser(draft, dice, draft.accounts.addresses[wallet])
    chosen = dice.permutation(len(adverts.texts("escort")))[: int(dice.integers(3, 6))]
    for number, text in enumerate(chosen.tolist()):
        at = (start - 2) * DAY + number * DAY + int(dice.integers(12 * HOUR))
        listing = adverts.post(draft, dice, adverts.texts("escort")[text], by, at)
        case.events.append(listing.event_id)
        case.expect("li-crypto-discount-or-only", [listing.event_id])
    case.expect("lk-advert-wallet-on-chain", [draft.accounts.caip(wallet)])
