"""Many payers each pay one account twice, some days to weeks apart: part of a fee, then the rest.

Catalogue entry tx-smuggling-staged-fee; payers are linked by being the same payer. Two alike parts about a month
apart look like rent or wages and are left out. Most payers of the account must pay so, or it is a shop.
"""

from __future__ import annotations

from collections.abc import Mapping

from manumit.detectors.contract import About, FeatureBlock, Finder, Mask, Story, Threshold, Values
from manumit.detectors.labelled import BUSINESSES, labelled
from manumit.detectors.parties import NUMBER, is_person
from manumit.detectors.payers import by_party, days_us, micro, worth
from manumit.detectors.stories import DAY, HOUR, MICRO, MICROSECOND, edge, fires, innocent, label, near_miss, pay, pays
from manumit.detectors.windows.features import Aggregate, Feature, Filter, PairCount, Side
from manumit.detectors.windows.view import Leg, View
from manumit.schemas.transfer import Transfer

THRESHOLDS = (
    Threshold(name="low_usd", value=500, unit="USD", origin="FIN-2023-Alert001: hundreds"),
    Threshold(name="high_usd", value=15_000, unit="USD", origin="FIN-2023-Alert001: over 10,000; ours: how much over"),
    Threshold(name="first_day", value=3, unit="days", origin="ours: catalogue entry, d1"),
    Threshold(name="last_day", value=45, unit="days", origin="ours: catalogue entry, d2"),
    Threshold(name="min_pairs", value=5, unit="payers", origin="ours: catalogue entry, n"),
    Threshold(name="min_share", value=0.5, unit="share", origin="ours: of all payers"),
    Threshold(name="alike", value=0.6, unit="share", origin="ours: a smaller part at least so much of the larger"),
    Threshold(name="monthly_days", value=26, unit="days", origin="ours: alike parts so far apart are taken for rent"),
    Threshold(name="window_days", value=60, unit="days", origin="catalogue entry, check.window"),
    Threshold(name="max_inflows", value=256, unit="transfers", origin="ours: a busier account is taken for a service"),
    Threshold(name="dust_usd", value=10, unit="USD", origin="ours: gas and dust are left out"),
)


def features(v: Values) -> Mapping[str, tuple[Side, Feature]]:
    window_us, counted = days_us(v["window_days"]), Filter(low=micro(v["dust_usd"]))
    twice = Aggregate(measure="counterparties", direction="in", window_us=window_us, where=counted, at_least=2)
    return {
        "payments": ("receiver", PairCount(window_us=window_us, where=counted)),
        "paid_twice": ("receiver", twice),
    }


def may_be_a_last_part(block: FeatureBlock, v: Values) -> Mask:
    business = labelled(block.own_labels | block.other_labels, *BUSINESSES)
    second = (block["payments"] == 2) & (block["paid_twice"] >= v["min_pairs"])
    found: Mask = second & (block.usd >= v["dust_usd"]) & ~business
    return found


def fees_in_two_parts(view: View, v: Values) -> Story | None:
    """The payers of this transfer's receiver who paid exactly twice, as a fee in two stages is paid."""
    limit = int(v["max_inflows"]) + 1
    own = worth(view.payments(days_us(v["window_days"]), limit), v["dust_usd"])
    if own[:1] != [view.event] or not is_staged(own, v):
        return None
    inflows = view.inflows(view.receiver, days_us(v["window_days"]), limit)
    if len(inflows) == limit or not is_person(view, view.receiver):
        return None
    payers = by_party(worth(inflows, v["dust_usd"]))
    staged = {payer: legs for payer, legs in payers.items() if is_staged(legs, v) and is_person(view, payer)}
    if view.sender not in staged or len(staged) < max(v["min_pairs"], v["min_share"] * len(payers)):
        return None
    return Story(
        subject=view.receiver,
        events=tuple(leg.sequence for legs in staged.values() for leg in legs),
        parties=(
            ("receives fees in two parts", view.receiver),
            *((f"payer {NUMBER}", payer) for payer in staged),
        ),
        numbers={
            "pairs": len(staged),
            "payers": len(payers),
            "usd_fees": sum(leg.usd_micro for legs in staged.values() for leg in legs) / 1e6,
        },
    )


def is_staged(legs: list[Leg], v: Values) -> bool:
    """Two payments, newest first, that may be one fee."""
    if len(legs) != 2:
        return False
    apart, total = legs[0].at_us - legs[1].at_us, legs[0].usd_micro + legs[1].usd_micro
    smaller, larger = sorted(leg.usd_micro for leg in legs)
    like_rent = smaller >= v["alike"] * larger and apart >= days_us(v["monthly_days"])
    in_time = days_us(v["first_day"]) <= apart <= days_us(v["last_day"])
    return in_time and micro(v["low_usd"]) <= total <= micro(v["high_usd"]) and not like_rent


def passages(
    count: int = 5, first: float = 900, rest: float = 2100, *, apart: int = 14 * DAY, at: int = 0
) -> tuple[Transfer, ...]:
    """`count` payers, an hour after each other: `first` (tags f1, f2, …), and `apart` later the rest (r1, r2, …)."""
    begun = pays("f#", count, "traveller-#", "guide", first, at=at)
    return begun + pays("r#", count, "traveller-#", "guide", rest, at=at + apart)


def fifth(first: float = 900, rest: float = 2100, *, apart: int = 14 * DAY, at: int = 20 * DAY) -> tuple[Transfer, ...]:
    """Four passages, and a fifth whose rest bears the tag r."""
    return (
        *passages(4),
        pay("f", "traveller", "guide", first, at=at),
        pay("r", "traveller", "guide", rest, at=at + apart),
    )


def others(count: int, *, at: int = DAY) -> tuple[Transfer, ...]:
    return pays("o#", count, "other-#", "guide", 40, at=at, every=MICROSECOND)


def often(count: int) -> tuple[Transfer, ...]:
    return pays("o#", count, "other", "guide", 40, at=DAY, every=MICROSECOND)


CASES = (
    fires("the fifth payer pays the rest", passages(), on="r5"),
    fires("and each later payer", passages(7), on="r5 r6 r7"),
    fires("halves a fortnight apart", passages(first=1500, rest=1500), on="r5"),
    near_miss("four payers", passages(4)),
    near_miss("the rest came the next day", passages(9, apart=DAY)),
    near_miss("nobody paid a rest", passages(9)[:9]),
    near_miss("three parts each", passages(5), pays("x#", 5, "traveller-#", "guide", 300, at=2 * DAY)),
    innocent("a labelled travel agency", passages(9), labels=(label("guide", "service"),)),
    innocent("rent of two months", passages(9, 900, 900, apart=30 * DAY)),
    innocent("a shop where some come twice", passages(5, 300, 250), others(20)),
    innocent("small sums", passages(9, 100, 200)),
    edge("500 USD in all", fifth(200, 300), on="r"),
    edge("a micro-dollar less in all", fifth(200, 300 - MICRO)),
    edge("15,000 USD in all", fifth(5000, 10_000), on="r"),
    edge("a micro-dollar more in all", fifth(5000, 10_000 + MICRO)),
    edge("exactly 3 d later", fifth(apart=3 * DAY), on="r"),
    edge("sooner", fifth(apart=3 * DAY - MICROSECOND)),
    edge("exactly 45 d later", fifth(at=HOUR, apart=45 * DAY), on="r"),
    edge("later", fifth(at=HOUR, apart=45 * DAY + MICROSECOND)),
    edge("half of the payers", fifth(), others(5), on="r"),
    edge("less than half of the payers", fifth(), others(6)),
    edge("0.6 of the other part, 26 d later", fifth(600, 1000, apart=26 * DAY)),
    edge("a micro-dollar less of it", fifth(600 - MICRO, 1000, apart=26 * DAY), on="r"),
    edge("alike, but sooner than 26 d", fifth(600, 1000, apart=26 * DAY - MICROSECOND), on="r"),
    edge("the first payment is exactly 60 d old", fifth(at=46 * DAY)),
    edge("the first payment is younger", fifth(at=46 * DAY - MICROSECOND), on="r"),
    edge("246 inflows of others", often(246), fifth(), on="r"),
    edge("247 inflows of others", often(247), fifth()),
    edge("a part of 10 USD", fifth(10, 990), on="r"),
    edge("a part of less", fifth(10 - MICRO, 990)),
)

FINDER = Finder(
    about=About(
        id="tx-smuggling-staged-fee",
        version=1,
        title="Fees in two parts from many payers",
        status="live",
        severity="high",
        entries=("tx-smuggling-staged-fee",),
        reason=(
            "{pairs} of {payers} payers of {subject} paid it exactly twice within {window_days} days, {usd_fees} USD "
            "in all, the rest {first_day} to {last_day} days after the first part. This resembles passages paid in two "
            "stages. Parties: {parties}."
        ),
        innocent=("a travel agent or moving firm", "tuition or wedding deposits", "craftsmen paid half in advance"),
        blind_to=(
            "a rest paid by relatives or from another wallet",
            "two like parts a month or more apart, which look like rent or wages",
            "accounts with more than max_inflows payments in window_days, which are taken for services",
        ),
        next_steps=(
            "Compare the dates of the second parts: arrivals of one group come together.",
            "See whether the payers share a place, a date of opening or a first funder.",
            "Look for the account in travel and passage adverts, and follow its outflows along the route.",
        ),
        thresholds=THRESHOLDS,
        cases=CASES,
    ),
    features=features,
    triggers=may_be_a_last_part,
    within_us=lambda v: days_us(v["window_days"]),
    numbers=("pairs", "payers", "usd_fees"),
    story=fees_in_two_parts,
)
