"""Several workers pay a large part of their wages to one party right after payday.

Catalogue entry kyc-wage-returned. The subject is who takes the money; the workers are not scored. Landlords, shops and
authorities are paid after payday by everybody: only the employer, a recruiter, or a private person for no rent counts.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from manumit.detectors.contract import About, CustomerRule, Mask, Threshold, Values
from manumit.detectors.customer_stories import did
from manumit.detectors.customers.block import CustomerBlock
from manumit.detectors.customers.features import Ask, distinct, last, total
from manumit.detectors.stories import DAY, MICRO, MICROSECOND, Part, edge, fires, innocent, near_miss

WINDOW = "90d"  # source: catalogue entry, check.window
SOON = "5d"  # source: catalogue entry, threshold w (ours)
SOON_US = 5 * 86_400_000_000

THRESHOLDS = (
    Threshold(name="min_workers", value=3, unit="customers", origin="ours"),
    Threshold(name="returned", value=0.3, unit="share", origin="ours"),
)


def classes(block: CustomerBlock, v: Values) -> Mapping[str, Mask]:
    private = block.word("counterparty_kind", "person") & ~block.word("purpose", "rent")
    taker = private | block.word("counterparty_kind", "recruiter") | block.word("relation", "employer")
    return {
        "wage": block.moved("fiat-in", "deposit") & block.word("purpose", "payroll"),
        "passed_on": block.moved("fiat-out", "withdrawal") & taker & ~block.word("relation", "family"),
    }


def asks(v: Values) -> Mapping[str, Ask]:
    return {
        "workers": distinct("customer", "passed_on", WINDOW, key="counterparty", after=("wage", SOON, "customer")),
        "wage": total("wage", SOON),
        "since_wage": last("wage"),
    }


def comes_back(block: CustomerBlock, v: Values) -> Mask:
    soon = block.classes["passed_on"] & (block["since_wage"] <= SOON_US)
    large = (block["wage"] > 0) & (block.columns.usd_micro >= v["returned"] * block["wage"])
    return soon & large & (block["workers"] >= v["min_workers"])


def worker(number: int, usd: float = 500, *, payday: int = 0, later: int = DAY, **more: Any) -> tuple[Part, ...]:
    given = {"counterparty": "taker", "counterparty_kind": "person", **more}
    return (
        did(f"w{number}", f"c{number}", "fiat-in", 1_000, at=payday, purpose="payroll", counterparty="employer"),
        did(f"b{number}", f"c{number}", "fiat-out", usd, at=payday + later, **given),
    )


TWO = (*worker(1), *worker(2))

CASES = (
    fires("three workers pay one person", *TWO, *worker(3, later=2 * DAY), on="b3"),
    fires(
        "to the employer itself",
        *(
            part
            for i in (1, 2, 3)
            for part in worker(i, later=i * DAY, counterparty="employer", counterparty_kind="", relation="employer")
        ),
        on="b3",
    ),
    fires(
        "rent to the employer, who is the landlord too",
        *(part for i in (1, 2, 3) for part in worker(i, later=i * DAY, relation="employer", purpose="rent")),
        on="b3",
    ),
    fires(
        "to a recruiter",
        *(part for i in (1, 2, 3) for part in worker(i, later=i * DAY, counterparty_kind="recruiter")),
        on="b3",
    ),
    near_miss("two workers", *TWO),
    near_miss("a small part", *TWO, *worker(3, 100, later=2 * DAY)),
    near_miss("three takers", *TWO, *worker(3, later=2 * DAY, counterparty="other")),
    innocent("the supermarket", *(part for i in range(6) for part in worker(i, counterparty_kind="merchant"))),
    innocent("the tax office", *(part for i in range(6) for part in worker(i, counterparty_kind="authority"))),
    innocent("a private landlord", *(part for i in range(6) for part in worker(i, purpose="rent"))),
    innocent("family at home", *(part for i in range(6) for part in worker(i, relation="family"))),
    edge("exactly 30 %", *TWO, *worker(3, 300, later=2 * DAY), on="b3"),
    edge("a micro-dollar less", *TWO, *worker(3, 300 - MICRO, later=2 * DAY)),
    edge("just before the wage leaves the window", *TWO, *worker(3, later=5 * DAY - MICROSECOND), on="b3"),
    edge("exactly 5 d after payday", *TWO, *worker(3, later=5 * DAY)),
    edge(
        "another worker exactly 5 d after", *worker(1, later=5 * DAY), *worker(2), *worker(3, payday=6 * DAY), on="b3"
    ),
    edge("another worker later", *worker(1, later=5 * DAY + MICROSECOND), *worker(2), *worker(3, payday=6 * DAY)),
    edge("the first exactly 90 d before", *TWO, *worker(3, payday=90 * DAY)),
    edge("younger", *TWO, *worker(3, payday=90 * DAY - MICROSECOND), on="b3"),
    edge("a fourth worker", *TWO, *worker(3, later=2 * DAY), *worker(4, later=3 * DAY), on="b3 b4"),
)

CUSTOMER_RULE = CustomerRule(
    about=About(
        id="kyc-wage-returned",
        version=2,
        title="Wages flow on to the payer, a recruiter or one person",
        status="trial",
        severity="critical",
        entries=("kyc-wage-returned",),
        reason=(
            "{workers} workers paid {subject} within 5 days of their wages in 90 days, at least {returned:%} of "
            "the wage. This resembles wages that are taken back."
        ),
        innocent=(
            "rent to an employer who is also the landlord (still look)",
            "a loan among colleagues",
            "a savings club",
        ),
        blind_to=(
            "wages taken as rent by a private person",
            "wages taken in cash",
            "a taker of its own for each worker",
        ),
        needs=("account_events",),
        next_steps=(
            "See whether the taker is the employer, its owner or a recruiter.",
            "Read the notes: fee, expense, debt, housing.",
            "Speak with each worker alone and safely; do not ask the employer first.",
        ),
        thresholds=THRESHOLDS,
        cases=CASES,
    ),
    classes=classes,
    asks=asks,
    fires=comes_back,
    subject="counterparty",
)
