"""Small recurring payments into an address that many others pay the same way, with an exit that hides it.

Catalogue entry tx-csam-subscription-pattern. Lawful subscriptions look alike, so the entry's note is a
condition: a mixer exit, or a child-abuse or darknet label beside an exchange exit. Amount entropy becomes
the share of payments inside the band. The words of an alert never say more than "resembles".
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from manumit.detectors.contract import About, FeatureBlock, Mask, Rule, Threshold, Values
from manumit.detectors.labelled import labelled
from manumit.detectors.stories import DAY, HOUR, MICRO, MICROSECOND, edge, fires, innocent, label, near_miss, pay, pays
from manumit.detectors.windows.features import UNITS_US, Feature, count_in, count_out, senders, since, where
from manumit.schemas.transfer import Transfer

PERIOD = "180d"  # source: catalogue entry, check.window
EXIT = "30d"  # ours
RHYTHMS_DAYS = (7, 30, 90)  # source: catalogue entry, check.logic "interval near 7/30/90 d"
BAD = ("child-abuse", "darknet")

THRESHOLDS = (
    Threshold(name="min_cad", value=5, unit="CAD", origin="FINTRAC FD4-24/2025E-PDF, overview: CAD 5-50"),
    Threshold(name="usd_per_cad", value=0.72, unit="USD per CAD", origin="ours: a fixed rate, the band is coarse"),
    Threshold(name="max_usd", value=100, unit="USD", origin="Chainalysis Feb 2026: half of transfers under 100 USD"),
    Threshold(name="min_payers", value=30, unit="senders", origin="ours"),
    Threshold(name="min_payments", value=3, unit="transfers", origin="ours: by one payer"),
    Threshold(name="min_regulars", value=5, unit="senders", origin="ours: payers with min_payments"),
    Threshold(name="rhythm_tolerance", value=0.1, unit="share", origin="ours: of the interval"),
    Threshold(name="min_band_share", value=0.8, unit="share", origin="ours: stands for low amount entropy"),
)


def features(v: Values) -> Mapping[str, Feature]:
    band = where(low_usd=_low_usd(v), high_usd=v["max_usd"])
    return {
        "payers": senders(PERIOD, band),
        "regulars": senders(PERIOD, band, at_least=int(v["min_payments"])),
        "in_band": count_in(PERIOD, band),
        "inflows": count_in(PERIOD),
        "bad_inflows": count_in(PERIOD, where(counterparty=BAD)),
        "mixer_exits": count_out(EXIT, where(counterparty=("mixer",))),
        "exchange_exits": count_out(EXIT, where(counterparty=("exchange",))),
        "paid_before": since("pair", PERIOD),
    }


def resembles_subscription(block: FeatureBlock, v: Values) -> Mask:
    in_band = (block.usd >= _low_usd(v)) & (block.usd < v["max_usd"])
    many = (block["payers"] >= v["min_payers"]) & (block["regulars"] >= v["min_regulars"])
    alike = block["in_band"] >= v["min_band_share"] * block["inflows"]
    marked = labelled(block.own_labels, *BAD) | (block["bad_inflows"] >= 1)
    hidden = (block["mixer_exits"] >= 1) | (marked & (block["exchange_exits"] >= 1))
    business = labelled(block.own_labels, "exchange", "gambling", "service")
    return in_band & many & alike & _rhythmic(block, v) & hidden & ~business


def _rhythmic(block: FeatureBlock, v: Values) -> Mask:
    gap = block["paid_before"]
    found = np.zeros(len(block), np.bool_)
    for days in RHYTHMS_DAYS:
        found |= np.abs(gap - days * UNITS_US["d"]) <= round(v["rhythm_tolerance"] * days * UNITS_US["d"])
    return found


def _low_usd(v: Values) -> float:
    return round(v["min_cad"] * v["usd_per_cad"], 6)


def paid(
    gap: int = 7 * DAY, usd: float = 20, viewers: int = 25, to: str = "mixer", exit_before: int = HOUR
) -> tuple[Transfer, ...]:
    """25 viewers pay once, four regulars each week, a fifth on days 8, 16 and, `gap` later, `last`."""
    end = 16 * DAY + gap
    return (
        *pays("s#", viewers, "viewer-#", "seller", 20, every=MICROSECOND),
        *(p for week in range(3) for p in pays(f"w{week}-#", 4, "regular-#", "seller", 20, at=week * 7 * DAY)),
        *pays("x#", 2, "regular-5", "seller", 20, at=8 * DAY, every=8 * DAY),
        pay("exit", "seller", to, 500, at=end - exit_before),
        pay("last", "regular-5", "seller", usd, at=end),
    )


LABELS = (label("mixer", "mixer"), label("exchange", "exchange"))
X1 = pay("x1", "regular-5", "seller", 20, at=8 * DAY)
FOUR = (
    *(p for p in paid(viewers=26) if p.sender != X1.sender),
    pay("last", "regular-4", "seller", 20, at=21 * DAY + 3 * HOUR),
    pay("out", "seller", "mixer", 100, at=20 * DAY),
)
OLD_VIEWER = 16 * DAY + 90 * DAY - 180 * DAY

CASES = (
    fires("thirty payers, five regulars, a mixer exit", paid(), on="last", labels=LABELS),
    fires(
        "a labelled seller and an exchange exit",
        paid(to="exchange"),
        on="last",
        labels=(*LABELS, label("seller", "child-abuse")),
    ),
    fires(
        "a darknet payer and an exchange exit",
        paid(to="exchange"),
        on="last",
        labels=(*LABELS, label("viewer-3", "darknet")),
    ),
    near_miss("29 payers are too few", paid(viewers=24), labels=LABELS),
    near_miss("the fifth regular paid twice only", tuple(p for p in paid() if p != X1), labels=LABELS),
    near_miss("four regulars are too few", FOUR, labels=LABELS),
    near_miss("no exit", paid(to="friend"), labels=LABELS),
    near_miss("the fifth regular keeps no rhythm", paid(gap=11 * DAY), labels=LABELS),
    innocent("a VPN shop cashes out at an exchange", paid(to="exchange"), labels=LABELS),
    innocent("a labelled service", paid(), labels=(*LABELS, label("seller", "service"))),
    innocent("tips of all sizes", paid(), pays("big#", 20, "fan-#", "seller", 400), labels=LABELS),
    *(
        edge(f"{low} d after {days} d", paid(gap=round(low * DAY)), on="last", labels=LABELS)
        for days, low in ((7, 6.3), (7, 7.7), (30, 27), (30, 33), (90, 81), (90, 99))
    ),
    *(
        edge(f"{days} d, a microsecond too early", paid(gap=round(days * 0.9 * DAY) - MICROSECOND), labels=LABELS)
        for days in RHYTHMS_DAYS
    ),
    *(
        edge(f"{days} d, a microsecond too late", paid(gap=round(days * 1.1 * DAY) + MICROSECOND), labels=LABELS)
        for days in RHYTHMS_DAYS
    ),
    edge("exactly 5 CAD", paid(usd=3.6), on="last", labels=LABELS),
    edge("less than 5 CAD", paid(usd=3.6 - MICRO), labels=LABELS),
    edge("just under 100 USD", paid(usd=100 - MICRO), on="last", labels=LABELS),
    edge("exactly 100 USD", paid(usd=100), labels=LABELS),
    edge("40 of 50 inside the band", paid(), pays("big#", 10, "fan-#", "seller", 400), on="last", labels=LABELS),
    edge("40 of 51 inside the band", paid(), pays("big#", 11, "fan-#", "seller", 400), labels=LABELS),
    edge("the exit is exactly 30 d old", paid(gap=30 * DAY, exit_before=30 * DAY), labels=LABELS),
    edge("the exit is younger", paid(gap=30 * DAY, exit_before=30 * DAY - MICROSECOND), on="last", labels=LABELS),
    edge(
        "the thirtieth payer is exactly 180 d back",
        paid(gap=90 * DAY, viewers=24),
        pay("old", "viewer-99", "seller", 20, at=OLD_VIEWER),
        labels=LABELS,
    ),
    edge(
        "the thirtieth payer is younger",
        paid(gap=90 * DAY, viewers=24),
        pay("old", "viewer-99", "seller", 20, at=OLD_VIEWER + MICROSECOND),
        on="last",
        labels=LABELS,
    ),
)

RULE = Rule(
    about=About(
        id="tx-csam-subscription-pattern",
        version=1,
        title="Small recurring payments to an address that many others pay the same way",
        status="live",
        severity="high",
        entries=("tx-csam-subscription-pattern",),
        reason=(
            "{subject} took {in_band} small payments from {payers} senders in 180 days, {regulars} of them regulars, "
            "and sent money on through a mixer or exchange. This resembles a subscription that hides its takings."
        ),
        innocent=("a VPN, game or news subscription", "tips to a streamer", "a membership club paid in coin"),
        blind_to=(
            "a fresh address for each payer",
            "exits through wallets no label names",
            "payments without USD worth",
        ),
        next_steps=(
            "Do not look for the content. Check labels and darknet sources for the receiving address.",
            "Look for a lawful shop that prints this address.",
            "If a child-abuse label stands: report to the authority or hotline your law names.",
        ),
        thresholds=THRESHOLDS,
        cases=CASES,
    ),
    sides=("receiver",),
    features=features,
    fires=resembles_subscription,
)
