"""What a source's adverts leave unsaid: the country of their telephone numbers, the money. Pure."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Defaults:
    """Of one source, by the source register; "" where it says nothing. An advert's own words always go first.

    `country` (ISO 3166) reads national telephone numbers; it is no place of an advert, which may be about work far
    away. `currency` (ISO 4217) stands for a bare `$`, and for `150/h` without any sign. `language` (ISO 639) is that
    of texts too short to tell.
    """

    country: str = ""
    currency: str = ""
    language: str = ""


UNSAID = Defaults()
