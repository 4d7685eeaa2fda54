"""Entering the account, trading a little, paying by card, friends and relatives."""

from __future__ import annotations

import numpy as np

from manumit.connectors.world.exchange.clock import MINUTE_US, between, midnight
from manumit.connectors.world.exchange.life import Life, chosen
from manumit.connectors.world.exchange.populations import NUMBER
from manumit.connectors.world.exchange.rows import Codes, Day, token
from manumit.connectors.world.exchange.words import CODES, COUNTRIES, TOWNS_EACH, VOCABULARIES

CARD_KINDS = np.arange(1, len(VOCABULARIES["merchant_category"]))
CARD_SHARES = np.array([0.4, 0.12, 0.12, 0.05, 0.06, 0.005, 0.08, 0.02, 0.035, 0.05, 0.06])
EVERYDAY = ("", "thanks", "dinner", "groceries", "concert tickets", "holiday share", "happy birthday", "gift")
FRIENDS = 12


def logins(life: Life, day: int, rows: Day) -> None:
    """From the own device; in halls and dormitories now and then from the common computer, or the library's."""
    dice = life.people.dice("logins", day)
    everybody = life.here(day)
    who = life.some(dice, everybody, life.people.rate("logins")[everybody])
    shared = np.isin(life.people.population[who], [NUMBER["dormitories"], NUMBER["student-halls"]])
    common = shared & (life.own("common-computer")[who] < 0.25) & chosen(dice, who, 0.3)
    library = (life.own("library")[who] < 0.01) & chosen(dice, who, 0.5)
    device = np.where(common, token("d", (2 << 40) + life.people.group[who]), life.people.device[who])
    device = np.where(library, token("d", (4 << 40) + life.people.town[who].astype(np.int64)), device)
    times = between(dice, day, len(who), 7, 23.5)
    rows.put(who, times, "login", channel="app", device=device, place=life.people.town[who])


def care_rounds(life: Life, day: int, rows: Day) -> None:
    """Once a week a carer enters the accounts of a home's residents, one after the other, to pay their bills."""
    dice = life.people.dice("care", day)
    who = life.here(day, "care-homes")
    who = who[(life.people.group[who] - day) % 7 == 0]
    who = who[chosen(dice, who, 0.5)]
    times = midnight(day) + (10 * 60 + (who % 18) * 3) * MINUTE_US + dice.integers(0, MINUTE_US, len(who))
    device = token("d", (3 << 40) + life.people.group[who])
    rows.put(who, times, "login", channel="app", device=device, place=life.people.town[who])
    bill = token("b", (5 << 40) + life.people.group[who])
    paid = np.round(20 + dice.random(len(who)) * 180, 2)
    rows.put(
        who,
        times + MINUTE_US,
        "fiat-out",
        channel="bank",
        counterparty=bill,
        counterparty_kind="merchant",
        amount_usd=paid,
    )


def trades(life: Life, day: int, rows: Day) -> None:
    dice = life.people.dice("trades", day)
    everybody = life.here(day)
    who = life.some(dice, everybody, life.people.rate("trades")[everybody])
    n = len(who)
    sides = np.where(dice.random(n) < 0.58, CODES["direction"]["buy"], CODES["direction"]["sell"])
    amount = np.round(life.people.income[who] / 400 * np.exp(dice.normal(0, 0.9, n)) + 5, 2)
    asset = dice.integers(1, 4, n)
    rows.put(who, between(dice, day, n), "trade", channel="spot", direction=sides, asset=asset, amount_usd=amount)


def cards(life: Life, day: int, rows: Day) -> None:
    dice = life.people.dice("cards", day)
    everybody = life.here(day)
    who = life.some(dice, everybody, life.people.rate("cards")[everybody])
    spent(life, dice, day, rows, who, life.people.town[who])


def spent(life: Life, dice: np.random.Generator, day: int, rows: Day, who: Codes, town: Codes) -> None:
    """Card payments in a town."""
    n = len(who)
    kind = dice.choice(CARD_KINDS, n, p=CARD_SHARES / CARD_SHARES.sum())
    shop = token("m", town.astype(np.int64) * 4096 + kind * 64 + dice.integers(0, 40, n))
    amount = np.round(np.exp(dice.normal(3.1, 0.8, n)), 2)
    rows.put(
        who,
        between(dice, day, n, 8, 22),
        "card",
        channel="card",
        counterparty=shop,
        counterparty_kind="merchant",
        merchant_category=kind,
        place=town,
        amount_usd=amount,
    )


def friends(life: Life, day: int, rows: Day) -> None:
    """Small sums to and fro among people of one's age."""
    dice = life.people.dice("friends", day)
    everybody = life.here(
        day, "employees", "students", "student-halls", "players", "families", "savers", "migrant-workers"
    )
    who = life.some(dice, everybody, 0.05)
    n = len(who)
    friend = dice.integers(0, FRIENDS, n)
    young = np.isin(life.people.population[who], [NUMBER[name] for name in ("students", "student-halls", "players")])
    asked = (friend == 0) & (life.own("ages-known")[who] < 0.3)
    age = np.where(asked, np.where(young, 16 + dice.integers(0, 10, n), 25 + dice.integers(0, 40, n)), 0)
    note = np.array([CODES["note"][word] for word in EVERYDAY])[dice.integers(0, len(EVERYDAY), n)]
    relation = np.where(friend < 4, CODES["relation"]["friend"], 0)
    amount = np.round(np.exp(dice.normal(2.9, 0.7, n)), 2)
    given = {"channel": "p2p", "counterparty_kind": "person"}
    times = between(dice, day, n, 9, 23)
    into = dice.random(n) < 0.5
    for kind, where in (("fiat-in", into), ("fiat-out", ~into)):
        rows.put(
            who[where],
            times[where],
            kind,
            counterparty=token("p", who * 64 + friend)[where],
            counterparty_age=age[where],
            relation=relation[where],
            note=note[where],
            amount_usd=amount[where],
            **given,
        )


def relatives(life: Life, day: int, rows: Day) -> None:
    """Allowances and shared bills within a family; most are known to be relatives."""
    dice = life.people.dice("relatives", day)
    who = life.some(dice, life.here(day, "families"), 0.07)
    n = len(who)
    other = token("p", (1 << 40) + life.people.group[who] * 8 + dice.integers(0, 4, n))
    known = np.where(life.own("kin-known")[who] < 0.8, CODES["relation"]["family"], 0)
    amount = np.round(np.exp(dice.normal(3.3, 0.8, n)), 2)
    into = dice.random(n) < 0.5
    times = between(dice, day, n, 8, 22)
    for kind, where in (("fiat-in", into), ("fiat-out", ~into)):
        rows.put(
            who[where],
            times[where],
            kind,
            channel="p2p",
            counterparty=other[where],
            counterparty_kind="person",
            relation=known[where],
            amount_usd=amount[where],
        )


def play(life: Life, day: int, rows: Day) -> None:
    """Players and fans tip a few favourites, some of them abroad, some of them daily."""
    dice = life.people.dice("play", day)
    everybody = life.here(day, "players", "students")
    eager = life.own("eager")[everybody]
    who = life.some(dice, everybody, np.where(eager < 0.01, 0.5, np.where(eager < 0.2, 0.06, 0.0)))
    n = len(who)
    favourite = dice.integers(0, 3, n)
    abroad = np.where(
        life.own("tips-abroad")[who] < 0.4, life.pick("tip-country", len(COUNTRIES))[who] + 1, life.people.home[who] + 1
    )
    rows.put(
        who,
        between(dice, day, n, 15, 24),
        "fiat-out",
        channel="p2p",
        counterparty=token("p", (2 << 40) + (life.pick("favourite", 500)[who] + favourite)),
        counterparty_kind="person",
        country=abroad,
        note="great video",
        amount_usd=np.round(1 + dice.random(n) * 15, 2),
    )


def town_of(life: Life, who: Codes, number: Codes) -> Codes:
    """Another town of the customer's country, as a code of `place`."""
    found: Codes = life.people.home[who].astype(np.int64) * TOWNS_EACH + number % TOWNS_EACH + 1
    return found


ALL = (logins, care_rounds, trades, cards, friends, relatives, play)
