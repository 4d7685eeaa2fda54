"""Wages, and what everybody pays right after payday: rent, bills, family far away, savings circles."""

from __future__ import annotations

import numpy as np

from manumit.connectors.world.exchange.clock import between
from manumit.connectors.world.exchange.life import MONTH, Life, chosen
from manumit.connectors.world.exchange.rows import Day, token
from manumit.connectors.world.exchange.words import ABROAD, CODES, HOMES

RENTING = ("employees", "migrant-workers", "savers", "newcomers", "day-traders", "drivers")
FAR_FROM_HOME = ("migrant-workers", "dormitories")


def wages(life: Life, day: int, rows: Day) -> None:
    dice = life.people.dice("wages", day)
    who = life.due(life.here(day), day)
    amount = np.round(life.wage(who) * (0.97 + dice.random(len(who)) * 0.06), 2)
    rows.put(
        who,
        between(dice, day, len(who), 5, 9),
        "fiat-in",
        channel="bank",
        counterparty=token("b", life.people.employer[who]),
        relation="employer",
        purpose="payroll",
        note="salary",
        amount_usd=amount,
    )


def rents(life: Life, day: int, rows: Day) -> None:
    """A third of the wage, one to four days after it: half to agencies, half to private landlords with several
    tenants. Most are booked as rent, not all."""
    dice = life.people.dice("rents", day)
    everybody = life.here(day, *RENTING)
    who = life.due(everybody, day, 1 + life.pick("rent-day", 4)[everybody])
    who = who[life.own("rents")[who] < 0.6]
    n = len(who)
    private = life.own("private-landlord")[who] < 0.45
    letters = np.where(private, token("l", life.pick("landlord", max(2, len(life.people) // 14))[who]), 0)
    agency = token("b", (1 << 40) + life.people.town[who].astype(np.int64) * 4 + who % 4)
    booked = np.where(life.own("booked-as-rent")[who] < 0.85, CODES["purpose"]["rent"], 0)
    rows.put(
        who,
        between(dice, day, n, 9, 20),
        "fiat-out",
        channel="bank",
        counterparty=np.where(private, letters, agency),
        counterparty_kind=np.where(
            private, CODES["counterparty_kind"]["person"], CODES["counterparty_kind"]["merchant"]
        ),
        purpose=booked,
        note="rent",
        amount_usd=np.round(life.wage(who) * (0.2 + 0.2 * life.own("rent-share")[who]), 2),
    )


def lodging_fees(life: Life, day: int, rows: Day) -> None:
    """Some dormitories are the employer's: a modest rent goes back to it."""
    dice = life.people.dice("lodging-fees", day)
    everybody = life.here(day, "dormitories")
    who = life.due(everybody, day, 2)
    who = who[life.people.group[who] % 4 == 0]
    rows.put(
        who,
        between(dice, day, len(who), 9, 18),
        "fiat-out",
        channel="bank",
        counterparty=token("b", life.people.employer[who]),
        relation="employer",
        purpose="rent",
        note="rent and bills",
        amount_usd=np.round(life.wage(who) * (0.1 + 0.12 * dice.random(len(who))), 2),
    )


def bills(life: Life, day: int, rows: Day) -> None:
    dice = life.people.dice("bills", day)
    everybody = life.here(day)
    everybody = everybody[~life.people.business[everybody]]
    who = life.some(dice, everybody, 0.06)
    n = len(who)
    rows.put(
        who,
        between(dice, day, n, 7, 20),
        "fiat-out",
        channel="bank",
        counterparty=token("b", (2 << 40) + life.people.home[who].astype(np.int64) * 64 + dice.integers(0, 40, n)),
        counterparty_kind="merchant",
        amount_usd=np.round(np.exp(dice.normal(3.8, 0.6, n)), 2),
    )


def own_bank(life: Life, day: int, rows: Day) -> None:
    """Those without a wage here top up from their own bank."""
    dice = life.people.dice("own-bank", day)
    everybody = life.here(
        day, "students", "student-halls", "retired", "care-homes", "players", "shelters", "nomads", "club-treasurers"
    )
    who = life.some(dice, everybody, 1 / MONTH)
    n = len(who)
    amount = np.round(life.people.income[who] / 13 * (0.3 + 0.6 * dice.random(n)) + 10, 2)
    rows.put(
        who,
        between(dice, day, n, 7, 20),
        "fiat-in",
        channel="bank",
        counterparty=token("b", (3 << 40) + who),
        counterparty_kind="own",
        amount_usd=amount,
    )


def remittances(life: Life, day: int, rows: Day) -> None:
    """Home to the family within days of payday, often a smaller sum in between; mostly the tie is known."""
    dice = life.people.dice("remittances", day)
    everybody = life.here(day, *FAR_FROM_HOME)
    first = life.due(everybody, day, 1 + life.pick("remittance-day", 3)[everybody])
    first = first[life.own("remits")[first] < 0.8]
    second = life.some(dice, everybody[life.own("remits-often")[everybody] < 0.3], 2 / MONTH)
    for who, low, high in ((first, 0.1, 0.4), (second, 0.02, 0.08)):
        n = len(who)
        known = life.own("tie-known")[who] < 0.85
        rows.put(
            who,
            between(dice, day, n, 9, 22),
            "fiat-out",
            channel="bank",
            counterparty=token("p", (3 << 40) + who * 2 + dice.integers(0, 2, n)),
            counterparty_kind="person",
            relation=np.where(known, CODES["relation"]["family"], 0),
            country=len(HOMES) + 1 + life.pick("family-country", len(ABROAD))[who],
            note="support",
            amount_usd=np.round(life.wage(who) * (low + (high - low) * dice.random(n)), 2),
        )


def savings_circles(life: Life, day: int, rows: Day) -> None:
    """Six colleagues or neighbours pay one of them in turn each month, soon after payday."""
    dice = life.people.dice("circles", day)
    everybody = life.here(day, "migrant-workers", "employees")
    who = life.due(everybody, day, 2)
    circle = who // 6
    who = who[np.isin(circle % 400, (7,))]
    turn = (day // MONTH) % 6
    rows.put(
        who,
        between(dice, day, len(who), 10, 21),
        "fiat-out",
        channel="p2p",
        counterparty=token("p", (4 << 40) + who // 6 * 8 + turn),
        counterparty_kind="person",
        note="savings circle",
        amount_usd=np.round(life.wage(who) * (0.08 + 0.2 * life.own("circle")[who // 6]), 2),
    )


def gig_pay(life: Life, day: int, rows: Day) -> None:
    """Platforms pay through processors: weekly from one, sometimes from two, and a few pay out every day."""
    dice = life.people.dice("gig", day)
    everybody = life.here(day, "gig-workers")
    daily_pay = life.own("paid-daily") < 0.01
    daily = daily_pay[everybody]
    first = everybody[daily | ((everybody + day) % 7 == 0)]
    second = everybody[(life.own("two-platforms")[everybody] < 0.3) & ((everybody + day) % 7 == 3)]
    for who, which in ((first, 0), (second, 1)):
        purpose = np.where(life.own("coded-as-wage")[who] < 0.5, CODES["purpose"]["payroll"], 0)
        rows.put(
            who,
            between(dice, day, len(who), 5, 20),
            "fiat-in",
            channel="bank",
            counterparty=token("b", (4 << 40) + (life.pick("platform", 9)[who] + which * 5) % 12),
            counterparty_kind="processor",
            provider=token("v", (life.pick("platform", 9)[who] + which * 5) % 12),
            purpose=purpose,
            amount_usd=np.round(
                life.people.income[who] / np.where(daily_pay[who], 364, 52) * (0.5 + 0.6 * dice.random(len(who))), 2
            ),
        )


def agencies(life: Life, day: int, rows: Day) -> None:
    """Now and then a fee to a licensed recruiter; a few small agencies are not in the register yet."""
    dice = life.people.dice("agencies", day)
    who = life.some(dice, life.here(day, "employees", "migrant-workers", "students"), 0.00015)
    n = len(who)
    licensed = chosen(dice, who, 0.97)
    agency = np.where(licensed, token("b", (6 << 40) + dice.integers(0, 200, n)), token("b", (7 << 40) + who))
    rows.put(
        who,
        between(dice, day, n, 9, 17),
        "fiat-out",
        channel="bank",
        counterparty=agency,
        counterparty_kind="recruiter",
        registers=np.where(licensed, 1, 0),
        note="invoice",
        amount_usd=np.round(80 + dice.random(n) * 300, 2),
    )


ALL = (wages, rents, lodging_fees, bills, own_bank, remittances, savings_circles, gig_pay, agencies)
