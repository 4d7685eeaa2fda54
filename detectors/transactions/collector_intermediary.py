"""An account that many pay small sums pays most of its money to accounts that many others pay small sums.

Catalogue entry tx-collector-intermediary. A collector is an account with enough small payers; the one it pays
must have as many who never paid the first. What goes to labelled shops or gambling is its own consumption.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from manumit.detectors.contract import About, FeatureBlock, Finder, Mask, Story, Threshold, Values
from manumit.detectors.labelled import BUSINESSES, labelled
from manumit.detectors.parties import NUMBER, is_person
from manumit.detectors.payers import by_party, days_us, micro, worth
from manumit.detectors.stories import DAY, HOUR, MICRO, MICROSECOND, edge, fires, innocent, label, near_miss, pay, pays
from manumit.detectors.windows.features import Aggregate, Feature, Filter, Side
from manumit.detectors.windows.view import Leg, View
from manumit.schemas.label import label_bit
from manumit.schemas.transfer import Transfer

CONSUMPTION = label_bit("service") | label_bit("gambling")

THRESHOLDS = (
    Threshold(name="min_payers", value=8, unit="payers", origin="ours: catalogue entry, k"),
    Threshold(name="min_share_on", value=0.5, unit="share", origin="ours: catalogue entry, r"),
    Threshold(name="max_consumed", value=0.1, unit="share", origin="ours: catalogue entry, c"),
    Threshold(name="small_usd", value=1000, unit="USD", origin="ours: a small payment is no larger"),
    Threshold(name="window_days", value=60, unit="days", origin="catalogue entry, check.window"),
    Threshold(name="max_inflows", value=128, unit="transfers", origin="ours: a busier account is taken for a service"),
    Threshold(name="max_outflows", value=32, unit="transfers", origin="ours: a busier account is taken for a service"),
    Threshold(name="dust_usd", value=10, unit="USD", origin="ours: gas and dust are left out"),
)


def features(v: Values) -> Mapping[str, tuple[Side, Feature]]:
    payers = Aggregate(
        measure="counterparties",
        direction="in",
        window_us=days_us(v["window_days"]),
        where=Filter(low=micro(v["dust_usd"])),
    )
    outflows = Aggregate(measure="count", direction="out", window_us=days_us(v["window_days"]))
    return {
        "own_payers": ("sender", payers),
        "other_payers": ("receiver", payers),
        "outflows": ("sender", outflows),
    }


def may_be_passed_up(block: FeatureBlock, v: Values) -> Mask:
    business = labelled(block.own_labels | block.other_labels, *BUSINESSES)
    both = (block["own_payers"] >= v["min_payers"]) & (block["other_payers"] >= v["min_payers"])
    few = block["outflows"] <= v["max_outflows"]
    found: Mask = both & few & (block.usd >= v["dust_usd"]) & ~business
    return found


def passed_up(view: View, v: Values) -> Story | None:
    """The sender's small payers and the other collectors it pays, the receiver of this transfer among them."""
    limit = int(v["max_outflows"]) + 1
    if view.usd_micro < micro(v["dust_usd"]) or len(small_payments(view, view.receiver, v)) < v["min_payers"]:
        return None
    outflows = view.outflows(view.sender, days_us(v["window_days"]), limit)
    own = small_payments(view, view.sender, v)
    if len(outflows) == limit or len(own) < v["min_payers"]:
        return None
    spent = by_party(worth(outflows, v["dust_usd"]))
    uppers = {}
    for receiver, legs in spent.items():
        others = {p: leg for p, leg in small_payments(view, receiver, v).items() if p not in own and p != view.sender}
        if len(others) >= v["min_payers"]:
            uppers[receiver] = (legs, others)
    if view.receiver not in uppers:
        return None
    total, on = total_of(spent.values()), total_of(legs for legs, _ in uppers.values())
    consumed = total_of(legs for receiver, legs in spent.items() if view.carries(receiver, CONSUMPTION))
    if on < v["min_share_on"] * total or consumed > v["max_consumed"] * total:
        return None
    above = [leg for _, found in uppers.values() for leg in found.values()]
    return Story(
        subject=view.sender,
        events=tuple(
            leg.sequence for leg in (*own.values(), *(x for legs, _ in uppers.values() for x in legs), *above)
        ),
        parties=(
            ("collects and passes on", view.sender),
            *((f"collector {NUMBER} it pays", receiver) for receiver in uppers),
            *((f"payer {NUMBER}", payer) for payer in own),
        ),
        numbers={
            "payers": len(own),
            "collectors": len(uppers),
            "other_payers": len(above),
            "share_on": on / total,
        },
    )


def small_payments(view: View, account: int, v: Values) -> dict[int, Leg]:
    """The latest small payment of each payer; none where they are too few, or the account a business or as busy."""
    band, limit = (micro(v["dust_usd"]), micro(v["small_usd"])), int(v["max_inflows"]) + 1
    legs = view.payers(account, band, days_us(v["window_days"]), limit)
    if len(legs) < v["min_payers"] or not is_person(view, account):
        return {}
    return {leg.other: leg for leg in legs if is_person(view, leg.other)}


def total_of(parts: Iterable[list[Leg]]) -> int:
    return sum(leg.usd_micro for legs in parts for leg in legs)


def payers(count: int, to: str, usd: float = 60, *, at: int = DAY, name: str = "payer") -> tuple[Transfer, ...]:
    return pays(f"{to}.{name}.#", count, f"{name}-of-{to}-#", to, usd, at=at, every=MICROSECOND)


def two(own: int = 8, others: int = 8) -> tuple[Transfer, ...]:
    return payers(own, "collector") + payers(others, "upper")


def on(usd: float = 400, *, at: int = 2 * DAY, to: str = "upper") -> Transfer:
    return pay("on", "collector", to, usd, at=at)


def spend(usd: float, to: str = "landlord") -> Transfer:
    return pay("spend", "collector", to, usd, at=2 * DAY - HOUR)


SHOP = (label("shop", "service"),)

CASES = (
    fires("eight payers each", two(), on(), on="on"),
    fires(
        "paid on in parts to two of them",
        two(),
        payers(8, "third"),
        on(100),
        pay("more", "collector", "third", 300, at=3 * DAY),
        on="on more",
    ),
    near_miss("seven payers", two(7), on()),
    near_miss("the other has seven", two(8, 7), on()),
    near_miss(
        "the same people pay both",
        payers(8, "collector"),
        pays("u#", 8, "payer-of-collector-#", "upper", 60, at=DAY),
        on(),
    ),
    near_miss("most of it goes elsewhere", two(), spend(600), on(400)),
    innocent("a treasurer pays a labelled club", two(), on(), labels=(label("upper", "service"),)),
    innocent("large sums are invoices", payers(8, "collector", 2000), payers(8, "upper", 2000), on(2000)),
    innocent("a shop pays suppliers and spends at others", two(), spend(100, "shop"), on(400), labels=SHOP),
    innocent(
        "a seller banks the takings",
        two(20),
        payers(20, "hot-wallet"),
        on(1000, to="hot-wallet"),
        labels=(label("hot-wallet", "exchange"),),
    ),
    edge("half of it goes on", two(), spend(400), on(400), on="on"),
    edge("a micro-dollar less than half goes on", two(), spend(400), on(400 - MICRO)),
    edge("a tenth consumed", two(), spend(50, "shop"), on(450), on="on", labels=SHOP),
    edge("a micro-dollar more consumed", two(), spend(50 + MICRO, "shop"), on(450), labels=SHOP),
    edge("payments of exactly 1,000 USD", payers(8, "collector", 1000), payers(8, "upper", 1000), on(), on="on"),
    edge("payments of a micro-dollar more", payers(8, "collector", 1000), payers(8, "upper", 1000 + MICRO), on()),
    edge("the first payment is exactly 60 d old", two(), on(at=61 * DAY)),
    edge("the first payment is younger", two(), on(at=61 * DAY - MICROSECOND), on="on"),
    edge("128 inflows", two(), payers(120, "collector", 5, name="friend"), on(), on="on"),
    edge("129 inflows", two(), payers(121, "collector", 5, name="friend"), on()),
    edge(
        "32 outflows",
        two(),
        pays("o#", 31, "collector", "friend-#", 1, at=DAY + HOUR, every=MICROSECOND),
        on(),
        on="on",
    ),
    edge("33 outflows", two(), pays("o#", 32, "collector", "friend-#", 1, at=DAY + HOUR, every=MICROSECOND), on()),
    edge("payments of exactly 10 USD", payers(8, "collector", 10), payers(8, "upper"), on(), on="on"),
    edge("payments of a micro-dollar less", payers(8, "collector", 10 - MICRO), payers(8, "upper"), on()),
)

FINDER = Finder(
    about=About(
        id="tx-collector-intermediary",
        version=1,
        title="Collector between many payers and other collectors",
        status="live",
        severity="high",
        entries=("tx-collector-intermediary",),
        reason=(
            "{subject} got small sums from {payers} payers in {window_days} days and passed {share_on:%} of its "
            "outflows to {collectors} accounts that {other_payers} others pay alike. This resembles a go-between who "
            "collects. Parties: {parties}."
        ),
        innocent=(
            "a savings club or team treasurer",
            "a small shop that pays its suppliers",
            "a victim made to collect",
        ),
        blind_to=(
            "collectors with more than max_inflows or max_outflows transfers in window_days, taken for services",
            "payers who pay both, and collectors who are paid in large sums",
            "consumption at shops that nobody labelled",
        ),
        next_steps=(
            "See whether the payers' sums match the prices in adverts, and whether payers repeat.",
            "Follow the collectors it pays one step further: do they end at one account?",
            "Treat the collector as a possible victim: the source says that many are.",
        ),
        thresholds=THRESHOLDS,
        cases=CASES,
    ),
    features=features,
    triggers=may_be_passed_up,
    within_us=lambda v: days_us(v["window_days"]),
    numbers=("payers", "collectors", "other_payers", "share_on"),
    story=passed_up,
)
