"""One revision of one advert: escort, massage, job, rental, domestic work, travel, recruitment."""

from __future__ import annotations

from typing import Annotated, Literal, get_args

import msgspec

from manumit.schemas.fields import AtUs, Count32, Identifier, Operation, Text, Texts, Usd, Word

ListingKind = Literal[
    "escort", "massage", "job", "rental", "domestic", "travel", "recruitment-post", "supply-post", "other"
]
LISTING_KINDS: tuple[str, ...] = get_args(ListingKind)


class Price(msgspec.Struct, frozen=True, kw_only=True):
    """An asked price or wage. `amount` is a decimal text, `currency` ISO 4217 or a coin symbol."""

    amount: str
    currency: str
    per: Literal["hour", "night", "day", "week", "month", "year", "once", "unknown"] = "unknown"


class Listing(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Contacts are keyed HMAC tokens; `title` and `text` live only for their retention time.

    `op` -1: the source took the advert down; such a revision says nothing more. `photos` are hashes of photographs of
    rooms to let, never of people and never the pictures.
    """

    source: Word
    listing_id: Identifier
    revision: Count32 = 0
    kind: Annotated[ListingKind, msgspec.Meta(extra={"kind": "word"})] = "other"
    at_us: AtUs
    seen_us: AtUs
    title: Text = ""
    text: Text = ""
    language: Word = ""
    place: Word = ""
    prices: Annotated[tuple[Price, ...], msgspec.Meta(extra={"kind": "json"})] = ()
    contacts: Texts = ()
    wallets: Texts = ()
    payments: Texts = ()
    poster: Text = ""
    price_usd: Usd = None
    op: Operation = 1
    photos: Texts = ()

    @property
    def event_id(self) -> str:
        return f"listing:{self.source}:{self.listing_id}:{self.revision}"
