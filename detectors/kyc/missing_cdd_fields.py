"""Value moved although due diligence that the customer's jurisdiction asks for is missing, expired or unverified.

Catalogue entry kyc-missing-cdd-fields. A control finding: it says what the exchange does not know, and suspects
nobody. Levels and data come from the jurisdiction profiles, with their sources; a country without a profile is judged
by FATF's.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from manumit.detectors.contract import About, CustomerRule, Mask, Threshold, Values
from manumit.detectors.customer_stories import did, whole
from manumit.detectors.customers.block import CustomerBlock
from manumit.detectors.customers.features import Ask
from manumit.detectors.stories import DAY, MICRO, MICROSECOND, Part, edge, fires, innocent, near_miss
from manumit.schemas.account_event import AccountEvent
from manumit.schemas.jurisdiction import DueDiligence, Jurisdiction, jurisdictions

MOVED = ("deposit", "withdrawal", "fiat-in", "fiat-out", "card")
FIELDS = {"name": "has_name", "birth": "has_birth", "address": "has_address", "national-id": "has_document"}

THRESHOLDS = (
    Threshold(name="usd_per_eur", value=1.08, unit="USD per EUR", origin="ours: set to the rate of the deployment"),
    Threshold(name="usd_per_cad", value=0.73, unit="USD per CAD", origin="ours: set to the rate of the deployment"),
    Threshold(name="usd_per_jpy", value=0.0065, unit="USD per JPY", origin="ours: set to the rate of the deployment"),
)


def classes(block: CustomerBlock, v: Values) -> Mapping[str, Mask]:
    return {}


def asks(v: Values) -> Mapping[str, Ask]:
    return {}


def unknown_customer(block: CustomerBlock, v: Values) -> Mask:
    moved = block.moved(*MOVED)
    found = np.zeros(len(block), np.bool_)
    elsewhere = np.ones(len(block), np.bool_)
    for profile in jurisdictions().values():
        if profile.countries:
            here = block.in_countries(profile.countries)
            elsewhere &= ~here
            found |= here & _lacking(block, profile, v)
    found |= elsewhere & _lacking(block, jurisdictions()["fatf"], v)
    return moved & found


def _lacking(block: CustomerBlock, profile: Jurisdiction, v: Values) -> Mask:
    asked = profile.due_diligence
    level = round(asked.amount * _rate(profile.currency, v), 6)
    due = (block.usd > level) if asked.above else (block.usd >= level)
    legal = block.fact("legal") == 1
    missing = (legal & _missing(block, asked, "legal")) | (~legal & _missing(block, asked, "natural"))
    expires = block.fact("document_expires_us")
    expired = (expires > 0) & (expires < block.columns.at_us)
    lacking: Mask = due & (missing | expired | (block.fact("verified") == 0))
    return lacking


def _missing(block: CustomerBlock, asked: DueDiligence, kind: str) -> Mask:
    data = asked.legal if kind == "legal" else asked.natural
    missing = np.zeros(len(block), np.bool_)
    for datum in data:
        missing |= block.fact(FIELDS[datum]) == 0
    return missing


def _rate(currency: str, v: Values) -> float:
    """Where an amount is 0 its currency does not matter."""
    return {"EUR": v["usd_per_eur"], "CAD": v["usd_per_cad"], "JPY": v["usd_per_jpy"]}.get(currency, 1.0)


def paid(usd: float | None, *, at: int = 0, outcome: str = "") -> AccountEvent:
    return did("p", "c", "deposit", usd, at=at, outcome=outcome)


def unverified(country: str, usd: float) -> tuple[Part, ...]:
    return (whole("c", jurisdiction=country, verification="basic"), paid(usd))


CASES = (
    fires("no snapshot of the customer at all", paid(5_000), on="p"),
    fires("no address", whole("c", address=""), paid(5_000), on="p"),
    fires("no date of birth", whole("c", birth=""), paid(5_000), on="p"),
    fires("a firm without a register number", whole("c", kind="legal", documents=()), paid(5_000), on="p"),
    fires("a passport that has expired", whole("c", expires=-MICROSECOND), paid(5_000), on="p"),
    fires("any amount in Singapore", *unverified("SG", 1), on="p"),
    near_miss("below the level", whole("c", address=""), paid(900)),
    near_miss("worth unknown", whole("c", address=""), paid(None)),
    near_miss("a refused attempt moves nothing", whole("c", address=""), paid(5_000, outcome="refused")),
    innocent("everything on file", whole("c"), paid(50_000)),
    innocent("a firm has no birthday", whole("c", kind="legal", birth=""), paid(50_000)),
    innocent("a licence with no expiry", whole("c", document_expires_us=0), paid(5_000)),
    innocent("no passport asked for in the United Kingdom", whole("c", jurisdiction="GB", documents=()), paid(50_000)),
    edge("expires at that moment", whole("c", expires=0), paid(5_000)),
    edge("exactly 1,000 USD without a profile", *unverified("TH", 1_000)),
    edge("a micro-dollar more", *unverified("TH", 1_000 + MICRO), on="p"),
    edge("exactly EUR 1,000", *unverified("NL", 1_080), on="p"),
    edge("a micro-dollar less than EUR 1,000", *unverified("NL", 1_080 - MICRO)),
    edge("exactly 3,000 USD", *unverified("US", 3_000), on="p"),
    edge("a micro-dollar less", *unverified("US", 3_000 - MICRO)),
    edge("exactly 1,000 CAD", *unverified("CA", 730), on="p"),
    edge("a micro-dollar less than 1,000 CAD", *unverified("CA", 730 - MICRO)),
    edge("exactly 100,000 JPY", *unverified("JP", 650)),
    edge("a micro-dollar more than 100,000 JPY", *unverified("JP", 650 + MICRO), on="p"),
    edge("completed a day later", whole("c", address=""), paid(5_000), whole("c", at=DAY), on="p"),
)

CUSTOMER_RULE = CustomerRule(
    about=About(
        id="kyc-missing-cdd-fields",
        version=1,
        title="Control gap: value moved without the due-diligence data that should exist",
        status="trial",
        severity="medium",
        entries=("kyc-missing-cdd-fields",),
        reason=(
            "{usd} USD moved for {subject} although due diligence is missing, expired or unverified. This is a gap of "
            "the exchange's own controls and no suspicion of the customer."
        ),
        innocent=("an exemption of the local law", "records still being moved from an older system"),
        blind_to=("data that are on file but false", "limits that add up several payments"),
        needs=("customers", "account_events"),
        next_steps=(
            "Ask the customer for what is missing, and hold back further value until it is there.",
            "See which step of onboarding let the account through and how many others it let through.",
            "Note the exemption in the file where one holds.",
        ),
        thresholds=THRESHOLDS,
        nature="control",
        cases=CASES,
    ),
    classes=classes,
    asks=asks,
    fires=unknown_customer,
)
