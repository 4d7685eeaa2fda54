"""Value comes in and nearly all of it leaves again within hours, over and over.

Catalogue entry tx-rapid-pass-through. A median holding time of at most `held` is read as: at least half
of the outflows of the period left that soon after the latest inflow.
"""

from __future__ import annotations

from collections.abc import Mapping

from manumit.detectors.contract import About, FeatureBlock, Mask, Rule, Threshold, Values
from manumit.detectors.labelled import BUSINESSES, labelled
from manumit.detectors.stories import DAY, HOUR, MICRO, MICROSECOND, edge, fires, innocent, label, near_miss, pay, pays
from manumit.detectors.windows.features import Feature, count_in, count_out, receivers, sum_in, sum_out, where
from manumit.schemas.block import MICRO_USD
from manumit.schemas.transfer import Transfer

DAY_WINDOW = "24h"  # source: catalogue entry, check.window "24 h per inflow"
PERIOD = "30d"  # source: catalogue entry, check.window "30 d count"
HELD = "6h"  # ours: catalogue entry threshold h

THRESHOLDS = (
    Threshold(name="min_share_out", value=0.9, unit="share", origin="ours"),
    Threshold(name="max_share_out", value=1.1, unit="share", origin="ours: paying out savings is not passing through"),
    Threshold(name="min_passes", value=5, unit="transfers", origin="ours"),
    Threshold(name="min_pass_usd", value=50, unit="USD", origin="ours: payouts of pools and games are left out"),
    Threshold(name="min_usd", value=100, unit="USD", origin="ours: pocket money is left out"),
)


def features(v: Values) -> Mapping[str, Feature]:
    return {
        "came_day": sum_in(DAY_WINDOW),
        "left_day": sum_out(DAY_WINDOW),
        "quick_month": count_out(PERIOD, where(held=HELD, low_usd=v["min_pass_usd"])),
        "inflows_month": count_in(PERIOD),
        "outflows_month": count_out(PERIOD),
        "receivers_month": receivers(PERIOD),
    }


def passes_through(block: FeatureBlock, v: Values) -> Mask:
    came, left = block["came_day"], block["left_day"]
    emptied = (left >= v["min_share_out"] * came) & (left <= v["max_share_out"] * came)
    quick, outflows = block["quick_month"], block["outflows_month"]
    often = (quick >= v["min_passes"]) & (block["inflows_month"] >= v["min_passes"]) & (2 * quick >= outflows)
    # An exchange's own deposit addresses do exactly this; they pay one labelled address only.
    deposit_address = (block["receivers_month"] == 1) & labelled(block.other_labels, "exchange")
    worth = came >= v["min_usd"] * MICRO_USD
    found: Mask = emptied & often & worth & ~deposit_address & ~labelled(block.own_labels, *BUSINESSES)
    return found


def conduit(count: int, usd_in: float = 1000, usd_out: float = 950, held: int = HOUR) -> tuple[Transfer, ...]:
    """`count` times, once a day: a payment in, and `held` later one out (tags o1, o2, …)."""
    came = pays("i#", count, "source-#", "conduit", usd_in, every=DAY)
    return came + pays("o#", count, "conduit", "sink-#", usd_out, at=held, every=DAY)


def last_out(usd: float) -> tuple[Transfer, ...]:
    return *conduit(5)[:-1], pay("o5", "conduit", "sink-5", usd, at=4 * DAY + HOUR)


def first_out(usd: float) -> tuple[Transfer, ...]:
    return *conduit(5)[:5], pay("o1", "conduit", "sink-1", usd, at=HOUR), *conduit(5)[6:]


# Four passes from day 10 on, and one outflow on day 0 that must still count; spare inflows keep the count up.
FIRST = (
    pay("i0", "source-0", "conduit", 1000, at=-HOUR),
    pay("o0", "conduit", "sink-0", 950, at=0),
    *pays("i#", 5, "source-#", "conduit", 1000, at=10 * DAY, every=DAY),
    *pays("o#", 3, "conduit", "sink-#", 950, at=10 * DAY + HOUR, every=DAY),
)


def a_month_later(at: int) -> tuple[Transfer, ...]:
    return *FIRST, pay("i9", "source-9", "conduit", 1000, at=at - HOUR), pay("o9", "conduit", "sink-9", 950, at=at)


CASES = (
    fires("the fifth pass tips it", conduit(5), on="o5"),
    fires("and so does each later one", conduit(6), on="o5 o6"),
    near_miss("four passes are too few", conduit(4)),
    near_miss("half of it stays", conduit(8, usd_out=500)),
    near_miss("held for a working day", conduit(8, held=8 * HOUR)),
    innocent("a labelled payment processor", conduit(8), labels=(label("conduit", "service"),)),
    innocent(
        "an exchange's deposit address",
        pays("i#", 8, "source-#", "conduit", 1000, every=DAY),
        pays("o#", 8, "conduit", "hot-wallet", 1000, at=HOUR, every=DAY),
        labels=(label("hot-wallet", "exchange"),),
    ),
    innocent("a saver pays bills from old savings", conduit(8, usd_in=100, usd_out=900)),
    innocent("small change", conduit(8, usd_in=20, usd_out=20)),
    edge("0.9 of the inflow leaves", last_out(900), on="o5"),
    edge("a micro-dollar less leaves", last_out(900 - MICRO)),
    edge("1.1 of the inflow leaves", last_out(1100), on="o5"),
    edge("a micro-dollar more leaves", last_out(1100 + MICRO)),
    edge("one of the five is of exactly 50 USD", first_out(50), on="o5"),
    edge("a micro-dollar less", first_out(50 - MICRO)),
    edge("exactly 100 USD came", conduit(5, usd_in=100, usd_out=95), on="o5"),
    edge("a micro-dollar less came", conduit(5, usd_in=100 - MICRO, usd_out=95)),
    edge("held for exactly 6 h", conduit(5, held=6 * HOUR), on="o5"),
    edge("held for longer", conduit(5, held=6 * HOUR + MICROSECOND)),
    edge(
        "another inflow is exactly 24 h old",
        conduit(5),
        pay("x", "source", "conduit", 1000, at=3 * DAY + HOUR),
        on="o5",
    ),
    edge("another inflow is younger", conduit(5), pay("x", "source", "conduit", 1000, at=3 * DAY + HOUR + MICROSECOND)),
    edge("the first pass is exactly 30 d old", a_month_later(30 * DAY)),
    edge("the first pass is younger", a_month_later(30 * DAY - MICROSECOND), on="o9"),
)

RULE = Rule(
    about=About(
        id="tx-rapid-pass-through",
        version=2,
        title="Money in, nearly all of it out at once",
        status="trial",
        severity="medium",
        entries=("tx-rapid-pass-through",),
        reason=(
            "{subject} passed on {left_day} of {came_day} USD received in 24 hours, and did so within 6 hours "
            "{quick_month} times in 30 days. This resembles an account that only passes money through."
        ),
        innocent=("a payment processor or exchange address nobody labelled", "arbitrage", "a move between own wallets"),
        blind_to=("value that leaves in another asset without a USD rate", "passes through a chain of fresh addresses"),
        next_steps=(
            "See where the outflows end: an exchange, a mixer, or one collector.",
            "Ask whether sender and receiver attest the same owner.",
            "Compare with this address's earlier months and with its funders' other payees.",
        ),
        thresholds=THRESHOLDS,
        cases=CASES,
    ),
    sides=("sender",),
    features=features,
    fires=passes_through,
)
