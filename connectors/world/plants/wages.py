"""Wages taken away: the workers of one employer send most of each wage to one keeper within a day, and those of
another repay a recruiter the same sum every fortnight."""

from __future__ import annotations

import numpy as np

from manumit.connectors.world.clock import DAY, HOUR, MINUTE, between
from manumit.connectors.world.draft import Draft
from manumit.connectors.world.ledger import cents
from manumit.connectors.world.plants.people import open_case
from manumit.connectors.world.truth import CasePlan
from manumit.schemas.block import Int32s, Int64s


def plant(draft: Draft, dice: np.random.Generator, index: int) -> None:
    case = open_case(draft, "wages-taken", index)
    collected(draft, dice, case)
    repaid(draft, dice, case)


def collected(draft: Draft, dice: np.random.Generator, case: CasePlan) -> None:
    """Three monthly wages of five to seven workers, of which 75 to 95 % end with the keeper."""
    workers, keeper = draft.open("driven-worker", int(dice.integers(5, 8))), draft.open_one("wage-keeper")
    employer, start = draft.open("sub-contractor", 1), int(dice.integers(3, 20)) * DAY
    for day in (0, 30, 60):
        at = start + day * DAY + 9 * HOUR + np.arange(len(workers)) * MINUTE
        wages = pay_day(draft, dice, case, employer, workers, at)
        sent = cents(wages * dice.uniform(0.75, 0.95, len(workers)) / 1e6)
        draft.ledger.pay(at + between(dice, HOUR, 20 * HOUR, len(workers)), workers, keeper, sent, case=case.number)
    case.expect("tx-collected-wages", [draft.accounts.caip(keeper)])


def repaid(draft: Draft, dice: np.random.Generator, case: CasePlan) -> None:
    """Fortnightly wages of six or seven workers, each followed days later by one instalment of the debt."""
    workers, lender = draft.open("indebted-worker", int(dice.integers(6, 8))), draft.open_one("recruiter")
    employer = draft.open("sub-contractor", 1)
    start, instalment = int(dice.integers(3, 20)) * DAY, cents(float(dice.integers(12, 40)) * 10.0)
    for turn in range(4):
        at = start + turn * 14 * DAY + 9 * HOUR + np.arange(len(workers)) * MINUTE
        pay_day(draft, dice, case, employer, workers, at)
        later = at + 3 * DAY + between(dice, 0, 8 * HOUR, len(workers))
        draft.ledger.pay(later, workers, lender, instalment.item(), case=case.number)
    case.expect("tx-debt-repayment-schedule", [draft.accounts.caip(lender)])


def pay_day(
    draft: Draft, dice: np.random.Generator, case: CasePlan, employer: Int32s, workers: Int32s, at: Int64s
) -> Int64s:
    """int64[workers] micro-USD."""
    wages = cents(dice.integers(110, 170, len(workers)) * 10.0)
    draft.withdraw(at[:1] - 3 * HOUR, employer, wages.sum(keepdims=True) + cents(5.0).item())
    draft.ledger.pay(at, int(employer[0]), workers, wages, case=case.number)
    return wages
