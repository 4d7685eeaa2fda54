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
    "guarantee",
]
LABEL_CATEGORIES: tuple[str, ...] = get_args(LabelCategory)


class Label(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`subject` is a CAIP-10 account id (`eip155:1:0x…`); validity is half-open [from, to)."""

    subject: Identifier
    category: Annotated[LabelCategory, msgspec.Meta(extra={"kind": "word"})]
    name: Text = ""
    source: Word
    source_url: Text = ""
    listed_us: AtUs = YEAR_1970_US
    confidence: Share = 1.0
    valid_from_us: AtUs = YEAR_1970_US
    valid_to_us: AtUs = YEAR_2200_US


def label_bit(category: str) -> int:
    """The bit of a category in an event's label mask (uint32)."""
    return 1 << LABEL_CATEGORIES.index(category)
