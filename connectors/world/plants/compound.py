"""Scam compound: victims try a small sum, stop for days, then send large sums to addresses they never paid;
those pass everything on within the hour to one address, which leaves through a mixer or a listed market.

The victims are victims: what the rules say of them is a lead to the addresses below.
"""

from __future__ import annotations

import numpy as np

from manumit.connectors.world.clock import DAY, HOUR, MINUTE, between
from manumit.connectors.world.draft import Draft
from manumit.connectors.world.ledger import cents
from manumit.connectors.world.plants.people import open_case, supply
from manumit.connectors.world.truth import CasePlan
from manumit.schemas.block import Int32s, Int64s

COLLECTORS = 2


def plant(draft: Draft, dice: np.random.Generator, index: int, mixer: int) -> None:
    case = open_case(draft, "scam-compound", index)
    start = int(dice.integers(8, 50)) * DAY
    victims = draft.open("scam-victim", int(dice.integers(6, 8)))
    stopped = trial(draft, dice, case, victims, start)
    collectors = draft.open("scam-collector", COLLECTORS)
    at, where, paid = large(draft, dice, case, victims, collectors, stopped)
    hub = draft.open_one("scam-hub")
    later = at + between(dice, 10 * MINUTE, 2 * HOUR, len(at))
    passed = paid * dice.integers(950, 996, len(paid)) // 1000
    draft.ledger.pay(later, where, hub, passed, case=case.number)
    target = mixer if index % 2 == 0 else listed(draft)
    leave(draft, dice, case, hub, later, passed, target)
    case.expect("tx-trial-then-large", [draft.accounts.caip(v) for v in victims.tolist()])
    case.expect("tx-rapid-pass-through", [draft.accounts.caip(a) for a in (*collectors.tolist(), hub)])
    if index % 2 == 0:
        case.expect("tx-mixer-exposure", [draft.accounts.caip(hub)])
    else:
        case.expect("tx-watchlist-address", [draft.accounts.caip(target)])


def trial(draft: Draft, dice: np.random.Generator, case: CasePlan, victims: Int32s, start: int) -> Int64s:
    """Two or three small payments to the platform's front. int64[victims]: when each stopped."""
    front = draft.open_one("scam-front")
    who = np.repeat(np.arange(len(victims)), dice.integers(2, 4, len(victims)))
    at = start + between(dice, 0, 3 * DAY, len(who)) + who * 8 * HOUR
    small = cents(dice.integers(12, 31, len(who)) * 5.0)
    supply(draft, dice, at, victims[who], small)
    draft.ledger.pay(at, victims[who], front, small, case=case.number)
    stopped = np.zeros(len(victims), np.int64)
    np.maximum.at(stopped, who, at)
    return stopped


def large(
    draft: Draft,
    dice: np.random.Generator,
    case: CasePlan,
    victims: Int32s,
    collectors: Int32s,
    stopped: Int64s,
) -> tuple[Int64s, Int32s, Int64s]:
    """One large payment of each victim to each collector. Moments, collectors and micro-USD, [n] each."""
    who = np.tile(np.arange(len(victims)), COLLECTORS)
    turn = np.repeat(np.arange(COLLECTORS), len(victims))
    resumed = stopped + between(dice, 4 * DAY, 8 * DAY, len(victims))
    at = resumed[who] + turn * DAY + between(dice, 0, 20 * HOUR, len(who))
    where = collectors[turn]
    paid = cents(dice.integers(70, 300, len(who)) * 50.0 + 20)
    funded = resumed - between(dice, HOUR, 20 * HOUR, len(victims))
    draft.withdraw(funded, victims, np.bincount(who, paid, len(victims)).astype(np.int64) + cents(35.0).item())
    draft.ledger.pay(at, victims[who], where, paid, case=case.number)
    return at, where, paid


def leave(
    draft: Draft,
    dice: np.random.Generator,
    case: CasePlan,
    hub: int,
    at: Int64s,
    passed: Int64s,
    target: int,
) -> None:
    """The hub sends on what came in, each arrival within the hour or two."""
    later = at + between(dice, 15 * MINUTE, 2 * HOUR, len(at))
    draft.ledger.pay(later, hub, target, passed * dice.integers(960, 998, len(passed)) // 1000, case=case.number)


def listed(draft: Draft) -> int:
    """A marketplace of middlemen, listed long before."""
    market = draft.open("guarantee-market", 1)
    draft.label(market, "sanctions", "guarantee marketplace")
    return int(market[0])
