"""A customer of a low tier uses it up to its cap, period after period, and never verifies.

Catalogue entry kyc-tier-cap-hugging. A control finding: the cap is where the exchange stops asking.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from manumit.detectors.contract import About, CustomerRule, Mask, Threshold, Values
from manumit.detectors.customer_stories import did, whole
from manumit.detectors.customers.block import CustomerBlock
from manumit.detectors.customers.features import Ask, total
from manumit.detectors.stories import DAY, MICRO, MICROSECOND, Part, edge, fires, innocent, near_miss

PERIODS = ("30d", "60d", "90d")  # source: catalogue entry, n = 3 periods in 90 d

THRESHOLDS = (Threshold(name="share", value=0.9, unit="share", origin="ours"),)


def classes(block: CustomerBlock, v: Values) -> Mapping[str, Mask]:
    return {"moved": block.moved("deposit", "withdrawal", "fiat-in", "fiat-out", "card")}


def asks(v: Values) -> Mapping[str, Ask]:
    return {f"moved_{period}": total("moved", period) for period in PERIODS}


def hugs(block: CustomerBlock, v: Values) -> Mask:
    near = v["share"] * block.fact("cap_micro")
    first, second, third = (block[f"moved_{period}"] for period in PERIODS)
    every = (first >= near) & (second - first >= near) & (third - second >= near)
    low = (block.fact("cap_micro") > 0) & (block.fact("verified") == 0)
    found: Mask = block.classes["moved"] & low & every
    return found


def months(*usd: float, last: int = 0, **facts: Any) -> tuple[Part, ...]:
    """One payment every 30 days less an hour, the last at `last`."""
    customer = whole("c", at=-200 * DAY, **{"verification": "basic", "tier_cap_usd": 1_000.0, **facts})
    count = len(usd)
    every = 30 * DAY
    paid = tuple(
        did(f"p{i}", "c", "deposit", amount, at=(i - count) * every + (last if i == count else 0))
        for i, amount in enumerate(usd, 1)
    )
    return (customer, paid)


def at(*whens: int) -> tuple[Part, ...]:
    return (months()[0], tuple(did(f"p{i}", "c", "deposit", 950, at=when) for i, when in enumerate(whens, 1)))


CASES = (
    fires("three months at the cap", *months(950, 950, 950), on="p3"),
    fires("four", *months(950, 950, 950, 950), on="p3 p4"),
    near_miss("two months", *months(950, 950)),
    near_miss("one quiet month", *months(950, 100, 950)),
    near_miss("well below the cap", *months(400, 400, 400)),
    innocent("verified since", *months(950, 950, 950, verification="full")),
    innocent("a tier without a cap", *months(950, 950, 950, tier_cap_usd=None)),
    edge("exactly 90 %", *months(900, 900, 900), on="p3"),
    edge("a micro-dollar less", *months(900, 900, 900 - MICRO)),
    edge("the second exactly 30 d old", *months(950, 950, 950), on="p3"),
    edge("the second a microsecond younger", *months(950, 950, 950, last=-MICROSECOND)),
    edge("the third at the end of its window", *months(950, 950, 950, last=MICROSECOND), on="p3"),
    edge("one exactly 60 d old", *at(-60 * DAY, -31 * DAY, 0), on="p3"),
    edge("a microsecond younger than 60 d", *at(MICROSECOND - 60 * DAY, -31 * DAY, 0)),
    edge("exactly 90 d old", *at(-90 * DAY, -31 * DAY, 0)),
    edge("a microsecond younger than 90 d", *at(MICROSECOND - 90 * DAY, -31 * DAY, 0), on="p3"),
    edge(
        "half of a month a microsecond younger than 30 d",
        *at(-85 * DAY, -45 * DAY),
        did("p3", "c", "deposit", 500, at=MICROSECOND - 30 * DAY),
        did("p4", "c", "deposit", 450),
        on="p4",
    ),
)

CUSTOMER_RULE = CustomerRule(
    about=About(
        id="kyc-tier-cap-hugging",
        version=1,
        title="Living just under a verification tier",
        status="trial",
        severity="medium",
        entries=("kyc-tier-cap-hugging",),
        reason=(
            "{subject} moved {moved_30d} USD in 30 days and {moved_90d} USD in 90, each 30 days close to the cap of an "
            "unverified tier. The exchange knows too little for this use."
        ),
        innocent=("a habitual small user who never needed more", "a standing order at the cap"),
        blind_to=("several customers who share one purse", "caps the exchange did not give"),
        needs=("customers", "account_events"),
        next_steps=(
            "Ask for verification before the next period begins.",
            "See whether other unverified customers move money to the same counterparties.",
            "Consider whether the cap fits the risk of the tier.",
        ),
        thresholds=THRESHOLDS,
        nature="control",
        cases=CASES,
    ),
    classes=classes,
    asks=asks,
    fires=hugs,
)
