"""The wire form: one record as JSON bytes, and the one place where foreign values become a record."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from math import isfinite
from typing import TypeVar

import msgspec

from manumit.schemas.errors import BadRecord, Broken
from manumit.schemas.fields import MAX_UINT256, KindName, kinds_of
from manumit.schemas.records import RECORDS

Record = TypeVar("Record", bound=msgspec.Struct)

FIELD = re.compile(r"`\$\.([a-z0-9_]+)`?$")  # where msgspec says the bad value stands
NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)
NO_NUMBER = re.compile(r"got `(?!int|float)")
OUT_OF_RANGE = re.compile(r"[<>]=|out of range")


def encode(record: msgspec.Struct) -> bytes:
    """One record as UTF-8 JSON; integers stay exact, an unknown USD value is null.

    Raises Broken for a score or value that is not a finite number (JSON has no form for it), BadRecord
    `malformed` for text that is not Unicode (a lone surrogate).
    """
    for name in _floating(type(record)):
        _must_be_finite(name, getattr(record, name))
    return _json(type(record).__name__, record)


def encode_part(name: str, value: object) -> str:
    """A nested field as JSON text. Raises as `encode` does."""
    _must_be_finite(name, value)
    return _json(name, value).decode()


def decode(name: str, raw: bytes) -> msgspec.Struct:
    """The record of schema `name` (`transfer.v1`) in JSON bytes.

    Raises BadRecord with reason `unknown-schema`, `absurd-amount`, `bad-time` or `malformed`.
    """
    struct = RECORDS.get(name)
    if struct is None:
        raise BadRecord("unknown-schema", f"no schema {name!r}; this build reads {', '.join(sorted(RECORDS))}")
    return decode_as(struct, raw)


def decode_as(struct: type[Record], raw: bytes) -> Record:
    """As `decode`, for a caller who knows the struct."""
    try:
        record: Record = _decoder(struct).decode(raw)
    except msgspec.ValidationError as error:
        raise _refusal(struct, error) from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise BadRecord("malformed", f"{struct.__name__} is not JSON: {error}") from error
    return _below_2_256(record)


def build(struct: type[Record], values: Mapping[str, object]) -> Record:
    """A record from plain values (a CSV, Parquet or database row) under the same rules as `decode`.

    Integers must be integers already; a missing field takes its default. Raises BadRecord as `decode` does.
    """
    try:
        record: Record = msgspec.convert(values, struct)
    except msgspec.ValidationError as error:
        raise _refusal(struct, error, values) from error
    return _below_2_256(record)


def is_number(value: object) -> bool:
    """True for a number or its decimal text, whatever its size; False for a boolean."""
    return type(value) in (int, float) or (isinstance(value, str) and NUMBER.fullmatch(value) is not None)


@cache
def _decoder(struct: type[Record]) -> msgspec.json.Decoder[Record]:
    return msgspec.json.Decoder(struct)


def _refusal(
    struct: type[msgspec.Struct], error: msgspec.ValidationError, values: Mapping[str, object] | None = None
) -> BadRecord:
    place = FIELD.search(str(error))
    kind = kinds_of(struct).get(place[1]) if place else None
    given = values.get(place[1]) if place and values else None
    return BadRecord(_reason(kind, str(error), given), f"{struct.__name__}: {error}")


def _reason(kind: KindName | None, message: str, given: object) -> str:
    """An amount is absurd when it is a number, else it is not an amount at all."""
    if kind == "uint256" and (is_number(given) or not NO_NUMBER.search(message)):
        return "absurd-amount"
    if kind == "time" and OUT_OF_RANGE.search(message):
        return "bad-time"
    return "malformed"


def _below_2_256(record: Record) -> Record:
    for name in _amounts(type(record)):
        if getattr(record, name) > MAX_UINT256:
            raise BadRecord("absurd-amount", f"{type(record).__name__}: Expected `int` < 2^256 - at `$.{name}`")
    return record


@cache
def _amounts(struct: type[msgspec.Struct]) -> tuple[str, ...]:
    return tuple(name for name, kind in kinds_of(struct).items() if kind == "uint256")


@cache
def _floating(struct: type[msgspec.Struct]) -> tuple[str, ...]:
    return tuple(name for name, kind in kinds_of(struct).items() if kind in ("share", "json"))


def _must_be_finite(name: str, value: object) -> None:
    numbers = value.values() if isinstance(value, dict) else (value,)
    if not all(isfinite(number) for number in numbers if isinstance(number, float)):
        raise Broken(f"{name} holds a number that is not finite: {value!r}")


def _json(name: str, value: object) -> bytes:
    try:
        return msgspec.json.encode(value)
    except UnicodeEncodeError as error:
        raise BadRecord("malformed", f"{name} holds text that is not Unicode: {error}") from error
