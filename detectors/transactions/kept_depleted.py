"""Frequent deposits, yet every new one finds the account empty.

Catalogue entry tx-kept-depleted. End-of-day balances are not on the wire: an inflow that finds less than
`max_left` of the last 30 days' inflow still there stands for a depleted day, and few receivers stand for
the missing everyday spending.
"""

from __future__ import annotations

from collections.abc import Mapping

from manumit.detectors.contract import About, FeatureBlock, Mask, Rule, Threshold, Values
from manumit.detectors.labelled import BUSINESSES, labelled
from manumit.detectors.stories import DAY, HOUR, MICRO, MICROSECOND, edge, fires, innocent, label, near_miss, pay, pays
from manumit.detectors.windows.features import Feature, count_in, count_out, receivers, where
from manumit.schemas.transfer import Transfer

MONTH = "30d"  # source: catalogue entry, thresholds b and n are monthly
DAY_WINDOW = "24h"  # ours
PERIOD = "60d"  # source: catalogue entry, check.window

THRESHOLDS = (
    Threshold(name="max_left", value=0.05, unit="share", origin="ours"),
    Threshold(name="min_emptied", value=0.8, unit="share", origin="ours"),
    Threshold(name="min_payments", value=12, unit="transfers", origin="ours"),
    Threshold(name="max_payments_day", value=10, unit="transfers", origin="ours: more is a machine's or a shop's"),
    Threshold(name="max_receivers", value=3, unit="receivers", origin="ours: stands for spending entropy"),
    Threshold(name="min_usd", value=10, unit="USD", origin="ours: leaves out dust"),
)


def features(v: Values) -> Mapping[str, Feature]:
    paid = where(low_usd=v["min_usd"])
    return {
        "payments_month": count_in(MONTH, paid),
        "payments": count_in(PERIOD, paid),
        "payments_day": count_in(DAY_WINDOW, paid),
        "found_empty": count_in(PERIOD, where(low_usd=v["min_usd"], emptied=(MONTH, v["max_left"]))),
        "receivers": receivers(PERIOD),
        "outflows": count_out(PERIOD),
        "to_exchange": count_out(PERIOD, where(counterparty=("exchange",))),
    }


def is_depleted(block: FeatureBlock, v: Values) -> Mask:
    often = block["payments_month"] >= v["min_payments"]
    by_hand = block["payments_day"] <= v["max_payments_day"]
    empty = block["found_empty"] >= v["min_emptied"] * block["payments"]
    no_life = block["receivers"] <= v["max_receivers"]
    # An exchange sweeps its deposit addresses into one labelled wallet: always empty, nobody's account.
    swept = (block["receivers"] == 1) & (block["to_exchange"] == block["outflows"])
    found: Mask = (
        often
        & by_hand
        & empty
        & no_life
        & ~swept
        & (block.usd >= v["min_usd"])
        & ~labelled(block.own_labels, *BUSINESSES)
    )
    return found


def deposits(count: int, *, usd: float = 100, left: float = 0, receivers: int = 1) -> tuple[Transfer, ...]:
    """Every two days a deposit (d1, d2, …), and an hour later all but `left` goes on."""
    came = pays("d#", count, "payer-#", "holder", usd, every=2 * DAY)
    went = (
        pay(f"o{i}", "holder", f"boss-{i % receivers}", usd - left, at=2 * i * DAY + HOUR) for i in range(count - 1)
    )
    return (*came, *went)


ELEVEN = (*deposits(11), pay("o11", "holder", "boss-0", 100, at=20 * DAY + HOUR))
BUSY = (
    *ELEVEN,
    *pays("b#", 10, "client-#", "holder", 100, at=23 * DAY, every=2 * MICROSECOND),
    *pays("e#", 10, "holder", "boss-0", 100, at=23 * DAY + MICROSECOND, every=2 * MICROSECOND),
)
TEN = " ".join(f"b{n}" for n in range(1, 11))
KEPT = pays("k#", 2, "payer-#", "holder", 100, at=-35 * DAY, every=DAY)  # two savings of the month before


def twelfth(usd: float = 100, at: int = 22 * DAY) -> Transfer:
    return pay("d12", "payer-12", "holder", usd, at=at)


CASES = (
    fires("the twelfth deposit finds it empty again", deposits(12), on="d12"),
    fires("and so does each later one", deposits(14), on="d12 d13 d14"),
    near_miss("eleven deposits are too few", deposits(11)),
    near_miss("a tenth is saved each time", deposits(14, left=10)),
    near_miss(
        "a deposit a week",
        pays("d#", 14, "payer-#", "holder", 100, every=7 * DAY),
        pays("o#", 13, "holder", "boss", 100, at=HOUR, every=7 * DAY),
    ),
    innocent("a living person pays many", deposits(14, receivers=9)),
    innocent("an exchange's deposit address", deposits(14), labels=(label("boss-0", "exchange"),)),
    innocent("a labelled service", deposits(14), labels=(label("holder", "service"),)),
    innocent("a saver who never spends", pays("d#", 14, "payer-#", "holder", 100, every=2 * DAY)),
    edge("exactly 5 % was left each time", deposits(12, left=5), on="d12"),
    edge("a micro-dollar more was left", deposits(12, left=5 + MICRO)),
    edge("three receivers", deposits(12, receivers=3), on="d12"),
    edge("four receivers", deposits(12, receivers=4)),
    edge("12 of 15 found it empty", KEPT, deposits(13), on="d13"),
    edge(
        "the sixteenth, a kept one, is exactly 60 d old",
        pay("k0", "payer-0", "holder", 100, at=-36 * DAY),
        KEPT,
        deposits(13),
        on="d13",
    ),
    edge(
        "the sixteenth is younger", pay("k0", "payer-0", "holder", 100, at=MICROSECOND - 36 * DAY), KEPT, deposits(13)
    ),
    edge("the eleventh of a day is exactly 24 h old", BUSY, twelfth(at=24 * DAY), on=f"{TEN} d12"),
    edge("the eleventh of a day is younger", BUSY, twelfth(at=24 * DAY - MICROSECOND), on=TEN),
    edge("the twelfth brings exactly 10 USD", ELEVEN, twelfth(10), on="d12"),
    edge("the twelfth brings less", ELEVEN, twelfth(10 - MICRO)),
    edge("the first is exactly 30 d old", ELEVEN, twelfth(at=30 * DAY)),
    edge("the first is younger", ELEVEN, twelfth(at=30 * DAY - MICROSECOND), on="d12"),
)

RULE = Rule(
    about=About(
        id="tx-kept-depleted",
        version=2,
        title="Frequent deposits but the account is always empty",
        status="live",
        severity="high",
        entries=("tx-kept-depleted",),
        reason=(
            "{subject} received {payments} payments in 60 days; {found_empty} of them found it empty, and it paid "
            "{receivers} receivers only. This resembles an account that somebody else keeps depleted."
        ),
        innocent=("a salary sweep into savings", "a pocket-money account", "a wallet its owner empties into another"),
        blind_to=(
            "balances from before the records begin",
            "cash taken out at a desk",
            "spending by card",
            "more than ten payments a day",
        ),
        next_steps=(
            "The holder may be a victim: treat as a potential victim and do not contact before a review.",
            "See who receives the outflows, and whether that party empties other accounts too.",
            "Compare with the holder's stated job, age of account and shared contacts or devices.",
        ),
        thresholds=THRESHOLDS,
        cases=CASES,
    ),
    sides=("receiver",),
    features=features,
    fires=is_depleted,
)
