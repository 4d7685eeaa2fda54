"""Most of a customer's money moves between late evening and early morning.

Catalogue entry tx-night-activity. The zone is the deployment's: `utc_offset`, without summer time. The comparison
with other customers becomes one with chance: how far the share of the night exceeds what even spread would give, in
standard deviations. Wallets on a chain have no known zone and are not judged.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from manumit.detectors.contract import About, FeatureBlock, Mask, Rule, Threshold, Values
from manumit.detectors.labelled import BUSINESSES, labelled
from manumit.detectors.stories import DAY, HOUR, MICROSECOND, Part, booked, edge, fires, innocent, near_miss, pays
from manumit.detectors.windows.features import Feature, count_in, count_out, where

MONTH = "30d"  # source: catalogue entry, check.window
HOURS_A_DAY = 24

THRESHOLDS = (
    Threshold(name="start_hour", value=22, unit="hours", origin="FINTRAC 2016, patterns: 22:00-06:00"),
    Threshold(name="stop_hour", value=6, unit="hours", origin="FINTRAC 2016, patterns: 22:00-06:00"),
    Threshold(name="utc_offset", value=0, unit="hours", origin="ours: set it to the zone of your customers"),
    Threshold(name="min_share", value=0.6, unit="share", origin="ours"),
    Threshold(name="min_events", value=15, unit="transfers", origin="ours"),
    Threshold(name="min_deviations", value=3, unit="ratio", origin="ours: catalogue entry threshold z"),
)


def features(v: Values) -> Mapping[str, Feature]:
    night = where(hours=(v["start_hour"], v["stop_hour"]), utc_offset=v["utc_offset"])
    return {
        "night_in": count_in(MONTH, night),
        "night_out": count_out(MONTH, night),
        "all_in": count_in(MONTH),
        "all_out": count_out(MONTH),
    }


def wakes_at_night(block: FeatureBlock, v: Values) -> Mask:
    night, whole = block["night_in"] + block["night_out"], block["all_in"] + block["all_out"]
    even = (v["stop_hour"] - v["start_hour"]) % HOURS_A_DAY / HOURS_A_DAY
    deviation = np.sqrt(whole * even * (1 - even))
    odd = (night >= v["min_share"] * whole) & (night - whole * even >= v["min_deviations"] * deviation)
    found: Mask = odd & (whole >= v["min_events"]) & ~labelled(block.own_labels, *BUSINESSES)
    return found


def moved(tag: str, day: int, hour: float, *, after: int = 0) -> Part:
    """A deposit on a day at an hour, UTC. Days begin at midnight: so does the stories' clock."""
    return booked(tag, "deposit", 50, at=day * DAY + round(hour * HOUR) + after)


def nights(count: int, days: int, *, hour: float = 1) -> tuple[Part, ...]:
    """`days` deposits at noon, then `count` at night, all within three weeks."""
    at_noon = (booked(f"d{n}", "deposit", 50, at=12 * HOUR + n) for n in range(days))
    return *at_noon, *(
        booked(f"n{n}", "withdrawal", 50, at=2 * DAY + round(hour * HOUR) + n) for n in range(1, count + 1)
    )


ELEVEN = nights(10, 4)

CASES = (
    fires("eleven of fifteen at night", *ELEVEN, moved("last", 3, 2), on="last"),
    near_miss("fourteen are too few", *nights(10, 3), moved("last", 3, 2)),
    near_miss("half of them at night", *nights(9, 9), moved("last", 3, 2)),
    innocent("somebody who works by day", *nights(12, 9, hour=14)),
    innocent("a trader around the clock", *(moved(f"t{n}", n // 12, 2 * (n % 12)) for n in range(36))),
    innocent("a wallet on a chain", pays("p#", 30, "payer", "holder", 50, at=HOUR, every=DAY)),
    edge("three fifths at night", *nights(17, 12), moved("last", 3, 2), on="last"),
    edge("a little less than three fifths", *nights(28, 21), moved("last", 3, 2)),
    edge("three deviations", *nights(11, 6), moved("last", 3, 2), on="last"),
    edge("less than three deviations", *nights(10, 7), moved("last", 3, 2)),
    edge("exactly 22:00", *ELEVEN, moved("last", 3, 22), on="last"),
    edge("a microsecond before 22:00", *ELEVEN, moved("last", 3, 22, after=-MICROSECOND)),
    edge("exactly 6:00", *ELEVEN, moved("last", 3, 6)),
    edge("a microsecond before 6:00", *ELEVEN, moved("last", 3, 6, after=-MICROSECOND), on="last"),
    edge("the first is exactly 30 d old", *nights(11, 3), moved("last", 30, 12)),
    edge("the first is younger", *nights(11, 3), moved("last", 30, 12, after=-MICROSECOND), on="last"),
)

RULE = Rule(
    about=About(
        id="tx-night-activity",
        version=1,
        title="Most activity between late evening and early morning",
        status="live",
        severity="low",
        entries=("tx-night-activity",),
        reason=(
            "{subject} moved money {all_in} times in and {all_out} times out within 30 days, {night_in} and "
            "{night_out} of them between {start_hour}:00 and {stop_hour}:00. Alone this says little."
        ),
        innocent=(
            "somebody who works in shifts",
            "a trader who follows markets abroad",
            "a customer in another time zone",
        ),
        blind_to=("the customer's own time zone", "summer time", "money that moves in cash"),
        next_steps=(
            "Check that the configured zone is the customer's.",
            "Give it weight only beside a trafficking-specific sign on the same customer.",
            "Compare with what a business by that name and address does by day.",
        ),
        needs=("account_events",),
        thresholds=THRESHOLDS,
        cases=CASES,
        books=("customers",),
    ),
    sides=("sender", "receiver"),
    features=features,
    fires=wakes_at_night,
)
