"""What a customer's identifiers are called as keys. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from manumit.detectors.customers.coded import PARTED
from manumit.schemas.customer import Customer
from manumit.schemas.fields import YEAR_1970_US
from manumit.schemas.subject import person_token

DAY_US = 86_400_000_000


def identifiers(one: Customer) -> Iterator[str]:
    """What two customers should not share without a reason; the prefix tells the kind."""
    yield from (prefixed("device", text) for text in one.devices)
    yield from (prefixed("contact", text) for text in one.contacts)
    yield from (prefixed("document", text) for text in one.documents)
    yield from (prefixed("portrait", text) for text in one.portraits)
    yield from (prefixed("wallet", text) for text in one.wallets)
    if one.address:
        yield prefixed("address", one.address)
    if one.name and one.birth:
        yield person_token(one.name, one.birth)


def standing_names(one: Customer) -> list[str]:
    """What alerts may be about that this customer gave: identifiers, and wallets by their account."""
    return list(dict.fromkeys((*identifiers(one), *one.wallets)))


def arrival(customer: str, starts_us: int) -> str:
    """The key of a customer on a day of arrival; empty where that is unknown."""
    return f"{customer}{PARTED}{starts_us // DAY_US}" if starts_us > YEAR_1970_US else ""


def prefixed(kind: str, text: str) -> str:
    return text if text.startswith(f"{kind}:") else f"{kind}:{text}"
