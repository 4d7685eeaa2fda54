"""What notes say, and where the exchange knows too little: the gaps are planted too, and counted apart."""

from __future__ import annotations

from manumit.connectors.world.exchange.people import DAYS
from manumit.connectors.world.exchange.plan import Plan, moment, subject, text

PEOPLE = ("employees", "migrant-workers", "students")
SERVICES = ("escort", "incall", "outcall fri", "companion service", "gfe 1h")
DEMANDS = ("withdrawal fee", "unlock fee", "penalty", "margin call", "verification deposit")
PLEAS = (
    "please delete the pics",
    "pls stop, thats all i have, delete the video",
    "please dont post the photos",
    "begging you no more pics",
)


def service_notes(plan: Plan) -> list[str]:
    (who,) = plan.take(plan.one_of(PEOPLE))
    first, senders = plan.day(5, DAYS - 40), plan.whole(2, 10)
    for number in range(plan.whole(3, 14)):
        plan.did(
            who,
            moment(first + number * 1.8, plan.hour()),
            "fiat-in",
            channel="p2p",
            counterparty_kind="person",
            counterparty=plan.token("p", number % senders),
            note=plan.one_of(SERVICES),
            amount_usd=plan.usd(80, 350),
        )
    return [subject(who)]


def fee_notes(plan: Plan) -> list[str]:
    """A platform that asks for fees and taxes before it pays out, which it never does."""
    platform = plan.token("s")
    first = plan.day(5, DAYS - 90)
    for customer in plan.take("savers", plan.whole(1, 5)):
        for number in range(plan.day(2, 4)):
            plan.did(
                customer,
                moment(first + number * 6, plan.hour()),
                "withdrawal",
                channel="crypto",
                counterparty=platform,
                counterparty_kind="other",
                amount_usd=plan.usd(400, 5_000),
            )
        for number in range(plan.whole(2, 5)):
            plan.did(
                customer,
                moment(first + 26 + number * 7, plan.hour()),
                "withdrawal",
                channel="crypto",
                counterparty=platform,
                counterparty_kind="other",
                note=plan.one_of(DEMANDS),
                amount_usd=plan.usd(300, 2_500),
            )
    return [f"counterparty:{text(platform)}"]


def pleading_notes(plan: Plan) -> list[str]:
    (who,) = plan.take(plan.one_of(PEOPLE))
    for number in range(plan.whole(1, 5)):
        plan.did(
            who,
            moment(plan.day(5, DAYS - 5), plan.hour()),
            "fiat-in",
            channel="p2p",
            counterparty_kind="person",
            counterparty=plan.token("p", number),
            note=plan.one_of(PLEAS),
            amount_usd=plan.usd(10, 150),
        )
    return [subject(who)]


def young_senders(plan: Plan) -> list[str]:
    """Young people pay once or twice, small sums, and no purpose is visible."""
    (who,) = plan.take("employees")
    first = plan.day(5, DAYS - 30)
    for number in range(plan.whole(4, 13)):
        for _ in range(plan.day(1, 2)):
            plan.did(
                who,
                moment(first + plan.day(0, 11), plan.hour(14, 24)),
                "fiat-in",
                channel="p2p",
                counterparty_kind="person",
                counterparty=plan.token("p", number),
                counterparty_age=plan.day(13, 19),
                amount_usd=plan.usd(10, 120),
            )
    return [subject(who)]


def backs_out(plan: Plan) -> list[str]:
    (who,) = plan.take("savers")
    day = float(plan.day(5, DAYS - 40))
    for _ in range(plan.whole(2, 5)):
        at = moment(day, plan.hour(8, 16))
        plan.did(
            who, at, "step-up", outcome=plan.one_of(("abandoned", "refused")), amount_usd=4_000.0, limit_usd=1_000.0
        )
        for _ in range(plan.day(1, 2)):
            plan.did(
                who,
                plan.soon(at, 20, 60 * 48),
                "withdrawal",
                channel="crypto",
                counterparty=plan.token("w"),
                counterparty_kind="own",
                limit_usd=1_000.0,
                amount_usd=plan.usd(500, 990),
            )
        day += plan.between(8, 3)
    return [subject(who)]


def cap_hugging(plan: Plan) -> list[str]:
    (who,) = plan.take("care-homes")
    cap = 1_000.0
    plan.people.change(who, verification="basic", tier="basic", tier_cap_usd=cap)
    for week in range(2, 26):
        plan.did(
            who,
            moment(week * 7 + 1, plan.hour()),
            "deposit",
            channel="bank",
            counterparty=plan.token("b"),
            counterparty_kind="own",
            amount_usd=round(cap / 4.28 * plan.between(0.99, 1.06), 2),
        )
    return [subject(who)]


def missing_data(plan: Plan) -> list[str]:
    (who,) = plan.take("savers")
    gap = plan.one_of(({"name": ""}, {"address": ""}, {"documents": ()}, {"verification": "basic"}))
    plan.people.change(who, jurisdiction=plan.one_of(("TH", "NL", "SG", "DE")), kind="natural", **gap)
    for _ in range(plan.whole(1, 6)):
        plan.did(
            who,
            moment(plan.day(3, DAYS - 3), plan.hour()),
            "deposit",
            channel="crypto",
            counterparty=plan.token("w"),
            counterparty_kind="own",
            amount_usd=plan.usd(1_200, 9_000),
        )
    if gap == {"documents": ()}:
        plan.people.change(who, jurisdiction="TH")
    return [subject(who)]


def travel_gap(plan: Plan) -> list[str]:
    """No data with a transfer between providers, or a wallet whose control was never shown."""
    (who,) = plan.take("savers")
    plan.people.change(who, jurisdiction=plan.one_of(("NL", "GB", "DE")), attested=())
    hosted = plan.dice.random() < 0.4
    for number in range(plan.whole(1, 6)):
        given = (
            {"counterparty_kind": "self-hosted"}
            if hosted
            else {
                "counterparty_kind": "provider",
                "provider": plan.token("v"),
                "travel_rule": plan.one_of(("absent", "gaps")),
            }
        )
        plan.did(
            who,
            moment(plan.day(3, DAYS - 3), plan.hour()),
            "withdrawal",
            channel="crypto",
            asset="ETH",
            counterparty=plan.token("w", number),
            amount_usd=plan.usd(1_300, 9_000),
            **given,
        )
    return [subject(who)]
