"""A world while it is being drawn: accounts, payments, labels, adverts and cases, open for adding."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from manumit.connectors.world.clock import HOUR, MINUTE, START_US, between
from manumit.connectors.world.hashes import digest
from manumit.connectors.world.ledger import INNOCENT, Accounts, Ledger, Payments, joined
from manumit.connectors.world.truth import CasePlan, Twin
from manumit.schemas.account_event import AccountEvent
from manumit.schemas.block import Int32s, Int64s
from manumit.schemas.customer import Customer
from manumit.schemas.fields import YEAR_2200_US
from manumit.schemas.label import Label, LabelCategory
from manumit.schemas.listing import Listing

REGISTER = "fictional-register"
LISTED_US = START_US - 200 * 24 * HOUR


@dataclass(slots=True)
class Draft:
    """`hot` are the exchanges' hot wallets; an account's exchange is its number modulo their count.

    `pool` are innocents who may also pay a planted receiver; each is drawn at most once.
    """

    seed: int
    accounts: Accounts
    hot: Int32s
    ledger: Ledger = field(default_factory=Ledger)
    deposits: list[Int32s] = field(default_factory=list)
    owners: list[Int32s] = field(default_factory=list)
    labels: list[Label] = field(default_factory=list)
    listings: list[Listing] = field(default_factory=list)
    customers: list[Customer] = field(default_factory=list)
    account_events: list[AccountEvent] = field(default_factory=list)
    cases: list[CasePlan] = field(default_factory=list)
    twins: list[Twin] = field(default_factory=list)
    pool: list[int] = field(default_factory=list)

    def dice(self, *purpose: object) -> np.random.Generator:
        """Random numbers of their own for each purpose, so that one part does not disturb another."""
        return np.random.default_rng([self.seed, int(digest("dice", *purpose)[:15], 16)])

    def open(self, role: str, count: int) -> Int32s:
        return self.accounts.open(role, count)

    def open_one(self, role: str) -> int:
        return int(self.open(role, 1)[0])

    def withdraw(self, at: Int64s, owners: Int32s, amount: Int64s) -> None:
        """Money from each owner's exchange to the owner."""
        self.ledger.pay(at, self.hot[owners % len(self.hot)], owners, amount)

    def deposit_addresses(self, owners: Int32s) -> Int32s:
        """One new labelled deposit address for each owner; what arrives there is swept to the hot wallet."""
        deposits = self.open("deposit", len(owners))
        self.deposits.append(deposits)
        self.owners.append(owners)
        self.label(deposits, "exchange", "exchange deposit address")
        return deposits

    def label(
        self,
        accounts: Int32s,
        category: LabelCategory,
        name: str,
        *,
        from_us: int = LISTED_US,
        to_us: int = YEAR_2200_US,
    ) -> None:
        for account in accounts.tolist():
            self.name(self.accounts.caip(account), category, name, from_us=from_us, to_us=to_us)

    def name(
        self,
        subject: str,
        category: LabelCategory,
        name: str,
        *,
        country: str = "",
        from_us: int = LISTED_US,
        to_us: int = YEAR_2200_US,
    ) -> None:
        """A line of the one register there is."""
        self.labels.append(
            Label(
                subject=subject,
                category=category,
                name=name,
                source=REGISTER,
                listed_us=from_us,
                valid_from_us=from_us,
                valid_to_us=to_us,
                country=country,
            )
        )


def new_draft(seed: int, exchanges: int = 3) -> Draft:
    accounts = Accounts(seed)
    draft = Draft(seed=seed, accounts=accounts, hot=accounts.open("exchange", exchanges))
    draft.label(draft.hot, "exchange", "exchange hot wallet")
    return draft


def swept(draft: Draft, payments: Payments) -> Payments:
    """`payments`, and after them every deposit's way to its exchange's hot wallet: whole, minutes to hours later."""
    if not draft.deposits:
        return payments
    owner_of = np.full(len(draft.accounts.roles), -1, np.int32)
    owner_of[np.concatenate(draft.deposits)] = np.concatenate(draft.owners)
    arrived = payments.where(owner_of[payments.receiver] >= 0)
    count = len(arrived)
    moved = Payments(
        at=arrived.at + between(draft.dice("sweep"), 10 * MINUTE, 4 * HOUR, count),
        sender=arrived.receiver,
        receiver=draft.hot[owner_of[arrived.receiver] % len(draft.hot)],
        amount=arrived.amount,
        native=arrived.native,
        case=np.full(count, INNOCENT, np.int32),
    )
    return joined(payments, moved)
