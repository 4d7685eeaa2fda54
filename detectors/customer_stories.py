"""Terse builders for the cases beside customer rules. Every person and identifier is invented.

Times are microseconds after START_US, as in `stories`. A customer's tag is their id: a case's `on` may name it for
the latest snapshot of it.
"""

from __future__ import annotations

from typing import Any

import msgspec

from manumit.detectors.stories import DAY, HOUR, START_US, Part
from manumit.schemas.account_event import AccountEvent, AccountEventKind
from manumit.schemas.customer import Customer

EXCHANGE = "made-up-exchange"


def known(customer: str, *, at: int = 0, **facts: Any) -> Customer:
    """A snapshot; `opened`, `verified` and `expires` are microseconds after START_US. Raises TypeError."""
    for short, name in (("opened", "opened_us"), ("verified", "verified_us"), ("expires", "document_expires_us")):
        if short in facts:
            facts[name] = START_US + facts.pop(short)
    return Customer(exchange=EXCHANGE, customer_id=customer, at_us=START_US + at, **facts)


def whole(customer: str, *, at: int = -DAY, **facts: Any) -> Customer:
    """A verified natural person of whom everything is on file."""
    file = {
        "kind": "natural",
        "account_type": "personal",
        "verification": "full",
        "jurisdiction": "NL",
        "name": f"name:{customer}",
        "birth": f"birth:{customer}",
        "age": 30,
        "address": f"address:{customer}",
        "address_type": "home",
        "documents": (f"document:{customer}",),
    }
    return known(customer, at=at, **{**file, **facts})


def did(
    tag: str, customer: str, kind: AccountEventKind, usd: float | None = None, *, at: int = 0, **more: Any
) -> AccountEvent:
    """One account event. Raises TypeError for a field that does not exist."""
    return AccountEvent(
        exchange=EXCHANGE,
        account_event_id=tag,
        customer_id=customer,
        at_us=START_US + at,
        kind=kind,
        amount_usd=usd,
        **more,
    )


def series(
    tag: str,
    count: int,
    customer: str,
    kind: AccountEventKind,
    usd: float | None = None,
    *,
    at: int = 0,
    every: int = HOUR,
    **more: Any,
) -> tuple[AccountEvent, ...]:
    """`count` events; a `#` in any text becomes the running number, from 1."""
    found = []
    for i in range(1, count + 1):
        filled = {k: v.replace("#", str(i)) if isinstance(v, str) else v for k, v in more.items()}
        one = did(tag.replace("#", str(i)), customer.replace("#", str(i)), kind, usd, at=at + (i - 1) * every, **filled)
        found.append(one)
    return tuple(found)


def but(part: Part, **changed: Any) -> Part:
    """The same event or events with other fields."""
    if isinstance(part, tuple):
        return tuple(msgspec.structs.replace(one, **changed) for one in part)
    return msgspec.structs.replace(part, **changed)
