"""Dealings with labelled services: advert sites, markets, brokers and platforms that a list has named, and money of
several people that goes on to gambling."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from manumit.connectors.world.clock import DAY, HOUR, between
from manumit.connectors.world.draft import Draft
from manumit.connectors.world.ledger import cents
from manumit.connectors.world.plants.people import one, open_case, supply
from manumit.connectors.world.truth import CasePlan
from manumit.schemas.label import LabelCategory


@dataclass(frozen=True, slots=True, kw_only=True)
class Dealing:
    """Who pays what: `count` payments [low, high) of [low_usd, high_usd) USD, `days` [low, high) apart."""

    category: LabelCategory
    rule: str
    count: tuple[int, int]
    usd: tuple[float, float]
    days: tuple[float, float]


DEALINGS = (
    Dealing(category="adult-ads", rule="tx-adult-ad-platform-payments", count=(3, 9), usd=(15, 90), days=(1, 7)),
    Dealing(category="darknet", rule="tx-darknet-illicit-service-exposure", count=(1, 5), usd=(40, 900), days=(1, 9)),
    Dealing(category="child-abuse", rule="tx-csam-labelled-exposure", count=(1, 4), usd=(8, 60), days=(3, 9)),
    Dealing(category="guarantee", rule="tx-guarantee-platform-exposure", count=(1, 3), usd=(300, 20_000), days=(1, 5)),
    Dealing(category="escort", rule="tx-international-escort-high-value", count=(3, 7), usd=(300, 4_000), days=(1, 5)),
    Dealing(
        category="labour-placement", rule="tx-labour-placement-payments", count=(3, 6), usd=(1_100, 9_000), days=(9, 16)
    ),
)
KINDS: tuple[LabelCategory, ...] = ("escort", "gambling", "scam", "darknet", "guarantee")


def plant(draft: Draft, dice: np.random.Generator, index: int) -> None:
    case = open_case(draft, "illicit-services", index)
    for dealing in DEALINGS:
        deal(draft, dice, case, dealing)
    several(draft, dice, case)
    gambling(draft, dice, case)


def deal(draft: Draft, dice: np.random.Generator, case: CasePlan, dealing: Dealing) -> None:
    """One payer and one service of the category."""
    service, payer = draft.open(f"listed-{dealing.category}", 1), draft.open("service-payer", 1)
    draft.label(service, dealing.category, f"{dealing.category} service")
    count = int(dice.integers(*dealing.count))
    gaps = between(dice, dealing.days[0] * DAY, dealing.days[1] * DAY, count)
    at = int(dice.integers(4, 12)) * DAY + np.cumsum(gaps)
    usd = cents(dice.uniform(*dealing.usd, count))
    supply(draft, dice, at, payer.repeat(count), usd)
    draft.ledger.pay(at, payer.repeat(count), int(service[0]), usd, case=case.number)
    case.expect(dealing.rule, [draft.accounts.caip(int(payer[0]))])
    if dealing.category == "child-abuse":  # which is a list of its own
        case.expect("tx-watchlist-address", [draft.accounts.caip(int(service[0]))])


def several(draft: Draft, dice: np.random.Generator, case: CasePlan) -> None:
    """One account that deals with three to five kinds of illicit service within weeks."""
    hub = draft.open("service-hub", 1)
    kinds = dice.permutation(len(KINDS))[: int(dice.integers(3, 6))].tolist()
    at = int(dice.integers(6, 30)) * DAY + np.cumsum(between(dice, DAY, 9 * DAY, len(kinds)))
    usd = cents(dice.uniform(520, 5_000, len(kinds)))
    supply(draft, dice, at, hub.repeat(len(kinds)), usd)
    for number, kind in enumerate(kinds):
        service = draft.open(f"listed-{KINDS[kind]}", 1)
        draft.label(service, KINDS[kind], f"{KINDS[kind]} service")
        draft.ledger.pay(at[number : number + 1], hub, int(service[0]), usd[number : number + 1], case=case.number)
    case.expect("tx-cluster-multi-illicit-category", [draft.accounts.caip(int(hub[0]))])


def gambling(draft: Draft, dice: np.random.Generator, case: CasePlan) -> None:
    """Five to nine people pay a runner, who stakes six to nine tenths of it at a casino."""
    casino, runner = draft.open("casino", 1), draft.open_one("runner")
    draft.label(casino, "gambling", "casino")
    people = draft.open("runner-payer", int(dice.integers(5, 10)))
    at = int(dice.integers(8, 50)) * DAY + between(dice, 0, 6 * DAY, len(people))
    usd = cents(dice.uniform(170, 400, len(people)))
    supply(draft, dice, at, people, usd)
    draft.ledger.pay(at, people, runner, usd, case=case.number)
    staked = int(usd.sum()) * int(dice.integers(60, 95)) // 100
    when = one(int(at.max()) + int(dice.integers(HOUR, 2 * DAY)))
    draft.ledger.pay(when, runner, int(casino[0]), staked, case=case.number)
    case.expect("tx-gambling-loop", [draft.accounts.caip(runner)])
