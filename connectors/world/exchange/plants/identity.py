"""Who stands behind an account: shared identifiers, one hand on many accounts, papers of others, minors, places."""

from __future__ import annotations

from manumit.connectors.world.exchange.people import DAYS
from manumit.connectors.world.exchange.plan import Plan, moment, subject, text

RESIDENTS = ("migrant-workers", "employees", "students")


def shared_identifiers(plan: Plan) -> list[str]:
    """Accounts opened within days with one device, contact, address or payout wallet."""
    count, first = plan.whole(4, 12), plan.day(5, DAYS - 40)
    who = plan.take(plan.one_of(RESIDENTS), count)
    kind = plan.one_of(("device", "contact", "address", "wallet"))
    shared = text(plan.token("s"))
    over = 5.5 - 4 * plan.force
    for number, customer in enumerate(who):
        plan.people.opened[customer] = first + int(number * over / count)
        plan.people.related[customer] = False
        field = {"device": "devices", "contact": "contacts", "wallet": "wallets"}.get(kind)
        plan.people.change(customer, **({field: (shared,)} if field else {"address": shared, "address_type": "home"}))
    return [f"{kind}:{shared}"]


def single_controller(plan: Plan) -> list[str]:
    """One device enters several people's accounts in turn, every few days."""
    who = plan.take(plan.one_of(RESIDENTS), plan.whole(3, 9))
    device = plan.token("s")
    day, last = plan.day(5, 60), plan.day(90, DAYS - 2)
    for customer in who:
        plan.people.related[customer] = False
    while day < last:
        at = moment(day, plan.hour(7, 22))
        for customer in who:
            if plan.dice.random() < 0.95:
                plan.did(customer, at, "login", channel="app", device=device, place=plan.town(customer, plan.number))
                at = plan.soon(at, 1.5, 6.5 - 3 * plan.force)
        day += plan.day(1, 5)
    return [f"device:{text(device)}"]


def third_party_identity(plan: Plan) -> list[str]:
    """One document, or one portrait, on customers of different names."""
    who = plan.take(plan.one_of(RESIDENTS), plan.whole(2, 5))
    paper = text(plan.token("s"))
    kind, field = plan.one_of((("document", "documents"), ("portrait", "portraits")))
    for customer in who:
        plan.people.change(customer, **{field: (paper,)})
    return [f"{kind}:{paper}"]


def minor_account(plan: Plan) -> list[str]:
    """Below the product's age, or an age that jumps over it."""
    (customer,) = plan.take("students")
    age = 17 - round(5 * plan.force)
    plan.people.change(customer, age=age, minimum_age=18, guardian="")
    if plan.dice.random() < 0.4:
        plan.people.later.append((float(plan.day(20, DAYS - 5)), customer, {"age": age + plan.day(3, 8)}))
    return [subject(customer)]


def temporary_address(plan: Plan) -> list[str]:
    """Several customers at one hotel, short let or mail drop."""
    who = plan.take(plan.one_of(RESIDENTS), plan.whole(3, 9))
    place = text(plan.token("s"))
    kind = plan.one_of(("hotel", "short-let", "mail-drop"))
    for customer in who:
        plan.people.related[customer] = False
        plan.people.change(customer, address=place, address_type=kind)
    return [f"address:{place}"]


def unlicensed_recruiter(plan: Plan) -> list[str]:
    """Several customers pay an agency that is in no register, or in a list of violations."""
    who = plan.take(plan.one_of(RESIDENTS), plan.whole(2, 9))
    agency = plan.token("s")
    first = plan.day(5, 90)
    listed = plan.one_of((0, 2, 3))
    for customer in who:
        for _ in range(plan.day(1, 3)):
            at = moment(first + plan.day(0, 60), plan.hour(9, 18))
            plan.did(
                customer,
                at,
                "fiat-out",
                channel="bank",
                counterparty=agency,
                counterparty_kind="recruiter",
                registers=listed,
                note=plan.one_of(("training fee", "housing", "")),
                amount_usd=plan.usd(150, 1_200),
            )
    return [f"counterparty:{text(agency)}"]


def adverse_media(plan: Plan) -> list[str]:
    """A customer deals with somebody whom a court record names. Who that is stands in the case's subjects."""
    (customer,) = plan.take("employees")
    party = plan.token("s")
    for _ in range(plan.whole(2, 9)):
        at = moment(plan.day(5, DAYS - 5), plan.hour())
        plan.did(
            customer,
            at,
            plan.one_of(("fiat-in", "fiat-out")),
            channel="bank",
            counterparty=party,
            counterparty_kind="person",
            amount_usd=plan.usd(60, 900),
        )
    return [subject(customer), f"counterparty:{text(party)}"]
