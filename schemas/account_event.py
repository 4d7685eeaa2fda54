"""Something that happened on a customer's account at an exchange."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from manumit.schemas.fields import AtUs, Identifier, Text, Usd, Word

AccountEventKind = Literal["deposit", "withdrawal", "trade", "login", "note"]
Owner = Literal["", "own", "other"]


class AccountEvent(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Deposits and withdrawals move `amount_usd` between `counterparty` and the customer.

    `channel` is the way it came or went: `bank`, `card`, `prepaid`, `gift-card`, `kiosk`, `crypto`, … `asset` is the
    coin or currency that moved; of a trade the one bought, for the one `sold`. `place` is where it happened, best
    as a geohash. `owner` is what the customer said of the counterparty.
    """

    exchange: Word
    account_event_id: Identifier
    customer_id: Identifier
    at_us: AtUs
    kind: Annotated[AccountEventKind, msgspec.Meta(extra={"kind": "word"})]
    channel: Word = ""
    counterparty: Text = ""
    amount_usd: Usd = None
    device: Text = ""
    place: Word = ""
    note: Text = ""
    asset: Word = ""
    sold: Word = ""
    owner: Annotated[Owner, msgspec.Meta(extra={"kind": "word"})] = ""

    @property
    def event_id(self) -> str:
        return f"account:{self.exchange}:{self.account_event_id}"
