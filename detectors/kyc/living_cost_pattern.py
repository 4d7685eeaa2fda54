"""One card pays board, lodging, transport, medicine and clothes as several people need them.

Catalogue entry kyc-living-cost-pattern. Five groups of merchants, each against what most people stay below in a month;
lodging must be one of those above, for a large family buys medicine, meals and clothes at home.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import numpy as np

from manumit.detectors.contract import About, CustomerRule, Mask, Threshold, Values
from manumit.detectors.customer_stories import series, whole
from manumit.detectors.customers.block import CustomerBlock
from manumit.detectors.customers.features import Ask, count
from manumit.detectors.stories import DAY, MICROSECOND, MINUTE, Part, edge, fires, innocent, near_miss
from manumit.schemas.account_event import AccountEvent

WINDOW = "30d"  # source: catalogue entry, check.window
MERCHANTS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "lodging": ("7011", "7032", "7033"),
        "rides": ("4111", "4121", "4131"),
        "pharmacy": ("5912", "5122"),
        "meals": ("5814",),
        "clothes": ("5611", "5621", "5631", "5651", "5691", "5699", "5977", "7230"),
    }
)  # ISO 18245

THRESHOLDS = (
    Threshold(name="lodging", value=6, unit="purchases", origin="ours: 95 of 100 people stay below it in 30 days"),
    Threshold(name="rides", value=20, unit="purchases", origin="ours: as for lodging"),
    Threshold(name="pharmacy", value=6, unit="purchases", origin="ours: as for lodging"),
    Threshold(name="meals", value=20, unit="purchases", origin="ours: as for lodging; fast food and delivery"),
    Threshold(name="clothes", value=8, unit="purchases", origin="ours: as for lodging; with hair and beauty"),
    Threshold(name="min_groups", value=3, unit="groups", origin="catalogue entry: >= 3 of 5 groups"),
    Threshold(name="min_distance", value=3, unit="ratio", origin="ours: length of the five counts over their levels"),
)


def classes(block: CustomerBlock, v: Values) -> Mapping[str, Mask]:
    paid = block.moved("card")
    return {group: paid & block.word("merchant_category", *codes) for group, codes in MERCHANTS.items()}


def asks(v: Values) -> Mapping[str, Ask]:
    return {f"{group}_paid": count(group, WINDOW) for group in MERCHANTS}


def for_several(block: CustomerBlock, v: Values) -> Mask:
    shares = {group: block[f"{group}_paid"] / v[group] for group in MERCHANTS}
    above = np.sum([share >= 1 for share in shares.values()], axis=0) >= v["min_groups"]
    far = np.sum([share**2 for share in shares.values()], axis=0) >= v["min_distance"] ** 2
    personal = (block.fact("business") == 0) & (block.fact("mobile") == 0)
    alone = (block.fact("related") == 0) & (block.fact("guarded") == 0)
    now = np.any([block.classes[group] for group in MERCHANTS], axis=0)
    found: Mask = now & personal & alone & above & far & (shares["lodging"] >= 1)
    return found


def bought(*, last: int | None = None, **counts: int) -> tuple[Part, ...]:
    """So many purchases of each group, one a minute; the last of all at `last`."""
    events: list[AccountEvent] = []
    for group, often in counts.items():
        at = len(events) * MINUTE
        kind = MERCHANTS[group][0]
        events += series(f"{group}#", often, "c", "card", 25, at=at, every=MINUTE, merchant_category=kind)
    if last is None:
        return tuple(events)
    only = series("z", 1, "c", "card", 25, at=last, merchant_category=events[-1].merchant_category)
    return (*events[:-1], *only)


def lives(facts: Mapping[str, Any], **counts: int) -> tuple[Part, ...]:
    return (whole("c", **facts), *bought(**counts))


CASES = (
    fires("rooms, medicine and clothes for several", *bought(lodging=12, pharmacy=12, clothes=8), on="clothes8"),
    fires("rooms, rides and meals", *bought(lodging=12, rides=40, meals=20), on="meals20"),
    near_miss("two groups", *bought(lodging=18, pharmacy=12)),
    near_miss("three groups, none of them much", *bought(lodging=9, pharmacy=9, clothes=12)),
    near_miss("no lodging", *bought(pharmacy=18, meals=60, clothes=24)),
    innocent("a sales representative", *lives({"occupation": "sales"}, lodging=12, rides=40, meals=20)),
    innocent("a carer who said for whom", *lives({"related": ("ward",)}, lodging=12, pharmacy=12, clothes=8)),
    innocent("a firm", *lives({"account_type": "business"}, lodging=12, pharmacy=12, clothes=8)),
    edge("five nights", *bought(lodging=5, pharmacy=12, clothes=18)),
    edge("six nights", *bought(lodging=6, pharmacy=12, clothes=16), on="clothes16"),
    edge("twenty rides", *bought(lodging=12, clothes=16, rides=20), on="rides20"),
    edge("nineteen rides", *bought(lodging=12, clothes=16, rides=19)),
    edge("six medicines", *bought(lodging=12, clothes=16, pharmacy=6), on="pharmacy6"),
    edge("five medicines", *bought(lodging=12, clothes=16, pharmacy=5)),
    edge("twenty meals", *bought(lodging=12, clothes=16, meals=20), on="meals20"),
    edge("nineteen meals", *bought(lodging=12, clothes=16, meals=19)),
    edge("seven pieces of clothing", *bought(lodging=12, pharmacy=12, clothes=7)),
    edge("the first exactly 30 d ago", *bought(lodging=12, pharmacy=12, clothes=8, last=30 * DAY)),
    edge("younger", *bought(lodging=12, pharmacy=12, clothes=8, last=30 * DAY - MICROSECOND), on="z"),
)

CUSTOMER_RULE = CustomerRule(
    about=About(
        id="kyc-living-cost-pattern",
        version=1,
        title="Card spending that covers the living costs of several people",
        status="trial",
        severity="medium",
        entries=("kyc-living-cost-pattern",),
        reason=(
            "In 30 days the card of {subject} paid lodging {lodging_paid} times, rides {rides_paid}, medicine "
            "{pharmacy_paid}, quick meals {meals_paid} and clothes or beauty {clothes_paid} times. This resembles the "
            "living costs of several people."
        ),
        innocent=("touring staff and guides", "carers and large families on the move", "somebody between two homes"),
        blind_to=("costs paid in cash", "costs spread over several cards", "merchants without a category code"),
        needs=("customers", "account_events"),
        next_steps=(
            "Ask for whom is paid; note the occupation if it is one of the road.",
            "See whether the places follow each other, and who pays into the account.",
            "Look for other signs before any report; this one alone says little.",
        ),
        thresholds=THRESHOLDS,
        cases=CASES,
    ),
    classes=classes,
    asks=asks,
    fires=for_several,
)
