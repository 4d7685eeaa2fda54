"""Whose money comes and where it goes: wages taken back, many senders, brokers, processors, prepaid cards, means."""

from __future__ import annotations

from manumit.connectors.world.exchange.people import DAYS
from manumit.connectors.world.exchange.plan import Plan, moment, subject, text
from manumit.connectors.world.exchange.words import COUNTRIES, HOMES

PEOPLE = ("employees", "migrant-workers", "students")


def income_mismatch(plan: Plan) -> list[str]:
    """Several times the declared means, from strangers, within two months."""
    (who,) = plan.take("employees")
    income = 9_000 + round(20_000 * float(plan.dice.random()), -2)
    plan.people.income[who] = income
    goal = max(10_500, income / 4 * plan.between(3.2, 12))
    parts = plan.day(8, 30)
    first = plan.day(5, DAYS - 70)
    for _ in range(parts):
        at = moment(first + plan.day(0, 55), plan.hour())
        plan.did(
            who,
            at,
            plan.one_of(("fiat-in", "deposit")),
            channel="bank",
            counterparty=plan.token("p", plan.day(0, 9)),
            counterparty_kind=plan.one_of(("person", "other")),
            amount_usd=round(goal / parts * (0.85 + 0.3 * float(plan.dice.random())), 2),
        )
    return [subject(who)]


def no_payroll(plan: Plan) -> list[str]:
    """A business with people and turnover that pays no wages, taxes or insurance."""
    (who,) = plan.take("small-merchants")
    plan.people.staff[who] = 0  # no habit pays wages; the record says otherwise
    plan.people.untaxed[who] = True
    plan.people.change(who, staff=plan.whole(3, 40), kind="legal", account_type="business")
    each = plan.between(350, 2_500)
    for day in range(3, DAYS, 2):
        plan.did(
            who,
            moment(day, plan.hour()),
            "fiat-in",
            channel="bank",
            counterparty=plan.token("b", day % 40),
            counterparty_kind="other",
            amount_usd=round(each * (0.7 + 0.6 * float(plan.dice.random())), 2),
        )
    if plan.force < 0.4:
        plan.did(
            who,
            moment(60, 9),
            "fiat-out",
            channel="bank",
            purpose="payroll",
            counterparty=plan.token("b", 99),
            amount_usd=round(each * 0.8, 2),
        )
    return [subject(who)]


def wage_returned(plan: Plan) -> list[str]:
    """Workers pay a large part of each wage to one taker within days."""
    who = plan.take("migrant-workers", plan.whole(3, 10))
    taker = plan.token("s")
    kind, relation = plan.one_of((("person", ""), ("recruiter", ""), ("other", "employer")))
    first = plan.day(0, 60)
    for customer in who:
        plan.people.employer[customer] = 20_000_000 + plan.number
        plan.people.payday[customer] = plan.number % 28
        share = plan.between(0.32, 0.75)
        for month in range(7):
            day = plan.number % 28 + 28 * month
            if first <= day < first + plan.whole(56, 112):
                plan.did(
                    customer,
                    moment(day, 10 + 20 * float(plan.dice.random()) + 24 * plan.day(0, 2)),
                    "fiat-out",
                    channel="bank",
                    counterparty=taker,
                    counterparty_kind=kind,
                    relation=relation,
                    note=plan.one_of(("housing", "debt", "training fee", "")),
                    amount_usd=round(float(plan.people.income[customer]) / 13 * share * 1.03, 2),
                )
    return [f"counterparty:{text(taker)}"]


def processors(plan: Plan) -> list[str]:
    """A personal account fed by several payment processors."""
    (who,) = plan.take(plan.one_of(PEOPLE))
    credits, first = plan.whole(12, 45), plan.day(5, DAYS - 60)
    behind = plan.whole(2, 5)
    for months in range(plan.day(1, 3)):
        for number in range(credits):
            at = moment(first + months * 28 + number * 26 / credits, plan.hour(0, 20))
            plan.did(
                who,
                at,
                "fiat-in",
                channel="bank",
                counterparty=plan.token("b", number % behind),
                counterparty_kind="processor",
                provider=plan.token("v", number % behind),
                amount_usd=plan.usd(40, 260),
            )
    return [subject(who)]


def prepaid(plan: Plan) -> list[str]:
    """Prepaid or gift cards loaded over and over, or a card that only one other card feeds."""
    (who,) = plan.take(plan.one_of(PEOPLE))
    first = plan.day(5, DAYS - 60)
    if plan.dice.random() < 0.5:
        loads = plan.whole(8, 26)
        for number in range(loads):
            plan.did(
                who,
                moment(first + number * 27 / loads, plan.hour()),
                "deposit",
                channel=plan.one_of(("prepaid", "gift-card")),
                amount_usd=plan.usd(40, 300),
            )
    else:
        for number in range(plan.whole(4, 12)):
            plan.did(
                who,
                moment(first + number * 2, plan.hour()),
                "deposit",
                channel="card",
                instrument=plan.token("i"),
                source_instrument=plan.token("i", 1),
                amount_usd=plan.usd(40, 300),
            )
    return [subject(who)]


def fiat_then_coins(plan: Plan) -> list[str]:
    """Many private senders, and straight into coins, week after week."""
    (who,) = plan.take(plan.one_of(PEOPLE))
    first, senders = plan.day(5, DAYS - 50), plan.whole(5, 16)
    for week in range(plan.whole(2, 5)):
        total = 0.0
        day = first + week * 6
        for number in range(senders):
            usd = plan.usd(60, 260)
            total += usd
            plan.did(
                who,
                moment(day, 8 + 8 * number / senders),
                "fiat-in",
                channel="p2p",
                counterparty_kind="person",
                counterparty=plan.token("p", week * 40 + number),
                amount_usd=usd,
            )
        for part in range(2):
            at = moment(day, 16.5 + 2 * part + float(plan.dice.random()))
            usd = round(total / 2 * plan.between(0.8, 1.0), 2)
            if plan.dice.random() < 0.6:
                plan.did(who, at, "trade", channel="spot", direction="buy", asset="BTC", amount_usd=usd)
            else:
                plan.did(
                    who,
                    at,
                    "withdrawal",
                    channel="crypto",
                    counterparty=plan.token("w"),
                    counterparty_kind="self-hosted",
                    amount_usd=usd,
                )
    return [subject(who)]


def broker(plan: Plan) -> list[str]:
    """Many people's money to many wallets, a commission kept, no registration."""
    (who,) = plan.take(plan.one_of(PEOPLE))
    deals, first = plan.whole(12, 45), plan.day(5, DAYS - 50)
    wallets, kept = plan.whole(6, 20), plan.usd(0.03, 0.11)
    for number in range(deals):
        usd = plan.usd(80, 600)
        at = moment(first + number * 27 / deals, plan.hour(8, 18))
        plan.did(
            who,
            at,
            "fiat-in",
            channel="p2p",
            counterparty=plan.token("p", number),
            counterparty_kind="person",
            amount_usd=usd,
        )
        plan.did(
            who,
            plan.soon(at, 15, 240),
            "withdrawal",
            channel="crypto",
            counterparty=plan.token("w", number % wallets),
            counterparty_kind="self-hosted",
            asset="USDC",
            amount_usd=round(usd * (1 - kept), 2),
        )
    return [subject(who)]


def new_user(plan: Plan) -> list[str]:
    """Newcomers send a large first purchase at once to one destination."""
    who = plan.take("savers", plan.whole(2, 7))
    target = plan.token("w")
    first = plan.day(5, DAYS - 45)
    for customer in who:
        opened = first + plan.day(0, 18)
        plan.people.opened[customer] = opened
        usd = round(max(plan.between(6_000, 30_000), float(plan.people.income[customer]) / 12 * 2.2), 2)
        at = moment(opened + plan.day(1, 9), plan.hour(9, 18))
        plan.did(
            customer,
            at,
            "fiat-in",
            channel="bank",
            counterparty=plan.token("b", 1),
            counterparty_kind="own",
            amount_usd=usd,
        )
        plan.did(
            customer,
            plan.soon(at, 30, 600),
            "withdrawal",
            channel="crypto",
            counterparty=target,
            counterparty_kind="self-hosted",
            amount_usd=round(usd * plan.between(0.96, 1.0), 2),
        )
    return [f"counterparty:{text(target)}"]


def small_abroad(plan: Plan) -> list[str]:
    """Small sums abroad several times a week to the same few people."""
    (who,) = plan.take("employees")
    sends, first = plan.whole(10, 40), plan.day(5, DAYS - 40)
    country = len(HOMES) + 1 + plan.day(0, len(COUNTRIES) - len(HOMES) - 1)
    receivers = plan.day(1, 3)
    for number in range(sends):
        plan.did(
            who,
            moment(first + number * 13 / sends, plan.hour(17, 23)),
            "fiat-out",
            channel="p2p",
            counterparty=plan.token("p", number % receivers),
            counterparty_kind="person",
            country=country,
            amount_usd=plan.usd(8, 120),
        )
    return [subject(who)]


def small_credits(plan: Plan) -> list[str]:
    """Small credits from many countries, a few each time, sent on within hours."""
    (who,) = plan.take(plan.one_of(PEOPLE))
    count, first = plan.whole(12, 45), plan.day(5, DAYS - 50)
    countries = plan.whole(3, 8)
    held = 0.0
    for number in range(count):
        usd = plan.usd(15, 130)
        at = moment(first + number // 3 * 3 * 26 / count, 6 + number % 3 * 3 + float(plan.dice.random()))
        held += usd
        plan.did(
            who,
            at,
            "fiat-in",
            channel="p2p",
            counterparty_kind="person",
            counterparty=plan.token("p", number),
            country=1 + (plan.number + number % countries * 2) % len(COUNTRIES),
            amount_usd=usd,
        )
        if number % 3 == 2 or number == count - 1:
            out = round(held * plan.between(0.88, 1.0), 2)
            plan.did(
                who,
                plan.soon(at, 30, 400),
                "fiat-out",
                channel="bank",
                counterparty=plan.token("s"),
                counterparty_kind="person",
                amount_usd=out,
            )
            held = 0.0
    return [subject(who)]
