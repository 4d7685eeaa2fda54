"""Something that happened on a customer's account at an exchange."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from manumit.schemas.fields import AtUs, Identifier, Text, Usd, Word

AccountEventKind = Literal["deposit", "withdrawal", "trade", "login", "note"]


class AccountEvent(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Deposits and withdrawals move `amount_usd` between `counterparty` and the customer."""

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

    @property
    def event_id(self) -> str:
        return f"account:{self.exchange}:{self.account_event_id}"
