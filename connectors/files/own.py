"""Rows of our own schemas to events. Pure.

The wire form is `schemas.wire`'s. CSV cells hold the same values; lists and nested values are JSON text
there. Integers may also come as decimal text, `schema` may name the version, `seen_us` defaults to `at_us`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

import msgspec

from manumit.connectors.files.etl import date_us
from manumit.connectors.files.rows import Fields, json_fields
from manumit.connectors.rates import Rates
from manumit.schemas.account_event import AccountEvent
from manumit.schemas.addresses import normalise
from manumit.schemas.customer import Customer
from manumit.schemas.errors import BadRecord
from manumit.schemas.fields import MAX_USD, KindName, kinds_of
from manumit.schemas.label import Label
from manumit.schemas.listing import Listing
from manumit.schemas.records import name_of
from manumit.schemas.transfer import Transfer
from manumit.schemas.wire import build, decode_as

Event = Transfer | Listing | Customer | AccountEvent | Label

INTEGER_KINDS = frozenset(("time", "uint256", "uint8", "uint32", "uint64", "int8"))
NUMBER_KINDS = frozenset(("share", "usd"))
NESTED_KINDS = frozenset(("texts", "json"))
PLACE = re.compile(r"place:[A-Za-z0-9-]{1,24}")
WHOLE = re.compile(r"-?[0-9]{1,80}", re.ASCII)
HEX = re.compile(r"0x[0-9a-fA-F]*", re.ASCII)


@dataclass(frozen=True, slots=True)
class OwnKind:
    """One of our record types: its schema name, and the fields a file of it must and may have."""

    schema: str
    struct: type[Event]
    required: frozenset[str]
    names: frozenset[str]


def own_kind(struct: type[Event]) -> OwnKind:
    """Read from the struct itself, so that a new field is known here at once."""
    fields = msgspec.structs.fields(struct)
    required = frozenset(f.name for f in fields if f.required) - {"seen_us"}
    return OwnKind(name_of(struct), struct, required, frozenset(kinds_of(struct)) | {"schema"})


TRANSFER = own_kind(Transfer)
OWN_KINDS = (TRANSFER, own_kind(AccountEvent), own_kind(Listing), own_kind(Customer), own_kind(Label))


def line_event(kind: OwnKind, raw: bytes, rates: Rates) -> Event:
    """One line of JSON, straight to its struct; what that refuses is read field by field. Raises as `own_event`."""
    try:
        event = decode_as(kind.struct, raw)
    except BadRecord as refused:
        return own_event(kind, loose_fields(raw, refused), rates)
    return checked(event, rates)


def loose_fields(raw: bytes, refused: BadRecord) -> Fields:
    """The line's fields whatever their types. Raises the first refusal, which knows more, when there are none."""
    try:
        return json_fields(raw)
    except BadRecord:
        raise refused from None


def own_event(kind: OwnKind, fields: Fields, rates: Rates) -> Event:
    """Raises BadRecord: malformed, unknown-schema, bad-time, absurd-amount, bad-address, unusable-label."""
    given = {name: value for name, value in fields.items() if value is not None}
    schema = given.pop("schema", "") or kind.schema
    if schema != kind.schema:
        raise BadRecord("unknown-schema", f"schema is {str(schema)[:80]!r}; this build reads {kind.schema!r} here")
    kinds = kinds_of(kind.struct)
    values = {name: plain(name, kinds.get(name), value) for name, value in given.items()}
    if "seen_us" in kinds and "at_us" in values:
        values.setdefault("seen_us", values["at_us"])
    try:
        event = build(kind.struct, values)
    except BadRecord as error:
        if kind.struct is Label and error.reason == "malformed":
            raise BadRecord("unusable-label", str(error)) from error
        raise
    return checked(event, rates)


def cell_event(kind: OwnKind, fields: Fields, rates: Rates) -> Event:
    """`own_event` of CSV cells: an empty cell is an absent field."""
    return own_event(kind, {name: cell for name, cell in fields.items() if cell != ""}, rates)


def plain(name: str, kind: KindName | None, value: object) -> object:
    """Text of a number or of a list as that number or list; datetimes as microseconds. Raises BadRecord."""
    if kind == "time" and isinstance(value, datetime):
        return date_us(value)
    if not isinstance(value, str) or kind is None:
        return value
    if kind in INTEGER_KINDS:
        return int(value) if WHOLE.fullmatch(value) else value
    if kind not in NUMBER_KINDS and kind not in NESTED_KINDS:
        return value
    try:
        return float(value) if kind in NUMBER_KINDS else msgspec.json.decode(value)
    except (ValueError, RecursionError) as error:
        raise BadRecord("malformed", f"{name} is {value[:80]!r} ({error})") from error


def checked(event: Event, rates: Rates) -> Event:
    """What types cannot say. Transfers come back with canonical addresses and, where null, their USD worth."""
    if isinstance(event, Transfer):
        return checked_transfer(event, rates)
    if isinstance(event, Label):
        return checked_label(event)
    amount = event.price_usd if isinstance(event, Listing) else None
    amount = event.amount_usd if isinstance(event, AccountEvent) else amount
    check_usd(event.declared_income_usd if isinstance(event, Customer) else amount)
    return event


def checked_transfer(transfer: Transfer, rates: Rates) -> Transfer:
    """Raises BadRecord: absurd-amount, bad-address."""
    chain = transfer.chain
    sender, receiver = normalise(chain, transfer.sender), normalise(chain, transfer.receiver)
    asset = asset_of(transfer)
    usd = transfer.amount_usd if transfer.amount_usd is not None else worth(transfer, rates)
    check_usd(usd)
    if (sender, receiver, asset, usd) == (transfer.sender, transfer.receiver, transfer.asset, transfer.amount_usd):
        return transfer
    return msgspec.structs.replace(transfer, sender=sender, receiver=receiver, asset=asset, amount_usd=usd)


def asset_of(transfer: Transfer) -> str:
    """Contract addresses in lower case, symbols as they are."""
    return transfer.asset.lower() if HEX.fullmatch(transfer.asset) else transfer.asset


def worth(transfer: Transfer, rates: Rates) -> float | None:
    """Our USD worth of it that day, whatever the record itself says; None where there is no price."""
    return rates.usd(transfer.chain, asset_of(transfer), transfer.decimals, transfer.amount, transfer.at_us)


def is_canonical(chain: str, text: str) -> bool:
    """True when the text is already the form `normalise` gives."""
    try:
        return normalise(chain, text) == text
    except BadRecord:
        return False


def checked_label(label: Label) -> Label:
    """The subject's address in canonical form; a place as it stands. Raises BadRecord("unusable-label")."""
    if label.category == "corridor" and PLACE.fullmatch(label.subject):
        return label
    chain, _, address = label.subject.rpartition(":")
    try:
        subject = f"{chain}:{normalise(chain, address)}"
    except BadRecord as error:
        raise BadRecord("unusable-label", f"subject {label.subject[:100]!r}: {error}") from error
    return label if subject == label.subject else msgspec.structs.replace(label, subject=subject)


def check_usd(amount: float | None) -> None:
    """Raises BadRecord("absurd-amount") for a negative, undefined or impossibly large amount."""
    if amount is not None and not 0 <= amount <= MAX_USD:
        raise BadRecord("absurd-amount", f"{amount} USD is not an amount of money")
