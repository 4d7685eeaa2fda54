"""Fresh wallets, each filled once from an exchange, empty themselves into one common account.

Catalogue entry tx-one-to-one-then-many-to-one. A relay is an address whose inflows all came from one labelled
exchange, shortly before it paid nearly all of them on. Most of the account's latest payers must be relays.
"""

from __future__ import annotations

from collections.abc import Mapping

from manumit.detectors.contract import About, FeatureBlock, Finder, Mask, Story, Threshold, Values
from manumit.detectors.labelled import BUSINESSES, labelled
from manumit.detectors.parties import NUMBER, is_person
from manumit.detectors.payers import by_party, days_us, hours_us, micro, passed_on, variation, worth
from manumit.detectors.stories import DAY, HOUR, MICRO, MICROSECOND, edge, fires, innocent, label, near_miss, pay, pays
from manumit.detectors.windows.features import Aggregate, Feature, Filter, Side, Since
from manumit.detectors.windows.view import Leg, View
from manumit.schemas.block import MICRO_USD
from manumit.schemas.label import label_bit
from manumit.schemas.transfer import Transfer

EXCHANGE = label_bit("exchange")

THRESHOLDS = (
    Threshold(name="min_relays", value=20, unit="payers", origin="ours: catalogue entry, k"),
    Threshold(name="keeps", value=0.9, unit="share", origin="catalogue entry, check.logic"),
    Threshold(name="held_hours", value=24, unit="hours", origin="ours: catalogue entry, w"),
    Threshold(name="fresh_days", value=2, unit="days", origin="catalogue entry, check.logic"),
    Threshold(name="max_variation", value=0.5, unit="share", origin="ours: low amount variance"),
    Threshold(name="min_share", value=0.5, unit="share", origin="ours: of the account's latest payers"),
    Threshold(name="window_days", value=30, unit="days", origin="catalogue entry, check.window"),
    Threshold(name="max_inflows", value=64, unit="transfers", origin="ours: the account's latest inflows looked at"),
    Threshold(name="max_legs", value=8, unit="transfers", origin="ours: a relay with more inflows is none"),
    Threshold(name="dust_usd", value=10, unit="USD", origin="ours: gas and dust are left out"),
)


def features(v: Values) -> Mapping[str, tuple[Side, Feature]]:
    payers = Aggregate(
        measure="counterparties",
        direction="in",
        window_us=days_us(v["window_days"]),
        where=Filter(low=micro(v["dust_usd"])),
    )
    window_us = days_us(v["window_days"])
    return {
        "came": ("sender", Aggregate(measure="sum", direction="in", window_us=window_us)),
        "inflows": ("sender", Aggregate(measure="count", direction="in", window_us=window_us)),
        "since_in": ("sender", Since(moment="last-in", within_us=hours_us(v["held_hours"]))),
        "payers": ("receiver", payers),
    }


def may_be_relayed(block: FeatureBlock, v: Values) -> Mask:
    business = labelled(block.own_labels | block.other_labels, *BUSINESSES)
    quick = (block["since_in"] < hours_us(v["held_hours"])) & (block.usd >= v["dust_usd"])
    gifts = v["max_legs"] * micro(v["dust_usd"])
    whole = (block.usd * MICRO_USD >= v["keeps"] * (block["came"] - gifts) - 1) & (block["inflows"] <= v["max_legs"])
    found: Mask = quick & whole & (block["payers"] >= v["min_relays"]) & ~business
    return found


def relays_to(view: View, v: Values) -> Story | None:
    """The relays among the latest payers of the receiver, this transfer's sender among them."""
    if view.usd_micro < micro(v["dust_usd"]) or not funding(view, view.event, v) or not is_person(view, view.receiver):
        return None
    inflows = view.inflows(view.receiver, days_us(v["window_days"]), int(v["max_inflows"]))
    payments = by_party(worth(inflows, v["dust_usd"]))
    relays = {p: (legs[0], came) for p, legs in payments.items() if (came := funding(view, legs[0], v))}
    amounts = [on.usd_micro for on, _ in relays.values()]
    if len(relays) < v["min_relays"] or len(relays) < v["min_share"] * len(payments):
        return None
    if variation(amounts) > v["max_variation"]:
        return None
    exchanges = dict.fromkeys(came[0].other for _, came in relays.values())
    return Story(
        subject=view.receiver,
        events=tuple(leg.sequence for on, came in relays.values() for leg in (*came, on)),
        parties=(
            ("collects", view.receiver),
            *((f"exchange {NUMBER}", exchange) for exchange in exchanges),
            *((f"relay {NUMBER}", relay) for relay in relays),
        ),
        numbers={"relays": len(relays), "payers": len(payments), "usd_collected": sum(amounts) / 1e6},
    )


def funding(view: View, on: Leg, v: Values) -> list[Leg]:
    """How a fresh wallet got what it pays `on`; nothing for any other payer."""
    limit = int(v["max_legs"]) + 1
    inflows = view.inflows(on.other, 2 * days_us(v["window_days"]), limit)
    came = [leg for leg in worth(inflows, v["dust_usd"]) if leg.sequence < on.sequence]
    if len(inflows) == limit or not came or len({leg.other for leg in came}) != 1:
        return []
    quick = on.at_us - came[0].at_us < hours_us(v["held_hours"])
    fresh = on.at_us - came[-1].at_us < days_us(v["fresh_days"])
    whole = passed_on(on.usd_micro, sum(leg.usd_micro for leg in came), v["keeps"])
    passes = quick and fresh and whole and view.carries(came[0].other, EXCHANGE)
    return came if passes and is_person(view, on.other) else []


def filled(count: int, usd: float = 100, *, at: int = DAY) -> tuple[Transfer, ...]:
    return pays("w#", count, "exchange", "relay-#", usd, at=at, every=MICROSECOND)


def paid(count: int, usd: float = 95, *, at: int = DAY + HOUR) -> tuple[Transfer, ...]:
    return pays("r#", count, "relay-#", "common", usd, at=at, every=MICROSECOND)


def last(usd: float = 100, on: float = 95, *, at: int = 2 * DAY, held: int = HOUR) -> tuple[Transfer, ...]:
    """Nineteen relays, and a twentieth of these sums and times (tags w and r)."""
    late = pay("w", "exchange", "relay", usd, at=at), pay("r", "relay", "common", on, at=at + held)
    return *filled(19), *paid(19), *late


def others(count: int, *, at: int = DAY) -> tuple[Transfer, ...]:
    return pays("o#", count, "other-#", "common", 100, at=at, every=MICROSECOND)


def gas(count: int) -> tuple[Transfer, ...]:
    return pays("g#", count, "friend", "relay", 2, at=2 * DAY, every=MICROSECOND)


KNOWN = (label("exchange", "exchange"),)

CASES = (
    fires("the twentieth relay", filled(20), paid(20), on="r20", labels=KNOWN),
    fires("and each later one", filled(22), paid(22), on="r20 r21 r22", labels=KNOWN),
    near_miss("nineteen relays", filled(19), paid(19), labels=KNOWN),
    near_miss("filled by nobody we know", filled(30), paid(30)),
    near_miss(
        "wallets used before", pays("b#", 30, "friend", "relay-#", 100, at=0), filled(30), paid(30), labels=KNOWN
    ),
    near_miss("half of it stays in the wallets", filled(30), paid(30, 50), labels=KNOWN),
    near_miss(
        "sums of every size",
        filled(20, 15),
        *(
            (
                pay(f"m{i}", "exchange", f"relay-{i}", 1500, at=DAY + HOUR),
                pay(f"n{i}", f"relay-{i}", "common", 1500, at=DAY + 2 * HOUR),
            )
            for i in range(1, 5)
        ),
        paid(20, 14, at=DAY + 3 * HOUR),
        labels=KNOWN,
    ),
    innocent("a labelled payment processor", filled(30), paid(30), labels=(*KNOWN, label("common", "service"))),
    innocent(
        "an exchange sweeps its deposit addresses", filled(30), paid(30), labels=(*KNOWN, label("common", "exchange"))
    ),
    innocent("a shop with more other customers", others(40), filled(20), paid(20), labels=KNOWN),
    edge("0.9 of it goes on", last(on=90), on="r", labels=KNOWN),
    edge("a micro-dollar less goes on", last(on=90 - MICRO), labels=KNOWN),
    edge("held for exactly 24 h", last(held=DAY), labels=KNOWN),
    edge("held for less", last(held=DAY - MICROSECOND), on="r", labels=KNOWN),
    edge(
        "first filled exactly 2 d before",
        pay("x", "exchange", "relay", 20, at=2 * DAY),
        last(80, at=4 * DAY - HOUR),
        labels=KNOWN,
    ),
    edge(
        "first filled less than 2 d before",
        pay("x", "exchange", "relay", 20, at=2 * DAY + MICROSECOND),
        last(80, at=4 * DAY - HOUR),
        on="r",
        labels=KNOWN,
    ),
    edge("at the largest variation", last(341.18, 341.18), on="r", labels=KNOWN),
    edge("beyond the largest variation", last(341.19, 341.19), labels=KNOWN),
    edge("half of the payers", others(20), last(), on="r", labels=KNOWN),
    edge("less than half of the payers", others(21), last(), labels=KNOWN),
    edge("the first payment is exactly 30 d old", last(at=31 * DAY), labels=KNOWN),
    edge("the first payment is younger", last(at=31 * DAY - MICROSECOND), on="r", labels=KNOWN),
    edge(
        "44 later inflows",
        filled(19),
        paid(19),
        pays("o#", 44, "other", "common", 100, at=DAY + 2 * HOUR, every=1),
        pay("w", "exchange", "relay", 100, at=2 * DAY),
        pay("r", "relay", "common", 95, at=2 * DAY + HOUR),
        on="r",
        labels=KNOWN,
    ),
    edge(
        "45 later inflows",
        filled(19),
        paid(19),
        pays("o#", 45, "other", "common", 100, at=DAY + 2 * HOUR, every=1),
        pay("w", "exchange", "relay", 100, at=2 * DAY),
        pay("r", "relay", "common", 95, at=2 * DAY + HOUR),
        labels=KNOWN,
    ),
    edge("7 gifts of gas", gas(7), last(), on="r", labels=KNOWN),
    edge("8 gifts of gas", gas(8), last(), labels=KNOWN),
    edge("exactly 10 USD", filled(20, 10), paid(20, 10), on="r20", labels=KNOWN),
    edge("a micro-dollar less than 10 USD", filled(20, 10), paid(20, 10 - MICRO), labels=KNOWN),
)

FINDER = Finder(
    about=About(
        id="tx-one-to-one-then-many-to-one",
        version=1,
        title="Personal relay wallets, then one common account",
        status="live",
        severity="medium",
        entries=("tx-one-to-one-then-many-to-one",),
        reason=(
            "{relays} of the latest {payers} payers of {subject} were fresh wallets, each filled from an exchange and "
            "emptied into it within {held_hours} hours, {usd_collected} USD in all. This resembles buyers who each put "
            "a wallet of their own between. Parties: {parties}."
        ),
        innocent=("a merchant's processor with an address for each invoice", "an exchange's unlabelled sweep address"),
        blind_to=(
            "wallets filled by an exchange nobody labelled, or from several sources",
            "all but the latest max_inflows payments to the account, and relays with more than max_legs inflows",
            "relays that were used before: the memory of one reaches twice window_days",
        ),
        next_steps=(
            "Ask the exchanges whose customers filled the relays, and when they opened their accounts.",
            "See whether the common account empties into a mixer or one exchange.",
            "Compare the sums with the prices of known sites and sellers.",
        ),
        needs=("transfers", "labels"),
        thresholds=THRESHOLDS,
        cases=CASES,
    ),
    features=features,
    triggers=may_be_relayed,
    within_us=lambda v: 2 * days_us(v["window_days"]),
    numbers=("relays", "payers", "usd_collected"),
    story=relays_to,
)
