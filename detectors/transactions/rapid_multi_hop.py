"""Nearly all of a sum runs within hours through a line of addresses that do nothing else.

Catalogue entry tx-rapid-multi-hop. An address serves no other purpose when, in the engine's memory of it, one
transfer came in and at most two went out; transfers below `dust_usd` (gas, poisoning) do not count. That is
stricter than the entry's age below 7 days for a month, and blind to what lies before it.
"""

from __future__ import annotations

from collections.abc import Mapping

from manumit.detectors.contract import About, FeatureBlock, Finder, Mask, Story, Threshold, Values
from manumit.detectors.labelled import BUSINESSES, labelled
from manumit.detectors.parties import NUMBER, is_person
from manumit.detectors.payers import days_us, hours_us, micro, passed_on, worth
from manumit.detectors.stories import (
    DAY,
    HOUR,
    MICRO,
    MICROSECOND,
    MINUTE,
    edge,
    fires,
    innocent,
    label,
    near_miss,
    pay,
    pays,
)
from manumit.detectors.windows.features import Aggregate, Feature, Side, Since
from manumit.detectors.windows.view import Leg, View
from manumit.schemas.block import MICRO_USD
from manumit.schemas.transfer import Transfer

LONGEST = 24

THRESHOLDS = (
    Threshold(name="keeps", value=0.9, unit="share", origin="ours: catalogue entry, q"),
    Threshold(name="min_hops", value=5, unit="transfers", origin="ours: catalogue entry, L"),
    Threshold(name="window_hours", value=6, unit="hours", origin="catalogue entry, check.window"),
    Threshold(name="memory_days", value=30, unit="days", origin="ours: how far back an address must have been idle"),
    Threshold(name="max_outflows", value=2, unit="transfers", origin="ours: catalogue entry, out<=2"),
    Threshold(name="max_legs", value=8, unit="transfers", origin="ours: a busier address is taken for a service"),
    Threshold(name="dust_usd", value=10, unit="USD", origin="ours: gas and dust are left out"),
    Threshold(name="min_usd", value=100, unit="USD", origin="ours: pocket money is left out"),
)


def features(v: Values) -> Mapping[str, tuple[Side, Feature]]:
    memory_us = days_us(v["memory_days"])
    return {
        "since_in": ("sender", Since(moment="last-in", within_us=hours_us(v["window_hours"]))),
        "came": ("sender", Aggregate(measure="sum", direction="in", window_us=memory_us)),
        "inflows": ("sender", Aggregate(measure="count", direction="in", window_us=memory_us)),
        "outflows": ("sender", Aggregate(measure="count", direction="out", window_us=memory_us)),
    }


def may_end_a_line(block: FeatureBlock, v: Values) -> Mask:
    idle = (block["inflows"] <= v["max_legs"]) & (block["outflows"] <= v["max_legs"])
    quick = block["since_in"] < hours_us(v["window_hours"])
    most_of_it = block.usd * MICRO_USD >= v["keeps"] * (block["came"] - v["max_legs"] * micro(v["dust_usd"])) - 1
    found: Mask = idle & quick & most_of_it & (block.usd >= v["min_usd"]) & ~labelled(block.own_labels, *BUSINESSES)
    return found


def line(view: View, v: Values) -> Story | None:
    """From the last transfer back to where the money was not just passed on."""
    went, account, legs = view.event, view.sender, [view.event]
    while len(legs) < LONGEST and (came := brought(view, account, went, v)) is not None:
        legs.append(came)
        went, account = came, came.other
    if len(legs) < v["min_hops"] or view.usd_micro < micro(v["min_usd"]):
        return None
    hops = [leg.other for leg in legs[-2::-1]]  # in the order the money took
    return Story(
        subject=hops[0],
        events=tuple(leg.sequence for leg in legs),
        parties=(
            ("first sender", legs[-1].other),
            *((f"passed on as number {NUMBER}", hop) for hop in hops),
            ("last receiver", view.receiver),
        ),
        numbers={
            "hops": len(legs),
            "minutes": (legs[0].at_us - legs[-1].at_us) / MINUTE,
            "share": legs[0].usd_micro / legs[-1].usd_micro,
        },
    )


def brought(view: View, account: int, went: Leg, v: Values) -> Leg | None:
    """The one transfer that brought an otherwise idle address what `went` on from it; None for any other address."""
    memory_us, limit = days_us(v["memory_days"]), int(v["max_legs"]) + 1
    inflows = view.inflows(account, memory_us, limit)
    came = worth(inflows, v["dust_usd"])
    if len(inflows) == limit or len(came) != 1:
        return None
    leg = came[0]
    in_time = view.event.at_us - leg.at_us < hours_us(v["window_hours"]) and leg.sequence < went.sequence
    if not in_time or not passed_on(went.usd_micro, leg.usd_micro, v["keeps"]) or not is_person(view, account):
        return None
    outflows = view.outflows(account, memory_us, limit)
    return leg if len(outflows) < limit and len(worth(outflows, v["dust_usd"])) <= v["max_outflows"] else None


def chain(count: int, usd: float = 1000, *, every: int = 20 * MINUTE, at: int = DAY) -> tuple[Transfer, ...]:
    """Transfers t1, t2, …, each of 99 % of the one before: from `source` through `hop-1`, `hop-2`, …"""
    return tuple(
        pay(
            f"t{i}",
            "source" if i == 1 else f"hop-{i - 1}",
            f"hop-{i}",
            round(usd * 0.99 ** (i - 1), 6),
            at=at + (i - 1) * every,
        )
        for i in range(1, count + 1)
    )


def last(usd: float, *, at: int = DAY + 2 * HOUR, before: float = 1000) -> tuple[Transfer, ...]:
    """Four transfers of one sum, and a fifth of `usd`."""
    same = (pay(f"t{i}", f"hop-{i - 1}", f"hop-{i}", before, at=DAY + i * MINUTE) for i in range(1, 5))
    return *same, pay("t5", "hop-4", "hop-5", usd, at=at)


CASES = (
    fires("the fifth transfer in a row", chain(5), on="t5"),
    fires("and each later one", chain(8), on="t5 t6 t7 t8"),
    fires(
        "gas and change on the way",
        chain(5),
        pay("g", "friend", "hop-2", 3, at=0),
        pay("c", "hop-3", "change", 9, at=DAY + HOUR + MINUTE),
        on="t5",
    ),
    near_miss("four in a row", chain(4)),
    near_miss(
        "half of it stays somewhere",
        chain(3),
        pay("h", "hop-3", "hop-4", 480, at=DAY + HOUR),
        pay("i", "hop-4", "hop-5", 470, at=DAY + 2 * HOUR),
    ),
    near_miss("the line rests for a night", chain(6, every=3 * HOUR)),
    innocent("through a labelled exchange", chain(6), labels=(label("hop-3", "exchange"),)),
    innocent("through an address that others pay too", chain(6), pay("x", "friend", "hop-3", 50, at=0)),
    innocent("a router that pays many", chain(6), pays("x#", 9, "hop-3", "user-#", 5, at=HOUR)),
    innocent("pocket money", chain(6, 90)),
    edge("0.9 of it goes on", last(900), on="t5"),
    edge("a micro-dollar less goes on", last(900 - MICRO)),
    edge("all of it goes on", last(1000), on="t5"),
    edge("more than came goes on", last(1000 + MICRO)),
    edge("the first is exactly 6 h old", last(950, at=DAY + MINUTE + 6 * HOUR)),
    edge("the first is younger", last(950, at=DAY + MINUTE + 6 * HOUR - MICROSECOND), on="t5"),
    edge(
        "an earlier payment is exactly 30 d old",
        pay("x", "friend", "hop-2", 50, at=2 * HOUR - 29 * DAY),
        last(950),
        on="t5",
    ),
    edge(
        "an earlier payment is younger",
        pay("x", "friend", "hop-2", 50, at=2 * HOUR - 29 * DAY + MICROSECOND),
        last(950),
    ),
    edge("one more outflow", last(950), pay("x", "hop-2", "change", 50, at=DAY + HOUR), on="t5"),
    edge("two more outflows", last(950), pays("x#", 2, "hop-2", "change-#", 25, at=DAY + HOUR, every=1)),
    edge("7 gifts of gas", pays("g#", 7, "friend", "hop-2", 1), last(950), on="t5"),
    edge("8 gifts of gas", pays("g#", 8, "friend", "hop-2", 1), last(950)),
    edge("exactly 10 USD from elsewhere", pay("x", "friend", "hop-2", 10, at=0), last(950)),
    edge("a micro-dollar less from elsewhere", pay("x", "friend", "hop-2", 10 - MICRO, at=0), last(950), on="t5"),
    edge("exactly 100 USD", last(100, before=110), on="t5"),
    edge("a micro-dollar less than 100 USD", last(100 - MICRO, before=110)),
)

FINDER = Finder(
    about=About(
        id="tx-rapid-multi-hop",
        version=1,
        title="A sum runs through many idle addresses within hours",
        status="live",
        severity="medium",
        entries=("tx-rapid-multi-hop",),
        reason=(
            "{share:%} of a sum that reached {subject} went through {hops} transfers in {minutes} minutes, by "
            "addresses that did nothing else. This resembles layering. Parties: {parties}."
        ),
        innocent=("change chains of wallet software", "an exchange's unlabelled deposit and sweep addresses"),
        blind_to=(
            "lines that split or join on the way",
            "addresses with more than max_legs transfers in memory_days, which are taken for services",
            "what an address did before memory_days, and hops by an asset of unknown worth",
            "lines of more than 24 transfers: the story then begins 24 back",
        ),
        next_steps=(
            "See who the first sender is: a customer, an exchange withdrawal or a reported scam address.",
            "See where the line ends, and ask that exchange for the receiving customer.",
            "Look for lines of the same length and rhythm from the same sender.",
        ),
        thresholds=THRESHOLDS,
        cases=CASES,
    ),
    features=features,
    triggers=may_end_a_line,
    within_us=lambda v: days_us(v["memory_days"]),
    numbers=("hops", "minutes", "share"),
    story=line,
)
