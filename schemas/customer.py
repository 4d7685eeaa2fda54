"""An exchange's customer as the exchange knows them: tokens and facts, never names."""

from __future__ import annotations

from typing import Annotated, Literal, get_args

import msgspec

from manumit.schemas.fields import YEAR_1970_US, AtUs, Count8, Count32, Identifier, Share, Text, Texts, Usd, Word

CustomerKind = Literal["", "natural", "legal"]
AccountType = Literal["", "personal", "business"]
AddressType = Literal[
    "", "home", "business", "hotel", "short-let", "mail-drop", "shelter", "care-home", "dormitory", "none", "other"
]
ADDRESS_TYPES: tuple[str, ...] = get_args(AddressType)
NEVER_US = YEAR_1970_US
ADULT = 18


def said(text: str) -> msgspec.Meta:
    return msgspec.Meta(description=text)


class Customer(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One snapshot of one customer; snapshots follow each other and make the history.

    Names, birthdays, addresses, contacts, devices, documents and portraits are keyed HMAC tokens. manumit never
    sees a picture: `face_score` is what the identity provider of the exchange said.
    """

    exchange: Word
    customer_id: Identifier
    at_us: AtUs
    tier: Word = ""
    verification: Annotated[Word, said("`full` once every datum asked for is verified")] = ""
    jurisdiction: Annotated[Word, said("country whose rules hold, ISO 3166-1")] = ""
    occupation: Word = ""
    declared_income_usd: Annotated[Usd, said("a year; null is unknown, never 0")] = None
    contacts: Texts = ()
    devices: Texts = ()
    documents: Texts = ()
    wallets: Texts = ()
    kind: Annotated[CustomerKind, msgspec.Meta(extra={"kind": "word"})] = ""
    account_type: Annotated[AccountType, msgspec.Meta(extra={"kind": "word"})] = ""
    opened_us: Annotated[AtUs, said("0 is unknown")] = NEVER_US
    verified_us: Annotated[AtUs, said("0 is never, or unknown")] = NEVER_US
    name: Annotated[Text, said("token; empty is not on file")] = ""
    birth: Annotated[Text, said("token; empty is not on file")] = ""
    age: Annotated[Count8, said("whole years at `at_us`, 1 in the first year; 0 is unknown")] = 0
    minimum_age: Annotated[Count8, said("of the product or by law; 0 is not given: 18 counts")] = 0
    residence: Annotated[Word, said("country, ISO 3166-1")] = ""
    address: Annotated[Text, said("token; empty is not on file")] = ""
    address_type: Annotated[AddressType, msgspec.Meta(extra={"kind": "word"})] = ""
    document_type: Word = ""
    document_expires_us: Annotated[AtUs, said("0 is unknown, or no expiry")] = NEVER_US
    portraits: Texts = ()
    face_score: Annotated[Share, said("of the last try; means nothing without `face_tries`")] = 0.0
    face_fail_mark: Annotated[Share, said("below it the provider calls it a failure")] = 0.0
    face_tries: Count8 = 0
    attested: Annotated[Texts, said("wallets the customer has shown control of")] = ()
    related: Annotated[Texts, said("customer ids with a declared relation: family, carer, employer")] = ()
    guardian: Annotated[Text, said("customer id of a lawful guardian or custodian")] = ""
    sector: Annotated[Word, said("of a business")] = ""
    staff: Annotated[Count32, said("of a business; 0 is unknown")] = 0
    registers: Annotated[Texts, said("registers it was found in, for example `money-service`")] = ()
    tier_cap_usd: Annotated[Usd, said("what the tier lets in and out in 30 days; null is none or unknown")] = None

    @property
    def event_id(self) -> str:
        return f"customer:{self.exchange}:{self.customer_id}:{self.at_us}"

    @property
    def is_minor(self) -> bool:
        """Below 18 or the age of the product, by the age the exchange gives; one that is not known is no sign."""
        return 0 < self.age < max(ADULT, self.minimum_age)
