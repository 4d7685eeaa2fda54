"""Ordinary adverts and messages of real people, where the shared data are: what a flag should keep silent about.

Housing posts of a Craigslist town, lets of Oslo with the dates of their reviews, and plain text messages, which stand
for whatever else is posted. Nothing of them is kept here or printed but what a flag quotes.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from itertools import islice
from pathlib import Path

from manumit.detectors.text.places import geohash
from manumit.detectors.text.reading import TOKEN, read
from manumit.schemas.account_event import AccountEvent
from manumit.schemas.listing import Listing, ListingKind

SECOND_US = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Ordinary:
    """One set: adverts as the edge leaves them, and stays, each in the order of time."""

    name: str
    adverts: tuple[Listing, ...]
    stays: tuple[AccountEvent, ...] = ()


def token(contact: str) -> str:
    """A keyless token: these sets hold no contacts, or masked ones."""
    return TOKEN + sha256(contact.encode()).hexdigest()[:16]


def sets(folder: Path, every: int = 1) -> Iterator[Ordinary]:
    """`folder` is the shared `listings`; of a large set one advert and one dwelling in `every` is read.

    Raises FileNotFoundError for a set that is not there.
    """
    yield Ordinary(name="craigslist-auburn", adverts=_read(_craigslist(folder / "craigslist-auburn"), 1))
    oslo = folder / "insideairbnb-oslo"
    stays = tuple(stay for stay in _reviews(oslo) if int(stay.counterparty.removeprefix("unit:")) % every == 0)
    yield Ordinary(name="insideairbnb-oslo", adverts=_read(_lets(oslo), every), stays=stays)
    yield Ordinary(name="sms-spam", adverts=_read(_messages(folder / "sms-spam"), every))


def _read(rows: Iterator[Listing], every: int) -> tuple[Listing, ...]:
    return tuple(read(row, token) for row in islice(rows, 0, None, every))


def _craigslist(folder: Path) -> Iterator[Listing]:
    with (folder / "CraigslistHousing_alabama_auburn.csv").open(encoding="utf-8") as file:
        rows = sorted(csv.DictReader(file), key=lambda row: (row["Date Posted"], row["Time Posted"], row["Post ID"]))
    for row in rows:
        text = f"{row['Price']} {row['Bedrooms']} bedrooms {row['Area']} {row['Location']}"
        at_us = _at_us(f"{row['Date Posted']}T{row['Time Posted']}")
        yield _advert("craigslist", row["Post ID"], "rental", at_us, row["Title"], text, place="Auburn, Alabama")


def _lets(folder: Path) -> Iterator[Listing]:
    with (folder / "listings_min.csv").open(encoding="utf-8") as file:
        rows = sorted(csv.DictReader(file), key=lambda row: (row["last_scraped"], row["id"]))
    for row in rows:
        place = f"NO-{geohash(float(row['latitude']), float(row['longitude']))}"
        rooms = f"{row['room_type']}, {row['accommodates']} guests, {row['bedrooms']} bedrooms"
        text = f"{rooms}, {row['price']} NOK per night"
        at_us = _at_us(row["last_scraped"])
        yield _advert("oslo", row["id"], "rental", at_us, row["name"], text, place=place, poster=row["host_id"])


def _reviews(folder: Path) -> Iterator[AccountEvent]:
    """A review stands for a stay of a guest nobody knows."""
    with (folder / "reviews_dates.csv").open(encoding="utf-8") as file:
        rows = sorted((row["date"], row["listing_id"]) for row in csv.DictReader(file))
    for number, (date, unit) in enumerate(rows):
        yield AccountEvent(
            exchange="insideairbnb-oslo",
            account_event_id=f"review-{number}",
            customer_id=f"guest-{number}",
            at_us=_at_us(date),
            kind="lodging",
            channel="review",
            counterparty=f"unit:{unit}",
        )


def _messages(folder: Path) -> Iterator[Listing]:
    with (folder / "sms_masked.tsv").open(encoding="utf-8") as file:
        lines = [line.rstrip("\n").partition("\t")[2] for line in file][1:]
    for number, text in enumerate(lines):
        yield _advert("messages", str(number), "other", number * SECOND_US, "", text)


def _advert(
    source: str, name: str, kind: ListingKind, at_us: int, title: str, text: str, *, place: str = "", poster: str = ""
) -> Listing:
    return Listing(
        source=source,
        listing_id=name,
        kind=kind,
        at_us=at_us,
        seen_us=at_us,
        title=title,
        text=text,
        place=place,
        poster=poster,
    )


def _at_us(date: str) -> int:
    return int(datetime.fromisoformat(date).replace(tzinfo=UTC).timestamp()) * SECOND_US
