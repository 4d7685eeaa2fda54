"""A town: one employer and its workers, small shops with regulars, a landlord, families far away, savers.

Near the rules, on purpose, and short of them: a shop has at most seven new payers in any week and cashes out
little more than half of what it took; family and traders pass on what they get, but not five times a month;
a person pays at most one large new party; no employer pays three wages just below one threshold.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from manumit.connectors.world.clock import DAY, DAYS, HOUR, MINUTE, WEEK, WEEKS, at_hours, between
from manumit.connectors.world.draft import Draft
from manumit.connectors.world.ledger import cents
from manumit.schemas.block import Int32s, Int64s

WORKERS = 18
REGULARS = 9  # of each of the two shops
CASUALS = 24
FANS = 10
SAVERS = 8
MONTH = 30 * DAY


@dataclass(frozen=True, slots=True)
class Town:
    """int32 accounts whose further life the services draw for all towns at once."""

    casuals: Int32s
    fans: Int32s
    savers: Int32s
    workers: Int32s


def town(draft: Draft, number: int) -> Town:
    dice = draft.dice("town", number)
    workers = draft.open("worker", WORKERS)
    first_pay = int(dice.integers(1, 6))
    wages = payroll(draft, dice, workers, first_pay)
    rent(draft, dice, workers[:6], wages[:6], first_pay)
    remit(draft, dice, workers[6:12], wages[6:12], first_pay)
    bank(draft, dice, workers[12:], wages[12:], first_pay)
    shop(draft, dice, workers[::2], first_pay)
    shop(draft, dice, workers[1::2], first_pay)
    streamer(draft, dice)
    trader(draft, dice)
    return Town(
        casuals=draft.open("casual", CASUALS),
        fans=draft.open("fan", FANS),
        savers=save(draft, dice),
        workers=workers,
    )


def payroll(draft: Draft, dice: np.random.Generator, workers: Int32s, first_pay: int) -> Int64s:
    """Monthly wages, int64[workers] micro-USD. At most two lie just below 3,000 USD."""
    usd = dice.integers(28, 84, len(workers)) * 50.0
    close = np.flatnonzero((usd >= 2700) & (usd < 3000))
    usd[close[2:]] += 300
    wages = cents(usd)
    employer = draft.open("employer", 1)
    for day in (first_pay, first_pay + 30, first_pay + 60):
        morning = np.array([day * DAY + 9 * HOUR], np.int64)
        draft.withdraw(morning, employer, wages.sum(keepdims=True) * 51 // 50)
        at = morning + 2 * HOUR + np.arange(len(workers)) * MINUTE
        draft.ledger.pay(at, int(employer[0]), workers, wages)
    return wages


def monthly(dice: np.random.Generator, count: int, first_pay: int, delay: int) -> Int64s:
    """int64[3, count] moments, from `delay` after each pay day's noon, within a day."""
    noons = (first_pay * DAY + 12 * HOUR + np.arange(3) * MONTH)[:, np.newaxis]
    return noons + delay + between(dice, 0, DAY, 3 * count).reshape(3, count)


def rent(draft: Draft, dice: np.random.Generator, tenants: Int32s, wages: Int64s, first_pay: int) -> None:
    """Round rents to one landlord, who banks most of them."""
    landlord = draft.open("landlord", 1)
    rents = wages // 1_000_000 * 35 // 5000 * 50 * 1_000_000  # 35 % of the wage, in 50 USD steps
    for at in monthly(dice, len(tenants), first_pay, DAY):
        draft.ledger.pay(at, tenants, int(landlord[0]), rents)
    taken = int(rents.sum())
    at = first_pay * DAY + 5 * DAY + np.arange(3) * MONTH + between(dice, 0, 9 * HOUR, 3)
    deposit = draft.deposit_addresses(landlord)
    draft.ledger.pay(at, int(landlord[0]), int(deposit[0]), cents(dice.uniform(0.6, 0.75, 3) * taken / 1e6))


def remit(draft: Draft, dice: np.random.Generator, workers: Int32s, wages: Int64s, first_pay: int) -> None:
    """Part of each wage home; the family cashes nearly all of it out the same day, three times in all."""
    families = draft.open("family", len(workers))
    deposits = draft.deposit_addresses(families)
    for at in monthly(dice, len(workers), first_pay, 6 * HOUR):
        sent = cents(wages * dice.uniform(0.2, 0.4, len(workers)) / 1e6)
        draft.ledger.pay(at, workers, families, sent)
        cashed = cents(sent * dice.uniform(0.9, 1.0, len(workers)) / 1e6 - 0.01)
        draft.ledger.pay(at + between(dice, HOUR, 20 * HOUR, len(workers)), families, deposits, cashed)


def bank(draft: Draft, dice: np.random.Generator, workers: Int32s, wages: Int64s, first_pay: int) -> None:
    deposits = draft.deposit_addresses(workers)
    for at in monthly(dice, len(workers), first_pay, 2 * HOUR):
        draft.ledger.pay(at, workers, deposits, cents(wages * dice.uniform(0.3, 0.6, len(workers)) / 1e6))


def shop(draft: Draft, dice: np.random.Generator, regulars: Int32s, first_pay: int) -> None:
    """Regulars at price points; two of them come to know the shop only after day 36. Weekly cash-out."""
    keeper = draft.open("shop", 1)
    visits = dice.poisson(9, len(regulars)) + 1
    start = np.full(len(regulars), first_pay + 1)
    start[-2:] = (36, 45)
    who = np.repeat(np.arange(len(regulars)), visits)
    days = dice.integers(start[who], DAYS - 1)
    price = cents(float(dice.choice([4.5, 6.0, 9.9])) * dice.choice([1, 1.5, 2, 3], len(who)))
    at = at_hours(dice, days, 15, 2.5)
    draft.ledger.pay(at, regulars[who], int(keeper[0]), price)
    cash_out_weekly(draft, dice, keeper, at, np.zeros(len(at), np.int64), price, (0.5, 0.65))


def cash_out_weekly(
    draft: Draft,
    dice: np.random.Generator,
    keepers: Int32s,
    at: Int64s,
    keeper: Int64s,
    price: Int64s,
    share: tuple[float, float],
) -> None:
    """Each Monday every keeper banks `share` of the week's takings; `keeper` int64[n] indexes `keepers`."""
    takings = np.zeros((WEEKS, len(keepers)), np.int64)
    np.add.at(takings, (np.minimum(at // WEEK, WEEKS - 1), keeper), price)
    deposits = draft.deposit_addresses(keepers)
    banked = cents(takings * dice.uniform(*share, takings.shape) / 1e6)
    weeks, rows = np.nonzero(banked)
    monday = (weeks + 1) * WEEK + 8 * HOUR + between(dice, 0, 6 * HOUR, len(weeks))
    draft.ledger.pay(monday, keepers[rows], deposits[rows], banked[weeks, rows])


def streamer(draft: Draft, dice: np.random.Generator) -> None:
    """Six fans tip at night, again and again; half is banked now and then."""
    owner, fans = draft.open("streamer", 1), draft.open("fan", 6)
    who = np.repeat(np.arange(6), dice.poisson(7, 6) + 2)
    at = at_hours(dice, dice.integers(4, DAYS - 1, len(who)), 23, 1.5)
    tips = cents(dice.choice([2.0, 3.0, 5.0, 10.0], len(who)))
    fund(draft, dice, fans, np.bincount(who, tips, 6))
    draft.ledger.pay(at, fans[who], int(owner[0]), tips)
    before = np.array([28, 56, 83], np.int64) * DAY
    taken = np.array([tips[at < moment].sum() for moment in before])
    banked = np.diff(taken, prepend=0) // 2 // 10_000 * 10_000
    draft.ledger.pay(before + 7 * HOUR, int(owner[0]), int(draft.deposit_addresses(owner)[0]), banked)


def trader(draft: Draft, dice: np.random.Generator) -> None:
    """Takes money out of one exchange and into another within the hour, every ten days or more."""
    owner = draft.open("trader", 1)
    days = np.cumsum(dice.integers(10, 14, 7))
    days = days[days < DAYS - 1]
    at = at_hours(dice, days, 11, 2)
    stake = cents(dice.uniform(300, 800, len(days)))
    draft.withdraw(at, owner.repeat(len(days)), stake)
    deposit = int(draft.deposit_addresses(owner)[0])
    later = at + between(dice, 10 * MINUTE, HOUR, len(at))
    draft.ledger.pay(later, int(owner[0]), deposit, cents(stake * 0.99 / 1e6))


def save(draft: Draft, dice: np.random.Generator) -> Int32s:
    savers = draft.open("saver", SAVERS)
    who = np.repeat(savers, dice.integers(3, 7, SAVERS))
    at = at_hours(dice, dice.integers(0, DAYS - 1, len(who)), 19, 2)
    draft.withdraw(at, who, cents(dice.integers(1, 21, len(who)) * 25.0))
    return savers


def fund(draft: Draft, dice: np.random.Generator, people: Int32s, needed: Int64s) -> None:
    """One withdrawal each in the first three days, more than `needed` micro-USD."""
    amount = cents(needed * dice.uniform(1.05, 1.4, len(people)) / 1e6 + 5)
    draft.withdraw(between(dice, HOUR, 3 * DAY, len(people)), people, amount)
