"""A customer turns many people's money into coins for many wallets and keeps a commission, without being registered.

Catalogue entry kyc-unregistered-vc-broker.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from manumit.detectors.contract import About, CustomerRule, Mask, Threshold, Values
from manumit.detectors.customer_stories import did, whole
from manumit.detectors.customers.block import CustomerBlock
from manumit.detectors.customers.features import Ask, distinct, last, total
from manumit.detectors.stories import DAY, HOUR, MICRO, MICROSECOND, Part, edge, fires, innocent, near_miss

WINDOW = "30d"  # source: catalogue entry, check.window
SOON = "6h"  # source: catalogue entry, threshold h (ours)
SOON_US = 6 * 3_600_000_000

THRESHOLDS = (
    Threshold(name="min_senders", value=10, unit="senders", origin="ours"),
    Threshold(name="min_wallets", value=5, unit="wallets", origin="ours"),
    Threshold(name="least_commission", value=0.01, unit="share", origin="catalogue entry: net of 1-15 %"),
    Threshold(name="most_commission", value=0.15, unit="share", origin="catalogue entry: net of 1-15 %"),
)


def classes(block: CustomerBlock, v: Values) -> Mapping[str, Mask]:
    person = ~block.word("counterparty_kind", "own", "merchant", "processor", "authority", "provider")
    tied = block.word("purpose", "payroll") | block.word("relation", "employer", "family")
    return {
        "fiat": block.moved("fiat-in") & person & ~tied & block.has("counterparty"),
        "coins": block.moved("withdrawal") & block.word("channel", "crypto") & block.has("counterparty"),
    }


def asks(v: Values) -> Mapping[str, Ask]:
    return {
        "senders": distinct("counterparty", "fiat", WINDOW),
        "wallets": distinct("counterparty", "coins", WINDOW, after=("fiat", SOON, "customer")),
        "received": total("fiat", WINDOW),
        "sent": total("coins", WINDOW, after=("fiat", SOON, "customer")),
        "since_fiat": last("fiat"),
    }


def brokers(block: CustomerBlock, v: Values) -> Mask:
    soon = block.classes["coins"] & (block["since_fiat"] <= SOON_US) & (block.fact("money_service") == 0)
    many = (block["senders"] >= v["min_senders"]) & (block["wallets"] >= v["min_wallets"])
    kept = block["received"] - block["sent"]
    least, most = v["least_commission"] * block["received"], v["most_commission"] * block["received"]
    found: Mask = soon & many & (kept >= least) & (kept <= most)
    return found


def deal(
    number: int, *, at: int, out: float = 95, wallet: int | None = None, later: int = HOUR, **more: Any
) -> tuple[Part, ...]:
    paid = {"counterparty": f"p{number}", "counterparty_kind": "person", **more}
    sent = {"counterparty": f"w{number if wallet is None else wallet}", "channel": "crypto"}
    return (
        did(f"i{number}", "c", "fiat-in", 100, at=at, **paid),
        did(f"o{number}", "c", "withdrawal", out, at=at + later, **sent),
    )


def deals(
    count: int,
    *,
    wallets: int = 5,
    last: float = 95,
    each: float = 95,
    later: int = HOUR,
    gap: int = 12 * HOUR,
    **more: Any,
) -> tuple[Part, ...]:
    """The last one pays out `last`, `later` after it came in."""
    found: list[Part] = []
    for i in range(1, count + 1):
        one = i == count
        found += deal(
            i, at=i * gap, out=last if one else each, wallet=i % wallets, later=later if one else HOUR, **more
        )
    return tuple(found)


def cheap() -> tuple[Part, ...]:
    """Nine deals whose coins are worth 720 of 1,000; the tenth has not been sent on."""
    found = [part for i in range(1, 11) for part in deal(i, at=i * 12 * HOUR, wallet=i % 5, out=80)]
    return tuple(found[:-1])


def nine(start: int, *, wallets: int = 4) -> tuple[Part, ...]:
    """Nine more deals with four wallets, so that the first deal's wallet decides."""
    return tuple(part for i in range(2, 11) for part in deal(i, at=start + i * 12 * HOUR, wallet=10 + i % wallets))


def late(at: int) -> tuple[Part, ...]:
    """One deal at 0, nine just before `at`, and a last small payment at `at`."""
    last = did("z", "c", "withdrawal", 1, at=at, counterparty="w10", channel="crypto")
    return (*deal(1, at=0, wallet=1), *nine(at - 124 * HOUR), last)


WAGE = did("wage", "c", "fiat-in", 3_000, counterparty="employer", relation="employer", purpose="payroll")

CASES = (
    fires("ten people, five wallets, five per cent", *deals(10), on="o10"),
    fires("beside a wage of one's own", WAGE, *deals(10), on="o10"),
    near_miss("nine people", *deals(9)),
    near_miss("four wallets", *deals(10, wallets=4)),
    near_miss("days later", *deals(10, later=3 * DAY)),
    innocent("a registered broker", whole("c", registers=("money-service",)), *deals(12)),
    innocent("own money moved at cost", *deals(10, last=145)),
    innocent("most is kept", *deals(10, each=10)),
    innocent("a shop's customers", *deals(12, counterparty_kind="merchant")),
    edge("exactly one per cent kept", *deals(10, last=135), on="o10"),
    edge("a micro-dollar less kept", *deals(10, last=135 + MICRO)),
    edge("exactly fifteen per cent kept", *cheap(), did("z", "c", "withdrawal", 130, at=121 * HOUR, counterparty="w0",
         channel="crypto"), on="z"),
    edge("a micro-dollar more kept", *cheap(), did("z", "c", "withdrawal", 130 - MICRO, at=121 * HOUR,
         counterparty="w0", channel="crypto")),
    edge("the first deal exactly 30 d old", *late(30 * DAY), on="o10"),
    edge("the first deal younger", *late(30 * DAY - MICROSECOND), on="o10 z"),
    edge("a deal six hours later, a day before", *deal(1, at=0, wallet=1, later=6 * HOUR), *nine(DAY), on="o10"),
    edge("a deal later than that, a day before", *deal(1, at=0, wallet=1, later=6 * HOUR + MICROSECOND), *nine(DAY)),
    edge("eleven people, six wallets", *deals(11, wallets=6), on="o10 o11"),
    edge("exactly six hours later", *deals(10, later=6 * HOUR), on="o10"),
    edge("more than six hours", *deals(10, later=6 * HOUR + MICROSECOND)),
)  # fmt: skip

CUSTOMER_RULE = CustomerRule(
    about=About(
        id="kyc-unregistered-vc-broker",
        version=2,
        title="Customer acts as a virtual-currency broker for others",
        status="trial",
        severity="high",
        entries=("kyc-unregistered-vc-broker",),
        reason=(
            "{subject} received {received} USD from {senders} people in 30 days and sent {sent} USD in coins to "
            "{wallets} wallets within 6 hours of it, keeping a commission. No registration is on file."
        ),
        innocent=("a declared trader on a person-to-person market", "somebody who buys for a club of friends"),
        blind_to=("a broker with a commission outside the band", "coins kept for more than six hours"),
        needs=("customers", "account_events"),
        next_steps=(
            "Look the customer up in the register of money services.",
            "Ask for whom the coins are bought; look for adverts with the customer's contact.",
            "Screen the wallets on chain for adverts, services and mixers.",
        ),
        thresholds=THRESHOLDS,
        cases=CASES,
    ),
    classes=classes,
    asks=asks,
    fires=brokers,
)
