"""An exchange's customer as the exchange knows them: tokens and facts, never names."""

from __future__ import annotations

import msgspec

from manumit.schemas.fields import AtUs, Identifier, Texts, Usd, Word


class Customer(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One snapshot of one customer. Contact, device and document fields are keyed HMAC tokens."""

    exchange: Word
    customer_id: Identifier
    at_us: AtUs
    tier: Word = ""
    verification: Word = ""
    jurisdiction: Word = ""
    occupation: Word = ""
    declared_income_usd: Usd = None
    contacts: Texts = ()
    devices: Texts = ()
    documents: Texts = ()
    wallets: Texts = ()

    @property
    def event_id(self) -> str:
        return f"customer:{self.exchange}:{self.customer_id}:{self.at_us}"
