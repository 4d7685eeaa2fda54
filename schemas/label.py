"""What a published source says about an address, with its date."""

from __future__ import annotations

from typing import Annotated, Literal, get_args

import msgspec

from manumit.schemas.fields import YEAR_1970_US, YEAR_2200_US, AtUs, Identifier, Share, Text, Word

LabelCategory = Literal[
    "sanctions",
    "law-enforcement",
    "trafficking",
    "child-abuse",
    "scam",
    "ransomware",
    "darknet",
    "mixer",
    "exchange",
    "gambling",
    "service",
    "frozen",
    "advert-wallet",
    "other",
    "adult-ads",
    "classifieds",
    "guarantee",
    "labour-placement",
    "escort",
    "laundering",
    "coin-swap",
    "kiosk",
    "corridor",
]
LABEL_CATEGORIES: tuple[str, ...] = get_args(LabelCategory)
TRAITS = ("prepaid", "privacy-coin", "cheap-coin", "classifieds-abroad")
"""What the record of one event says of its other side (`streams.movements`); no list gives them."""
LAST_BIT = 30  # two masks share one int64 with its sign left alone
TOKENS = ("document:", "contact:", "person:")
"""A label may name a keyed token of somebody's document, contact, or name with birthday: never a name alone."""


class Label(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`subject` is a CAIP-10 account id (`eip155:1:0x…`); validity is half-open [from, to).

    A `corridor` label may name `place:` and the beginning of a place instead: a dated area, never a nationality.
    A record about a person names one of TOKENS.
    `country` is where the labelled service is established, ISO 3166-1 alpha-2.
    """

    subject: Identifier
    category: Annotated[LabelCategory, msgspec.Meta(extra={"kind": "word"})]
    name: Text = ""
    source: Word
    source_url: Text = ""
    listed_us: AtUs = YEAR_1970_US
    confidence: Share = 1.0
    valid_from_us: AtUs = YEAR_1970_US
    valid_to_us: AtUs = YEAR_2200_US
    country: Word = ""

    @property
    def event_id(self) -> str:
        return f"label:{self.subject}:{self.valid_from_us}"


def names_person(subject: str) -> bool:
    return subject.startswith(TOKENS)


def label_bit(category: str) -> int:
    """The bit of a category, or of a trait, in an event's label mask (uint32). Raises ValueError for neither."""
    if category in TRAITS:
        return 1 << (LAST_BIT - TRAITS.index(category))
    return 1 << LABEL_CATEGORIES.index(category)
