"""Middlemen: a collector who passes small sums up to another, buyers who put a wallet of their own between, and
deals over workers settled by a guarantee platform."""

from __future__ import annotations

import numpy as np

from manumit.connectors.world.clock import DAY, HOUR, MINUTE, between
from manumit.connectors.world.draft import Draft
from manumit.connectors.world.ledger import cents
from manumit.connectors.world.plants.people import open_case, supply
from manumit.connectors.world.truth import CasePlan

DEALS = 3


def plant(draft: Draft, dice: np.random.Generator, index: int) -> None:
    case = open_case(draft, "middlemen", index)
    collectors(draft, dice, case)
    relays(draft, dice, case)
    deals(draft, dice, case)


def collectors(draft: Draft, dice: np.random.Generator, case: CasePlan) -> None:
    """Nine to eleven payers of each in five days; then the lower pays most of it to the upper."""
    lower, upper = (int(account) for account in draft.open("collector", 2))
    start = int(dice.integers(8, 60)) * DAY
    taken = [paid(draft, dice, case, account, start) for account in (lower, upper)]
    up = cents(taken[0] * dice.uniform(0.7, 0.9) / 1e6)
    draft.ledger.pay(np.array([start + 6 * DAY]), lower, upper, up.item(), case=case.number)
    case.expect("tx-collector-intermediary", [draft.accounts.caip(lower)])
    case.expect("tx-funnel-fan-in", [draft.accounts.caip(lower), draft.accounts.caip(upper)])


def paid(draft: Draft, dice: np.random.Generator, case: CasePlan, account: int, start: int) -> int:
    """One small payment of each payer. All they paid, in micro-USD."""
    people = draft.open("client", int(dice.integers(9, 12)))
    at = start + between(dice, 0, 5 * DAY, len(people))
    usd = cents(dice.integers(6, 25, len(people)) * 10.0)
    supply(draft, dice, at, people, usd)
    draft.ledger.pay(at, people, account, usd, case=case.number)
    return int(usd.sum())


def relays(draft: Draft, dice: np.random.Generator, case: CasePlan) -> None:
    """22 to 25 wallets in six days, each filled from an exchange and emptied into one account within hours."""
    wallets, common = draft.open("relay", int(dice.integers(22, 26))), draft.open_one("relayed-to")
    at = int(dice.integers(8, 60)) * DAY + between(dice, 0, 6 * DAY, len(wallets))
    usd = cents(dice.integers(8, 14, len(wallets)) * 10.0)
    draft.ledger.pay(at, draft.hot[wallets % len(draft.hot)], wallets, usd, case=case.number)
    later = at + between(dice, 10 * MINUTE, 9 * HOUR, len(wallets))
    draft.ledger.pay(later, wallets, common, usd - cents(0.5).item(), case=case.number)
    case.expect("tx-one-to-one-then-many-to-one", [draft.accounts.caip(common)])
    case.expect("tx-funnel-fan-in", [draft.accounts.caip(common)])


def deals(draft: Draft, dice: np.random.Generator, case: CasePlan) -> None:
    """Deposits on a platform, days later paid out together: most to a supplier, 10 to 15 % to a broker."""
    platform, broker = draft.open("guarantee-platform", 1), draft.open_one("broker")
    draft.label(platform, "guarantee", "guarantee platform")
    buyers, suppliers = draft.open("buyer", DEALS), draft.open("supplier", DEALS)
    at = int(dice.integers(8, 50)) * DAY + np.arange(DEALS) * 4 * DAY + between(dice, 0, DAY, DEALS)
    usd = cents(dice.integers(24, 40, DEALS) * 500.0)
    supply(draft, dice, at, buyers, usd)
    draft.ledger.pay(at, buyers, int(platform[0]), usd, case=case.number)
    share = dice.uniform(0.105, 0.145, DEALS)
    released = at + between(dice, DAY, 3 * DAY, DEALS)
    parts, fees = cents(usd * (0.995 - share) / 1e6), cents(usd * share / 1e6)
    soon = released + between(dice, MINUTE, 40 * MINUTE, DEALS)
    draft.ledger.pay(released, int(platform[0]), suppliers, parts, case=case.number)
    draft.ledger.pay(soon, int(platform[0]), broker, fees, case=case.number)
    case.expect("tx-escrow-with-percentage-fee", [draft.accounts.caip(s) for s in suppliers.tolist()])
