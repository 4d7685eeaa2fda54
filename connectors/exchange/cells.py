"""Cells of an export to values of a record. Pure. Each form raises `Unusable` with the kind of damage."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from types import MappingProxyType

import phonenumbers

from manumit.connectors.exchange.damage import Unusable
from manumit.connectors.exchange.mapping import FieldMap, Form
from manumit.connectors.tokens import folded_text
from manumit.schemas.addresses import normalise
from manumit.schemas.countries import is_country
from manumit.schemas.errors import BadRecord
from manumit.schemas.fields import YEAR_2200_US, KindName
from manumit.schemas.stored import at_us_of

Tokenise = Callable[[str, str], str]
MAX_TEXT = {"word": 256, "text": 512, "texts": 512}
ABSURD_USD = 1e12  # ours: more than all coins are worth is a mistake of unit
YOUNGEST_YEARS = 1
OLDEST_YEARS = 130
EMAIL = re.compile(r"[^\s@<>\"',;]{1,64}@[^\s@<>\"',;.]{1,63}(\.[^\s@<>\"',;.]{1,63})+")
PLAIN_NUMBER = re.compile(r"[+-]?[0-9]{1,30}(\.[0-9]{1,30})?", re.ASCII)
WHOLE = re.compile(r"-?[0-9]{1,18}", re.ASCII)
RANGES: Mapping[str, int] = MappingProxyType({"uint8": 255, "uint32": 2**32 - 1})
UNIX: Mapping[str, int] = MappingProxyType(
    {"unix-seconds": 1_000_000, "unix-milliseconds": 1_000, "unix-microseconds": 1}
)
NOT_FINITE = ("nan", "inf", "+inf", "-inf", "infinity", "-infinity")
Value = str | int | float


def value_of(cell: str, *, field: FieldMap, name: str, kind: KindName, at_us: int, tokenise: Tokenise) -> Value:
    """One cell that is not empty, as the value of field `name`. Raises Unusable."""
    _clean(cell)
    cell = field.values.get(cell, cell)
    if field.form in PERSONAL:
        return tokenise(TOKEN_KIND.get(name, name), PERSONAL[field.form](cell, field))
    if field.form == "age":
        return age(day(cell, field), at_us)
    if field.form in ("decimal", "decimal-comma"):
        return amount(cell, field)
    if field.form == "integer":
        return whole(cell, RANGES.get(kind, 2**63 - 1))
    if field.form in ("share", "percent"):
        return share(cell, 100.0 if field.form == "percent" else 1.0)
    if kind == "time":
        return moment(cell, field)
    text = PLAIN[field.form](cell, field) if field.form in PLAIN else cell
    if len(text) > MAX_TEXT.get(kind, 512):
        raise Unusable("word-too-long" if kind == "word" else "id-too-long", f"has {len(text)} characters")
    if name in TOKEN_FIELDS and looks_raw(text):
        raise Unusable("raw-contact", "holds a contact where a token is kept")
    return text


TOKEN_FIELDS = ("contacts", "contact", "name", "birth", "address", "documents", "portraits")
TOKEN_KIND: Mapping[str, str] = MappingProxyType(
    {"contacts": "contact", "devices": "device", "documents": "document", "portraits": "portrait"}
)


def looks_raw(text: str) -> bool:
    """An e-mail address, or digits like those of a phone number: no token looks so."""
    digits = sum(letter.isdigit() for letter in text)
    return EMAIL.fullmatch(text) is not None or (digits >= 7 and not any(letter.isalpha() for letter in text))


def _clean(cell: str) -> None:
    if any(ord(letter) < 32 and letter not in "\t\n\r" for letter in cell):
        raise Unusable("control-character", "holds a control character")


def email(cell: str, field: FieldMap) -> str:
    text = cell.strip().casefold()
    if EMAIL.fullmatch(text) is None:
        raise Unusable("email-form", "is no e-mail address")
    return f"email:{text}"


def phone(cell: str, field: FieldMap) -> str:
    try:
        number = phonenumbers.parse(cell, field.region or None)
    except phonenumbers.NumberParseException as error:
        raise Unusable("phone-form", "is no phone number with a country") from error
    if not phonenumbers.is_possible_number(number):
        raise Unusable("phone-form", "has a length no phone number has")
    return f"tel:{phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)}"


def plain_token(cell: str, field: FieldMap) -> str:
    return folded_text(cell)


def birth(cell: str, field: FieldMap) -> str:
    return day(cell, field).isoformat()


PERSONAL: Mapping[Form, Callable[[str, FieldMap], str]] = MappingProxyType(
    {"token": plain_token, "email": email, "phone": phone, "birth": birth}
)


def country(cell: str, field: FieldMap) -> str:
    code = cell.strip().upper()
    if not is_country(code):
        raise Unusable("unknown-country", "is no country of ISO 3166-1")
    return code


def wallet(cell: str, field: FieldMap) -> str:
    try:
        return f"{field.chain}:{normalise(field.chain, cell.strip())}"
    except BadRecord as error:
        raise Unusable("wallet-form", "is no address of the chain") from error


def word(cell: str, field: FieldMap) -> str:
    return cell.strip()


PLAIN: Mapping[Form, Callable[[str, FieldMap], str]] = MappingProxyType(
    {"country": country, "wallet": wallet, "word": word}
)


def day(cell: str, field: FieldMap) -> date:
    text = cell.strip()
    try:
        if field.pattern:
            return datetime.strptime(text, field.pattern).replace(tzinfo=UTC).date()
        return date.fromisoformat(text)
    except ValueError as error:
        raise Unusable("date-form", "is no day in the form of the mapping") from error


def age(born: date, at_us: int) -> int:
    """Whole years at the moment of the row; 1 in the first year of life, for 0 is an age that is not known."""
    today = (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=at_us)).date()
    years = today.year - born.year - ((today.month, today.day) < (born.month, born.day))
    if years < 0:
        raise Unusable("birth-in-future", "is after the moment of the row")
    if years > OLDEST_YEARS:
        raise Unusable("birth-too-old", f"is more than {OLDEST_YEARS} years before the row")
    return max(YOUNGEST_YEARS, years)


def moment(cell: str, field: FieldMap) -> int:
    """UTC microseconds."""
    text = cell.strip()
    if field.form in UNIX:
        if WHOLE.fullmatch(text) is None:
            raise Unusable("time-form", "is no whole number")
        found = int(text) * UNIX[field.form]
    else:
        found = at_us_of(_datetime(text, field))
    if not 0 <= found < YEAR_2200_US:
        raise Unusable("time-range", "is not between 1970 and 2200")
    return found


def _datetime(text: str, field: FieldMap) -> datetime:
    try:
        if field.pattern:
            given = datetime.strptime(text, field.pattern)  # noqa: DTZ007 - the zone is looked at below
        elif field.form == "date":
            given = datetime.combine(date.fromisoformat(text), datetime.min.time(), tzinfo=UTC)
        else:
            given = datetime.fromisoformat(text)
    except ValueError as error:
        raise Unusable("time-form", "is no time in the form of the mapping") from error
    if given.tzinfo is not None:
        return given
    if not field.zone:
        raise Unusable("time-without-zone", "does not say which zone it is in")
    return datetime.fromisoformat(f"{given.isoformat()}{field.zone}")


def number(cell: str) -> float:
    text = cell.strip()
    if text.casefold() in NOT_FINITE:
        raise Unusable("number-not-finite", "is no finite number")
    if PLAIN_NUMBER.fullmatch(text) is None:
        raise Unusable("number-form", "is no plain number")
    return float(text)


def amount(cell: str, field: FieldMap) -> float:
    if field.form == "decimal-comma":
        if "." in cell:
            raise Unusable("number-form", "holds a point where the decimal sign is a comma")
        cell = cell.replace(",", ".")
    found = number(cell) * field.times
    if found < 0:
        raise Unusable("number-negative", "is negative")
    if found > ABSURD_USD or not math.isfinite(found):
        raise Unusable("number-absurd", f"is more than {ABSURD_USD:.0e} USD")
    return found


def whole(cell: str, most: int) -> int:
    text = cell.strip()
    if WHOLE.fullmatch(text) is None:
        raise Unusable("number-form", "is no whole number")
    if not 0 <= int(text) <= most:
        raise Unusable("number-range", f"is not between 0 and {most}")
    return int(text)


def share(cell: str, whole_is: float) -> float:
    found = number(cell) / whole_is
    if not 0 <= found <= 1:
        raise Unusable("share-range", "is not between 0 and 1")
    return found
