"""Business: sellers and creators, shops and firms, payment processors, landlords."""

from __future__ import annotations

import numpy as np

from manumit.connectors.world.exchange.clock import between
from manumit.connectors.world.exchange.life import MONTH, Life
from manumit.connectors.world.exchange.rows import Day, token
from manumit.connectors.world.exchange.words import COUNTRIES


def sellers(life: Life, day: int, rows: Day) -> None:
    """Second-hand goods and crafts: payments from strangers; stall holders bank their cash; a few buy coins."""
    dice = life.people.dice("sellers", day)
    everybody = life.here(day, "market-sellers")
    who = life.some(dice, everybody, 0.5)
    n = len(who)
    amount = np.round(np.exp(dice.normal(3.4, 0.7, n)), 2)
    rows.put(
        who,
        between(dice, day, n, 8, 22),
        "fiat-in",
        channel="p2p",
        amount_usd=amount,
        counterparty=token("p", (6 << 40) + dice.integers(0, 1 << 36, n)),
        counterparty_kind="person",
    )
    saving = everybody[(life.own("buys-coins")[everybody] < 0.12) & ((everybody + day) % 7 == 0)]
    rows.put(
        saving,
        between(dice, day, len(saving), 18, 23),
        "trade",
        channel="spot",
        direction="buy",
        asset="BTC",
        amount_usd=np.round(30 + 60 * dice.random(len(saving)), 2),
    )
    stall = everybody[(life.own("stall")[everybody] < 0.2) & ((everybody + day) % 7 == 1)]
    rows.put(
        stall,
        between(dice, day, len(stall), 16, 19),
        "deposit",
        channel="cash",
        place=life.people.town[stall],
        amount_usd=np.round(100 + 500 * dice.random(len(stall)), 0),
    )


def creators(life: Life, day: int, rows: Day) -> None:
    """Small sums from fans in many countries and payouts of platforms; now and then the whole goes to their bank."""
    dice = life.people.dice("creators", day)
    everybody = life.here(day, "creators")
    who = life.some(dice, everybody, 0.1 + 1.2 * life.own("fame")[everybody] ** 3)
    n = len(who)
    rows.put(
        who,
        between(dice, day, n, 0, 24),
        "fiat-in",
        channel="p2p",
        counterparty_kind="person",
        counterparty=token("p", (7 << 40) + who * 4096 + dice.integers(0, 900, n)),
        country=1 + dice.integers(0, len(COUNTRIES), n),
        note="keep going",
        amount_usd=np.round(np.exp(dice.normal(2.4, 0.7, n)), 2),
    )
    paid = everybody[(everybody + day) % 7 == 2]
    for which in range(3):
        some = paid[life.pick("platforms", 4)[paid] > which]
        rows.put(
            some,
            between(dice, day, len(some), 3, 12),
            "fiat-in",
            channel="bank",
            counterparty_kind="processor",
            counterparty=token("b", (8 << 40) + which),
            provider=token("v", 40 + which + 3 * (some % 5)),
            amount_usd=np.round(life.people.income[some] / 160 * (0.6 + 0.8 * dice.random(len(some))), 2),
        )
    weekly = life.own("takes-out-weekly")[everybody] < 0.3
    out = everybody[np.where(weekly, (everybody + day) % 7 == 4, (everybody + day) % MONTH == 4)]
    share = np.where(life.own("takes-out-weekly")[out] < 0.3, 0.25, 1.0)
    rows.put(
        out,
        between(dice, day, len(out), 8, 20),
        "fiat-out",
        channel="bank",
        counterparty=token("b", (3 << 40) + out),
        counterparty_kind="own",
        amount_usd=np.round(life.people.income[out] / 13 * share * 0.8, 2),
    )


def shops(life: Life, day: int, rows: Day) -> None:
    """Businesses: takings, supplies, wages and taxes; one firm in a hundred pays its people from another bank."""
    dice = life.people.dice("shops", day)
    everybody = life.here(day, "small-merchants", "firms")
    who = life.some(dice, everybody, np.where(life.people.staff[everybody] > 3, 1.6, 0.7))
    n = len(who)
    rows.put(
        who,
        between(dice, day, n, 7, 21),
        "fiat-in",
        channel="bank",
        counterparty=token("b", (9 << 40) + dice.integers(0, 5_000, n)),
        counterparty_kind="processor",
        provider=token("v", 60 + dice.integers(0, 6, n)),
        amount_usd=np.round(life.people.income[who] / 500 * np.exp(dice.normal(0, 0.5, n)), 2),
    )
    buys = life.some(dice, everybody, 0.4)
    rows.put(
        buys,
        between(dice, day, len(buys), 7, 18),
        "fiat-out",
        channel="bank",
        counterparty_kind="merchant",
        counterparty=token("b", (10 << 40) + dice.integers(0, 3_000, len(buys))),
        purpose="supplies",
        amount_usd=np.round(life.people.income[buys] / 700 * np.exp(dice.normal(0, 0.5, len(buys))), 2),
    )
    elsewhere = life.own("pays-elsewhere")[everybody] < 0.01
    for purpose, share, every in (("payroll", 0.35, MONTH), ("tax", 0.06, 3 * MONTH), ("insurance", 0.02, 2 * MONTH)):
        due = everybody[~elsewhere & (life.people.staff[everybody] > 0) & ((everybody + day) % every == 0)]
        rows.put(
            due,
            between(dice, day, len(due), 6, 12),
            "fiat-out",
            channel="bank",
            purpose=purpose,
            counterparty=token("b", (11 << 40) + due),
            counterparty_kind="authority" if purpose == "tax" else "other",
            amount_usd=np.round(life.people.income[due] * share * every / 364, 2),
        )


def processors(life: Life, day: int, rows: Day) -> None:
    """Payers in, shops out, all day long."""
    dice = life.people.dice("processors", day)
    everybody = life.here(day, "payment-processors")
    for kind, side, often in (("fiat-in", "person", 60.0), ("fiat-out", "merchant", 15.0)):
        who = life.some(dice, everybody, often)
        n = len(who)
        amount = np.round(np.exp(dice.normal(3.3 if kind == "fiat-in" else 4.6, 0.9, n)), 2)
        rows.put(
            who,
            between(dice, day, n, 0, 24),
            kind,
            channel="bank",
            counterparty_kind=side,
            counterparty=token("p" if kind == "fiat-in" else "b", (12 << 40) + dice.integers(0, 1 << 24, n)),
            country=1 + dice.integers(0, len(COUNTRIES), n),
            amount_usd=amount,
        )
    due = everybody[(everybody + day) % MONTH == 0]
    rows.put(
        due,
        between(dice, day, len(due), 6, 12),
        "fiat-out",
        channel="bank",
        purpose="payroll",
        counterparty=token("b", (11 << 40) + due),
        amount_usd=np.full(len(due), 9_000.0),
    )


def landlords(life: Life, day: int, rows: Day) -> None:
    dice = life.people.dice("landlords", day)
    everybody = life.here(day, "landlords")
    who = np.repeat(everybody, life.pick("tenants", 7)[everybody] + 1)
    flat = np.arange(len(who))
    who, flat = who[(who * 3 + flat + day) % MONTH == 0], flat[(who * 3 + flat + day) % MONTH == 0]
    rows.put(
        who,
        between(dice, day, len(who), 8, 20),
        "fiat-in",
        channel="bank",
        counterparty_kind="person",
        counterparty=token("p", (8 << 40) + flat),
        note="rent",
        purpose="rent",
        amount_usd=np.round(500 + 900 * life.own("rent-asked")[who], 0),
    )


ALL = (sellers, creators, shops, processors, landlords)
