"""The same photograph of a room in adverts of different contacts or hosts, as evidence. Pure.

A photograph is known by a hash of 256 bits that a picture written anew keeps, made where adverts are crawled; the
picture itself is never kept (`connectors/listings/crawling/rooms.py`). Two hashes are of one picture when at most
MOST_BITS differ: then at least one of their sixteen parts is equal (the pigeonholes of M. Manku and others, WWW 2007),
so each is looked up by part.
A bounded number is remembered, the oldest go first.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable

import msgspec

from manumit.schemas.listing import Listing

ROOM_HASH = re.compile(r"phash:[0-9a-f]{64}")
MOST_PHOTOS = 4  # of one advert
PARTS, PART_DIGITS = 16, 4
MOST_BITS = PARTS - 1
WINDOW_US = 90 * 86_400_000_000  # ours: as long as the text of an advert is kept
MOST_REMEMBERED = 50_000
MOST_IN_PART = 256  # looked at of one part, the newest: pictures of nothing share parts
MOST_TOLD = 6


class Shown(msgspec.Struct, frozen=True, array_like=True):
    """One photograph in one advert: `photo` 64 hexadecimal digits, `who` is to be contacted."""

    at_us: int
    photo: str
    who: str
    source: str
    event_id: str


class Rooms:
    """Adverts come in the order of time; one with an older time counts as of the latest."""

    def __init__(self) -> None:
        self._shown: deque[Shown] = deque()
        self._parts: dict[tuple[int, str], deque[Shown]] = {}
        self._latest_us = 0

    def __len__(self) -> int:
        """Photographs remembered."""
        return len(self._shown)

    def see(self, listing: Listing, who: str) -> tuple[str, ...]:
        """Where else its photographs stand, under another contact or from another source; then they are remembered."""
        self._latest_us = max(self._latest_us, listing.at_us)
        self._forget()
        photos = [photo.partition(":")[2] for photo in room_photos(listing)]
        found: dict[Shown, None] = {}
        for photo in photos:
            found |= dict.fromkeys(one for one in self._same(photo) if (one.who, one.source) != (who, listing.source))
        for photo in photos:
            self._remember(Shown(self._latest_us, photo, who, listing.source, listing.event_id))
        newest = sorted(found, key=lambda one: (-one.at_us, one.event_id))
        told = dict.fromkeys(f"photograph of a room also in {one.event_id} of {one.who}" for one in newest)
        return tuple(told)[:MOST_TOLD]

    def _same(self, photo: str) -> Iterable[Shown]:
        for part in _parts(photo):
            for one in self._parts.get(part, ()):
                if (int(one.photo, 16) ^ int(photo, 16)).bit_count() <= MOST_BITS:
                    yield one

    def _remember(self, one: Shown) -> None:
        self._shown.append(one)
        for part in _parts(one.photo):
            self._parts.setdefault(part, deque(maxlen=MOST_IN_PART)).append(one)

    def _forget(self) -> None:
        while self._shown and (
            len(self._shown) > MOST_REMEMBERED or self._shown[0].at_us <= self._latest_us - WINDOW_US
        ):
            gone = self._shown.popleft()
            for part in _parts(gone.photo):
                known = self._parts.get(part)
                if known and known[0] is gone:
                    known.popleft()
                if known is not None and not known:
                    del self._parts[part]

    def dump(self) -> list[Shown]:
        return list(self._shown)

    def load(self, dump: Iterable[Shown]) -> None:
        """Into fresh ones."""
        for one in dump:
            self._latest_us = max(self._latest_us, one.at_us)
            self._remember(one)


def room_photos(listing: Listing) -> tuple[str, ...]:
    """Hashes of photographs of rooms; of an advert that lets nothing, or in another form, they are nothing."""
    if listing.kind != "rental" or listing.op < 0:
        return ()
    return tuple(dict.fromkeys(photo for photo in listing.photos if ROOM_HASH.fullmatch(photo)))[:MOST_PHOTOS]


def _parts(photo: str) -> list[tuple[int, str]]:
    return [(i, photo[PART_DIGITS * i : PART_DIGITS * (i + 1)]) for i in range(PARTS)]
