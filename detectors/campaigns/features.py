"""What a listing rule may ask about the adverts that belong with one: by text, or by who is to be contacted."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from manumit.detectors.windows.features import duration_us
from manumit.schemas.listing import Listing

Group = Literal["campaign", "contact"]
Facet = Literal["adverts", "texts", "authors", "cells", "countries", "posters", "sources", "kinds", "languages"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Distinct:
    """How many different values `of` the adverts of one group had, within `window_us`, this advert's among them.

    `by` `campaign`: near-duplicates of this text. `contact`: adverts with this contact, or with one that stood
    beside it in an advert. `texts` are campaigns, `authors` contacts after joining those, `cells` coarse places.
    `kinds`: only adverts of these kinds count, empty for all.
    """

    of: Facet
    by: Group
    window_us: int
    kinds: tuple[str, ...] = ()


def distinct(of: Facet, *, by: Group, window: str, kinds: tuple[str, ...] = ()) -> Distinct:
    """`window` as in `windows.features`: "14d". An advert exactly as old as the window is outside."""
    return Distinct(of=of, by=by, window_us=duration_us(window), kinds=kinds)


@dataclass(frozen=True, slots=True)
class Number:
    """What an advert says in figures: `group` are its peers (occupation, place, currency), `amount` more than 0."""

    group: str
    amount: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How far the number `of` an advert stands above its peers' of the last `window_us`; 0 for one without a number.

    `show` `deviations` or `ratio` to the median, both in thousandths, or how many `peers` there are. `least_spread` is
    the least scale, in logarithm, that peers are taken to have. Method: `campaigns/peers.py`.
    """

    of: Callable[[Listing], Number | None]
    show: Literal["deviations", "ratio", "peers"]
    window_us: int
    least_spread: float


def standing(
    of: Callable[[Listing], Number | None],
    show: Literal["deviations", "ratio", "peers"],
    *,
    window: str,
    least_spread: float,
) -> Standing:
    """`window` as in `distinct`: a peer exactly as old as the window is outside."""
    return Standing(of=of, show=show, window_us=duration_us(window), least_spread=least_spread)


Asked = Distinct | Standing


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """One advert as of itself: `campaign` begins with `campaign:`, `size` are its live adverts, this one among them,
    `first_us` when it was first seen; `counts` are the features a rule asked for."""

    campaign: str
    size: int
    first_us: int
    counts: Mapping[str, int]

    def __getitem__(self, name: str) -> int:
        return self.counts[name]
