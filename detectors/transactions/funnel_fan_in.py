"""Many senders who never paid before, into one address, within a week or a month.

Catalogue entry tx-funnel-fan-in. The engine knows addresses: an exchange's hot wallet counts as one
sender whoever stood behind it, and links among the senders are not looked at.
"""

from __future__ import annotations

from collections.abc import Mapping

from manumit.detectors.contract import About, FeatureBlock, Mask, Rule, Threshold, Values
from manumit.detectors.labelled import BUSINESSES, labelled
from manumit.detectors.stories import DAY, HOUR, MICRO, MICROSECOND, edge, fires, innocent, label, near_miss, pay, pays
from manumit.detectors.windows.features import Feature, count_in, senders, where
from manumit.schemas.transfer import Transfer

WEEK = "7d"  # source: catalogue entry, check.window
MONTH = "30d"  # source: catalogue entry, check.window
HOUR_WINDOW, DAY_WINDOW = "1h", "24h"  # ours: the pace of a service, from the quiet corpus
NEW_FOR = "90d"  # ours: a sender is new when it paid nothing for this long, so monthly rent is not new

THRESHOLDS = (
    Threshold(name="min_senders_week", value=8, unit="senders", origin="ours"),
    Threshold(name="min_senders_month", value=20, unit="senders", origin="ours: a month of a small trader has 8"),
    Threshold(name="min_new_share", value=0.6, unit="share", origin="ours"),
    Threshold(name="max_senders_hour", value=4, unit="senders", origin="ours: more is the pace of a service"),
    Threshold(name="max_senders_day", value=20, unit="senders", origin="ours: more is the pace of a service"),
    Threshold(name="min_usd", value=10, unit="USD", origin="ours: leaves out dust and address poisoning"),
)


def features(v: Values) -> Mapping[str, Feature]:
    paid = where(low_usd=v["min_usd"])
    first = where(low_usd=v["min_usd"], new_pair=NEW_FOR)
    return {
        "senders_week": senders(WEEK, paid),
        "new_week": count_in(WEEK, first),
        "senders_month": senders(MONTH, paid),
        "new_month": count_in(MONTH, first),
        "senders_hour": senders(HOUR_WINDOW, paid),
        "senders_day": senders(DAY_WINDOW, paid),
    }


def is_funnel(block: FeatureBlock, v: Values) -> Mask:
    week, month = block["senders_week"], block["senders_month"]
    in_week = (week >= v["min_senders_week"]) & (block["new_week"] >= v["min_new_share"] * week)
    in_month = (month >= v["min_senders_month"]) & (block["new_month"] >= v["min_new_share"] * month)
    paid = block.usd >= v["min_usd"]
    slow = (block["senders_hour"] <= v["max_senders_hour"]) & (block["senders_day"] <= v["max_senders_day"])
    return (in_week | in_month) & paid & slow & ~labelled(block.own_labels, *BUSINESSES)


WEEKLY = pays("p#", 7, "payer-#", "collector", 80, at=DAY)  # seven new payers within 6 h
EIGHTH = pay("p8", "payer-8", "collector", 80, at=2 * DAY)
TWO_WEEKS = pays("p#", 20, "payer-#", "collector", 80, every=30 * HOUR)  # at most 6 in any 7 d
TENANTS = pays("old-#", 8, "tenant-#", "landlord", 700, at=-75 * DAY, every=9 * DAY)
KNOWN = pays("old-#", 4, "known-#", "collector", 80, at=-40 * DAY, every=8 * DAY)  # paid before: not new
KNOWN_AGAIN = pays("k#", 4, "known-#", "collector", 80)
FOUR = pays("p#", 4, "payer-#", "collector", 80)  # within 3 h
RUSH = pays("r#", 4, "rusher-#", "collector", 80, at=DAY, every=MICROSECOND)
TWENTY = pays("p#", 20, "payer-#", "collector", 80)  # within 19 h
SLOW = " ".join(f"p{n}" for n in range(8, 21))
SLOW_21 = f"{SLOW} p21"
LATE = (
    pay("old-9", "known-9", "collector", 80, at=-90 * DAY),
    *pays("p#", 4, "payer-#", "collector", 80, at=DAY),
)


def last_payer(at: int) -> Transfer:
    return pay("p8", "payer-8", "collector", 80, at=at)


CASES = (
    fires("the eighth new payer within a week", WEEKLY, EIGHTH, on="p8"),
    fires("twenty new payers within a month", TWO_WEEKS, on="p20"),
    near_miss("seven payers are too few", WEEKLY),
    near_miss("nineteen in a month are too few", TWO_WEEKS[:-1]),
    near_miss("one payer many times", pays("p#", 12, "payer", "collector", 80)),
    innocent("tenants who pay every month", TENANTS, pays("r#", 8, "tenant-#", "landlord", 700)),
    innocent("a labelled exchange", WEEKLY, EIGHTH, labels=(label("collector", "exchange"),)),
    innocent("dust and address poisoning", pays("d#", 30, "dust-#", "collector", 0.01)),
    innocent("transfers of unknown worth", pays("d#", 30, "dust-#", "collector", None)),
    edge("first payment exactly 7 d old", WEEKLY, pay("p8", "payer-8", "collector", 80, at=8 * DAY)),
    edge("first payment younger", WEEKLY, pay("p8", "payer-8", "collector", 80, at=8 * DAY - MICROSECOND), on="p8"),
    edge("first payment exactly 30 d old", TWO_WEEKS[:-1], pay("p20", "payer-20", "collector", 80, at=30 * DAY)),
    edge(
        "first payment younger than 30 d",
        TWO_WEEKS[:-1],
        pay("p20", "payer-20", "collector", 80, at=30 * DAY - MICROSECOND),
        on="p20",
    ),
    edge("6 of 10 are new", KNOWN, KNOWN_AGAIN, pays("p#", 6, "payer-#", "collector", 80, at=DAY), on="p6"),
    edge("5 of 9 are new", KNOWN, KNOWN_AGAIN, pays("p#", 5, "payer-#", "collector", 80, at=DAY)),
    edge("four payers within an hour", FOUR, RUSH[1:], last_payer(DAY + HOUR // 2), on="p8"),
    edge("the fifth of an hour is exactly 1 h old", FOUR, RUSH, last_payer(DAY + HOUR), on="r4 p8"),
    edge("the fifth of an hour is younger", FOUR, RUSH, last_payer(DAY + HOUR - MICROSECOND), on="r4"),
    edge("the first of 21 is exactly 24 h old", TWENTY, pay("p21", "payer-21", "collector", 80, at=DAY), on=SLOW_21),
    edge("the first of 21 is younger", TWENTY, pay("p21", "payer-21", "collector", 80, at=DAY - MICROSECOND), on=SLOW),
    edge("the eighth pays 10 USD", WEEKLY, pay("p8", "payer-8", "collector", 10, at=2 * DAY), on="p8"),
    edge("the eighth pays less", WEEKLY, pay("p8", "payer-8", "collector", 10 - MICRO, at=2 * DAY)),
    edge(
        "last paid exactly 90 d ago: new",
        KNOWN[:3],
        KNOWN_AGAIN[:3],
        LATE,
        pay("k9", "known-9", "collector", 80, at=0),
        on="p4",
    ),
    edge(
        "paid less than 90 d ago: known",
        KNOWN[:3],
        KNOWN_AGAIN[:3],
        LATE,
        pay("k9", "known-9", "collector", 80, at=-MICROSECOND),
    ),
)

RULE = Rule(
    about=About(
        id="tx-funnel-fan-in",
        version=2,
        title="Funnel: many unrelated senders into one address",
        status="live",
        severity="high",
        entries=("tx-funnel-fan-in",),
        reason=(
            "{subject} was paid by {senders_week} senders in 7 days, {new_week} of them for the first time "
            "({senders_month} and {new_month} in 30 days). This resembles a funnel account."
        ),
        innocent=("a shop or charity nobody labelled", "a mining pool's payout sweep", "a crowd gift or ticket sale"),
        blind_to=(
            "senders behind one exchange wallet",
            "a fresh address for every payer",
            "a funnel as busy as a service: five payers within an hour, or twenty-one within a day",
            "links among the senders",
            "who paid before the records begin: everyone is new on the first days of a stream",
        ),
        next_steps=(
            "Look for a label, a web shop or a declared merchant behind the address.",
            "Open the largest senders: do they pay each other, or share one exchange?",
            "Search adverts and customer records for the address; the holder may be a victim.",
        ),
        thresholds=THRESHOLDS,
        cases=CASES,
    ),
    sides=("receiver",),
    features=features,
    fires=is_funnel,
)
