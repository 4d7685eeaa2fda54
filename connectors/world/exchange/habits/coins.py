"""Coins: savers, newcomers, arbitrage and the makers of a market."""

from __future__ import annotations

import numpy as np

from manumit.connectors.world.exchange.clock import HOUR_US, MINUTE_US, between
from manumit.connectors.world.exchange.life import MONTH, Life, chosen
from manumit.connectors.world.exchange.rows import Codes, Day, token
from manumit.connectors.world.exchange.words import CODES

KIND = CODES["counterparty_kind"]
RULE = CODES["travel_rule"]
STAKING = 3  # popular contracts that many newcomers send to


def savings(life: Life, day: int, rows: Day) -> None:
    """A part of the wage in, bought at once; some of it to a wallet of one's own or to another provider."""
    dice = life.people.dice("savings", day)
    everybody = life.here(day, "savers", "day-traders", "employees")
    who = life.some(dice, everybody, np.where(life.own("saves")[everybody] < 0.4, 1.2 / MONTH, 0.0))
    n = len(who)
    amount = np.round(life.people.income[who] / 13 * (0.04 + 0.2 * dice.random(n)), 2)
    times = between(dice, day, n, 7, 20)
    rows.put(
        who,
        times,
        "fiat-in",
        channel="bank",
        counterparty=token("b", (3 << 40) + who),
        counterparty_kind="own",
        amount_usd=amount,
    )
    rows.put(
        who,
        times + 20 * MINUTE_US,
        "trade",
        channel="spot",
        direction="buy",
        asset=dice.integers(1, 4, n),
        amount_usd=amount,
    )
    moved = chosen(dice, who, 0.25)
    _sent(life, dice, rows, who[moved], times[moved] + HOUR_US, amount[moved])


def _sent(life: Life, dice: np.random.Generator, rows: Day, who: Codes, at: Codes, usd: Codes) -> None:
    """Coins out: to an own wallet, mostly shown, or to another provider, mostly with whole data."""
    n = len(who)
    hosted = life.own("self-hosted")[who] < 0.4
    wallet = np.where(hosted, token("w", who), token("w", (1 << 40) + who * 4 + dice.integers(0, 3, n)))
    data = np.where(
        dice.random(n) < 0.985, RULE["complete"], np.where(dice.random(n) < 0.5, RULE["gaps"], RULE["absent"])
    )
    rows.put(
        who,
        at,
        "withdrawal",
        channel="crypto",
        counterparty=wallet,
        counterparty_kind=np.where(hosted, KIND["self-hosted"], KIND["provider"]),
        provider=np.where(hosted, -1, token("v", 100 + life.pick("other-exchange", 20)[who])),
        travel_rule=np.where(hosted, 0, data),
        asset=dice.integers(1, 4, n),
        amount_usd=np.round(usd * 0.98, 2),
    )


def first_steps(life: Life, day: int, rows: Day) -> None:
    """Newcomers pay in, buy, and some send it on: to a wallet of their own, or to a contract everybody talks about."""
    dice = life.people.dice("first", day)
    everybody = life.here(day, "newcomers")
    age = day - life.people.opened[everybody]
    who = life.some(dice, everybody[age < 12], 0.15)
    n = len(who)
    amount = np.round(np.exp(dice.normal(6.2, 1.1, n)), 2)
    times = between(dice, day, n, 7, 19)
    rows.put(
        who,
        times,
        "fiat-in",
        channel="bank",
        counterparty=token("b", (3 << 40) + who),
        counterparty_kind="own",
        amount_usd=amount,
    )
    rows.put(
        who,
        times + 30 * MINUTE_US,
        "trade",
        channel="spot",
        direction="buy",
        asset=dice.integers(1, 4, n),
        amount_usd=amount,
    )
    on = chosen(dice, who, 0.3)
    staking = on & chosen(dice, who, 0.1)
    alone = on & ~staking
    _sent(life, dice, rows, who[alone], times[alone] + HOUR_US, amount[alone])
    rows.put(
        who[staking],
        times[staking] + HOUR_US,
        "withdrawal",
        channel="crypto",
        asset="ETH",
        counterparty=token("w", (2 << 40) + dice.integers(0, STAKING, n))[staking],
        counterparty_kind="other",
        amount_usd=amount[staking],
    )


def arbitrage(life: Life, day: int, rows: Day) -> None:
    """In from one exchange, out to another, several times a day; mostly known to be the trader's own accounts."""
    dice = life.people.dice("arbitrage", day)
    who = life.some(dice, life.here(day, "arbitrage-traders"), 0.8)
    n = len(who)
    amount = np.round(np.exp(dice.normal(8.2, 0.7, n)), 2)
    known = life.own("own-known")[who] < 0.93
    kind = np.where(known, KIND["own"], KIND["provider"])
    times = between(dice, day, n, 0, 22)
    account = token("w", (3 << 40) + who * 4)
    given = {"channel": "crypto", "counterparty_kind": kind, "travel_rule": np.where(known, 0, RULE["complete"])}
    rows.put(
        who, times, "deposit", counterparty=account, provider=token("v", 100 + who % 20), amount_usd=amount, **given
    )
    rows.put(who, times + 20 * MINUTE_US, "trade", channel="spot", direction="sell", asset="BTC", amount_usd=amount)
    rows.put(
        who,
        times + 50 * MINUTE_US,
        "withdrawal",
        counterparty=account + 1,
        provider=token("v", 100 + (who + 7) % 20),
        amount_usd=np.round(amount * 1.002, 2),
        **given,
    )


def market_makers(life: Life, day: int, rows: Day) -> None:
    """Registered merchants of the person-to-person market: many buyers, many wallets, a small margin."""
    dice = life.people.dice("makers", day)
    who = life.some(dice, life.here(day, "p2p-merchants"), 6.0)
    n = len(who)
    buyer = dice.integers(0, 1 << 30, n)
    amount = np.round(np.exp(dice.normal(5.3, 0.8, n)), 2)
    times = between(dice, day, n, 6, 22)
    rows.put(
        who,
        times,
        "fiat-in",
        channel="p2p",
        counterparty=token("p", (5 << 40) + buyer),
        counterparty_kind="person",
        amount_usd=amount,
    )
    rows.put(
        who,
        times + dice.integers(5, 60, n) * MINUTE_US,
        "withdrawal",
        channel="crypto",
        asset="USDC",
        counterparty=token("w", (4 << 40) + buyer),
        counterparty_kind="self-hosted",
        amount_usd=np.round(amount * (0.96 + 0.03 * dice.random(n)), 2),
    )


ALL = (savings, first_steps, arbitrage, market_makers)
