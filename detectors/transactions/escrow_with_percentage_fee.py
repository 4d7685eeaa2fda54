"""A payment into a labelled guarantee platform leaves in two parts, the smaller a commission of 10 to 15 %.

Catalogue entry tx-escrow-with-percentage-fee. Among many deposits some two payouts add up by chance: the two
parts must leave together, and the alert tells how many ways of pairing were looked at.
"""

from __future__ import annotations

from collections.abc import Mapping

from manumit.detectors.contract import About, FeatureBlock, Finder, Mask, Story, Threshold, Values
from manumit.detectors.labelled import labelled
from manumit.detectors.payers import days_us, hours_us, micro, worth
from manumit.detectors.stories import DAY, HOUR, MICRO, MICROSECOND, edge, fires, innocent, label, near_miss, pay, pays
from manumit.detectors.windows.features import Feature, Side
from manumit.detectors.windows.view import Leg, View
from manumit.schemas.label import label_bit
from manumit.schemas.transfer import Transfer

GUARANTEE = label_bit("guarantee")

THRESHOLDS = (
    Threshold(name="fee_low", value=0.1, unit="share", origin="BlockSec, 1 Sept 2025: 10-15 % per person delivered"),
    Threshold(name="fee_high", value=0.15, unit="share", origin="BlockSec, 1 Sept 2025: 10-15 % per person delivered"),
    Threshold(name="paid_out", value=0.98, unit="share", origin="catalogue entry, check.logic"),
    Threshold(name="window_days", value=14, unit="days", origin="ours: catalogue entry, w"),
    Threshold(name="together_hours", value=1, unit="hours", origin="ours: both parts are released together"),
    Threshold(name="max_inflows", value=32, unit="transfers", origin="ours: the platform's latest deposits looked at"),
    Threshold(name="max_outflows", value=8, unit="transfers", origin="ours: its latest payouts looked at"),
    Threshold(name="dust_usd", value=10, unit="USD", origin="ours: gas and dust are left out"),
)


def features(_: Values) -> Mapping[str, tuple[Side, Feature]]:
    return {}


def from_a_platform(block: FeatureBlock, v: Values) -> Mask:
    found: Mask = labelled(block.own_labels, "guarantee") & (block.usd >= v["dust_usd"])
    return found


def split(view: View, v: Values) -> Story | None:
    """The deposit that this payout and an earlier one together pay out."""
    if not view.carries(view.sender, GUARANTEE) or view.usd_micro < micro(v["dust_usd"]):
        return None
    outflows = view.outflows(view.sender, hours_us(v["together_hours"]), int(v["max_outflows"]))
    inflows = view.inflows(view.sender, days_us(v["window_days"]), int(v["max_inflows"]))
    last, *earlier = worth(outflows, v["dust_usd"])
    deposits = worth(inflows, v["dust_usd"])
    for other in earlier:
        larger, smaller = (last, other) if last.usd_micro >= other.usd_micro else (other, last)
        deposit = next((leg for leg in deposits if is_paid_out(leg, larger, smaller, v)), None)
        if deposit is not None:
            return _told(view, deposit, larger, smaller, len(earlier) * len(deposits))
    return None


def is_paid_out(deposit: Leg, larger: Leg, smaller: Leg, v: Values) -> bool:
    """Both parts later than the deposit, to two others, together nearly all of it, the smaller of a fee's size."""
    later = deposit.sequence < min(larger.sequence, smaller.sequence)
    whole = v["paid_out"] * deposit.usd_micro <= larger.usd_micro + smaller.usd_micro <= deposit.usd_micro
    fee = v["fee_low"] * deposit.usd_micro <= smaller.usd_micro <= v["fee_high"] * deposit.usd_micro
    return later and whole and fee and len({deposit.other, larger.other, smaller.other}) == 3


def _told(view: View, deposit: Leg, larger: Leg, smaller: Leg, pairings: int) -> Story:
    return Story(
        subject=larger.other,
        events=(deposit.sequence, larger.sequence, smaller.sequence),
        parties=(
            ("platform", view.sender),
            ("deposits", deposit.other),
            ("receives the larger part", larger.other),
            ("receives the fee", smaller.other),
        ),
        numbers={
            "usd_deposit": deposit.usd_micro / 1e6,
            "fee": smaller.usd_micro / deposit.usd_micro,
            "pairings": pairings,
        },
    )


def deal(
    usd: float = 10_000,
    part: float = 8700,
    fee: float = 1200,
    *,
    at: int = DAY,
    held: int = 2 * DAY,
    apart: int = HOUR // 2,
) -> tuple[Transfer, ...]:
    """A deposit (tag d), and its two parts (tags p and f)."""
    return (
        pay("d", "buyer", "platform", usd, at=at),
        pay("p", "platform", "supplier", part, at=at + held - apart),
        pay("f", "platform", "broker", fee, at=at + held),
    )


def deposits(count: int) -> tuple[Transfer, ...]:
    return pays("x#", count, "customer-#", "platform", 77, at=2 * DAY, every=MICROSECOND)


def payouts(count: int) -> tuple[Transfer, ...]:
    return pays("y#", count, "platform", "customer-#", 77, at=3 * DAY - 60, every=MICROSECOND)


KNOWN = (label("platform", "guarantee"),)

CASES = (
    fires("12 % go to another", deal(), on="f", labels=KNOWN),
    fires(
        "the fee leaves first",
        pay("d", "buyer", "platform", 10_000, at=0),
        pay("f", "platform", "broker", 1200, at=DAY),
        pay("p", "platform", "supplier", 8700, at=DAY + 60),
        on="p",
        labels=KNOWN,
    ),
    near_miss("5 % is another trade", deal(part=9400, fee=500), labels=KNOWN),
    near_miss("a third goes to another", deal(part=6600, fee=3300), labels=KNOWN),
    near_miss("the parts leave a day apart", deal(apart=DAY), labels=KNOWN),
    near_miss("a tenth is missing", deal(part=7800, fee=1200), labels=KNOWN),
    innocent("an escrow that nobody labelled", deal()),
    innocent("an exchange pays two customers", deal(), labels=(label("platform", "exchange"),)),
    innocent(
        "the buyer gets change",
        pay("d", "buyer", "platform", 10_000, at=0),
        pay("p", "platform", "supplier", 8700, at=DAY),
        pay("f", "platform", "buyer", 1200, at=DAY + 60),
        labels=KNOWN,
    ),
    edge("exactly 10 %", deal(part=8900, fee=1000), on="f", labels=KNOWN),
    edge("a micro-dollar less", deal(part=8900, fee=1000 - MICRO), labels=KNOWN),
    edge("exactly 15 %", deal(part=8400, fee=1500), on="f", labels=KNOWN),
    edge("a micro-dollar more", deal(part=8400, fee=1500 + MICRO), labels=KNOWN),
    edge("98 % in all", deal(part=8600, fee=1200), on="f", labels=KNOWN),
    edge("a micro-dollar less in all", deal(part=8600 - MICRO, fee=1200), labels=KNOWN),
    edge("100 % in all", deal(part=8800, fee=1200), on="f", labels=KNOWN),
    edge("a micro-dollar more in all", deal(part=8800 + MICRO, fee=1200), labels=KNOWN),
    edge("the deposit is exactly 14 d old", deal(held=14 * DAY), labels=KNOWN),
    edge("the deposit is younger", deal(held=14 * DAY - MICROSECOND), on="f", labels=KNOWN),
    edge("the parts exactly 1 h apart", deal(apart=HOUR), labels=KNOWN),
    edge("the parts closer", deal(apart=HOUR - MICROSECOND), on="f", labels=KNOWN),
    edge("31 later deposits", deal(), deposits(31), on="f", labels=KNOWN),
    edge("32 later deposits", deal(), deposits(32), labels=KNOWN),
    edge("6 payouts between", deal(), payouts(6), on="f", labels=KNOWN),
    edge("7 payouts between", deal(), payouts(7), labels=KNOWN),
    edge("a fee of exactly 10 USD", deal(100, 89, 10), on="f", labels=KNOWN),
    edge("a fee of a micro-dollar less", deal(99, 88, 10 - MICRO), labels=KNOWN),
)

FINDER = Finder(
    about=About(
        id="tx-escrow-with-percentage-fee",
        version=1,
        title="Escrow paid out with a percentage fee",
        status="live",
        severity="high",
        entries=("tx-escrow-with-percentage-fee",),
        reason=(
            "{subject} got the larger part of a deposit of {usd_deposit} USD on a guarantee platform; {fee:%} of it "
            "went to another as a fee within {together_hours} hours. This resembles the split seen in deals over "
            "workers; {pairings} ways of pairing were looked at. Parties: {parties}."
        ),
        innocent=(
            "any other trade on the platform with a commission of that size",
            "two payouts that add up by chance",
        ),
        blind_to=(
            "platforms nobody labelled, and fees taken outside the chain",
            "all but the platform's latest max_inflows deposits and max_outflows payouts",
            "deposits or payouts in several parts",
        ),
        next_steps=(
            "Read the label's source and date: platforms rotate their addresses.",
            "Look for more deposits by the same buyer, and for round sums per head.",
            "Look for the parties in posts that offer or ask for workers.",
        ),
        needs=("transfers", "labels"),
        thresholds=THRESHOLDS,
        cases=CASES,
    ),
    features=features,
    triggers=from_a_platform,
    within_us=lambda v: days_us(v["window_days"]),
    numbers=("usd_deposit", "fee", "pairings"),
    story=split,
)
