"""The source register: no host is asked for anything unless it stands here, with the reason it may be."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

import msgspec
from cssselect import SelectorError
from lxml.cssselect import CSSSelector

from manumit.schemas.countries import COUNTRIES
from manumit.schemas.errors import ConfigError
from manumit.schemas.listing import ListingKind

CURRENCY, LANGUAGE = re.compile("[A-Z]{3,5}"), re.compile("[a-z]{2,3}")
SCHEMES = ("http", "https")
SHORTEST_DELAY_S = 1.0
FEED_DELAY_S = 10.0  # where an entry has no rules for a crawl
Part = Literal["title", "text", "place", "poster", "price"]


class CrawlRules(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What of a host is crawled. Paths are patterns in which `*` stands for anything; robots.txt may allow less,
    and ask for a longer delay, never more or shorter. Robots.txt has no switch.

    `room_photos`: of rentals alone, photographs that a dwelling declares of itself are fetched and hashed.
    """

    adverts: tuple[str, ...]
    pages: tuple[str, ...] = ()
    delay_s: float = 10.0
    look_s: float = 900.0
    revisit_s: float = 86_400.0
    oldest_days: int = 7
    most_pages: int = 50_000
    selectors: dict[Part, str] = {}
    room_photos: bool = False


class SourceEntry(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One `[[source]]`. `name` becomes the listings' source; basis, terms and contact must be filled in.

    `country`, `currency` and `language` are what its adverts leave unsaid; they hold for files of that source name too.
    `test_only_loopback` lets a test's own site on this machine be asked; no other address opens by it.
    """

    host: str
    name: str
    kind: ListingKind
    legal_basis: str
    terms: str
    contact: str
    country: str = ""
    currency: str = ""
    language: str = ""
    crawl: CrawlRules | None = None
    test_only_loopback: bool = False

    @property
    def delay_s(self) -> float:
        """Seconds between two requests to the host, for feeds as for crawls; robots.txt may ask for more."""
        if self.crawl is not None:
            return self.crawl.delay_s
        return 0.0 if self.test_only_loopback else FEED_DELAY_S


def agent_of(entry: SourceEntry) -> str:
    """How we call ourselves: with the contact, so that a host can complain."""
    contact = "".join(c for c in entry.contact if c.isascii() and c.isprintable() and c not in "()")
    return f"manumit ({contact[:120]})"


class RegisterFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The whole TOML file."""

    source: list[SourceEntry] = []


@dataclass(frozen=True, slots=True)
class SourceRegister:
    """Entries by host, or by host:port for a port of its own."""

    entries: Mapping[str, SourceEntry]

    def entry(self, url: str) -> SourceEntry:
        """The entry of a URL's host. Raises ConfigError for another scheme or a host not in the register."""
        try:
            parts = urlsplit(url)
            host, port = (parts.hostname or "").lower(), parts.port
        except ValueError as error:
            raise ConfigError(f"{url[:200]!r} is not a URL ({error})") from error
        if parts.scheme not in SCHEMES:
            raise ConfigError(f"{url[:200]!r}: only http and https are asked")
        if parts.username or parts.password:
            raise ConfigError(f"{host}: a URL must not carry a password")
        known = self.entries.get(host if port is None else f"{host}:{port}")
        if known is None:
            raise ConfigError(f"{host!r} does not stand in the source register; add it there, with its legal basis")
        return known


def read_register(path: Path) -> SourceRegister:
    """Raises ConfigError, naming the file and what is wrong."""
    try:
        raw = tomllib.loads(path.read_text())
        entries = msgspec.convert(raw, RegisterFile).source
    except (OSError, tomllib.TOMLDecodeError, msgspec.ValidationError, UnicodeDecodeError) as error:
        raise ConfigError(f"source register {path}: {error}") from error
    return register(entries)


def register(entries: list[SourceEntry]) -> SourceRegister:
    """Raises ConfigError for an entry that leaves its basis, terms or contact empty, or whose crawl cannot be done."""
    for entry in entries:
        empty = [name for name in ("legal_basis", "terms", "contact") if not getattr(entry, name).strip()]
        if empty:
            raise ConfigError(f"source register: {entry.host} must say its {' and '.join(empty)}")
        for fault in _unsaid_faults(entry):
            raise ConfigError(f"source register: {entry.host}: {fault}")
        if entry.crawl is not None and entry.crawl.room_photos and entry.kind != "rental":
            raise ConfigError(f"source register: {entry.host}: crawl.room_photos is for kind rental alone")
        for fault in () if entry.crawl is None else _faults(entry.crawl, entry.test_only_loopback):
            raise ConfigError(f"source register: {entry.host}: {fault}")
    return SourceRegister({entry.host.lower(): entry for entry in entries})


def _unsaid_faults(entry: SourceEntry) -> Iterator[str]:
    if entry.country and (entry.country not in COUNTRIES):
        yield f"country {entry.country!r} is no ISO 3166 code in capitals"
    if entry.currency and not CURRENCY.fullmatch(entry.currency):
        yield f"currency {entry.currency!r} is no ISO 4217 code in capitals"
    if entry.language and not LANGUAGE.fullmatch(entry.language):
        yield f"language {entry.language!r} is no ISO 639 code"


def _faults(rules: CrawlRules, is_test: bool) -> Iterator[str]:
    if not rules.adverts or not all(path.startswith("/") for path in (*rules.adverts, *rules.pages)):
        yield "crawl.adverts must name at least one path, and each path begins with /"
    if rules.delay_s < (0 if is_test else SHORTEST_DELAY_S):
        yield f"crawl.delay_s is at least {SHORTEST_DELAY_S}"
    if min(rules.look_s, rules.revisit_s) < rules.delay_s or rules.oldest_days < 0 or rules.most_pages < 1:
        yield "crawl.look_s and crawl.revisit_s are at least delay_s, the rest is not negative"
    for part, selector in rules.selectors.items():
        try:
            CSSSelector(selector)
        except (SelectorError, ValueError) as error:
            yield f"crawl.selectors.{part}: {error}"
