"""What a snapshot says that two customers should not share without a reason. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from manumit.schemas.customer import Customer
from manumit.schemas.subject import person_token


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


def prefixed(kind: str, text: str) -> str:
    return text if text.startswith(f"{kind}:") else f"{kind}:{text}"
