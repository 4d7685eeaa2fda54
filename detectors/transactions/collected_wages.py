"""Workers of one employer send most of their wages on, as soon as they come, to one account.

Catalogue entry tx-collected-wages, its case (b). Case (a), wages of several payees paid into one account, needs
the payment's own reference, which no chain carries. A wage is the latest payment a worker got before sending
it on; it must have come from the employer of the worker whose payment ends the story.
"""

from __future__ import annotations

from collections.abc import Mapping

from manumit.detectors.contract import About, FeatureBlock, Finder, Mask, Story, Threshold, Values
from manumit.detectors.labelled import BUSINESSES, labelled
from manumit.detectors.parties import NUMBER, is_person
from manumit.detectors.payers import by_party, days_us, hours_us, micro, passed_on, worth
from manumit.detectors.stories import (
    DAY,
    HOUR,
    MICRO,
    MICROSECOND,
    edge,
    fires,
    innocent,
    label,
    near_miss,
    pay,
    pays,
)
from manumit.detectors.windows.features import Aggregate, Feature, Filter, PairCount, Side, Since
from manumit.detectors.windows.view import Leg, View
from manumit.schemas.transfer import Transfer

TRIGGER_DAYS = 180  # one count of regular payers serves all finders that look back at most so long

THRESHOLDS = (
    Threshold(name="min_workers", value=4, unit="payers", origin="ours: catalogue entry, k"),
    Threshold(name="min_share", value=0.7, unit="share", origin="ours: catalogue entry, r"),
    Threshold(name="held_hours", value=48, unit="hours", origin="ours: catalogue entry, w"),
    Threshold(name="apart_days", value=5, unit="days", origin="ours: a worker's wages, first to last"),
    Threshold(name="window_days", value=90, unit="days", origin="catalogue entry, check.window"),
    Threshold(name="max_inflows", value=256, unit="transfers", origin="ours: a busier account is taken for a service"),
    Threshold(name="max_legs", value=32, unit="transfers", origin="ours: a worker's latest inflows looked at"),
    Threshold(name="dust_usd", value=10, unit="USD", origin="ours: gas and dust are left out"),
)


def features(v: Values) -> Mapping[str, tuple[Side, Feature]]:
    window_us, counted = days_us(max(v["window_days"], TRIGGER_DAYS)), Filter(low=micro(v["dust_usd"]))
    regular = Aggregate(measure="counterparties", direction="in", window_us=window_us, where=counted, at_least=2)
    return {
        "payments": ("receiver", PairCount(window_us=window_us, where=counted)),
        "since_in": ("sender", Since(moment="last-in", within_us=hours_us(v["held_hours"]))),
        "regulars": ("receiver", regular),
    }


def may_collect(block: FeatureBlock, v: Values) -> Mask:
    business = labelled(block.own_labels | block.other_labels, *BUSINESSES)
    many = (block["payments"] >= 2) & (block["regulars"] >= v["min_workers"])
    found: Mask = many & (block["since_in"] < hours_us(v["held_hours"])) & (block.usd >= v["dust_usd"]) & ~business
    return found


def collects(view: View, v: Values) -> Story | None:
    """The workers of one employer whose wages the receiver of this transfer gets."""
    limit = int(v["max_inflows"]) + 1
    own = forwarded(view, view.sender, worth([view.event], v["dust_usd"]), v)
    if not own or own[0][0].other == view.receiver or not is_person(view, own[0][0].other):
        return None
    inflows = view.inflows(view.receiver, days_us(v["window_days"]), limit)
    if len(inflows) == limit or not is_person(view, view.receiver):
        return None
    payments, employer = by_party(worth(inflows, v["dust_usd"])), own[0][0].other
    apart_us = days_us(v["apart_days"]) - hours_us(v["held_hours"])
    regular = {payer: legs for payer, legs in payments.items() if legs[0].at_us - legs[-1].at_us > apart_us}
    if len(regular) < v["min_workers"]:
        return None
    workers = {
        payer: wages for payer, legs in regular.items() if (wages := of_employer(view, payer, legs, employer, v))
    }
    if view.sender not in workers or len(workers) < v["min_workers"]:
        return None
    pairs = [pair for wages in workers.values() for pair in wages]
    return Story(
        subject=view.receiver,
        events=tuple(dict.fromkeys(leg.sequence for pair in pairs for leg in pair)),
        parties=(
            ("collects the wages", view.receiver),
            ("pays the wages", employer),
            *((f"worker {NUMBER}", payer) for payer in workers),
        ),
        numbers={
            "workers": len(workers),
            "wages": len(pairs),
            "usd_collected": sum(on.usd_micro for _, on in pairs) / 1e6,
        },
    )


def of_employer(view: View, payer: int, legs: list[Leg], employer: int, v: Values) -> list[tuple[Leg, Leg]]:
    """The payer's wages from this employer that were sent on, with what was sent; nothing for too few of them."""
    if len(legs) < 2 or not is_person(view, payer):
        return []
    wages = [(wage, on) for wage, on in forwarded(view, payer, legs, v) if wage.other == employer]
    times = [wage.at_us for wage, _ in wages]
    return wages if times and max(times) - min(times) >= days_us(v["apart_days"]) else []


def forwarded(view: View, payer: int, legs: list[Leg], v: Values) -> list[tuple[Leg, Leg]]:
    """(wage, payment on) for each of `legs`, newest first, that is most of the latest inflow before it."""
    came = worth(view.inflows(payer, days_us(v["window_days"]), int(v["max_legs"])), v["dust_usd"])
    found = []
    for on in legs:
        wage = next((leg for leg in came if leg.sequence < on.sequence), None)
        quick = wage is not None and on.at_us - wage.at_us < hours_us(v["held_hours"])
        if wage is not None and quick and passed_on(on.usd_micro, wage.usd_micro, v["min_share"]):
            found.append((wage, on))
    return found


def month(
    number: int, workers: int = 4, *, wage: float = 1000, on: float = 800, at: int = 0, held: int = HOUR
) -> tuple[Transfer, ...]:
    """Pay day `number`: wages w1, w2, … of the month, and n1, n2, … sent on to `keeper` (tags 1.w1, 1.n1, …)."""
    wages = pays(f"{number}.w#", workers, "employer", "worker-#", wage, at=at, every=MICROSECOND)
    return wages + pays(f"{number}.n#", workers, "worker-#", "keeper", on, at=at + held, every=MICROSECOND)


def last_pay_day(*, wage: float = 1000, on: float = 800, at: int = 30 * DAY, held: int = HOUR) -> tuple[Transfer, ...]:
    """Two pay days of three workers, the first of the fourth, and then the fourth's second (tag n)."""
    most = month(1), month(2, 3, at=30 * DAY - HOUR)
    return (
        *most[0],
        *most[1],
        pay("w", "employer", "worker-4", wage, at=at),
        pay("n", "worker-4", "keeper", on, at=at + held),
    )


GAS = pays("g#", 31, "friend", "worker-4", 0.5, at=10 * DAY, every=MICROSECOND)
OTHERS = pays("o#", 247, "customer-#", "keeper", 30, at=10 * DAY, every=MICROSECOND)

CASES = (
    fires("the fourth worker's second wage", month(1), month(2, at=30 * DAY), on="2.n4"),
    fires("and each wage after it", month(1), month(2, at=30 * DAY), month(3, 1, at=60 * DAY), on="2.n4 3.n1"),
    near_miss("three workers", month(1, 3), month(2, 3, at=30 * DAY)),
    near_miss("one pay day", month(1, 9)),
    near_miss("a part of the wage", month(1, on=400), month(2, on=400, at=30 * DAY)),
    near_miss("days later", month(1, held=4 * DAY), month(2, held=4 * DAY, at=30 * DAY)),
    near_miss(
        "another employer each time",
        month(1),
        pays("w#", 4, "employer-#", "worker-#", 1000, at=30 * DAY),
        pays("n#", 4, "worker-#", "keeper", 800, at=30 * DAY + HOUR),
    ),
    innocent("a labelled remittance service", month(1), month(2, at=30 * DAY), labels=(label("keeper", "service"),)),
    innocent(
        "savings taken from an exchange", month(1), month(2, at=30 * DAY), labels=(label("employer", "exchange"),)
    ),
    innocent("rent out of each wage", month(1, on=350), month(2, on=350, at=30 * DAY)),
    innocent("a family of three", month(1, 3), month(2, 3, at=30 * DAY), month(3, 3, at=60 * DAY)),
    innocent(
        "regulars spend what a payer gave",
        pays("w#", 9, "payer-#", "regular-#", 100),
        pays("n#", 9, "regular-#", "keeper", 90, at=2 * HOUR),
        pays("m#", 9, "regular-#", "keeper", 20, at=9 * DAY),
    ),
    edge("0.7 of the wage", last_pay_day(on=700), on="n"),
    edge("a micro-dollar less", last_pay_day(on=700 - MICRO)),
    edge("all of the wage", last_pay_day(on=1000), on="n"),
    edge("more than the wage", last_pay_day(on=1000 + MICRO)),
    edge("held for exactly 48 h", last_pay_day(held=2 * DAY)),
    edge("held for less", last_pay_day(held=2 * DAY - MICROSECOND), on="n"),
    edge(
        "wages exactly 5 d apart",
        month(1),
        month(2, 3, at=5 * DAY),
        pay("w", "employer", "worker-4", 1000, at=5 * DAY + 3),
        pay("n", "worker-4", "keeper", 800, at=6 * DAY),
        on="n",
    ),
    edge(
        "wages less than 5 d apart",
        month(1),
        month(2, 3, at=5 * DAY),
        pay("w", "employer", "worker-4", 1000, at=5 * DAY + 2),
        pay("n", "worker-4", "keeper", 800, at=6 * DAY),
    ),
    edge("the first wage is exactly 90 d old", last_pay_day(at=90 * DAY - HOUR)),
    edge("the first wage is younger", last_pay_day(at=90 * DAY - HOUR - MICROSECOND), on="n"),
    edge("exactly 10 USD", last_pay_day(wage=11, on=10), on="n"),
    edge("a micro-dollar less than 10 USD", last_pay_day(wage=11, on=10 - MICRO)),
    edge(
        "the keeper's inflows number 256",
        OTHERS,
        pay("o", "customer", "keeper", 30, at=11 * DAY),
        last_pay_day(),
        on="n",
    ),
    edge(
        "the keeper's inflows number 257", OTHERS, pays("o", 2, "customer", "keeper", 30, at=11 * DAY), last_pay_day()
    ),
    edge("30 gifts of gas between a worker's wages", GAS[:30], last_pay_day(), on="n"),
    edge("31 gifts of gas between a worker's wages", GAS, last_pay_day()),
)

FINDER = Finder(
    about=About(
        id="tx-collected-wages",
        version=1,
        title="Several workers' wages end in one account",
        status="live",
        severity="high",
        entries=("tx-collected-wages",),
        reason=(
            "{subject} got {usd_collected} USD out of {wages} wages of {workers} workers of one payer within "
            "{held_hours} hours of each wage. This resembles wages that are taken away. Parties: {parties}."
        ),
        innocent=("a family or household with one purse", "a savings club or a lender", "a wage paid by mistake"),
        blind_to=(
            "workers of different payers, and wages paid straight to the collector",
            "collectors with more than max_inflows payments in window_days, which are taken for services",
            "wages older than a worker's latest max_legs inflows",
            "accounts an exchange knows only as the other side of its customers' payments",
        ),
        next_steps=(
            "See whether the payer is an employer, a labour broker or an exchange nobody labelled.",
            "See where the collector's money goes, and whether any of it returns to the workers.",
            "Treat the workers as possible victims: do not contact them through the collector.",
        ),
        thresholds=THRESHOLDS,
        cases=CASES,
    ),
    features=features,
    triggers=may_collect,
    within_us=lambda v: days_us(v["window_days"]),
    numbers=("workers", "wages", "usd_collected"),
    story=collects,
)
