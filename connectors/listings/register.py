"""The source register: no host is asked for anything unless it stands here, with the reason it may be."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import msgspec

from manumit.schemas.errors import ConfigError
from manumit.schemas.listing import ListingKind

SCHEMES = ("http", "https")


class SourceEntry(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One `[[source]]`. `name` becomes the listings' source; basis, terms and contact must be filled in."""

    host: str
    name: str
    kind: ListingKind
    legal_basis: str
    terms: str
    contact: str


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
    """Raises ConfigError for an entry that leaves its basis, terms or contact empty."""
    for entry in entries:
        empty = [name for name in ("legal_basis", "terms", "contact") if not getattr(entry, name).strip()]
        if empty:
            raise ConfigError(f"source register: {entry.host} must say its {' and '.join(empty)}")
    return SourceRegister({entry.host.lower(): entry for entry in entries})
