"""The store a URL names."""

from __future__ import annotations

from pathlib import Path

from manumit.connectors.contract import Store
from manumit.connectors.store.address import Address
from manumit.connectors.store.clickhouse import ClickhouseStore
from manumit.connectors.store.embedded import EmbeddedStore
from manumit.connectors.store.engine import Engine
from manumit.schemas.errors import ConfigError


def is_there(url: str) -> bool:
    """True where a store may hold something already: a folder with anything in it, or any server."""
    scheme, _, rest = url.partition(":")
    if scheme != "embedded":
        return True
    folder = Path(rest).expanduser()
    return folder.is_dir() and any(folder.iterdir())


def open_store(url: str) -> Store:
    """`embedded:FOLDER` (starts the engine) or `clickhouse[s]://…` (connects at first use). Raises ConfigError."""
    scheme, _, rest = url.partition(":")
    if scheme == "embedded" and rest:
        return EmbeddedStore(Engine(Path(rest).expanduser()))
    if scheme in ("clickhouse", "clickhouses"):
        return ClickhouseStore(Address.of(url))
    raise ConfigError(f"store_url {scheme!r}: write embedded:FOLDER or clickhouse://user:password@host:port/database")
