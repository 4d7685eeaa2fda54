"""Value moved to or from a self-hosted wallet whose control the customer has not shown.

Catalogue entry kyc-travel-rule-missing (the other side is nobody's customer, so only the customer can say whose wallet
it is). A control finding, where the customer's jurisdiction sets an amount for it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from manumit.detectors.contract import About, CustomerRule, Mask, Threshold, Values
from manumit.detectors.customer_stories import did, whole
from manumit.detectors.customers.block import CustomerBlock
from manumit.detectors.customers.columns import ATTEST
from manumit.detectors.customers.features import Ask, pair
from manumit.detectors.stories import DAY, MICRO, MICROSECOND, Part, edge, fires, innocent, near_miss
from manumit.schemas.jurisdiction import jurisdictions

HOLDS = "1825d"  # ours: a proof of control is asked for again after five years

THRESHOLDS = (
    Threshold(name="usd_per_eur", value=1.08, unit="USD per EUR", origin="ours: set to the rate of the deployment"),
)


def classes(block: CustomerBlock, v: Values) -> Mapping[str, Mask]:
    return {"attested": block.word("kind", ATTEST)}


def asks(v: Values) -> Mapping[str, Ask]:
    return {"attestations": pair("counterparty", "attested", HOLDS)}


def unattested(block: CustomerBlock, v: Values) -> Mask:
    hosted = block.moved("deposit", "withdrawal") & block.word("counterparty_kind", "self-hosted")
    due = np.zeros(len(block), np.bool_)
    for profile in jurisdictions().values():
        asked = profile.self_hosted
        if asked is not None:
            level = round(asked.amount * v["usd_per_eur"], 6)  # both jurisdictions that set one set it in euros
            reached = (block.usd > level) if asked.above else (block.usd >= level)
            due |= block.in_countries(profile.countries) & reached
    found: Mask = hosted & due & (block["attestations"] == 0)
    return found


def sent(country: str, usd: float | None, *, shown: int | None = None, **more: Any) -> tuple[Part, ...]:
    proof = () if shown is None else (whole("c", at=shown, jurisdiction=country, attested=("wallet",)),)
    given = {"counterparty_kind": "self-hosted", "counterparty": "wallet", **more}
    return (whole("c", at=-4000 * DAY, jurisdiction=country), proof, did("t", "c", "withdrawal", usd, **given))


CASES = (
    fires("never shown", *sent("NL", 5_000), on="t"),
    fires("another wallet was shown", *sent("NL", 5_000, shown=-DAY, counterparty="other"), on="t"),
    near_miss("below the level", *sent("NL", 500)),
    near_miss("another provider's wallet", *sent("NL", 5_000, counterparty_kind="provider")),
    near_miss("a country that sets no amount", *sent("US", 50_000)),
    innocent("shown", *sent("NL", 5_000, shown=-DAY)),
    innocent("shown at that moment", *sent("NL", 5_000, shown=0)),
    innocent("refused until it is shown", *sent("NL", 5_000, outcome="refused")),
    edge("shown exactly five years ago", *sent("NL", 5_000, shown=-1825 * DAY), on="t"),
    edge("a microsecond less", *sent("NL", 5_000, shown=MICROSECOND - 1825 * DAY)),
    edge("exactly EUR 1,000 in the Union", *sent("NL", 1_080)),
    edge("a micro-dollar more", *sent("NL", 1_080 + MICRO), on="t"),
    edge("exactly EUR 1,000 in the United Kingdom", *sent("GB", 1_080), on="t"),
    edge("a micro-dollar less", *sent("GB", 1_080 - MICRO)),
)

CUSTOMER_RULE = CustomerRule(
    about=About(
        id="kyc-wallet-unattested",
        version=1,
        title="Control gap: self-hosted wallet whose control was not shown",
        status="trial",
        severity="low",
        entries=("kyc-travel-rule-missing",),
        reason=(
            "{usd} USD moved between {subject} and a self-hosted wallet whose control was not shown. This is a gap of "
            "controls and no suspicion of the customer."
        ),
        innocent=("a wallet of the customer's own, not yet shown", "a payment to a shop that holds its own keys"),
        blind_to=("a wallet shown under somebody's instruction", "a provider's wallet taken for a person's"),
        needs=("customers", "account_events"),
        next_steps=(
            "Ask the customer to sign a message with the wallet or to send a small amount from it.",
            "Ask whose wallet it is where it is not the customer's.",
            "Screen the wallet on chain before further value moves.",
        ),
        thresholds=THRESHOLDS,
        nature="control",
        cases=CASES,
    ),
    classes=classes,
    asks=asks,
    fires=unattested,
)
