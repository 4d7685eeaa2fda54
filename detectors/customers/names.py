"""What a customer's identifiers are called as keys. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from manumit.detectors.customers.coded import PARTED
from manumit.schemas.customer import Customer
from manumit.schemas.fields import YEAR_1970_US
from manumit.schemas.placeholders import filled, is_placeholder
from manumit.schemas.subject import person_token

DAY_US = 86_400_000_000


def identifiers(one: Customer) -> Iterator[str]:
    """What two customers should not share without a reason; the prefix tells the kind. Placeholders are none."""
    yield from _listed("device", one.devices)
    yield from _listed("contact", one.contacts)
    yield from _listed("document", one.documents)
    yield from _listed("portrait", one.portraits)
    yield from _listed("wallet", one.wallets)
    if filled(one.address):
        yield prefixed("address", one.address)
    if filled(one.name) and filled(one.birth):
        yield person_token(one.name, one.birth)


def standing_names(one: Customer) -> list[str]:
    """What alerts may be about that this customer gave: identifiers, and wallets by their account."""
    return list(dict.fromkeys((*identifiers(one), *one.wallets)))


def _listed(kind: str, texts: tuple[str, ...]) -> Iterator[str]:
    return (prefixed(kind, text) for text in texts if not is_placeholder(text))


def arrival(customer: str, starts_us: int) -> str:
    """The key of a customer on a day of arrival; empty where that is unknown."""
    return f"{customer}{PARTED}{starts_us // DAY_US}" if starts_us > YEAR_1970_US else ""


def prefixed(kind: str, text: str) -> str:
    return text if text.startswith(f"{kind}:") else f"{kind}:{text}"
