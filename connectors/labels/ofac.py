"""OFAC's sanctioned addresses, one list per currency: sanctioned_addresses_XBT.txt or .json. Pure.

Source of the form: 0xB10C/ofac-sanctioned-digital-currency-addresses, made from OFAC's SDN list. The
lists do not say when an address was listed: the caller gives the date of the list.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec

from manumit.connectors.labels.subjects import LabelRow, Unusable
from manumit.schemas.errors import ConfigError
from manumit.schemas.label import Label

FILE_NAME = re.compile(r"sanctioned_addresses_([A-Z0-9]+)\.(?:txt|json)$")
SOURCE = "ofac-sdn"
SOURCE_URL = "https://sanctionslist.ofac.treas.gov/"


def currency_of(file_name: str) -> str | None:
    """The currency in the file's name, or None when it is no such list."""
    match = FILE_NAME.search(file_name)
    return match[1] if match else None


def parse_ofac(text: str, *, file_name: str, listed_us: int) -> Iterator[LabelRow | Unusable]:
    """One row per address. Raises ConfigError for a list that is not JSON where it should be."""
    currency = currency_of(file_name) or ""
    for line, address in enumerate(addresses(text, file_name), 1):
        label = Label(
            subject=address,
            category="sanctions",
            name="OFAC SDN",
            source=SOURCE,
            source_url=SOURCE_URL,
            listed_us=listed_us,
            valid_from_us=listed_us,
        )
        yield LabelRow(place=f"{file_name}:{line}", address=address, currency=currency, label=label)


def addresses(text: str, file_name: str) -> list[str]:
    """The list's addresses, from JSON or from lines."""
    if not file_name.endswith(".json"):
        return [line.strip() for line in text.splitlines() if line.strip()]
    try:
        return msgspec.json.decode(text, type=list[str])
    except msgspec.MsgspecError as error:
        raise ConfigError(f"label list {file_name}: not a JSON list of addresses ({error})") from error
