"""Labelled businesses with customers in every town, the mixers, and what people send each other.

They do what the rules look for (many payers, small prices at steady intervals, money through within minutes)
and carry the label that explains it.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from manumit.connectors.world.clock import DAY, DAYS, HOUR, MINUTE, START_US, WEEK, WEEKS, at_hours, between
from manumit.connectors.world.draft import Draft
from manumit.connectors.world.innocents.town import Town, cash_out_weekly, fund
from manumit.connectors.world.ledger import CENT, cents
from manumit.connectors.world.truth import Twin
from manumit.schemas.block import Int32s, Int64s


def services(draft: Draft, towns: Sequence[Town]) -> None:
    casuals = np.concatenate([t.casuals for t in towns])
    fans = np.concatenate([t.fans for t in towns])
    savers = np.concatenate([t.savers for t in towns])
    workers = np.concatenate([t.workers for t in towns])
    spent = markets(draft, casuals)
    spent[::2] += subscriptions(draft, casuals[::2])
    fund(draft, draft.dice("casual funds"), casuals, spent)
    tips(draft, fans)
    arbitrage(draft, max(1, len(towns) // 5))
    privacy(draft, savers[::41])
    late_listed(draft, savers[7::97][:6])  # fewer than a funnel has
    gas(draft, casuals, workers)
    draft.pool.extend(draft.dice("pool").permutation(casuals).tolist())


def markets(draft: Draft, casuals: Int32s) -> Int64s:
    """Purchases at two markets of one price class each. int64[casuals] micro-USD spent by each."""
    dice = draft.dice("markets")
    keepers = draft.open("market", max(2, len(casuals) // 48))
    draft.label(keepers, "service", "web shop")
    who = np.repeat(np.arange(len(casuals)), dice.poisson(5, len(casuals)) + 1)
    stand = (who * 7 + dice.integers(0, 2, len(who))) % len(keepers)
    price = cents(np.array([6.0, 12.0, 24.9])[who % 3] * dice.choice([1, 1.5, 2, 3], len(who)))
    at = at_hours(dice, dice.integers(4, DAYS - 1, len(who)), 17, 3)
    draft.ledger.pay(at, casuals[who], keepers[stand], price)
    cash_out_weekly(draft, dice, keepers, at, stand, price, (0.95, 0.99))
    return np.bincount(who, price, len(casuals)).astype(np.int64)


def subscriptions(draft: Draft, subscribers: Int32s) -> Int64s:
    """Private networks and news paid monthly. int64[subscribers] micro-USD spent by each."""
    dice = draft.dice("subscriptions")
    keepers = draft.open("subscription-service", max(1, len(subscribers) // 60))
    draft.label(keepers, "service", "virtual private network")
    keeper = np.arange(len(subscribers)) % len(keepers)
    price = cents(np.array([8.99, 11.99, 12.5])[keeper % 3])
    first = between(dice, 4 * DAY, 22 * DAY, len(subscribers))
    at = first + np.arange(3)[:, np.newaxis] * 30 * DAY + between(dice, 0, 6 * HOUR, len(subscribers))
    for moments in at:
        draft.ledger.pay(moments, subscribers, keepers[keeper], price)
    cash_out_weekly(draft, dice, keepers, at.ravel(), np.tile(keeper, 3), np.tile(price, 3), (0.95, 0.99))
    return price * 3


def tips(draft: Draft, fans: Int32s) -> None:
    """A tipping platform: fans pay it at night, it pays the streamers weekly."""
    dice = draft.dice("tips")
    platform = draft.open_one("tip-platform")
    draft.label(np.array([platform], np.int32), "service", "tipping platform")
    streamers = draft.open("platform-streamer", max(2, len(fans) // 20))
    who = np.repeat(np.arange(len(fans)), dice.poisson(6, len(fans)) + 1)
    tip = cents(dice.choice([2.0, 3.0, 5.0, 10.0], len(who)))
    at = at_hours(dice, dice.integers(4, DAYS - 1, len(who)), 23, 2)
    fund(draft, dice, fans, np.bincount(who, tip, len(fans)).astype(np.int64))
    draft.ledger.pay(at, fans[who], platform, tip)
    for week in range(1, WEEKS):
        earned = int(tip[at // WEEK == week - 1].sum()) * 85 // 100 // len(streamers)
        moments = between(dice, week * WEEK, week * WEEK + 6 * HOUR, len(streamers))
        draft.ledger.pay(moments, platform, streamers, max(1, earned // CENT) * CENT)


def arbitrage(draft: Draft, count: int) -> None:
    """Payment processors: in from one exchange, out to the next within minutes, all day."""
    keepers = draft.open("processor", count)
    draft.label(keepers, "service", "payment processor")
    for number, keeper in enumerate(keepers.tolist()):
        dice = draft.dice("processor", number)
        at = np.sort(between(dice, DAY, (DAYS - 1) * DAY, 100))
        stake = cents(dice.uniform(200, 20_000, 100))
        draft.withdraw(at, keepers[number : number + 1].repeat(100), stake)
        target = draft.hot[(keeper + 1) % len(draft.hot)]
        draft.ledger.pay(at + between(dice, 2 * MINUTE, 30 * MINUTE, 100), keeper, int(target), stake * 999 // 1000)


def mixers(draft: Draft) -> Int32s:
    keepers = draft.open("mixer", 2)
    draft.label(keepers, "mixer", "mixing service")
    return keepers


def privacy(draft: Draft, people: Int32s) -> None:
    """Lawful users of a mixer: one round sum in, the same out to a new wallet days later."""
    dice = draft.dice("privacy")
    keeper = int(mixers(draft)[0])
    fresh = draft.open("fresh-wallet", len(people))
    at = between(dice, 20 * DAY, 60 * DAY, len(people))
    draft.withdraw(at - 2 * DAY, people, cents(np.full(len(people), 105.0)))
    draft.ledger.pay(at, people, keeper, cents(100.0).item())
    draft.ledger.pay(at + between(dice, DAY, 9 * DAY, len(people)), keeper, fresh, cents(99.0).item())
    for account in (*people.tolist(), *fresh.tolist()):
        draft.twins.append(
            Twin(
                subject=draft.accounts.caip(account),
                near="tx-mixer-exposure",
                satisfied=True,
                why="lawful use of a mixer: one round sum of one's own savings",
            )
        )


def late_listed(draft: Draft, people: Int32s) -> None:
    """Payments to an address that is listed only afterwards: silent with labels as of the event."""
    dice = draft.dice("late listed")
    seller = draft.open("late-listed", 1)
    draft.label(seller, "sanctions", "listed after the payments", from_us=START_US + 80 * DAY)
    at = between(dice, 30 * DAY, 60 * DAY, len(people))
    draft.withdraw(at - DAY, people, cents(np.full(len(people), 60.0)))
    draft.ledger.pay(at, people, int(seller[0]), cents(dice.integers(1, 6, len(people)) * 10.0))
    for account in people.tolist():
        draft.twins.append(
            Twin(
                subject=draft.accounts.caip(account),
                near="tx-watchlist-address",
                satisfied=False,
                why="paid the address weeks before it was listed",
            )
        )


def gas(draft: Draft, casuals: Int32s, workers: Int32s) -> None:
    """The chain's own coin, whose USD value nobody knows here: from exchanges, and between friends."""
    dice = draft.dice("gas")
    people = np.concatenate([casuals, workers])
    at = between(dice, 0, 3 * DAY, len(people))
    some = dice.integers(10_000_000, 90_000_000, len(people))
    draft.ledger.pay(at, draft.hot[people % len(draft.hot)], people, some, native=True)
    at = between(dice, 5 * DAY, DAYS * DAY, len(casuals))
    gift = dice.integers(100_000, 2_000_000, len(casuals))
    draft.ledger.pay(at, casuals, np.roll(casuals, 1), gift, native=True)
