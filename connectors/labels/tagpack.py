"""GraphSense TagPacks: YAML whose head lends its fields to every tag. Pure.

`lastmod` is the date the tag was last known good, taken as listing date and start of validity.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from typing import Any

import yaml

from manumit.connectors.files.etl import date_us
from manumit.connectors.labels.categories import CONFIDENCE, UNSTATED_CONFIDENCE, category_of
from manumit.connectors.labels.subjects import LabelRow, Unusable
from manumit.schemas.errors import ConfigError
from manumit.schemas.fields import YEAR_1970_US
from manumit.schemas.label import Label

Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
LONGEST_SOURCE = 200
SANCTION_TITLES = ("OFAC",)


def parse_tagpack(text: str, *, file_name: str, listed_us: int = YEAR_1970_US) -> Iterator[LabelRow | Unusable]:
    """One row per tag. `listed_us` dates tags without `lastmod`. Raises ConfigError when it is no TagPack."""
    try:
        pack = yaml.load(text, Loader=Loader)  # noqa: S506 - a safe loader, C or Python
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        raise ConfigError(f"label list {file_name}: not YAML ({error})") from error
    tags = pack.get("tags") if isinstance(pack, dict) else None
    if not isinstance(tags, list):
        raise ConfigError(f"label list {file_name}: a TagPack has a list of `tags`")
    head = {name: value for name, value in pack.items() if name != "tags"}
    for number, tag in enumerate(tags, 1):
        place = f"{file_name}:tag {number}"
        if isinstance(tag, dict):
            yield tag_row({**head, **tag}, place, listed_us)
        else:
            yield Unusable(place, "the tag is not a mapping", repr(tag)[:1000])


def tag_row(tag: Mapping[Any, Any], place: str, listed_us: int) -> LabelRow | Unusable:
    """A tag with the head's fields filled in."""
    address = tag.get("address")
    if not isinstance(address, str):
        return Unusable(place, "the tag has no address", repr(dict(tag))[:1000])
    try:
        since = listed_us if tag.get("lastmod") is None else day_us(tag["lastmod"])
    except (ValueError, TypeError, OverflowError) as error:
        return Unusable(place, f"lastmod is no date ({error})", repr(dict(tag))[:1000])
    label = Label(
        subject=address,
        category=category_of(concepts(tag)),
        name=text_of(tag, "label"),
        source=f"tagpack:{text_of(tag, 'title')}"[:LONGEST_SOURCE],
        source_url=text_of(tag, "source"),
        listed_us=since,
        confidence=CONFIDENCE.get(text_of(tag, "confidence"), UNSTATED_CONFIDENCE),
        valid_from_us=since,
    )
    currency = text_of(tag, "currency") or text_of(tag, "network")
    return LabelRow(place=place, address=address.strip(), currency=currency, label=label)


def concepts(tag: Mapping[Any, Any]) -> list[str]:
    """Every word a tag says about what it is; a pack of OFAC's list is a sanctions list though it calls no abuse."""
    listed = tag.get("concepts")
    words = [
        text_of(tag, "abuse"),
        text_of(tag, "category"),
        *(str(c) for c in listed or () if isinstance(listed, list)),
    ]
    official = any(name in f"{text_of(tag, 'title')} {text_of(tag, 'label')}" for name in SANCTION_TITLES)
    return [*words, "sanction"] if official else words


def text_of(tag: Mapping[Any, Any], name: str) -> str:
    """A field as text; "" where it is absent."""
    value = tag.get(name)
    return "" if value is None else str(value).strip()


def day_us(value: object) -> int:
    """YAML's date or datetime, or its text, as UTC microseconds. Raises ValueError, TypeError."""
    if isinstance(value, date) and not isinstance(value, datetime):
        return date_us(datetime(value.year, value.month, value.day, tzinfo=UTC))
    at_us = date_us(value)
    if at_us < YEAR_1970_US:
        raise ValueError(f"{value} is before 1970")
    return at_us
