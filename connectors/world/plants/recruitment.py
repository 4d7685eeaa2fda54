"""Recruitment funnel: adverts abroad with everything paid, and a fee from every recruit to the printed wallet.

Odd cases pass each fee on within hours; even ones let the fees pile up and cash out in one piece.
"""

from __future__ import annotations

import numpy as np

from manumit.connectors.world import adverts
from manumit.connectors.world.clock import DAY, HOUR, MINUTE, between
from manumit.connectors.world.draft import Draft
from manumit.connectors.world.ledger import cents
from manumit.connectors.world.plants.people import exit_account, one, open_case, payers, supply
from manumit.connectors.world.truth import CasePlan


def plant(draft: Draft, dice: np.random.Generator, index: int) -> None:
    case = open_case(draft, "recruitment-funnel", index)
    wallet = draft.open_one("recruiter")
    start = int(dice.integers(6, 60)) * DAY
    advertise(draft, dice, case, wallet, start)
    recruits = payers(draft, int(dice.integers(12, 16)))
    at = start + np.sort(between(dice, 2 * DAY, 7 * DAY, len(recruits)))
    again = recruits[:2]
    at, who = np.concatenate([at, at[:2] + 8 * DAY]), np.concatenate([recruits, again])
    fees = cents(dice.integers(12, 40, len(who)) * 10.0)
    supply(draft, dice, at, who, fees)
    draft.ledger.pay(at, who, wallet, fees, case=case.number)
    case.expect("tx-funnel-fan-in", [draft.accounts.caip(wallet)])
    if index % 2:
        later = at + between(dice, 20 * MINUTE, 3 * HOUR, len(at))
        passed = fees * dice.integers(950, 996, len(fees)) // 1000
        draft.ledger.pay(later, wallet, draft.open_one("recruiter-boss"), passed, case=case.number)
        case.expect("tx-rapid-pass-through", [draft.accounts.caip(wallet)])
        return
    cash = int(fees.sum()) * int(dice.integers(920, 995)) // 1000
    when = one(int(at.max()) + int(dice.integers(2 * HOUR, 10 * HOUR)))
    draft.ledger.pay(when, wallet, exit_account(draft, wallet), cash, case=case.number)
    case.expect("tx-accumulate-then-cashout", [draft.accounts.caip(wallet)])


def advertise(draft: Draft, dice: np.random.Generator, case: CasePlan, wallet: int, start: int) -> None:
    """Two to four adverts in different languages on the days around `start`."""
    by = adverts.advertiser(draft, dice, draft.accounts.addresses[wallet])
    chosen = dice.permutation(len(adverts.texts("recruitment")))[: int(dice.integers(2, 5))]
    for number, text in enumerate(chosen.tolist()):
        at = start - 2 * DAY + number * DAY + int(dice.integers(12 * HOUR))
        listing = adverts.post(draft, dice, adverts.texts("recruitment")[text], by, at)
        case.events.append(listing.event_id)
        case.expect("li-job-all-paid-travel", [listing.event_id])
    case.expect("lk-advert-wallet-on-chain", [draft.accounts.caip(wallet)])
