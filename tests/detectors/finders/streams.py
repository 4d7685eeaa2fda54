"""Streams of invented transfers in which stories keep beginning, crossing and nearly coming true."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from random import Random

from manumit.detectors.catalogue import detectors
from manumit.detectors.contract import Finder, Values
from manumit.detectors.windows.contract import LabelSpan
from manumit.schemas.label import label_bit
from tests.detectors.windows.streams import DAY, HOUR, START_US, Row

CHAIN = "eip155:1"
MINUTE = HOUR // 60
FINDERS = tuple(one for one in detectors() if isinstance(one, Finder) and "chain" in one.about.books)
LOOSE: Mapping[str, Mapping[str, float]] = {
    "tx-rapid-multi-hop": {"min_hops": 3, "memory_days": 3, "max_legs": 4},
    "tx-round-trip": {"min_hops": 3, "max_legs": 3, "max_looks": 10_000},
    "tx-collected-wages": {"min_workers": 2, "max_inflows": 12, "max_legs": 4, "apart_days": 1},
    "tx-smuggling-staged-fee": {"min_pairs": 2, "max_inflows": 12, "low_usd": 100},
    "tx-debt-repayment-schedule": {"min_payers": 2, "max_inflows": 14, "max_legs": 6},
    "tx-collector-intermediary": {"min_payers": 2, "max_inflows": 9, "max_outflows": 5},
    "tx-one-to-one-then-many-to-one": {"min_relays": 2, "max_inflows": 8, "max_legs": 3},
    "tx-escrow-with-percentage-fee": {"max_inflows": 4, "max_outflows": 3},
}
LABELS: Mapping[str, frozenset[str]] = {
    "exchange": frozenset({"exchange"}),
    "shop": frozenset({"service"}),
    "platform": frozenset({"guarantee"}),
}

Told = tuple[int, str, str, float]  # time, sender, receiver, USD
Motif = Callable[[Random], list[Told]]


def loose(finder: Finder) -> Values:
    return finder.about.values(LOOSE[finder.about.id])


def spans() -> list[LabelSpan]:
    return [
        LabelSpan(
            chain=CHAIN,
            address=account,
            bits=sum(map(label_bit, categories)),
            valid_from_us=0,
            valid_to_us=2 * START_US,
        )
        for account, categories in LABELS.items()
    ]


def somebody(dice: Random) -> str:
    return f"p{dice.randrange(9)}"


def some(dice: Random, count: int) -> list[str]:
    return [f"p{i}" for i in dice.sample(range(9), count)]


def chain(dice: Random) -> list[Told]:
    """A line of fresh addresses, or a ring."""
    names = [somebody(dice), *(f"n{dice.randrange(10**6)}" for _ in range(dice.randint(2, 4))), somebody(dice)]
    names[-1] = names[0] if dice.random() < 0.5 else names[-1]
    usd, at, found = dice.choice((600.0, 900.0, 2000.0)), 0, []
    for sender, receiver in pairwise(names):
        found.append((at, sender, receiver, usd))
        at, usd = at + dice.choice((0, MINUTE, HOUR, 2 * HOUR)), round(usd * dice.choice((1.0, 0.99, 0.9, 0.8)), 6)
    return found


def payday(dice: Random) -> list[Told]:
    """Wages that are sent on, twice."""
    employer, keeper, *workers = some(dice, 5)
    found, later = [], dice.choice((DAY, 5 * DAY, 14 * DAY))
    for day in (0, later, 2 * later):
        for worker in workers:
            found.append((day, employer, worker, 500.0))
            held = dice.choice((MINUTE, HOUR, 2 * DAY - 1, 2 * DAY))
            found.append((day + held, worker, keeper, dice.choice((350.0, 400.0, 500.0))))
    return found


def parts(dice: Random) -> list[Told]:
    """Fees in two parts."""
    guide, *payers = some(dice, 4)
    found = []
    for payer in payers:
        apart = dice.choice((3 * DAY - 1, 3 * DAY, 14 * DAY, 26 * DAY, 45 * DAY))
        first = dice.choice((100.0, 300.0, 450.0))
        found += [(0, payer, guide, first), (apart, payer, guide, dice.choice((300.0, 500.0)))]
    return found


def repaid(dice: Random) -> list[Told]:
    """Equal instalments of workers of one employer, who may be the lender."""
    lender, employer, *payers = some(dice, 5)
    every = dice.choice((5 * DAY, 14 * DAY))
    found = [(0, employer if dice.random() < 0.8 else lender, payer, 900.0) for payer in payers]
    for payer in payers:
        usd = dice.choice((100.0, 100.0, 109.0, 130.0))
        found += [(HOUR + n * every + dice.choice((0, 1, DAY)), payer, lender, usd) for n in range(3)]
    return found


def collected(dice: Random) -> list[Told]:
    """Small payers of two accounts, one of which pays the other."""
    one, other, *payers = some(dice, 7)
    found = [(0, payer, one if i % 2 else other, dice.choice((10.0, 60.0, 1000.0))) for i, payer in enumerate(payers)]
    found.append((HOUR, one, other, 150.0))
    if dice.random() < 0.4:
        found.append((HOUR - 1, one, dice.choice(("shop", "exchange", "p8")), 15.0))
    return found


def relayed(dice: Random) -> list[Told]:
    """Fresh wallets filled from an exchange."""
    common, found = somebody(dice), []
    for _ in range(dice.randint(2, 4)):
        relay, at = f"n{dice.randrange(10**6)}", dice.randrange(3) * HOUR
        found += [(at, "exchange", relay, 100.0), (at + HOUR, relay, common, dice.choice((100.0, 95.0, 80.0)))]
    return found


def dealt(dice: Random) -> list[Told]:
    """A deposit paid out in two parts."""
    buyer, supplier, broker = some(dice, 3)
    fee = dice.choice((0.1, 0.12, 0.15, 0.2))
    times = [DAY, DAY + dice.choice((0, MINUTE, HOUR - 1, HOUR))]
    dice.shuffle(times)
    return [
        (0, buyer, "platform", 1000.0),
        (times[0], "platform", supplier, round(1000 * (0.99 - fee), 6)),
        (times[1], "platform", broker, round(1000 * fee, 6)),
    ]


def noise(dice: Random) -> list[Told]:
    names = ("exchange", "shop", "platform")
    ends = [somebody(dice) if dice.random() < 0.8 else dice.choice(names) for _ in range(2)]
    return [(0, ends[0], ends[1], dice.choice((0.5, 9.0, 10.0, 60.0, 500.0, 2000.0)))] if ends[0] != ends[1] else []


MOTIFS: Sequence[Motif] = (chain, payday, parts, repaid, collected, relayed, dealt, noise, noise)


def stream(seed: int, motifs: int) -> list[Row]:
    """In order; at the same microsecond in the order they were made."""
    dice = Random(seed)  # noqa: S311 - a test's dice
    told: list[Told] = []
    for _ in range(motifs):
        start = dice.randrange(60) * DAY + dice.randrange(24) * HOUR
        told += [(start + at, sender, receiver, usd) for at, sender, receiver, usd in dice.choice(MOTIFS)(dice)]
    told.sort(key=lambda one: one[0])
    return [
        Row(START_US + at, round(usd * 1e6), CHAIN, sender, receiver)
        for at, sender, receiver, usd in told
        if sender != receiver
    ]
