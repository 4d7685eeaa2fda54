"""Journeys, prepaid cards, clubs, tax advisers, papers asked for: what comes seldom or to few."""

from __future__ import annotations

import numpy as np

from manumit.connectors.world.exchange.clock import MINUTE_US, between
from manumit.connectors.world.exchange.habits.daily import spent, town_of
from manumit.connectors.world.exchange.life import MONTH, Life, chosen
from manumit.connectors.world.exchange.people import DAYS
from manumit.connectors.world.exchange.rows import Codes, Day, token

SETTLED = ("employees", "families", "students", "retired", "savers", "newcomers", "day-traders", "gig-workers")


def holidays(life: Life, day: int, rows: Day) -> None:
    """A third travel in the half-year, mostly to one town or two; one in twelve of them goes from town to town."""
    dice = life.people.dice("holidays", day)
    everybody = life.here(day, *SETTLED)
    start = life.pick("leaves", DAYS)[everybody]
    long = 4 + life.pick("stays-away", 14)[everybody]
    touring = life.own("tours")[everybody] < 0.08
    away = (life.own("travels")[everybody] < 0.33) & (day >= start) & (day < start + long)
    who, gone = everybody[away], (day - start)[away]
    stay = np.where(touring[away], 3, 9)
    town = town_of(life, who, life.pick("destination", 40)[who] + gone // stay * 7)
    arrives = gone % stay == 0
    _lodged(dice, day, rows, who[arrives], town[arrives], np.minimum(stay, long[away] - gone)[arrives], 1)
    spending = chosen(dice, who, 0.6)
    spent(life, dice, day, rows, who[spending], town[spending])


def _lodged(dice: np.random.Generator, day: int, rows: Day, who: Codes, town: Codes, nights: Codes, rooms: int) -> None:
    n = len(who)
    rows.put(
        who,
        between(dice, day, n, 12, 20),
        "lodging",
        channel="card",
        counterparty_kind="merchant",
        place=town,
        counterparty=token("m", (1 << 40) + town.astype(np.int64) * 8 + dice.integers(0, 6, n)),
        nights=np.maximum(nights, 1),
        rooms=rooms,
        merchant_category="7011",
        amount_usd=np.round(60 + dice.random(n) * 90, 2),
    )


def on_the_road(life: Life, day: int, rows: Day) -> None:
    """Sales people, technicians and musicians: a town a week or two, brief stays; drivers pay wherever they are."""
    dice = life.people.dice("road", day)
    staff = life.here(day, "travelling-staff")
    who = staff[(staff + day) % 7 < 1 + life.pick("trips", 2)[staff]]
    town = town_of(life, who, life.pick("round", 40)[who] + day * 3)
    _lodged(dice, day, rows, who, town, 1 + dice.integers(0, 3, len(who)), 1)
    spent(life, dice, day, rows, who, town)
    drivers = life.some(dice, life.here(day, "drivers"), 0.5)
    spent(life, dice, day, rows, drivers, town_of(life, drivers, dice.integers(0, 40, len(drivers))))


def prepaid(life: Life, day: int, rows: Day) -> None:
    """People without a bank load a prepaid card about three times a month, and pay in cash."""
    dice = life.people.dice("prepaid", day)
    who = life.some(dice, life.here(day, "unbanked", "shelters"), 3 / MONTH)
    rows.put(
        who,
        between(dice, day, len(who), 8, 20),
        "deposit",
        channel="prepaid",
        instrument=token("i", who),
        place=life.people.town[who],
        amount_usd=np.round(20 + 20 * dice.integers(0, 8, len(who)), 0),
    )
    gifts = life.some(dice, life.here(day, "families", "students", "employees"), 0.0008)
    rows.put(
        gifts,
        between(dice, day, len(gifts), 8, 20),
        "deposit",
        channel="gift-card",
        amount_usd=np.round(10 + 10 * dice.integers(0, 5, len(gifts)), 0),
    )
    parents = life.here(day, "families")
    fed = parents[(life.own("child-card")[parents] < 0.04) & ((parents + day) % MONTH == 9)]
    known = np.where(life.own("kin-known")[fed] < 0.9, 1, 0)
    rows.put(
        fed,
        between(dice, day, len(fed), 8, 20),
        "deposit",
        channel="card",
        instrument=token("i", (1 << 40) + fed),
        source_instrument=token("i", (2 << 40) + fed),
        relation=known,
        amount_usd=np.full(len(fed), 40.0),
    )


def clubs(life: Life, day: int, rows: Day) -> None:
    """Twice in the half-year the members of a club, many of them young, pay the treasurer for kit or a journey."""
    dice = life.people.dice("clubs", day)
    everybody = life.here(day, "club-treasurers")
    week = everybody[(day - life.pick("season", 91)[everybody]) % 91 < 6]
    who = life.some(dice, week, 2.0)
    n = len(who)
    known = chosen(dice, who, 0.3)
    rows.put(
        who,
        between(dice, day, n, 8, 22),
        "fiat-in",
        channel="p2p",
        counterparty_kind="person",
        note="team kit",
        counterparty=token("p", (9 << 40) + who * 64 + dice.integers(0, 40, n)),
        counterparty_age=np.where(known, 11 + dice.integers(0, 12, n), 0),
        amount_usd=np.round(10 + 25 * dice.random(n), 0),
    )


def advisers(life: Life, day: int, rows: Day) -> None:
    """The self-employed pay an adviser by the month, who notes tax in spring; the office itself once a quarter."""
    dice = life.people.dice("advisers", day)
    everybody = life.here(day, "gig-workers", "creators", "market-sellers", "landlords", "small-merchants")
    who = everybody[(life.own("has-adviser")[everybody] < 0.1) & ((everybody + day) % MONTH == 11)]
    note = "tax return" if 84 <= day < 112 else "bookkeeping"
    rows.put(
        who,
        between(dice, day, len(who), 9, 17),
        "fiat-out",
        channel="bank",
        counterparty_kind="merchant",
        note=note,
        counterparty=token("b", (13 << 40) + who // 400),
        amount_usd=np.round(60 + 80 * dice.random(len(who)), 0),
    )
    taxed = everybody[((everybody + day) % (3 * MONTH) == 17) & ~life.people.untaxed[everybody]]
    rows.put(
        taxed,
        between(dice, day, len(taxed), 9, 17),
        "fiat-out",
        channel="bank",
        counterparty_kind="authority",
        counterparty=token("b", (14 << 40) + life.people.home[taxed].astype(np.int64)),
        note="annual tax",
        purpose="tax",
        amount_usd=np.round(life.people.income[taxed] / 20, 0),
    )


def papers(life: Life, day: int, rows: Day) -> None:
    """Now and then a step up is asked for: most pass, some are annoyed, leave it and move a smaller sum."""
    dice = life.people.dice("papers", day)
    who = life.some(dice, life.here(day, "employees", "savers", "newcomers", "day-traders", "migrant-workers"), 0.0004)
    n = len(who)
    leaves = chosen(dice, who, 0.2)
    times = between(dice, day, n, 9, 21)
    asked = {"amount_usd": 2_500.0, "limit_usd": 1_000.0}
    rows.put(who[~leaves], times[~leaves], "step-up", outcome="passed", **asked)
    rows.put(who[leaves], times[leaves], "step-up", outcome="abandoned", **asked)
    less = leaves & chosen(dice, who, 0.5)
    rows.put(
        who[less],
        times[less] + 40 * MINUTE_US,
        "withdrawal",
        channel="crypto",
        limit_usd=1_000.0,
        asset="ETH",
        counterparty=token("w", who[less]),
        counterparty_kind="own",
        amount_usd=np.full(int(less.sum()), 800.0),
    )


def odd_notes(life: Life, day: int, rows: Day) -> None:
    """Jokes and cars of that name; photographs of a wedding; the last instalment of a sofa."""
    dice = life.people.dice("notes", day)
    for note, often in (
        ("ford escort parts", 0.00004),
        ("escort", 0.00001),
        ("wedding photos", 0.0002),
        ("last payment of the sofa", 0.0001),
    ):
        who = life.some(dice, life.here(day, "employees", "families", "students", "market-sellers"), often)
        n = len(who)
        rows.put(
            who,
            between(dice, day, n, 9, 22),
            "fiat-in",
            channel="p2p",
            counterparty_kind="person",
            note=note,
            counterparty=token("p", (10 << 40) + dice.integers(0, 1 << 36, n)),
            amount_usd=np.round(20 + 200 * dice.random(n), 0),
        )


ALL = (holidays, on_the_road, prepaid, clubs, advisers, papers, odd_notes)
