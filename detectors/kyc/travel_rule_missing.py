"""A transfer between providers moved without originator or beneficiary data, or with gaps in them.

Catalogue entry kyc-travel-rule-missing. A control finding. From which amount data must travel is the jurisdiction
profile's; what a message lacks is judged beforehand (`detectors/travel_rule`) and stands in `travel_rule`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from manumit.detectors.contract import About, CustomerRule, Mask, Threshold, Values
from manumit.detectors.customer_stories import did, whole
from manumit.detectors.customers.block import CustomerBlock
from manumit.detectors.customers.features import Ask
from manumit.detectors.stories import MICRO, Part, edge, fires, innocent, near_miss
from manumit.schemas.jurisdiction import Jurisdiction, jurisdictions

THRESHOLDS = (
    Threshold(name="usd_per_cad", value=0.73, unit="USD per CAD", origin="ours: set to the rate of the deployment"),
)


def classes(block: CustomerBlock, v: Values) -> Mapping[str, Mask]:
    return {}


def asks(v: Values) -> Mapping[str, Ask]:
    return {}


def without_data(block: CustomerBlock, v: Values) -> Mask:
    moved = block.moved("deposit", "withdrawal") & block.word("counterparty_kind", "provider")
    due = np.zeros(len(block), np.bool_)
    elsewhere = np.ones(len(block), np.bool_)
    for profile in jurisdictions().values():
        if profile.countries:
            here = block.in_countries(profile.countries)
            elsewhere &= ~here
            due |= here & _due(block, profile, v)
    due |= elsewhere & _due(block, jurisdictions()["fatf"], v)
    return moved & due & ~block.word("travel_rule", "complete", "not-due")


def _due(block: CustomerBlock, profile: Jurisdiction, v: Values) -> Mask:
    """An amount that is not known reaches every level. Only Canada's floor is neither 0 nor in USD."""
    first = profile.tiers[0]
    level = round(first.amount * (v["usd_per_cad"] if profile.currency == "CAD" else 1.0), 6)
    due: Mask = np.isnan(block.usd) | ((block.usd > level) if first.above else (block.usd >= level))
    return due


def sent(country: str, usd: float | None, **more: Any) -> tuple[Part, ...]:
    given = {"counterparty_kind": "provider", "counterparty": "wallet", "travel_rule": "absent", **more}
    return (whole("c", jurisdiction=country), did("t", "c", "withdrawal", usd, **given))


CASES = (
    fires("no message", *sent("NL", 20), on="t"),
    fires("a message with gaps", *sent("NL", 20, travel_rule="gaps"), on="t"),
    fires("nobody knows whether one came", *sent("NL", 20, travel_rule=""), on="t"),
    fires("worth unknown", *sent("US", None), on="t"),
    fires("a country without a profile", *sent("TH", 20), on="t"),
    near_miss("a whole message", *sent("NL", 20_000, travel_rule="complete")),
    near_miss("below the floor of the United States", *sent("US", 2_000)),
    near_miss("to a wallet of one's own", *sent("NL", 20_000, counterparty_kind="self-hosted")),
    innocent("judged not due", *sent("US", 20_000, travel_rule="not-due")),
    innocent("refused for want of data", *sent("NL", 20_000, outcome="refused")),
    edge("exactly 3,000 USD", *sent("US", 3_000), on="t"),
    edge("a micro-dollar less", *sent("US", 3_000 - MICRO)),
    edge("exactly 1,000 CAD", *sent("CA", 730), on="t"),
    edge("a micro-dollar less than 1,000 CAD", *sent("CA", 730 - MICRO)),
)

CUSTOMER_RULE = CustomerRule(
    about=About(
        id="kyc-travel-rule-missing",
        version=1,
        title="Control gap: originator or beneficiary data missing between providers",
        status="trial",
        severity="medium",
        entries=("kyc-travel-rule-missing",),
        reason=(
            "{usd} USD moved between {subject} and another provider without whole travel-rule data. This is a gap of "
            "controls and no suspicion of the customer."
        ),
        innocent=(
            "a provider in a country where the rule is not yet in force",
            "a message that came by another network",
        ),
        blind_to=("a provider that is not known to be one", "data that are whole but false"),
        needs=("customers", "account_events"),
        next_steps=(
            "Ask the other provider for the data, and decide whether to hold or return the value.",
            "See whether this provider fails repeatedly; that may have to be reported.",
            "Note where the rule does not bind the other provider yet.",
        ),
        thresholds=THRESHOLDS,
        nature="control",
        cases=CASES,
    ),
    classes=classes,
    asks=asks,
    fires=without_data,
)
