"""Transactions in one town after another within weeks.

Catalogue entry kyc-geographic-movement. Only places where something was paid count: a login's place may be a tunnel's.
Drivers and crews move so too: a low sign, to be read beside others.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from manumit.detectors.contract import About, CustomerRule, Mask, Threshold, Values
from manumit.detectors.customer_stories import did, series, whole
from manumit.detectors.customers.block import CustomerBlock
from manumit.detectors.customers.features import Ask, count, distinct
from manumit.detectors.stories import DAY, MICROSECOND, Part, edge, fires, innocent, near_miss
from manumit.detectors.windows.features import duration_us
from manumit.schemas.account_event import AccountEvent, AccountEventKind

WINDOW = "20d"  # source: catalogue entry: 5 cities with a dwell of 4 d
MONTH = "30d"  # source: catalogue entry, check.window
DWELL = "4d"  # source: catalogue entry, threshold d (ours)

THRESHOLDS = (
    Threshold(name="min_cities", value=5, unit="cities", origin="ours"),
    Threshold(name="min_arrivals", value=8, unit="arrivals", origin="ours: 30 d at a dwell of 4 d"),
)


def classes(block: CustomerBlock, v: Values) -> Mapping[str, Mask]:
    shown = block.moved("card") | (block.moved("deposit", "fiat-in") & block.word("channel", "cash", "kiosk"))
    return {"seen": shown & block.has("place")}


def asks(v: Values) -> Mapping[str, Ask]:
    arrivals = replace(count("seen", MONTH), what="place", fresh_us=duration_us(DWELL))
    return {"cities": distinct("place", "seen", WINDOW), "arrivals": arrivals}


def moving(block: CustomerBlock, v: Values) -> Mask:
    private = (block.fact("business") == 0) & (block.fact("mobile") == 0)
    often = (block["cities"] >= v["min_cities"]) & (block["arrivals"] >= v["min_arrivals"])
    found: Mask = block.classes["seen"] & private & often
    return found


def paid(
    count: int, kind: AccountEventKind = "card", *, at: int = 0, tag: str = "p#", **more: Any
) -> tuple[AccountEvent, ...]:
    return series(tag, count, "c", kind, 20, at=at, every=3 * DAY, **{"place": "city-#", **more})


def on_foot(*whens: int) -> tuple[AccountEvent, ...]:
    """A new town at each moment."""
    return tuple(did(f"w{i}", "c", "card", 20, at=at, place=f"town-{i}") for i, at in enumerate(whens, 1))


def first_then(at: int) -> tuple[Part, ...]:
    """One town at 0, six from the twelfth day on, the eighth at `at`."""
    return (on_foot(0, *(12 * DAY + i * DAY for i in range(6))), did("z", "c", "card", 20, at=at, place="town-9"))


def again(at: int) -> tuple[Part, ...]:
    """Seven towns in a week, then the seventh once more."""
    return (on_foot(*(i * DAY for i in range(7))), did("z", "c", "card", 20, at=6 * DAY + at, place="town-7"))


def far_apart(at: int) -> tuple[Part, ...]:
    """Three towns again and again, two more at the end: the first of five stands `at` before the last."""
    early = (did("e1", "c", "card", 20, place="town-8"),)
    middle = tuple(did(f"m{i}", "c", "card", 20, at=(1 + i) * 2 * DAY, place=f"town-{i % 3}") for i in range(8))
    return (early, middle, did("z", "c", "card", 20, at=at, place="town-9"))


CASES = (
    fires("eight towns in three weeks", paid(8), on="p8"),
    fires("cash in eight towns", paid(8, "deposit", channel="cash"), on="p8"),
    near_miss("seven towns", paid(7)),
    near_miss("one town", paid(9, place="city")),
    near_miss(
        "four towns in turn", tuple(did(f"m{i}", "c", "card", 20, at=i * 2 * DAY, place=f"t{i % 4}") for i in range(12))
    ),
    near_miss("logins from everywhere", paid(9, "login")),
    innocent("a holiday from town to town", paid(6), paid(1, at=20 * DAY, tag="q#", place="home")),
    innocent("a lorry driver", whole("c", occupation="driver"), paid(9)),
    innocent("a firm's cards", whole("c", account_type="business"), paid(9)),
    innocent("bank transfers have no place", paid(9, "fiat-in", channel="bank")),
    edge("nine towns", paid(9), on="p8 p9"),
    edge("the first exactly 30 d old", *first_then(30 * DAY)),
    edge("the first younger", *first_then(30 * DAY - MICROSECOND), on="z"),
    edge("back in a town exactly 4 d later", *again(4 * DAY), on="z"),
    edge("back sooner", *again(4 * DAY - MICROSECOND)),
    edge("a fifth town exactly 20 d ago", *far_apart(20 * DAY)),
    edge("a fifth town later", *far_apart(20 * DAY - MICROSECOND), on="z"),
    edge("a sixth town", *far_apart(19 * DAY), did("y", "c", "card", 20, at=19 * DAY, place="town-10"), on="z y"),
)

CUSTOMER_RULE = CustomerRule(
    about=About(
        id="kyc-geographic-movement",
        version=2,
        title="Transacts while moving through many places",
        status="trial",
        severity="low",
        entries=("kyc-geographic-movement",),
        reason="{subject} paid in {cities} towns within 20 days, and came to a town {arrivals} times within 30 days.",
        innocent=("drivers, crews, musicians and sales people", "a holiday on the road", "relatives in several towns"),
        blind_to=("towns nothing was paid in", "cards used by somebody else"),
        needs=("customers", "account_events"),
        next_steps=(
            "Read it beside stays, cash and adverts in the same towns; alone it says little.",
            "See whether somebody else travels the same way on the same days.",
            "Bring the occupation on file up to date.",
        ),
        thresholds=THRESHOLDS,
        cases=CASES,
    ),
    classes=classes,
    asks=asks,
    fires=moving,
)
