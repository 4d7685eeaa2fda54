"""An account in the name of somebody below the product's age, or an age that jumps over it.

Catalogue entry kyc-minor-account. A finding for restricted eyes: it concerns a child, who is never the suspect. The
exchange gives the age and the minimum, 18 where it gives none; manumit holds no date of birth.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from manumit.detectors.contract import About, CustomerRule, Mask, Threshold, Values
from manumit.detectors.customer_stories import known
from manumit.detectors.customers.block import CustomerBlock
from manumit.detectors.customers.columns import SNAPSHOT
from manumit.detectors.customers.features import Ask
from manumit.detectors.stories import DAY, edge, fires, innocent, near_miss
from manumit.schemas.customer import ADULT, Customer

YEAR_US = 365 * 86_400_000_000  # shorter than any year: a birthday in between is given by the allowance below

THRESHOLDS = (
    Threshold(name="allowed_years", value=1, unit="years", origin="ours: one birthday between two snapshots"),
)


def classes(block: CustomerBlock, v: Values) -> Mapping[str, Mask]:
    return {}


def asks(v: Values) -> Mapping[str, Ask]:
    return {}


def below_age(block: CustomerBlock, v: Values) -> Mask:
    age, given = block.fact("age"), block.fact("minimum_age")
    least = np.where(given > 0, given, ADULT)
    judged = block.word("kind", SNAPSHOT) & (age > 0) & (block.fact("guarded") == 0)
    was = block.previous("age")
    years = (block.fact("at_us") - block.previous("at_us")) // YEAR_US
    jumped = (was > 0) & (was < least) & (age >= least) & (age - was > years + v["allowed_years"])
    found: Mask = judged & ((age < least) | jumped)
    return found


def aged(age: int, at: int = 0, minimum: int = 18, guardian: str = "") -> Customer:
    return known("c", at=at, age=age, minimum_age=minimum, guardian=guardian)


CASES = (
    fires("sixteen", aged(16), on="c"),
    near_miss("eighteen", aged(18)),
    near_miss("a product from sixteen", aged(16, minimum=16)),
    fires("no minimum on file: eighteen counts", aged(17, minimum=0), on="c"),
    near_miss("eighteen, and no minimum on file", aged(18, minimum=0)),
    fires("an infant", aged(1, minimum=0), on="c"),
    near_miss("an age that is not known", aged(0)),
    innocent("a lawful guardian holds it", aged(12, guardian="parent")),
    innocent("grown up in three years", aged(18, 3 * 366 * DAY)),
    edge("one year below", aged(17), on="c"),
    edge("a day later two years older", aged(16, -DAY), aged(18), on="c@1 c@2"),
    edge("a day later one year older", aged(17, -DAY), aged(18), on="c@1"),
    edge("a day later three years older", aged(16, -DAY), aged(19), on="c@1 c@2"),
    edge("at the minimum of another product", aged(21, minimum=21)),
)

CUSTOMER_RULE = CustomerRule(
    about=About(
        id="kyc-minor-account",
        version=2,
        title="Account in the name of a minor",
        status="trial",
        severity="high",
        entries=("kyc-minor-account",),
        reason="{subject} is below the age of the product, or was until the date of birth was changed.",
        innocent=("a slip of the pen in a date", "a custodial account whose guardian is not on file"),
        blind_to=("a false date of birth from the start", "an account in an adult's name that a child uses"),
        needs=("customers",),
        next_steps=(
            "Hand it to the person responsible for child protection; keep it out of general queues.",
            "See who opened the account and who pays into it; that adult is the lead.",
            "Follow the mandatory path for children before any contact.",
        ),
        thresholds=THRESHOLDS,
        nature="protection",
        cases=CASES,
    ),
    classes=classes,
    asks=asks,
    fires=below_age,
)
