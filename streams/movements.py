"""Account events as transfers the engine can read: a deposit moves money to the customer, a withdrawal from them.

The customer is the account `customer:EXCHANGE:ID`; the other side is `~` and whatever the exchange calls
it, which is never a subject of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import blake2b

from manumit.detectors.parties import OUTSIDE
from manumit.schemas.account_event import AccountEvent
from manumit.schemas.block import TransferBlock
from manumit.schemas.transfer import Transfer

CUSTOMER = "customer"
MAX_NAME = 62


def moves(event: AccountEvent) -> bool:
    return event.kind in ("deposit", "withdrawal")


def movement(event: AccountEvent) -> Transfer:
    """`block_hash` is empty and `tx_hash` the event's own id.

    Names are percent-encoded where they hold a colon or a tilde, for those part an account id.
    """
    outside = OUTSIDE + _short(event.counterparty or event.channel or "unknown")
    customer = _short(event.customer_id)
    deposit = event.kind == "deposit"
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


def quoted(name: str) -> str:
    return name.replace("%", "%25").replace(":", "%3A").replace("~", "%7E") if any(c in name for c in "%:~") else name


def unquoted(name: str) -> str:
    return name.replace("%7E", "~").replace("%3A", ":").replace("%25", "%")


def _short(given: str) -> str:
    name = quoted(given)
    raw = name.encode()
    return name if len(raw) < MAX_NAME else blake2b(raw, digest_size=24).hexdigest()


def movement_block(events: Sequence[AccountEvent]) -> TransferBlock:
    return TransferBlock.of([movement(event) for event in events])


def event_id(transfer: Transfer) -> str:
    """The id an alert names: the account event's for a movement, the transfer's own otherwise."""
    scheme, _, exchange = transfer.chain.partition(":")
    return f"account:{unquoted(exchange)}:{transfer.tx_hash}" if scheme == CUSTOMER else transfer.event_id
