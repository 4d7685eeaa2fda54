"""Payment notes from several people name services of an escort kind.

Catalogue entry kyc-memo-service-terms. Lawful, independent work is paid so as well; the role of the receiver is unknown
and may be that of somebody who is made to hand the money over.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from manumit.detectors.contract import About, CustomerRule, Mask, Threshold, Values
from manumit.detectors.customer_stories import series
from manumit.detectors.customers.block import CustomerBlock
from manumit.detectors.customers.features import Ask, count, distinct
from manumit.detectors.stories import DAY, MICROSECOND, Part, edge, fires, innocent, near_miss
from manumit.detectors.text.lexicon import Lexicon
from manumit.detectors.text.notes import noted
from manumit.schemas.account_event import AccountEvent

WINDOW = "30d"  # source: catalogue entry, check.window

THRESHOLDS = (
    Threshold(name="min_notes", value=3, unit="notes", origin="ours"),
    Threshold(name="min_senders", value=2, unit="senders", origin="ours"),
)


def names_a_service(words: Lexicon, text: str) -> bool:
    return words.has("service", text)


def classes(block: CustomerBlock, v: Values) -> Mapping[str, Mask]:
    named = noted(block.columns.notes, names_a_service)
    return {"named": block.moved("fiat-in", "deposit") & named & block.has("counterparty")}


def asks(v: Values) -> Mapping[str, Ask]:
    return {"notes": count("named", WINDOW), "senders": distinct("counterparty", "named", WINDOW)}


def services(block: CustomerBlock, v: Values) -> Mask:
    return block.classes["named"] & (block["notes"] >= v["min_notes"]) & (block["senders"] >= v["min_senders"])


def paid(
    count: int, note: str = "outcall", *, tag: str = "p#", at: int = 0, sender: str = "s#", **more: Any
) -> tuple[AccountEvent, ...]:
    return series(tag, count, "c", "fiat-in", 150, at=at, every=DAY, note=note, counterparty=sender, **more)


def last_at(at: int) -> tuple[Part, ...]:
    return (paid(2), paid(1, tag="q#", at=at, sender="x"))


CASES = (
    fires("three notes from three people", paid(3), on="p3"),
    *(
        fires(language, paid(3, note), on="p3")
        for language, note in (
            ("es", "acompañante"),
            ("pt", "acompanhante sexta"),
            ("fr", "escorte 2h"),
            ("ru", "за эскорт"),
            ("vi", "gái gọi"),
            ("zh", "上门服务"),
            ("id", "open bo"),
            ("th", "ไซด์ไลน์"),
            ("ro", "escortă"),
        )
    ),
    near_miss("two notes", paid(2)),
    near_miss("one sender", paid(5, sender="friend")),
    near_miss("other notes", paid(5, "dinner")),
    innocent("a car of that name sold", paid(1, "ford escort"), paid(4, "rent", tag="q#", at=DAY)),
    innocent("notes on outgoing payments", series("p#", 5, "c", "fiat-out", 150, note="escort", counterparty="s#")),
    edge("two senders", paid(2, sender="a"), paid(1, tag="q#", at=2 * DAY, sender="b"), on="q1"),
    edge("four notes", paid(4), on="p3 p4"),
    edge("the first exactly 30 d old", *last_at(30 * DAY)),
    edge("younger", *last_at(30 * DAY - MICROSECOND), on="q1"),
)

CUSTOMER_RULE = CustomerRule(
    about=About(
        id="kyc-memo-service-terms",
        version=1,
        title="Payment notes with names of services",
        status="trial",
        severity="medium",
        entries=("kyc-memo-service-terms",),
        reason="{notes} payment notes from {senders} senders to {subject} in 30 days name services of an escort kind.",
        innocent=("lawful, independent work", "nicknames and jokes", "a car or a software of that name"),
        blind_to=("payments without a note", "words and languages the list does not hold"),
        needs=("account_events",),
        next_steps=(
            "See whether the money stays with the customer or goes on to one party.",
            "Look for adverts with the customer's contact, and who pays for them.",
            "Keep the notes access-controlled; do not show them to anybody who need not see them.",
        ),
        thresholds=THRESHOLDS,
        cases=CASES,
    ),
    classes=classes,
    asks=asks,
    fires=services,
)
