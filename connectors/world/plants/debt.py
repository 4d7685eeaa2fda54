"""Debt repayment: a worker is paid every other day and within hours all of it goes to the same controller, so
that the account is always empty. On the chain, and as a customer's account at the exchange."""

from __future__ import annotations

import numpy as np

from manumit.connectors.world.clock import DAY, HOUR, MINUTE, START_US, between
from manumit.connectors.world.draft import Draft
from manumit.connectors.world.hashes import digest
from manumit.connectors.world.ledger import cents
from manumit.connectors.world.plants.people import one, open_case
from manumit.connectors.world.truth import CasePlan
from manumit.schemas.account_event import AccountEvent, AccountEventKind
from manumit.schemas.block import Int64s
from manumit.schemas.customer import Customer

EXCHANGE = "fictional-exchange"
PAYDAYS = 26


def plant(draft: Draft, dice: np.random.Generator, index: int) -> None:
    case = open_case(draft, "debt-repayment", index)
    worker, controller = draft.open_one("bonded-worker"), draft.open_one("debt-holder")
    employer = draft.open("labour-broker", 1)
    at = paydays(dice, int(dice.integers(4, 25)) * DAY, PAYDAYS)
    wages = cents(dice.integers(115, 260, PAYDAYS) * 1.0)
    draft.withdraw(one(int(at[0]) - DAY), employer, wages.sum(keepdims=True) + cents(30.0).item())
    later = at + between(dice, 20 * MINUTE, (2 if index % 2 else 5) * HOUR, PAYDAYS)
    taken = wages * dice.integers(985, 1001, PAYDAYS) // 1000
    draft.ledger.pay(at, int(employer[0]), worker, wages, case=case.number)
    draft.ledger.pay(later, worker, controller, taken, case=case.number)
    case.expect("tx-kept-depleted", [draft.accounts.caip(worker)])
    case.expect("tx-rapid-pass-through", [draft.accounts.caip(worker)])
    customer(draft, dice, case)


def paydays(dice: np.random.Generator, start: int, count: int) -> Int64s:
    """Every 1.7 to 2.1 days in the afternoon: 14 to 17 in any 30 days."""
    gaps = dice.uniform(1.7, 2.1, count)
    days = np.floor(np.cumsum(gaps)).astype(np.int64)
    return start + days * DAY + 15 * HOUR + between(dice, 0, 3 * HOUR, count)


def customer(draft: Draft, dice: np.random.Generator, case: CasePlan) -> None:
    """The same at the exchange: wages by bank, all of it withdrawn the same evening to one bank account."""
    key = digest(draft.seed, "bonded customer", case.number)
    customer_id = f"c-{key[:12]}"
    at = paydays(dice, int(dice.integers(4, 25)) * DAY, PAYDAYS)
    draft.customers.append(
        Customer(
            exchange=EXCHANGE,
            customer_id=customer_id,
            at_us=START_US + int(at[0]) - DAY,
            tier="retail",
            verification="basic",
            jurisdiction="XA",
            occupation="farm-worker",
            contacts=(f"phone:{digest(key, 'phone')[:32]}",),
            devices=(f"device:{digest(key, 'device')[:32]}",),
            documents=(f"document:{digest(key, 'document')[:32]}",),
        )
    )
    wages = cents(dice.integers(115, 260, PAYDAYS) * 1.0)
    taken = wages * dice.integers(985, 1001, PAYDAYS) // 1000
    later = at + between(dice, 30 * MINUTE, 4 * HOUR, PAYDAYS)
    record(draft, case, customer_id, "deposit", at, wages, f"bank:{digest(key, 'employer')[:32]}")
    record(draft, case, customer_id, "withdrawal", later, taken, f"bank:{digest(key, 'controller')[:32]}")
    case.expect("tx-kept-depleted", [f"customer:{EXCHANGE}:{customer_id}"])


def record(
    draft: Draft,
    case: CasePlan,
    customer_id: str,
    kind: AccountEventKind,
    at: Int64s,
    amount: Int64s,
    counterparty: str,
) -> None:
    for number, (moment, micro) in enumerate(zip(at.tolist(), amount.tolist(), strict=True)):
        event = AccountEvent(
            exchange=EXCHANGE,
            account_event_id=digest(customer_id, kind, number)[:20],
            customer_id=customer_id,
            at_us=START_US + moment,
            kind=kind,
            channel="bank",
            counterparty=counterparty,
            amount_usd=micro / 1e6,
        )
        draft.account_events.append(event)
        case.events.append(event.event_id)
