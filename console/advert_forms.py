"""Adverts as evidence, as JSON: each by itself, and what the copies of one text have in common."""

from __future__ import annotations

import msgspec


class Advert(msgspec.Struct, frozen=True, kw_only=True):
    """A listing as evidence. `title` and `text` are untrusted: show them as text only."""

    event_id: str
    source: str
    listing_id: str
    kind: str
    at_us: int
    title: str
    text: str
    language: str
    place: str
    wallets: tuple[str, ...]
    contacts: tuple[str, ...]
    payments: tuple[str, ...]


class TemplatePart(msgspec.Struct, frozen=True, kw_only=True):
    """A piece of a campaign's text: `constant` stands in every copy; where it is empty, `values` are the different
    things copies have there, most frequent first, empty for nothing. Untrusted: show as text only."""

    constant: str
    values: tuple[str, ...] = ()


class CampaignTemplate(msgspec.Struct, frozen=True, kw_only=True):
    """What stays and what varies in the `copies` that were compared: the latest whose text is still kept."""

    copies: int
    parts: tuple[TemplatePart, ...]
