"""Account events as transfers the engine can read: a deposit moves money to the customer, a withdrawal from them.

The customer is the account `customer:EXCHANGE:ID`; the other side is `~` and whatever the exchange calls
it, which is never a subject of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import blake2b

from manumit.schemas.account_event import AccountEvent
from manumit.schemas.block import TransferBlock
from manumit.schemas.transfer import Transfer

OUTSIDE = "~"
MAX_NAME = 62


def moves(event: AccountEvent) -> bool:
    return event.kind in ("deposit", "withdrawal")


def movement(event: AccountEvent) -> Transfer:
    """`block_hash` is empty and `tx_hash` the event's own id."""
    outside = OUTSIDE + _short(event.counterparty or event.channel or "unknown")
    customer = _short(event.customer_id)
    deposit = event.kind == "deposit"
    return Transfer(
        chain=f"customer:{event.exchange}",
        block_height=0,
        block_hash="",
        tx_hash=event.account_event_id,
        position=0,
        at_us=event.at_us,
        seen_us=event.at_us,
        sender=outside if deposit else customer,
        receiver=customer if deposit else outside,
        asset="USD",
        amount=0,
        decimals=0,
        amount_usd=event.amount_usd,
    )


def _short(name: str) -> str:
    raw = name.encode()
    return name if len(raw) < MAX_NAME else blake2b(raw, digest_size=24).hexdigest()


def movement_block(events: Sequence[AccountEvent]) -> TransferBlock:
    return TransferBlock.of([movement(event) for event in events])


def event_id(transfer: Transfer) -> str:
    """The id an alert names: the account event's for a movement, the transfer's own otherwise."""
    scheme, _, exchange = transfer.chain.partition(":")
    return f"account:{exchange}:{transfer.tx_hash}" if scheme == "customer" else transfer.event_id
