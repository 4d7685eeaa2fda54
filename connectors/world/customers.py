"""One exchange's customers and what they did there: mirrors of their transfers, and a life beside them."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from manumit.connectors.world.clock import DAY, DAYS, HOUR, MINUTE, START_US, between
from manumit.connectors.world.draft import Draft
from manumit.connectors.world.hashes import digest
from manumit.connectors.world.ledger import Payments
from manumit.connectors.world.plants.debt import EXCHANGE
from manumit.schemas.account_event import AccountEvent, AccountEventKind
from manumit.schemas.block import Int32s
from manumit.schemas.customer import Customer

INCOMES: dict[str, tuple[int, int]] = {  # role -> declared yearly USD, in thousands; other roles are no customers
    "worker": (17, 50),
    "casual": (20, 60),
    "saver": (25, 80),
    "fan": (18, 55),
    "family": (4, 15),
    "landlord": (30, 90),
    "shop": (20, 70),
    "market": (90, 600),
    "employer": (300, 2000),
    "trader": (25, 90),
    "streamer": (8, 40),
    "payer": (20, 90),
    "scam-victim": (40, 120),
    "controller": (15, 40),
    "recruiter": (15, 40),
    "labour-broker": (60, 200),
}
BUSINESSES = frozenset({"shop", "market", "employer", "labour-broker"})
JURISDICTIONS = ("XA", "XB", "XC")
TRADED = ("ETH", "BTC")
FULLY_KNOWN = 0.97  # of the others something is still to be verified


def enrol(draft: Draft, payments: Payments) -> None:
    """Add the customers of the first exchange and their events to the draft."""
    deposits, owners = _deposits(draft)
    home = np.flatnonzero(np.arange(len(draft.accounts.roles)) % len(draft.hot) == 0).astype(np.int32)
    withdrew = payments.receiver[(payments.sender == draft.hot[0]) & ~payments.native]
    known = np.intersect1d(home, np.concatenate([owners, withdrew]))
    people = [int(a) for a in known if draft.accounts.roles[a] in INCOMES]
    ids = {a: f"c-{digest(draft.seed, 'customer', a)[:12]}" for a in people}
    dice = draft.dice("customers")
    deposit_of = dict(zip(owners.tolist(), deposits.tolist(), strict=True))
    for account in people:
        draft.customers.append(_customer(draft, dice, account, ids[account], deposit_of.get(account)))
    owner_of = {deposit: owner for owner, deposit in deposit_of.items() if owner in ids}
    draft.account_events.extend(_mirrors(draft, payments, ids, owner_of))
    draft.account_events.extend(_lives(draft, dice, list(ids.values())))


def _deposits(draft: Draft) -> tuple[Int32s, Int32s]:
    return np.concatenate(draft.deposits), np.concatenate(draft.owners)


def _customer(draft: Draft, dice: np.random.Generator, account: int, customer_id: str, deposit: int | None) -> Customer:
    role = draft.accounts.roles[account]
    low, high = INCOMES[role]
    wallets = (account,) if deposit is None else (account, deposit)
    return Customer(
        exchange=EXCHANGE,
        customer_id=customer_id,
        at_us=START_US,
        tier="business" if role in BUSINESSES else "retail",
        verification="full" if dice.random() < FULLY_KNOWN else "basic",
        jurisdiction=JURISDICTIONS[int(dice.integers(len(JURISDICTIONS)))],
        occupation="company" if role in BUSINESSES else "employee",
        declared_income_usd=float(dice.integers(low, high)) * 1000,
        kind="legal" if role in BUSINESSES else "natural",
        verified_us=START_US,
        name=_token(draft, customer_id, "name"),
        birth="" if role in BUSINESSES else _token(draft, customer_id, "birth"),
        address=_token(draft, customer_id, "address"),
        contacts=(f"phone:{digest(draft.seed, customer_id, 'phone')[:32]}",),
        devices=(_device(draft, customer_id),),
        documents=(f"document:{digest(draft.seed, customer_id, 'document')[:32]}",),
        wallets=tuple(draft.accounts.caip(a) for a in wallets),
    )


def _token(draft: Draft, customer_id: str, what: str) -> str:
    return f"{what}:{digest(draft.seed, customer_id, what)[:32]}"


def _device(draft: Draft, customer_id: str) -> str:
    return f"device:{digest(draft.seed, customer_id, 'device')[:32]}"


def _mirrors(draft: Draft, payments: Payments, ids: dict[int, str], owner_of: dict[int, int]) -> Iterator[AccountEvent]:
    """Deposits seen at deposit addresses and withdrawals from the hot wallet, as the exchange books them."""
    caip = draft.accounts.caip
    touched = np.isin(payments.receiver, np.array(sorted(owner_of), np.int32)) | (
        (payments.sender == draft.hot[0]) & np.isin(payments.receiver, np.array(sorted(ids), np.int32))
    )
    some = payments.where(np.flatnonzero(touched & ~payments.native))
    columns = (some.at.tolist(), some.sender.tolist(), some.receiver.tolist(), some.amount.tolist())
    for number, (at, sender, receiver, amount) in enumerate(zip(*columns, strict=True)):
        owner = owner_of.get(receiver)
        kind: AccountEventKind = "withdrawal" if owner is None else "deposit"
        yield AccountEvent(
            exchange=EXCHANGE,
            account_event_id=digest(draft.seed, "mirror", number)[:20],
            customer_id=ids[receiver if owner is None else owner],
            at_us=START_US + at + (-MINUTE if owner is None else 2 * MINUTE),
            kind=kind,
            channel="crypto",
            counterparty=caip(receiver if owner is None else sender),
            amount_usd=amount / 1e6,
        )


def _lives(draft: Draft, dice: np.random.Generator, ids: list[str]) -> Iterator[AccountEvent]:
    """Logins from one device, a trade here and there, one bank deposit for all."""
    for customer_id in ids:
        visits = int(dice.integers(2, 6))
        moments = between(dice, HOUR, DAYS * DAY, visits).tolist()
        kinds: list[AccountEventKind] = ["deposit", *("login" if dice.random() < 0.7 else "trade" for _ in moments[1:])]
        for number, (at, kind) in enumerate(zip(moments, kinds, strict=True)):
            yield AccountEvent(
                exchange=EXCHANGE,
                account_event_id=digest(draft.seed, customer_id, number)[:20],
                customer_id=customer_id,
                at_us=START_US + at,
                kind=kind,
                channel={"deposit": "bank", "login": "app", "trade": "spot"}[kind],
                counterparty={"deposit": f"bank:{digest(customer_id, 'bank')[:32]}", "trade": TRADED[number % 2]}.get(
                    kind, ""
                ),
                amount_usd=None if kind == "login" else float(dice.integers(2, 200)) * 10,
                device=_device(draft, customer_id) if kind == "login" else "",
                place=f"XA-{int(digest(customer_id, 'place')[:4], 16) % 8 + 1:02}" if kind == "login" else "",
            )
