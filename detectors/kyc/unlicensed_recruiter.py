"""Several customers pay one recruitment agency that stands in no licence register, or in a list of violations.

Catalogue entry kyc-unlicensed-recruiter. The subject is the agency. Whether it is registered is what the exchange's
own look-up said (`registers` of the event); manumit asks nobody.
"""

from __future__ import annotations

from collections.abc import Mapping

from manumit.detectors.contract import About, CustomerRule, Mask, Threshold, Values
from manumit.detectors.customer_stories import did, series
from manumit.detectors.customers.block import CustomerBlock
from manumit.detectors.customers.features import Ask, distinct
from manumit.detectors.stories import DAY, MICROSECOND, edge, fires, innocent, near_miss
from manumit.schemas.account_event import AccountEvent

WINDOW = "180d"  # source: catalogue entry, check.window

THRESHOLDS = (Threshold(name="min_customers", value=2, unit="customers", origin="ours"),)


def classes(block: CustomerBlock, v: Values) -> Mapping[str, Mask]:
    numbers = block.columns.numbers
    doubtful = (numbers["unlisted"] > 0) | (numbers["violations"] > 0)
    return {"paid": block.moved("fiat-out", "withdrawal", "card") & doubtful & block.has("counterparty")}


def asks(v: Values) -> Mapping[str, Ask]:
    return {"customers": distinct("customer", "paid", WINDOW, key="counterparty")}


def unlisted(block: CustomerBlock, v: Values) -> Mask:
    found: Mask = block.classes["paid"] & (block["customers"] >= v["min_customers"])
    return found


def fee(number: int, *, at: int = 0, kind: str = "recruiter", registers: tuple[str, ...] = ()) -> AccountEvent:
    return did(
        f"p{number}",
        f"c{number}",
        "fiat-out",
        800,
        at=at,
        counterparty="agency",
        counterparty_kind=kind,
        registers=registers,
    )


CASES = (
    fires("two customers, no licence", fee(1), fee(2, at=DAY), on="p2"),
    fires(
        "a record of violations",
        fee(1, registers=("recruitment", "violations")),
        fee(2, at=DAY, registers=("recruitment", "violations")),
        on="p2",
    ),
    near_miss("one customer", fee(1)),
    near_miss(
        "one customer twice",
        *series("p#", 3, "c", "fiat-out", 80, counterparty="agency", counterparty_kind="recruiter"),
    ),
    innocent("licensed", fee(1, registers=("recruitment",)), fee(2, at=DAY, registers=("recruitment",))),
    innocent("a language school", fee(1, kind="merchant"), fee(2, at=DAY, kind="merchant")),
    edge("exactly 180 d apart", fee(1), fee(2, at=180 * DAY)),
    edge("less", fee(1), fee(2, at=180 * DAY - MICROSECOND), on="p2"),
    edge("three", fee(1), fee(2, at=DAY), fee(3, at=2 * DAY), on="p2 p3"),
)

CUSTOMER_RULE = CustomerRule(
    about=About(
        id="kyc-unlicensed-recruiter",
        version=1,
        title="Payments to a recruitment agency without a licence",
        status="trial",
        severity="medium",
        entries=("kyc-unlicensed-recruiter",),
        reason=(
            "{customers} customers paid {subject} in 180 days, a recruiter found in no licence register or in a list "
            "of violations."
        ),
        innocent=("a register that lags behind", "a licence of another country", "an agency under a trade name"),
        blind_to=("fees paid to a private person", "agencies the exchange does not know as such"),
        needs=("account_events",),
        next_steps=(
            "Look the agency up in the register of the country it recruits in and of the country it recruits for.",
            "See what the customers were promised: look for its adverts.",
            "Check whether the customers' wages later flow back to it.",
        ),
        thresholds=THRESHOLDS,
        cases=CASES,
    ),
    classes=classes,
    asks=asks,
    fires=unlisted,
    subject="counterparty",
)
