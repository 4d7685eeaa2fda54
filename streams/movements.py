"""Account events as transfers the engine can read: a deposit moves money to the customer, a withdrawal from them.

The customer is the account `customer:EXCHANGE:ID`; the other side is `~` and whatever the exchange calls
it, which is never a subject of its own.
"""

from __future__ import annotations

from collections.abc import Sequence

from manumit.schemas.account_event import AccountEvent
from manumit.schemas.block import TransferBlock
from manumit.schemas.subject import CUSTOMER, quoted, short, unquoted
from manumit.schemas.transfer import Transfer

OUTSIDE = "~"


INTO = ("deposit", "fiat-in")
OUT_OF = ("withdrawal", "fiat-out", "card")


def moves(event: AccountEvent) -> bool:
    """True when money was moved: a refused or abandoned attempt moves none, a refund has its own event."""
    return event.kind in (*INTO, *OUT_OF) and event.outcome in ("", "done")


def movement(event: AccountEvent) -> Transfer:
    """`block_hash` is empty and `tx_hash` the event's own id.

    Names are percent-encoded where they hold a colon or a tilde, for those part an account id.
    """
    outside = OUTSIDE + short(event.counterparty or event.channel or "unknown")
    customer = short(event.customer_id)
    deposit = event.kind in INTO
    return Transfer(
        chain=f"{CUSTOMER}:{quoted(event.exchange)}",
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


def movement_block(events: Sequence[AccountEvent]) -> TransferBlock:
    return TransferBlock.of([movement(event) for event in events])


def event_id(transfer: Transfer) -> str:
    """The id an alert names: the account event's for a movement, the transfer's own otherwise."""
    scheme, _, exchange = transfer.chain.partition(":")
    return f"account:{unquoted(exchange)}:{transfer.tx_hash}" if scheme == CUSTOMER else transfer.event_id
