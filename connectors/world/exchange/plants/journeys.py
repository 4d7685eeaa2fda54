"""Where somebody is and what they pay for there: brief stays, cash where they slept, a life paid for several."""

from __future__ import annotations

from manumit.connectors.world.exchange.people import DAYS
from manumit.connectors.world.exchange.plan import Plan, moment, subject

PEOPLE = ("employees", "migrant-workers", "students")


def _stay(plan: Plan, who: int, day: float, town: int, nights: int, rooms: int) -> int:
    at = moment(day, plan.hour(12, 18))
    plan.did(
        who,
        at,
        "lodging",
        channel="card",
        counterparty=plan.token("m", town),
        counterparty_kind="merchant",
        place=plan.town(who, town),
        nights=nights,
        rooms=rooms,
        merchant_category="7011",
        amount_usd=plan.usd(50, 160),
    )
    return at


def short_stays(plan: Plan) -> list[str]:
    """Brief stays in several cities, sometimes two rooms."""
    (who,) = plan.take(plan.one_of(PEOPLE))
    stays, first = plan.whole(5, 14), plan.day(5, DAYS - 60)
    over = 28 - 10 * plan.force
    cities = plan.whole(3, 10)
    for number in range(stays):
        nights = 1 + int(plan.dice.integers(0, 3))
        _stay(
            plan, who, first + number * over / stays, plan.number * 3 + number % cities, nights, 1 + (plan.force > 0.5)
        )
    return [subject(who)]


def lodging_cash(plan: Plan) -> list[str]:
    """Cash or kiosk deposits where lodging was booked."""
    (who,) = plan.take(plan.one_of(PEOPLE))
    day = float(plan.day(5, DAYS - 70))
    for number in range(plan.whole(3, 10)):
        town = plan.number * 5 + number % 4
        at = _stay(plan, who, day, town, plan.day(1, 4), 1)
        for _ in range(plan.day(1, 2)):
            plan.did(
                who,
                plan.soon(at, 60, 40 * 60),
                "deposit",
                channel=plan.one_of(("cash", "kiosk")),
                place=plan.town(who, town),
                amount_usd=plan.usd(150, 900),
            )
        day += plan.between(7, 3)
    return [subject(who)]


def movement(plan: Plan) -> list[str]:
    """One town after another for a month or more: card payments and cash."""
    (who,) = plan.take(plan.one_of(PEOPLE))
    day, last, town = float(plan.day(5, 80)), 0.0, plan.number
    last = day + plan.between(30, 90)
    while day < last:
        for _ in range(plan.day(1, 3)):
            kind, channel = plan.one_of((("card", "card"), ("card", "card"), ("deposit", "cash")))
            plan.did(
                who,
                moment(day, plan.hour()),
                kind,
                channel=channel,
                place=plan.town(who, town),
                counterparty=plan.token("m", town % 512),
                counterparty_kind="merchant",
                merchant_category="5814",
                amount_usd=plan.usd(8, 300),
            )
        day += plan.between(3.6, 1.5)
        town += plan.day(1, 11)
    return [subject(who)]


LIVING = (("7011", 60, 180), ("4121", 8, 35), ("5912", 10, 60), ("5814", 15, 70), ("5651", 25, 180), ("7230", 20, 90))


def living_cost(plan: Plan) -> list[str]:
    """Board, lodging, transport, medicine and clothes for several people on one card."""
    (who,) = plan.take(plan.one_of(PEOPLE))
    first = plan.day(5, DAYS - 70)
    for day in range(first, first + plan.whole(30, 60)):
        for kind, low, high in LIVING:
            for _ in range(int(plan.dice.poisson(plan.between(0.25, 1.1)))):
                plan.did(
                    who,
                    moment(day, plan.hour()),
                    "card",
                    channel="card",
                    place=plan.town(who, plan.number),
                    counterparty=plan.token("m", int(plan.dice.integers(0, 40))),
                    counterparty_kind="merchant",
                    merchant_category=kind,
                    amount_usd=plan.usd(low, high),
                )
    return [subject(who)]
