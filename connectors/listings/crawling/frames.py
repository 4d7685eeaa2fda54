"""What the crawl's two processes say to each other: msgpack behind a length. No page crosses, only what was read."""

from __future__ import annotations

import struct
from typing import Literal

import msgspec

from manumit.schemas.listing import Price

LENGTH = struct.Struct(">I")
LARGEST_FRAME = 32 << 20
PageKind = Literal["sitemap", "page", "advert", "photo"]


class Setup(msgspec.Struct, frozen=True, kw_only=True):
    """The first frame to the child: whom it may ask, and how. There is no field for robots.txt."""

    netloc: str
    agent: str
    delay_s: float
    loopback: bool
    selectors: dict[str, str] = {}
    photos: bool = False


class Ask(msgspec.Struct, frozen=True, kw_only=True):
    """One page to fetch; the marks make the request conditional."""

    url: str
    kind: PageKind
    etag: str = ""
    modified: str = ""


class Advert(msgspec.Struct, frozen=True, kw_only=True):
    """What a page says of itself; "" and () where it says nothing. Contacts are still in the clear.

    `pictures` are addresses of what it declares to be photographs of a dwelling, `photos` hashes of those fetched.
    """

    title: str = ""
    text: str = ""
    posted: str = ""
    place: str = ""
    poster: str = ""
    prices: tuple[Price, ...] = ()
    contacts: tuple[str, ...] = ()
    pictures: tuple[str, ...] = ()
    photos: tuple[str, ...] = ()


class Read(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """A page that was read. `advert` is None where none was asked for."""

    etag: str = ""
    modified: str = ""
    links: tuple[str, ...] = ()
    advert: Advert | None = None


class Listed(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """A sitemap that was read; `fault` as in `Sitemap`."""

    etag: str = ""
    modified: str = ""
    pages: tuple[tuple[str, str], ...] = ()
    sitemaps: tuple[str, ...] = ()
    fault: str = ""


class Pictured(msgspec.Struct, frozen=True, tag=True):
    """A photograph of a room as `phash:…`; the picture is dropped already."""

    photo: str


class Unchanged(msgspec.Struct, frozen=True, tag=True):
    """HTTP 304."""


class Gone(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """HTTP 404, 410 or 451."""

    status: int


class Moved(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """A redirect, not followed."""

    to: str


class Refused(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """This page cannot be used: a dead letter with the reason; `digest` is of the body, where there was one."""

    reason: str
    message: str
    digest: str = ""


class Away(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """No answer for now. `whole_host`: nothing else should be asked either, for `wait_s` at least."""

    message: str
    whole_host: bool
    wait_s: float = 0.0


class Slower(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """No answer: robots.txt asks for a longer delay than ours, so answers take longer from here on."""

    delay_s: float


Answer = Read | Listed | Pictured | Unchanged | Gone | Moved | Refused | Away


def packed(frame: msgspec.Struct) -> bytes:
    """Length and msgpack."""
    body = msgspec.msgpack.encode(frame)
    return LENGTH.pack(len(body)) + body
