"""Customers of an exchange who take part in planted cases, and what is booked on their accounts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from manumit.connectors.world.clock import DAY, START_US, between
from manumit.connectors.world.draft import Draft
from manumit.connectors.world.hashes import digest
from manumit.connectors.world.plants.debt import EXCHANGE
from manumit.connectors.world.truth import CasePlan
from manumit.schemas.account_event import AccountEvent, AccountEventKind
from manumit.schemas.customer import Customer
from manumit.schemas.label import LabelCategory


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """A customer whose events belong to a case."""

    draft: Draft
    case: CasePlan
    customer_id: str
    key: str

    @property
    def subject(self) -> str:
        return f"customer:{EXCHANGE}:{self.customer_id}"

    def stranger(self, who: str, number: int = 0) -> str:
        """A token for the other side."""
        return f"{who}:{digest(self.key, who, number)[:32]}"

    def book(self, kind: AccountEventKind, at: int, usd: float | None, **told: Any) -> None:
        """One event `at` microseconds after the start, `usd` rounded to cents; `told` are fields of AccountEvent."""
        event = AccountEvent(
            exchange=EXCHANGE,
            account_event_id=digest(self.key, len(self.draft.account_events))[:20],
            customer_id=self.customer_id,
            at_us=START_US + at,
            kind=kind,
            amount_usd=None if usd is None else round(usd, 2),
            **told,
        )
        self.draft.account_events.append(event)
        self.case.events.append(event.event_id)


def holder(draft: Draft, dice: np.random.Generator, case: CasePlan, *purpose: object) -> Holder:
    """A new retail customer, fully known."""
    key = digest(draft.seed, "holder", case.number, *purpose)
    customer_id = f"c-{key[:12]}"
    draft.customers.append(
        Customer(
            exchange=EXCHANGE,
            customer_id=customer_id,
            at_us=START_US,
            tier="retail",
            verification="full",
            jurisdiction="XA",
            residence="XA",
            occupation="employee",
            declared_income_usd=float(dice.integers(20, 60)) * 1000,
            kind="natural",
            verified_us=START_US,
            contacts=(f"phone:{digest(key, 'phone')[:32]}",),
            devices=(f"device:{digest(key, 'device')[:32]}",),
            documents=(f"document:{digest(key, 'document')[:32]}",),
        )
    )
    return Holder(draft=draft, case=case, customer_id=customer_id, key=key)


def labelled(draft: Draft, role: str, category: LabelCategory, *, country: str = "") -> str:
    """The CAIP-10 id of a new address of a labelled service."""
    subject = draft.accounts.caip(draft.open_one(role))
    draft.name(subject, category, role.replace("-", " "), country=country)
    return subject


def times(dice: np.random.Generator, count: int, days: int) -> list[int]:
    """`count` moments in order, within `days` days that begin anywhere in the first eight weeks."""
    start = int(dice.integers(3, 55)) * DAY
    return (start + np.sort(between(dice, 0, days * DAY, count))).tolist()  # type: ignore[no-any-return] # numpy
