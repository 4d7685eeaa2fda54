"""Rows of our own schemas to events. Pure.

The wire form is what msgspec writes. CSV cells and Parquet columns hold the same values; lists and
nested values are JSON text there. `schema` may name the version; `seen_us` defaults to `at_us`.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, get_type_hints

import msgspec

from manumit.connectors.chains.addresses import normalise
from manumit.connectors.files.rows import Fields
from manumit.connectors.rates import Rates
from manumit.schemas.account_event import AccountEvent
from manumit.schemas.customer import Customer
from manumit.schemas.errors import BadRecord
from manumit.schemas.fields import MAX_UINT256
from manumit.schemas.label import Label
from manumit.schemas.listing import Listing
from manumit.schemas.transfer import Transfer

Event = Transfer | Listing | Customer | AccountEvent | Label

TIME_FIELDS = frozenset(("at_us", "seen_us", "listed_us", "valid_from_us", "valid_to_us"))
AMOUNT_FIELDS = frozenset(("amount", "amount_usd", "price_usd", "declared_income_usd"))
FAULT_PATH = re.compile(r"`\$\.?([a-z_]*)")
HEX = re.compile(r"0x[0-9a-fA-F]*", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnKind:
    """One of our record types: its schema name, its required and all fields, and those kept as JSON text."""

    schema: str
    struct: type[Event]
    required: frozenset[str]
    names: frozenset[str]
    nested: frozenset[str]


def own_kind(schema: str, struct: type[Event]) -> OwnKind:
    """Read from the struct itself, so that a new field is known here at once."""
    hints = get_type_hints(struct, include_extras=True)
    fields = msgspec.structs.fields(struct)
    return OwnKind(
        schema=schema,
        struct=struct,
        required=frozenset(f.name for f in fields if f.required) - {"seen_us"},
        names=frozenset(f.name for f in fields) | {"schema"},
        nested=frozenset(name for name, hint in hints.items() if field_kind(hint) in ("texts", "json")),
    )


def field_kind(hint: Any) -> str:
    """The kind named in an annotation of `schemas.fields`, or ""."""
    metas = (m for m in getattr(hint, "__metadata__", ()) if isinstance(m, msgspec.Meta))
    return next((str(meta.extra["kind"]) for meta in metas if meta.extra), "")


TRANSFER = own_kind("transfer.v1", Transfer)
LISTING = own_kind("listing.v1", Listing)
CUSTOMER = own_kind("customer.v1", Customer)
ACCOUNT_EVENT = own_kind("account_event.v1", AccountEvent)
LABEL = own_kind("label.v1", Label)
OWN_KINDS = (TRANSFER, ACCOUNT_EVENT, LISTING, CUSTOMER, LABEL)


def own_event(kind: OwnKind, fields: Fields, rates: Rates) -> Event:
    """Raises BadRecord: malformed, unknown-schema, bad-time, absurd-amount, bad-address, unusable-label."""
    given = {name: value for name, value in fields.items() if value is not None}
    schema = given.pop("schema", kind.schema)
    if schema != kind.schema:
        raise BadRecord("unknown-schema", f"schema is {str(schema)[:80]!r}; this build reads {kind.schema!r} here")
    if "seen_us" in kind.names and "at_us" in given:
        given.setdefault("seen_us", given["at_us"])
    return checked(converted(kind, given), rates)


def converted(kind: OwnKind, given: dict[str, object]) -> Event:
    """The struct of plain values. Raises BadRecord with the reason of the field at fault."""
    try:
        return msgspec.convert(given, kind.struct, strict=False)
    except (msgspec.ValidationError, OverflowError, RecursionError) as error:
        raise BadRecord(reason_of(kind, str(error)), str(error)) from error


def text_event(kind: OwnKind, fields: Fields, rates: Rates) -> Event:
    """`own_event` of cells: empty cells are absent, nested cells are JSON text."""
    cells = {name: value for name, value in fields.items() if value != "" or name in kind.required}
    return own_event(kind, {n: from_json(v) if n in kind.nested else v for n, v in cells.items()}, rates)


def from_json(value: object) -> object:
    """A nested cell's value; lists that came as lists pass. Raises BadRecord("malformed")."""
    if not isinstance(value, str):
        return value
    try:
        return msgspec.json.decode(value)
    except (msgspec.MsgspecError, RecursionError) as error:
        raise BadRecord("malformed", f"a nested cell is not JSON text ({error})") from error


def line_decoder(kind: OwnKind, rates: Rates) -> Callable[[bytes], Event | None]:
    """Decodes one line of JSON straight to its struct; what that refuses is read field by field."""
    decoder: msgspec.json.Decoder[Event] = msgspec.json.Decoder(kind.struct)
    slow: msgspec.json.Decoder[dict[str, object]] = msgspec.json.Decoder(dict[str, object])

    def decode(raw: bytes) -> Event:
        try:
            event = decoder.decode(raw)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            return own_event(kind, loose(raw), rates)
        return checked(event, rates)

    def loose(raw: bytes) -> dict[str, object]:
        try:
            return slow.decode(raw)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
            raise BadRecord("malformed", f"not one JSON object ({error})") from error

    return decode


def reason_of(kind: OwnKind, message: str) -> str:
    """The dead-letter reason for msgspec's message, by the field it names."""
    match = FAULT_PATH.search(message)
    name = match[1] if match else ""
    if name in TIME_FIELDS:
        return "bad-time"
    if name in AMOUNT_FIELDS:
        return "absurd-amount"
    return "unusable-label" if kind is LABEL else "malformed"


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
    if not 0 <= transfer.amount <= MAX_UINT256:
        raise BadRecord("absurd-amount", "amount is 2^256 or above")
    check_usd(transfer.amount_usd)
    chain = transfer.chain
    sender, receiver = normalise(chain, transfer.sender), normalise(chain, transfer.receiver)
    asset = transfer.asset
    if chain.startswith("eip155:"):
        asset = asset.lower() if HEX.fullmatch(asset) else asset
    usd = transfer.amount_usd
    if usd is None:
        usd = rates.usd(chain, asset, transfer.decimals, transfer.amount, transfer.at_us)
    if (sender, receiver, asset, usd) == (transfer.sender, transfer.receiver, transfer.asset, transfer.amount_usd):
        return transfer
    return msgspec.structs.replace(transfer, sender=sender, receiver=receiver, asset=asset, amount_usd=usd)


def checked_label(label: Label) -> Label:
    """The subject's address in canonical form. Raises BadRecord("unusable-label")."""
    chain, _, address = label.subject.rpartition(":")
    if not chain:
        raise BadRecord("unusable-label", f"{label.subject[:100]!r} is not a chain and an address")
    try:
        subject = f"{chain}:{normalise(chain, address)}"
    except BadRecord as error:
        raise BadRecord("unusable-label", str(error)) from error
    return label if subject == label.subject else msgspec.structs.replace(label, subject=subject)


def check_usd(amount: float | None) -> None:
    """Raises BadRecord("absurd-amount") for a negative, infinite or undefined amount."""
    if amount is not None and not (math.isfinite(amount) and amount >= 0):
        raise BadRecord("absurd-amount", f"{amount} USD is not an amount of money")
