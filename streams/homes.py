"""What the latest records say of where a customer is: jurisdiction from snapshots, place from logins and payouts."""

from __future__ import annotations

from dataclasses import dataclass, field

import msgspec

from manumit.schemas.account_event import AccountEvent
from manumit.schemas.customer import Customer


class Home(msgspec.Struct, frozen=True):
    """`country` is ISO 3166-1; `place` as account events spell it. Empty is unknown."""

    country: str = ""
    place: str = ""


NOWHERE = Home()


@dataclass(slots=True)
class Homes:
    """By exchange and customer id. Records must come in event-time order."""

    known: dict[tuple[str, str], Home] = field(default_factory=dict)

    def of(self, event: AccountEvent) -> Home:
        return self.known.get((event.exchange, event.customer_id), NOWHERE)

    def learn(self, record: Customer | AccountEvent) -> None:
        """A snapshot's residence (else jurisdiction), and the place of a login or of money taken out there."""
        before = self.known.get((record.exchange, record.customer_id), NOWHERE)
        if isinstance(record, Customer):
            after = Home(record.residence or record.jurisdiction[:2], before.place)
        elif record.place and record.kind in ("login", "withdrawal", "fiat-out"):
            after = Home(before.country, record.place)
        else:
            return
        if after != before:
            self.known[record.exchange, record.customer_id] = after

    def dump(self) -> list[tuple[str, str, Home]]:
        return [(exchange, customer, home) for (exchange, customer), home in self.known.items()]

    def load(self, rows: list[tuple[str, str, Home]]) -> None:
        self.known = {(exchange, customer): home for exchange, customer, home in rows}
