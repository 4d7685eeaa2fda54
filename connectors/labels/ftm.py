"""FollowTheMoney entities (OpenSanctions and others), one JSON object per line. Pure.

A `CryptoWallet` is labelled by its own topics, else by its holder's, where the holder stands in the same
file. Source: followthemoney, schema/CryptoWallet.yaml and schema/Thing.yaml.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import msgspec

from manumit.connectors.files.etl import date_us
from manumit.connectors.labels.categories import topic_category
from manumit.connectors.labels.subjects import LabelRow, Unusable
from manumit.schemas.fields import YEAR_1970_US
from manumit.schemas.label import Label

WALLET = "CryptoWallet"
LONGEST_SOURCE = 200


class Entity(msgspec.Struct, frozen=True):
    """The parts of an entity that are read. Property values are lists of texts, or nested entities."""

    id: str
    schema: str
    properties: dict[str, list[object]] = {}
    caption: str = ""
    datasets: list[str] = []
    first_seen: str | None = None


def parse_ftm(
    lines: Iterable[bytes], *, file_name: str, listed_us: int = YEAR_1970_US
) -> Iterator[LabelRow | Unusable]:
    """One row per wallet key. `listed_us` dates wallets that carry no date."""
    wallets: list[tuple[str, Entity]] = []
    topics: dict[str, list[str]] = {}
    decoder = msgspec.json.Decoder(Entity)
    for number, line in enumerate(lines, 1):
        place = f"{file_name}:{number}"
        try:
            entity = decoder.decode(line)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
            yield Unusable(place, f"not a FollowTheMoney entity ({error})", line.decode("utf-8", "backslashreplace"))
            continue
        topics[entity.id] = texts(entity, "topics")
        if entity.schema == WALLET:
            wallets.append((place, entity))
    for place, wallet in wallets:
        yield from wallet_rows(wallet, place, topics, listed_us)


def wallet_rows(
    wallet: Entity, place: str, topics: Mapping[str, list[str]], listed_us: int
) -> Iterator[LabelRow | Unusable]:
    """The rows of one wallet."""
    holders = [topic for holder in holder_ids(wallet) for topic in topics.get(holder, [])]
    category = topic_category(texts(wallet, "topics")) or topic_category(holders)
    keys = texts(wallet, "publicKey")
    if category is None or not keys:
        yield Unusable(place, "the wallet has no key, or neither it nor its holder a known topic", wallet.id)
        return
    since = dated(wallet, listed_us)
    currency = next(iter([*texts(wallet, "currency"), *texts(wallet, "currencySymbol")]), "")
    for key in keys:
        label = Label(
            subject=key,
            category=category,
            name=wallet.caption or next(iter(texts(wallet, "name")), ""),
            source=f"ftm:{','.join(wallet.datasets) or 'unnamed'}"[:LONGEST_SOURCE],
            source_url=next(iter(texts(wallet, "sourceUrl")), ""),
            listed_us=since,
            valid_from_us=since,
        )
        yield LabelRow(place=place, address=key.strip(), currency=currency, label=label)


def texts(entity: Entity, name: str) -> list[str]:
    """A property's texts."""
    return [value for value in entity.properties.get(name, []) if isinstance(value, str)]


def holder_ids(wallet: Entity) -> list[str]:
    """Ids of the holders, given as texts or as nested entities."""
    nested = [value["id"] for value in wallet.properties.get("holder", []) if isinstance(value, dict) and "id" in value]
    return [*texts(wallet, "holder"), *(str(held) for held in nested)]


def dated(wallet: Entity, listed_us: int) -> int:
    """The wallet's creation date, else the day its publisher first had it, else the caller's date."""
    given = [*texts(wallet, "createdAt"), *([wallet.first_seen] if wallet.first_seen else [])]
    for text in given:
        try:
            at_us = date_us(text)
        except (ValueError, TypeError):
            continue
        if at_us >= YEAR_1970_US:
            return at_us
    return listed_us
