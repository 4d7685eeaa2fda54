"""Layering: a scammed sum runs through a line of fresh addresses within hours, a front's turnover in a ring."""

from __future__ import annotations

import numpy as np

from manumit.connectors.world.clock import DAY, HOUR, MINUTE, between
from manumit.connectors.world.draft import Draft
from manumit.connectors.world.ledger import cents
from manumit.connectors.world.plants.people import exit_account, one, open_case
from manumit.connectors.world.truth import CasePlan

RING = 4


def plant(draft: Draft, dice: np.random.Generator, index: int) -> None:
    case = open_case(draft, "layered-transfers", index)
    start = int(dice.integers(10, 70)) * DAY + 9 * HOUR
    line(draft, dice, case, start)
    ring(draft, dice, case, start + DAY)


def line(draft: Draft, dice: np.random.Generator, case: CasePlan, start: int) -> None:
    """From a wallet to an exchange by way of six to nine addresses that do nothing else."""
    source = draft.open_one("scam-source")
    hops = draft.open("hop", int(dice.integers(6, 10)))
    names = [source, *hops.tolist(), exit_account(draft, int(hops[-1]))]
    usd = float(dice.integers(60, 240)) * 50
    draft.withdraw(one(start - DAY), np.array([source], np.int32), cents(np.array([usd + 5])))
    run(draft, dice, case, names, start, usd)
    case.expect("tx-rapid-multi-hop", [draft.accounts.caip(int(hops[0]))])


def ring(draft: Draft, dice: np.random.Generator, case: CasePlan, start: int) -> None:
    """Out of a front and back into it by way of three others."""
    front = draft.open_one("front")
    usd = float(dice.integers(40, 90)) * 50
    draft.withdraw(one(start - DAY), np.array([front], np.int32), cents(np.array([usd + 5])))
    run(draft, dice, case, [front, *draft.open("straw", RING - 1).tolist(), front], start, usd)
    case.expect("tx-round-trip", [draft.accounts.caip(front)])


def run(draft: Draft, dice: np.random.Generator, case: CasePlan, names: list[int], start: int, usd: float) -> None:
    """One transfer after the other, a few minutes apart, each of a little less."""
    count = len(names) - 1
    at = start + np.cumsum(between(dice, 4 * MINUTE, 25 * MINUTE, count))
    amounts = cents(usd * np.cumprod(dice.uniform(0.985, 0.998, count)))
    draft.ledger.pay(at, np.array(names[:-1], np.int32), np.array(names[1:], np.int32), amounts, case=case.number)
