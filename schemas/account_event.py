"""Something that happened on a customer's account at an exchange."""

from __future__ import annotations

from typing import Annotated, Literal, get_args

import msgspec

from manumit.schemas.fields import YEAR_1970_US, AtUs, Count8, Identifier, Text, Texts, Usd, Word

AccountEventKind = Literal[
    "deposit", "withdrawal", "trade", "login", "note", "fiat-in", "fiat-out", "card", "step-up", "lodging"
]
ACCOUNT_EVENT_KINDS: tuple[str, ...] = get_args(AccountEventKind)
Outcome = Literal["", "done", "abandoned", "refused", "passed", "refunded"]
Direction = Literal["", "buy", "sell"]
CounterpartyKind = Literal[
    "", "person", "merchant", "processor", "provider", "self-hosted", "recruiter", "authority", "own", "other"
]
TravelRule = Literal["", "complete", "gaps", "absent", "not-due"]


def said(text: str) -> msgspec.Meta:
    return msgspec.Meta(description=text)


class AccountEvent(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`deposit` and `fiat-in` move `amount_usd` from `counterparty` to the customer; `withdrawal`, `fiat-out` and
    `card` move it out. A `step-up` asks for more identification at `amount_usd`; its `outcome` says what became of it.
    A `lodging` is a booking, a change of one, or a stay; a platform of short lets gives its guests as customers and the
    unit as `counterparty`. People, units, devices, sessions, contacts and cards are keyed tokens.
    """

    exchange: Word
    account_event_id: Identifier
    customer_id: Identifier
    at_us: AtUs
    kind: Annotated[AccountEventKind, msgspec.Meta(extra={"kind": "word"})]
    channel: Annotated[Word, said("`crypto`, `bank`, `p2p`, `cash`, `kiosk`, `prepaid`, `card` and others")] = ""
    counterparty: Text = ""
    amount_usd: Usd = None
    device: Text = ""
    place: Annotated[Word, said("town or coarse cell")] = ""
    note: Text = ""
    outcome: Annotated[Outcome, msgspec.Meta(extra={"kind": "word"})] = ""
    direction: Annotated[Direction, msgspec.Meta(extra={"kind": "word"})] = ""
    asset: Word = ""
    limit_usd: Annotated[Usd, said("of a step-up: amounts from it on need it")] = None
    session: Text = ""
    contact: Text = ""
    country: Annotated[Word, said("of the counterparty, ISO 3166-1")] = ""
    counterparty_kind: Annotated[CounterpartyKind, msgspec.Meta(extra={"kind": "word"})] = ""
    counterparty_age: Annotated[Count8, said("whole years; 0 is unknown")] = 0
    relation: Annotated[Word, said("of the counterparty: `family`, `employer`, `none`; empty is unknown")] = ""
    provider: Annotated[Text, said("the other exchange or processor; empty is unknown or none")] = ""
    registers: Annotated[Texts, said("registers the counterparty was found in; `recruitment`, `violations`")] = ()
    purpose: Annotated[Word, said("`payroll`, `tax`, `insurance`, `fee` and others, as the exchange codes it")] = ""
    merchant_category: Annotated[Word, said("four digits, ISO 18245")] = ""
    nights: Count8 = 0
    rooms: Count8 = 0
    instrument: Annotated[Text, said("token of the customer's card")] = ""
    source_instrument: Annotated[Text, said("token of the card it was loaded from")] = ""
    travel_rule: Annotated[TravelRule, msgspec.Meta(extra={"kind": "word"})] = ""
    travel_gaps: Annotated[Texts, said("paths of the message's gaps")] = ()
    starts_us: Annotated[AtUs, said("when a stay begins; 0 is unknown")] = YEAR_1970_US
    hours: Annotated[Count8, said("of a stay let by the hour; 0 is by the night, or unknown")] = 0
    home: Annotated[Word, said("coarse cell where the guest lives")] = ""
    payer: Annotated[Text, said("token of who pays a stay, where that is not the guest")] = ""

    @property
    def event_id(self) -> str:
        return f"account:{self.exchange}:{self.account_event_id}"
