"""The customer backs out when papers are asked for, and moves less soon after, again and again.

Catalogue entry kyc-id-avoidance. A control finding. People annoyed by paperwork do it once; the rule wants it twice.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from manumit.detectors.contract import About, CustomerRule, Mask, Threshold, Values
from manumit.detectors.customer_stories import did
from manumit.detectors.customers.block import CustomerBlock
from manumit.detectors.customers.features import Ask, count, last
from manumit.detectors.stories import DAY, HOUR, MICRO, MICROSECOND, edge, fires, innocent, near_miss
from manumit.schemas.account_event import AccountEvent

WINDOW = "30d"  # ours: how long backing out is remembered
SOON = "7d"  # source: catalogue entry, check.window

SOON_US = 7 * 86_400_000_000

THRESHOLDS = (Threshold(name="min_times", value=2, unit="times", origin="ours"),)


def classes(block: CustomerBlock, v: Values) -> Mapping[str, Mask]:
    limit = block.columns.numbers["limit_micro"]
    below = (limit < 0) | (block.columns.usd_micro < limit)
    return {
        "backed_out": block.word("kind", "step-up") & block.word("outcome", "abandoned", "refused"),
        "slipped": block.moved("deposit", "withdrawal", "fiat-in", "fiat-out") & (block.columns.usd_micro >= 0) & below,
    }


def asks(v: Values) -> Mapping[str, Ask]:
    return {
        "backed_out": count("backed_out", WINDOW),
        "slipped": count("slipped", WINDOW, after=("backed_out", SOON, "customer")),
        "since_backed_out": last("backed_out"),
    }


def avoids(block: CustomerBlock, v: Values) -> Mask:
    often = (block["backed_out"] >= v["min_times"]) & (block["slipped"] >= v["min_times"])
    return block.classes["slipped"] & often & (block["since_backed_out"] <= SOON_US)


def asked(tag: str, at: int = 0, outcome: str = "abandoned") -> AccountEvent:
    return did(tag, "c", "step-up", 5_000, at=at, outcome=outcome, limit_usd=1_000.0)


def moved(tag: str, at: int, usd: float = 900, **more: Any) -> AccountEvent:
    return did(tag, "c", "withdrawal", usd, at=at, **{"limit_usd": 1_000.0, **more})


TWICE = (asked("a1"), moved("m1", HOUR), asked("a2", DAY))

AGAIN = (asked("a2", 8 * DAY), moved("m2", 9 * DAY))

CASES = (
    fires("twice backed out, twice below", TWICE, moved("m2", DAY + HOUR), on="m2"),
    fires("refused for false papers", asked("a1", outcome="refused"), *TWICE[1:], moved("m2", DAY + HOUR), on="m2"),
    near_miss("once", asked("a1"), moved("m1", HOUR), moved("m2", 2 * HOUR)),
    near_miss("papers were given", asked("a1", outcome="passed"), *TWICE[1:], moved("m2", DAY + HOUR)),
    near_miss("nothing moved the second time", TWICE),
    innocent("came back for the whole amount", TWICE, moved("m2", DAY + HOUR, 5_000, limit_usd=5_000.0)),
    innocent("refused at the second attempt", TWICE, moved("m2", DAY + HOUR, outcome="refused")),
    edge("exactly 7 d later", TWICE, moved("m2", 8 * DAY), on="m2"),
    edge("a microsecond more", TWICE, moved("m2", 8 * DAY + MICROSECOND)),
    edge(
        "the first time exactly 30 d ago", asked("a1"), moved("m1", HOUR), asked("a2", 29 * DAY), moved("m2", 30 * DAY)
    ),
    edge("less", asked("a1"), moved("m1", HOUR), asked("a2", 29 * DAY), moved("m2", 30 * DAY - MICROSECOND), on="m2"),
    edge("the first slip exactly 7 d after", asked("a1"), moved("m1", 7 * DAY), *AGAIN, on="m2"),
    edge("the first slip later", asked("a1"), moved("m1", 7 * DAY + MICROSECOND), *AGAIN),
    edge("three times", TWICE, moved("m2", DAY + HOUR), asked("a3", 2 * DAY), moved("m3", 2 * DAY + HOUR), on="m2 m3"),
    edge("exactly the limit", TWICE, moved("m2", DAY + HOUR, 1_000)),
    edge("a micro-dollar less", TWICE, moved("m2", DAY + HOUR, 1_000 - MICRO), on="m2"),
)

CUSTOMER_RULE = CustomerRule(
    about=About(
        id="kyc-id-avoidance",
        version=1,
        title="Backs out when identification or a report would be needed",
        status="trial",
        severity="medium",
        entries=("kyc-id-avoidance",),
        reason=(
            "{subject} backed out of identification {backed_out} times in 30 days and moved smaller amounts {slipped} "
            "times within 7 days of it. The exchange knows too little for this use."
        ),
        innocent=("people annoyed by paperwork", "people whose papers are held by somebody else"),
        blind_to=("a second account opened instead", "steps the exchange did not record"),
        needs=("account_events",),
        next_steps=(
            "Require the step before further value moves.",
            "Ask, alone and safely, who holds the customer's papers.",
            "Add up what was moved below the limit and treat it as one amount.",
        ),
        thresholds=THRESHOLDS,
        nature="control",
        cases=CASES,
    ),
    classes=classes,
    asks=asks,
    fires=avoids,
)
