"""Coins and business: savers, newcomers, arbitrage, makers and sellers, firms and payment processors."""

from __future__ import annotations

import numpy as np

from manumit.connectors.world.exchange.clock import HOUR_US, MINUTE_US, between
from manumit.connectors.world.exchange.life import MONTH, Life, chosen
from manumit.connectors.world.exchange.rows import Day, token
from manumit.connectors.world.exchange.words import CODES, COUNTRIES

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
    rows.put(who, times, "fiat-in", channel="bank", counterparty=token("b", (3 << 40) + who), counterparty_kind="own",
             amount_usd=amount)  # fmt: skip
    rows.put(who, times + 20 * MINUTE_US, "trade", channel="spot", direction="buy", asset=dice.integers(1, 4, n),
             amount_usd=amount)  # fmt: skip
    moved = chosen(dice, who, 0.25)
    _sent(life, dice, rows, who[moved], times[moved] + HOUR_US, amount[moved])


def _sent(life: Life, dice: np.random.Generator, rows: Day, who: np.ndarray, at: np.ndarray, usd: np.ndarray) -> None:  # type: ignore[type-arg]  # of one length
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
    rows.put(who, times, "fiat-in", channel="bank", counterparty=token("b", (3 << 40) + who), counterparty_kind="own",
             amount_usd=amount)  # fmt: skip
    rows.put(who, times + 30 * MINUTE_US, "trade", channel="spot", direction="buy", asset=dice.integers(1, 4, n),
             amount_usd=amount)  # fmt: skip
    on = chosen(dice, who, 0.3)
    staking = on & chosen(dice, who, 0.1)
    alone = on & ~staking
    _sent(life, dice, rows, who[alone], times[alone] + HOUR_US, amount[alone])
    rows.put(who[staking], times[staking] + HOUR_US, "withdrawal", channel="crypto", asset="ETH",
             counterparty=token("w", (2 << 40) + dice.integers(0, STAKING, n))[staking],
             counterparty_kind="other", amount_usd=amount[staking])  # fmt: skip


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
    rows.put(who, times + 50 * MINUTE_US, "withdrawal", counterparty=account + 1, provider=token("v", 100 + (who + 7) % 20),
             amount_usd=np.round(amount * 1.002, 2), **given)  # fmt: skip


def market_makers(life: Life, day: int, rows: Day) -> None:
    """Registered merchants of the person-to-person market: many buyers, many wallets, a small margin."""
    dice = life.people.dice("makers", day)
    who = life.some(dice, life.here(day, "p2p-merchants"), 6.0)
    n = len(who)
    buyer = dice.integers(0, 1 << 30, n)
    amount = np.round(np.exp(dice.normal(5.3, 0.8, n)), 2)
    times = between(dice, day, n, 6, 22)
    rows.put(who, times, "fiat-in", channel="p2p", counterparty=token("p", (5 << 40) + buyer), counterparty_kind="person",
             amount_usd=amount)  # fmt: skip
    rows.put(who, times + dice.integers(5, 60, n) * MINUTE_US, "withdrawal", channel="crypto", asset="USDC",
             counterparty=token("w", (4 << 40) + buyer), counterparty_kind="self-hosted",
             amount_usd=np.round(amount * (0.96 + 0.03 * dice.random(n)), 2))  # fmt: skip


def sellers(life: Life, day: int, rows: Day) -> None:
    """Second-hand goods and crafts: payments from strangers; stall holders bank their cash; a few buy coins."""
    dice = life.people.dice("sellers", day)
    everybody = life.here(day, "market-sellers")
    who = life.some(dice, everybody, 0.5)
    n = len(who)
    amount = np.round(np.exp(dice.normal(3.4, 0.7, n)), 2)
    rows.put(who, between(dice, day, n, 8, 22), "fiat-in", channel="p2p", amount_usd=amount,
             counterparty=token("p", (6 << 40) + dice.integers(0, 1 << 36, n)), counterparty_kind="person")  # fmt: skip
    saving = everybody[(life.own("buys-coins")[everybody] < 0.12) & ((everybody + day) % 7 == 0)]
    rows.put(saving, between(dice, day, len(saving), 18, 23), "trade", channel="spot", direction="buy", asset="BTC",
             amount_usd=np.round(30 + 60 * dice.random(len(saving)), 2))  # fmt: skip
    stall = everybody[(life.own("stall")[everybody] < 0.2) & ((everybody + day) % 7 == 1)]
    rows.put(stall, between(dice, day, len(stall), 16, 19), "deposit", channel="cash", place=life.people.town[stall],
             amount_usd=np.round(100 + 500 * dice.random(len(stall)), 0))  # fmt: skip


def creators(life: Life, day: int, rows: Day) -> None:
    """Small sums from fans in many countries and payouts of platforms; now and then the whole goes to their bank."""
    dice = life.people.dice("creators", day)
    everybody = life.here(day, "creators")
    who = life.some(dice, everybody, 0.1 + 1.2 * life.own("fame")[everybody] ** 3)
    n = len(who)
    rows.put(who, between(dice, day, n, 0, 24), "fiat-in", channel="p2p", counterparty_kind="person",
             counterparty=token("p", (7 << 40) + who * 4096 + dice.integers(0, 900, n)),
             country=1 + dice.integers(0, len(COUNTRIES), n), note="keep going",
             amount_usd=np.round(np.exp(dice.normal(2.4, 0.7, n)), 2))  # fmt: skip
    paid = everybody[(everybody + day) % 7 == 2]
    for which in range(3):
        some = paid[life.pick("platforms", 4)[paid] > which]
        rows.put(some, between(dice, day, len(some), 3, 12), "fiat-in", channel="bank", counterparty_kind="processor",
                 counterparty=token("b", (8 << 40) + which), provider=token("v", 40 + which + 3 * (some % 5)),
                 amount_usd=np.round(life.people.income[some] / 160 * (0.6 + 0.8 * dice.random(len(some))), 2))  # fmt: skip
    weekly = life.own("takes-out-weekly")[everybody] < 0.3
    out = everybody[np.where(weekly, (everybody + day) % 7 == 4, (everybody + day) % MONTH == 4)]
    share = np.where(life.own("takes-out-weekly")[out] < 0.3, 0.25, 1.0)
    rows.put(out, between(dice, day, len(out), 8, 20), "fiat-out", channel="bank", counterparty=token("b", (3 << 40) + out),
             counterparty_kind="own", amount_usd=np.round(life.people.income[out] / 13 * share * 0.8, 2))  # fmt: skip


def shops(life: Life, day: int, rows: Day) -> None:
    """Businesses: takings, supplies, wages and taxes; one firm in a hundred pays its people from another bank."""
    dice = life.people.dice("shops", day)
    everybody = life.here(day, "small-merchants", "firms")
    who = life.some(dice, everybody, np.where(life.people.staff[everybody] > 3, 1.6, 0.7))
    n = len(who)
    rows.put(who, between(dice, day, n, 7, 21), "fiat-in", channel="bank",
             counterparty=token("b", (9 << 40) + dice.integers(0, 5_000, n)), counterparty_kind="processor",
             provider=token("v", 60 + dice.integers(0, 6, n)),
             amount_usd=np.round(life.people.income[who] / 500 * np.exp(dice.normal(0, 0.5, n)), 2))  # fmt: skip
    buys = life.some(dice, everybody, 0.4)
    rows.put(buys, between(dice, day, len(buys), 7, 18), "fiat-out", channel="bank", counterparty_kind="merchant",
             counterparty=token("b", (10 << 40) + dice.integers(0, 3_000, len(buys))), purpose="supplies",
             amount_usd=np.round(life.people.income[buys] / 700 * np.exp(dice.normal(0, 0.5, len(buys))), 2))  # fmt: skip
    elsewhere = life.own("pays-elsewhere")[everybody] < 0.01
    for purpose, share, every in (("payroll", 0.35, MONTH), ("tax", 0.06, 3 * MONTH), ("insurance", 0.02, 2 * MONTH)):
        due = everybody[~elsewhere & (life.people.staff[everybody] > 0) & ((everybody + day) % every == 0)]
        rows.put(due, between(dice, day, len(due), 6, 12), "fiat-out", channel="bank", purpose=purpose,
                 counterparty=token("b", (11 << 40) + due), counterparty_kind="authority" if purpose == "tax" else "other",
                 amount_usd=np.round(life.people.income[due] * share * every / 364, 2))  # fmt: skip


def processors(life: Life, day: int, rows: Day) -> None:
    """Payers in, shops out, all day long."""
    dice = life.people.dice("processors", day)
    everybody = life.here(day, "payment-processors")
    for kind, side, often in (("fiat-in", "person", 60.0), ("fiat-out", "merchant", 15.0)):
        who = life.some(dice, everybody, often)
        n = len(who)
        amount = np.round(np.exp(dice.normal(3.3 if kind == "fiat-in" else 4.6, 0.9, n)), 2)
        rows.put(who, between(dice, day, n, 0, 24), kind, channel="bank", counterparty_kind=side,
                 counterparty=token("p" if kind == "fiat-in" else "b", (12 << 40) + dice.integers(0, 1 << 24, n)),
                 country=1 + dice.integers(0, len(COUNTRIES), n), amount_usd=amount)  # fmt: skip
    due = everybody[(everybody + day) % MONTH == 0]
    rows.put(due, between(dice, day, len(due), 6, 12), "fiat-out", channel="bank", purpose="payroll",
             counterparty=token("b", (11 << 40) + due), amount_usd=np.full(len(due), 9_000.0))  # fmt: skip


def landlords(life: Life, day: int, rows: Day) -> None:
    dice = life.people.dice("landlords", day)
    everybody = life.here(day, "landlords")
    who = np.repeat(everybody, life.pick("tenants", 7)[everybody] + 1)
    flat = np.arange(len(who))
    who, flat = who[(who * 3 + flat + day) % MONTH == 0], flat[(who * 3 + flat + day) % MONTH == 0]
    rows.put(who, between(dice, day, len(who), 8, 20), "fiat-in", channel="bank", counterparty_kind="person",
             counterparty=token("p", (8 << 40) + flat), note="rent", purpose="rent",
             amount_usd=np.round(500 + 900 * life.own("rent-asked")[who], 0))  # fmt: skip


ALL = (savings, first_steps, arbitrage, market_makers, sellers, creators, shops, processors, landlords)
