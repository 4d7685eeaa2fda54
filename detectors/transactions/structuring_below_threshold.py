"""Several transfers just under a level that would trigger a report, a record or an identity check.

Catalogue entry tx-structuring-below-threshold. Prices cluster below round numbers too, so the count just
under a limit must be a multiple of the count just above it (the bunching ratio of the entry's notes).
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from manumit.detectors.contract import About, FeatureBlock, Mask, Rule, Threshold, Values
from manumit.detectors.labelled import BUSINESSES, labelled
from manumit.detectors.stories import DAY, HOUR, MICRO, MICROSECOND, edge, fires, innocent, label, near_miss, pay, pays
from manumit.detectors.windows.features import Feature, count_out, where
from manumit.schemas.transfer import Transfer

WINDOW = "7d"  # source: catalogue entry, check.window
LIMITS = ("report_limit", "wire_limit", "travel_rule_limit")

THRESHOLDS = (
    Threshold(
        name="report_limit", value=10_000, unit="USD", origin="catalogue entry T: US currency transaction report"
    ),
    Threshold(name="wire_limit", value=3_000, unit="USD", origin="FIN-2014-A008, smuggling: wires under 3,000"),
    Threshold(name="travel_rule_limit", value=1_000, unit="USD", origin="FATF R.16 travel rule: USD or EUR 1,000"),
    Threshold(name="band", value=0.1, unit="share", origin="ours"),
    Threshold(name="min_count", value=3, unit="transfers", origin="ours"),
    Threshold(name="min_bunching", value=2, unit="ratio", origin="ours"),
)


def features(v: Values) -> Mapping[str, Feature]:
    below = {f"below_{name}": count_out(WINDOW, where(low_usd=_low(v, name), high_usd=v[name])) for name in LIMITS}
    above = {
        f"above_{name}": count_out(WINDOW, where(low_usd=v[name], high_usd=v[name] * (1 + v["band"])))
        for name in LIMITS
    }
    return {**below, **above}


def splits(block: FeatureBlock, v: Values) -> Mask:
    found = np.zeros(len(block), np.bool_)
    for name in LIMITS:
        below, above = block[f"below_{name}"], block[f"above_{name}"]
        here = (block.usd >= _low(v, name)) & (block.usd < v[name])
        found |= here & (below >= v["min_count"]) & (below >= v["min_bunching"] * above)
    return found & ~labelled(block.own_labels, *BUSINESSES)


def _low(v: Values, name: str) -> float:
    """Rounded to the engine's micro-USD, so that mask and filter agree on the edge."""
    return round(v[name] * (1 - v["band"]), 6)


def payments(usd: float, count: int = 3, at: int = 0) -> tuple[Transfer, ...]:
    return pays("p#", count, "splitter", "payee-#", usd, at=at, every=DAY)


CASES = (
    fires("three times 9,500", payments(9_500), on="p3"),
    fires("three times 2,900", payments(2_900), on="p3"),
    fires("four times 950", payments(950, 4), on="p3 p4"),
    near_miss("twice is too few", payments(9_500, 2)),
    near_miss("a day's amounts at different limits", payments(9_500, 2), pay("q", "splitter", "payee", 2_900, at=HOUR)),
    near_miss("spread over a month", pays("p#", 5, "splitter", "payee-#", 9_500, every=4 * DAY)),
    innocent(
        "wages a little above the limit as often",
        payments(980, 3, at=HOUR),
        pays("w#", 2, "splitter", "worker-#", 1_020),
    ),
    innocent("a labelled exchange pays out", payments(9_500, 6), labels=(label("splitter", "exchange"),)),
    innocent("round rents", payments(1_000, 5)),
    *(
        case
        for limit in (10_000, 3_000, 1_000)
        for case in (
            edge(f"exactly 10 % under {limit}", payments(0.9 * limit), on="p3"),
            edge(f"a micro-dollar further under {limit}", payments(0.9 * limit - MICRO)),
            edge(f"a micro-dollar under {limit}", payments(limit - MICRO), on="p3"),
            edge(f"exactly {limit}", payments(limit)),
        )
    ),
    edge("half as many just above", payments(950, 4, at=HOUR), pays("w#", 2, "splitter", "worker-#", 1_099), on="p4"),
    edge("just above ends at 10 %", payments(950, 3, at=HOUR), pays("w#", 2, "splitter", "worker-#", 1_100), on="p3"),
    edge("first exactly 7 d old", payments(950, 2), pay("p3", "splitter", "payee-3", 950, at=7 * DAY)),
    edge("first younger", payments(950, 2), pay("p3", "splitter", "payee-3", 950, at=7 * DAY - MICROSECOND), on="p3"),
)

RULE = Rule(
    about=About(
        id="tx-structuring-below-threshold",
        version=1,
        title="Repeated amounts just under a reporting threshold",
        status="live",
        severity="medium",
        entries=("tx-structuring-below-threshold",),
        reason=(
            "{subject} sent in 7 days {below_report_limit} transfers just under 10,000 USD, {below_wire_limit} just "
            "under 3,000 and {below_travel_rule_limit} just under 1,000. This resembles splitting to stay under a "
            "limit."
        ),
        innocent=("prices such as 999", "wages, rents and invoices of one size", "a venue's own per-transfer cap"),
        blind_to=("splitting over several senders", "limits in other currencies", "transfers of unknown worth"),
        next_steps=(
            "Check whether the receivers belong together and the parts add up to one sum.",
            "Compare with the sender's usual amounts and with any cap of the venue used.",
            "Look for the customer's identification tier and past requests for documents.",
        ),
        thresholds=THRESHOLDS,
        cases=CASES,
    ),
    sides=("sender",),
    features=features,
    fires=splits,
)
