"""A mapping file: which column of the exchange's export is which field of ours, and how its cells are written."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any, Literal

import msgspec

from manumit.schemas.account_event import AccountEvent
from manumit.schemas.customer import Customer
from manumit.schemas.errors import ConfigError
from manumit.schemas.fields import kinds_of
from manumit.schemas.records import RECORDS

Form = Literal[
    "text",
    "word",
    "token",
    "email",
    "phone",
    "birth",
    "age",
    "time",
    "date",
    "unix-seconds",
    "unix-milliseconds",
    "unix-microseconds",
    "decimal",
    "decimal-comma",
    "integer",
    "share",
    "percent",
    "country",
    "wallet",
]
MAPPABLE: dict[str, type[Customer | AccountEvent]] = {"customer.v1": Customer, "account-event.v1": AccountEvent}


class FieldMap(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How one field is read. `values` translates words; `separator` cuts a cell into the parts of a list.

    `pattern` is strptime's; `zone` an offset such as `+01:00` for times that carry none; `region` the country of
    phone numbers without a code; `chain` the CAIP-2 id of wallet addresses; `times` multiplies an amount into USD.
    """

    column: str
    form: Form = "text"
    required: bool = False
    values: dict[str, str] = {}
    separator: str = ""
    pattern: str = ""
    zone: str = ""
    region: str = ""
    chain: str = "eip155:1"
    times: float = 1.0


class Mapping(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`constants` fill fields that the export has no column for."""

    record: str
    exchange: str = ""
    fields: dict[str, FieldMap]
    constants: dict[str, str | int | float] = {}

    @property
    def struct(self) -> type[Customer | AccountEvent]:
        return MAPPABLE[self.record]


def read_mapping(path: Path) -> Mapping:
    """Raises ConfigError that names the file, what is wrong and the remedy."""
    try:
        return checked(msgspec.convert(tomllib.loads(path.read_text("utf-8")), Mapping))
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read ({error})") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, msgspec.ValidationError, ValueError) as error:
        raise ConfigError(f"{path}: {error}; see deploy/exchange/ for examples") from error


def checked(mapping: Mapping) -> Mapping:
    """Raises ValueError for what contradicts the record."""
    if mapping.record not in MAPPABLE:
        raise ValueError(f"record is {mapping.record!r}; it must be one of {', '.join(MAPPABLE)}")
    kinds = kinds_of(mapping.struct)
    unknown = sorted({*mapping.fields, *mapping.constants} - set(kinds))
    if unknown:
        raise ValueError(f"{mapping.record} has no field {', '.join(unknown)}; it has {', '.join(kinds)}")
    if ("exchange" in mapping.fields) == bool(mapping.exchange):
        raise ValueError("name the exchange for the whole file, or a column that holds it")
    given = {*mapping.fields, *mapping.constants, "exchange"}
    missing = [f.name for f in msgspec.structs.fields(mapping.struct) if f.required and f.name not in given]
    if missing:
        raise ValueError(f"{mapping.record} needs {', '.join(missing)}: name a column or a constant")
    for name, field in mapping.fields.items():
        if field.separator and kinds[name] != "texts":
            raise ValueError(f"{name} is no list: remove its separator")
        if field.form == "age" and "at_us" not in mapping.fields:
            raise ValueError("an age is counted at the moment of the row: map at_us too")
    return mapping


def own_mapping(record: str, columns: frozenset[str], exchange: str = "") -> Mapping:
    """For a file that already uses our names: cells are read as our own files' cells are."""
    struct: Any = RECORDS[record]
    kinds = kinds_of(struct)
    forms: dict[str, Form] = {
        "time": "unix-microseconds",
        "usd": "decimal",
        "share": "share",
        "uint8": "integer",
        "uint32": "integer",
        "word": "word",
    }
    fields = {
        name: FieldMap(column=name, form=forms.get(kind, "text"), separator="," if kind == "texts" else "")
        for name, kind in kinds.items()
        if name in columns and (name != "exchange" or not exchange)
    }
    return checked(Mapping(record=record, exchange=exchange, fields=fields))
