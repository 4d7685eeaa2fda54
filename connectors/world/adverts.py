"""Adverts from the texts of adverts.toml: raw text with contacts in it, the read fields left for manumit."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import msgspec
import numpy as np
from eth_utils.address import to_checksum_address

from manumit.connectors.world import contacts
from manumit.connectors.world.clock import DAY, HORIZON, MINUTE, START_US
from manumit.connectors.world.draft import Draft
from manumit.connectors.world.hashes import digest
from manumit.schemas.listing import Listing, ListingKind

BOARDS = ("fictional-board-a", "fictional-board-b", "fictional-board-c")
TOWNS = (
    "Brookmere",
    "Port Alder",
    "Nueva Lagarda",
    "Velikaya Roshcha",
    "Sankt Orlen",
    "Tanmoku",
    "Al Safra",
    "Quellen",
)
CELLS = tuple(f"XA-{number:02}" for number in range(1, len(TOWNS) + 1))  # XA: ISO 3166 user-assigned
PRICES: dict[str, tuple[int, int]] = {  # USD, in tens
    "job": (90, 340),
    "recruitment-post": (90, 340),
    "rental": (25, 140),
    "massage": (4, 12),
    "escort": (12, 40),
    "domestic": (20, 90),
    "travel": (2, 25),
}


class AdvertText(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One text with slots; `language` is the writer's, which the advert itself does not state."""

    kind: ListingKind
    language: str
    title: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Advertiser:
    """Who posts: contacts and wallet as they stand in the text, poster and place as the site gives them."""

    phone: str
    handle: str
    email: str
    wallet: str
    poster: str
    place: int


@cache
def texts(group: str) -> tuple[AdvertText, ...]:
    """The advert texts of `ordinary`, `recruitment` or `escort`."""
    raw = tomllib.loads(files("manumit.connectors.world").joinpath("adverts.toml").read_text("utf-8"))
    return tuple(msgspec.convert(raw[group], list[AdvertText]))


def advertiser(draft: Draft, dice: np.random.Generator, wallet: str) -> Advertiser:
    return Advertiser(
        phone=contacts.phone(dice),
        handle=contacts.handle(dice),
        email=contacts.email(dice),
        wallet=wallet,
        poster="poster-" + digest(draft.seed, "poster", len(draft.listings))[:24],
        place=int(dice.integers(len(TOWNS))),
    )


def post(draft: Draft, dice: np.random.Generator, chosen: AdvertText, by: Advertiser, at: int) -> Listing:
    """One advert `at` microseconds after the start, added to the draft."""
    low, high = PRICES[chosen.kind]
    slots = {
        "town": TOWNS[by.place],
        "price": int(dice.integers(low, high)) * 10,
        "phone": contacts.disguised(dice, by.phone),
        "handle": by.handle,
        "email": by.email,
        "wallet": _shown(dice, by.wallet) if "{wallet}" in chosen.text else "",
        "days": int(dice.integers(3, 11)),
        "percent": int(dice.integers(1, 4)) * 5,
    }
    listing = Listing(
        source=BOARDS[int(dice.integers(len(BOARDS)))],
        listing_id=digest(draft.seed, "listing", len(draft.listings))[:16],
        kind=chosen.kind,
        at_us=START_US + at,
        seen_us=START_US + at + int(dice.integers(MINUTE, 40 * MINUTE)),
        title=chosen.title.format_map(slots),
        text=chosen.text.format_map(slots),
        place=CELLS[by.place],
        poster=by.poster,
    )
    draft.listings.append(listing)
    return listing


def _shown(dice: np.random.Generator, wallet: str) -> str:
    """A wallet with or without its checksum capitals."""
    return to_checksum_address(wallet) if dice.random() < 0.5 else wallet


def ordinary(draft: Draft, count: int) -> None:
    """About `count` adverts of everyday life; some are posted again, some revised."""
    dice = draft.dice("ordinary adverts")
    while count > 0:
        chosen = texts("ordinary")[int(dice.integers(len(texts("ordinary"))))]
        idle = draft.open_one("idle-wallet") if "{wallet}" in chosen.text else int(draft.hot[0])
        by = advertiser(draft, dice, draft.accounts.addresses[idle])
        at = int(dice.integers(HORIZON - 9 * DAY))
        first = post(draft, dice, chosen, by, at)
        count -= 1
        if dice.random() < 0.1:
            post(draft, dice, chosen, by, at + 8 * DAY)
            count -= 1
        if dice.random() < 0.05:
            draft.listings.append(revised(first, first.at_us + 2 * DAY))
            count -= 1


def revised(listing: Listing, at_us: int) -> Listing:
    """The same advert, touched once more by its poster."""
    delay = listing.seen_us - listing.at_us
    return msgspec.structs.replace(
        listing, revision=listing.revision + 1, at_us=at_us, seen_us=at_us + delay, text=listing.text + " *"
    )
