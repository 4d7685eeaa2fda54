"""Workers of one payer pay one account a similar sum at a steady interval, as if working off a debt.

Catalogue entry tx-debt-repayment-schedule. Payers are compared with the one whose payment ends the story: a like
sum, a like interval. They are linked when one account pays them all, and that account may be the receiver.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise

from manumit.detectors.contract import About, FeatureBlock, Finder, Mask, Story, Threshold, Values
from manumit.detectors.labelled import BUSINESSES, labelled
from manumit.detectors.parties import NUMBER, is_person
from manumit.detectors.payers import by_party, days_us, median, micro, variation, worth
from manumit.detectors.stories import DAY, HOUR, MICRO, MICROSECOND, edge, fires, innocent, label, near_miss, pay, pays
from manumit.detectors.windows.features import Aggregate, Feature, Filter, PairCount, Side
from manumit.detectors.windows.view import Leg, View
from manumit.schemas.transfer import Transfer

THRESHOLDS = (
    Threshold(name="min_payers", value=5, unit="payers", origin="ours: catalogue entry, k"),
    Threshold(name="min_payments", value=3, unit="transfers", origin="ours: catalogue entry, n"),
    Threshold(name="max_variation", value=0.1, unit="share", origin="ours: catalogue entry, c"),
    Threshold(name="max_spread", value=0.2, unit="share", origin="ours: catalogue entry, d"),
    Threshold(name="uneven", value=0.2, unit="share", origin="ours: an interval may differ so much from the usual one"),
    Threshold(name="least_days", value=5, unit="days", origin="ours: a shorter interval is trade, not wages"),
    Threshold(name="window_days", value=180, unit="days", origin="catalogue entry, check.window"),
    Threshold(name="max_inflows", value=256, unit="transfers", origin="ours: a busier account is taken for a service"),
    Threshold(name="max_legs", value=32, unit="transfers", origin="ours: a payer's latest inflows looked at"),
    Threshold(name="dust_usd", value=10, unit="USD", origin="ours: gas and dust are left out"),
)


def features(v: Values) -> Mapping[str, tuple[Side, Feature]]:
    window_us, counted, least = days_us(v["window_days"]), Filter(low=micro(v["dust_usd"])), int(v["min_payments"])
    regular = Aggregate(measure="counterparties", direction="in", window_us=window_us, where=counted, at_least=least)
    return {
        "payments": ("receiver", PairCount(window_us=window_us, where=counted)),
        "regulars": ("receiver", regular),
    }


def may_be_an_instalment(block: FeatureBlock, v: Values) -> Mask:
    business = labelled(block.own_labels | block.other_labels, *BUSINESSES)
    regular = (block["payments"] >= v["min_payments"]) & (block["regulars"] >= v["min_payers"])
    found: Mask = regular & (block.usd >= v["dust_usd"]) & ~business
    return found


def instalments(view: View, v: Values) -> Story | None:
    """The payers of the receiver who pay as this transfer's sender does, if one account pays them all."""
    limit = int(v["max_inflows"]) + 1
    own = worth(view.payments(days_us(v["window_days"]), limit), v["dust_usd"])
    if own[:1] != [view.event] or not is_steady(own, v):
        return None
    links = {funder: leg for funder, leg in funders(view, view.sender, v).items() if is_person(view, funder)}
    inflows = view.inflows(view.receiver, days_us(v["window_days"]), limit) if links else []
    if not links or len(inflows) == limit or not is_person(view, view.receiver):
        return None
    payers = by_party(worth(inflows, v["dust_usd"]))
    alike = {
        p: legs for p, legs in payers.items() if is_steady(legs, v) and is_like(legs, own, v) and is_person(view, p)
    }
    if view.sender not in alike or len(alike) < v["min_payers"]:
        return None
    funded = linked(view, links, list(alike), v)
    if len(funded) < v["min_payers"]:
        return None
    linking = next(iter(funded.values()))
    legs = [leg for payer in funded for leg in alike[payer]]
    return Story(
        subject=view.receiver,
        events=tuple(leg.sequence for leg in (*legs, *funded.values())),
        parties=(
            ("is repaid", view.receiver),
            *(() if linking.other == view.receiver else (("pays the payers", linking.other),)),
            *((f"payer {NUMBER}", payer) for payer in funded),
        ),
        numbers={
            "payers": len(funded),
            "payments": len(legs),
            "usd_each": median([leg.usd_micro for leg in own]) / 1e6,
            "days_between": median(gaps(own)) / DAY,
        },
    )


def gaps(legs: Sequence[Leg]) -> list[int]:
    """Between one payment and the next; `legs` are newest first."""
    return [later.at_us - earlier.at_us for later, earlier in pairwise(legs)]


def is_steady(legs: Sequence[Leg], v: Values) -> bool:
    """Enough payments of nearly one sum at nearly one interval."""
    if len(legs) < v["min_payments"] or variation([leg.usd_micro for leg in legs]) > v["max_variation"]:
        return False
    usual = median(gaps(legs))
    even = all(abs(gap - usual) <= v["uneven"] * usual for gap in gaps(legs))
    return even and usual >= days_us(v["least_days"])


def is_like(legs: Sequence[Leg], own: Sequence[Leg], v: Values) -> bool:
    """Interval and sum near those of the payer whose payment ends the story: half of the spread to either side."""
    usual, sum_usual = median(gaps(own)), median([leg.usd_micro for leg in own])
    near = abs(median(gaps(legs)) - usual) <= v["uneven"] * usual
    return near and abs(median([leg.usd_micro for leg in legs]) - sum_usual) <= v["max_spread"] / 2 * sum_usual


def linked(view: View, links: Mapping[int, Leg], payers: Sequence[int], v: Values) -> dict[int, Leg]:
    """The payers whom one of `links`, the sender's funders, pays, with its latest payment to each; the most of them."""
    by_funder = {funder: {view.sender: leg} for funder, leg in links.items()}
    for payer in payers:
        for funder, leg in funders(view, payer, v).items():
            if funder in by_funder:
                by_funder[funder][payer] = leg
    return max(by_funder.values(), key=len)


def funders(view: View, payer: int, v: Values) -> dict[int, Leg]:
    """Who paid a payer, with the latest payment of each."""
    came = view.inflows(payer, days_us(v["window_days"]), int(v["max_legs"]))
    return {funder: legs[0] for funder, legs in by_party(worth(came, v["dust_usd"])).items()}


def wages(payers: int = 5, *, at: int = 0) -> tuple[Transfer, ...]:
    return pays("w#", payers, "employer", "worker-#", 1500, at=at, every=MICROSECOND)


def debts(payers: int = 5, payments: int = 3, *, usd: float = 300, every: int = 14 * DAY) -> tuple[Transfer, ...]:
    """After `wages`: payment p of payer w bears the tag p.w."""
    return tuple(
        row
        for p in range(1, payments + 1)
        for row in pays(f"{p}.#", payers, "worker-#", "lender", usd, at=DAY + (p - 1) * every, every=HOUR)
    )


def fifth(*moments: int, usd: Sequence[float] = (300, 300, 300), others: float = 300) -> tuple[Transfer, ...]:
    """Four who repay, and a fifth who repays at these moments (tags x1, x2, x3)."""
    rows = (pay(f"x{i}", "worker-5", "lender", usd[i - 1], at=at) for i, at in enumerate(moments, 1))
    return *wages(), *debts(4, usd=others), *rows


def even(first: int, gap: int, usd: float = 300, *, others: float = 300) -> tuple[Transfer, ...]:
    return fifth(first, first + gap, first + 2 * gap, usd=(usd, usd, usd), others=others)


def half_a_year(at: int) -> tuple[Transfer, ...]:
    mine = pays("x#", 3, "worker-5", "lender", 300, at=at, every=85 * DAY)
    return *wages(at=DAY), *debts(4, every=85 * DAY), *mine


LATE = 2 * DAY  # the fifth's first payment: then its third is the last of all
GAS = pays("g#", 31, "friend", "worker-5", 0.5, at=HOUR, every=MICROSECOND)

CASES = (
    fires("the fifth worker's third payment", wages(), debts(), on="3.5"),
    fires(
        "and each later one",
        wages(),
        debts(6, 4),
        pay("w", "employer", "worker-6", 1500, at=HOUR),
        on="3.5 3.6 4.1 4.2 4.3 4.4 4.5 4.6",
    ),
    fires("the employer takes it back itself", pays("w#", 5, "lender", "worker-#", 1500), debts(), on="3.5"),
    near_miss("four workers", wages(), debts(4, 5)),
    near_miss("two payments each", wages(), debts(9, 2)),
    near_miss("payers whom nobody links", debts(9, 4)),
    near_miss(
        "sums of every size",
        wages(),
        *(pays(f"{p}.#", 5, "worker-#", "lender", 200 * p, at=p * 14 * DAY) for p in (1, 2, 3)),
    ),
    near_miss(
        "at any time",
        wages(),
        *(pays(f"{p}.#", 5, "worker-#", "lender", 300, at=at * DAY) for p, at in ((1, 1), (2, 9), (3, 40))),
    ),
    innocent("a labelled lender", wages(), debts(), labels=(label("lender", "service"),)),
    innocent("savers of one exchange rent alike", wages(), debts(), labels=(label("employer", "exchange"),)),
    innocent("colleagues buy lunch day by day", wages(), debts(5, 9, usd=15, every=DAY)),
    innocent(
        "rents of every size",
        wages(),
        *(pay(f"{p}.{w}", f"worker-{w}", "lender", 400 * w, at=p * 30 * DAY) for p in range(4) for w in range(1, 6)),
    ),
    edge("sums at the largest variation", fifth(LATE, 16 * DAY, 30 * DAY, usd=(300, 300, 240.57)), on="x3"),
    edge("sums a little beyond it", fifth(LATE, 16 * DAY, 30 * DAY, usd=(300, 300, 240.56))),
    edge("a tenth below the others", even(LATE, 14 * DAY, 300, others=330), on="x3"),
    edge("more than a tenth below", even(LATE, 14 * DAY, 300, others=330 + MICRO)),
    edge("intervals 20 % off the usual one", fifth(6 * DAY, 16 * DAY, 31 * DAY), on="x3"),
    edge("intervals a microsecond further off", fifth(6 * DAY, 16 * DAY - MICROSECOND, 31 * DAY)),
    edge("every 5 d", wages(), debts(every=5 * DAY), on="3.5"),
    edge("every 5 d less a microsecond", wages(), debts(every=5 * DAY - MICROSECOND)),
    edge("the first wage is exactly 180 d old", half_a_year(11 * DAY)),
    edge("the first wage is younger", half_a_year(11 * DAY - MICROSECOND), on="x3"),
    edge("256 inflows", wages(), pays("o#", 241, "other", "lender", 30, every=MICROSECOND), debts(), on="3.5"),
    edge("257 inflows", wages(), pays("o#", 242, "other", "lender", 30, every=MICROSECOND), debts()),
    edge("31 gifts of gas since the wage", GAS, even(LATE, 14 * DAY), on="x3"),
    edge("32 gifts of gas since the wage", GAS, pay("g", "friend", "worker-5", 0.5, at=HOUR), even(LATE, 14 * DAY)),
    edge("10 USD each", wages(), debts(usd=10), on="3.5"),
    edge("a micro-dollar less each", wages(), debts(usd=10 - MICRO)),
)

FINDER = Finder(
    about=About(
        id="tx-debt-repayment-schedule",
        version=1,
        title="Equal repayments from many workers to one account",
        status="live",
        severity="high",
        entries=("tx-debt-repayment-schedule",),
        reason=(
            "{payers} people whom one account pays sent {subject} {payments} payments of about {usd_each} USD, one "
            "every {days_between} days. This resembles a recruitment debt that is worked off. Parties: {parties}."
        ),
        innocent=("a landlord of one employer's staff", "a gym, union or savings club", "a lender nobody labelled"),
        blind_to=(
            "payers linked by an address or a date only, or whose wages come in cash",
            "debts whose instalments differ, and wages older than a payer's latest max_legs inflows",
            "accounts with more than max_inflows payments in window_days, which are taken for services",
        ),
        next_steps=(
            "See whether the account that pays the workers and the one they repay belong together.",
            "Look for the receiver in job adverts, and for a licence as lender or recruiter.",
            "Compare the instalments with the wages: how much is left to live on.",
        ),
        thresholds=THRESHOLDS,
        cases=CASES,
    ),
    features=features,
    triggers=may_be_an_instalment,
    within_us=lambda v: days_us(v["window_days"]),
    numbers=("payers", "payments", "usd_each", "days_between"),
    story=instalments,
)
