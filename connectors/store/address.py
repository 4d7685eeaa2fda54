"""`clickhouse://user:password@host:port/database?option=value` as the driver's arguments."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from clickhouse_driver.util.helpers import parse_url

from manumit.connectors.store.statements import checked_name
from manumit.schemas.errors import ConfigError

OPTIONS = frozenset(
    {
        "alt_hosts",
        "ca_certs",
        "certfile",
        "check_hostname",
        "compress_block_size",
        "compression",
        "connect_timeout",
        "keyfile",
        "keypass",
        "secure",
        "send_receive_timeout",
        "server_hostname",
        "sync_request_timeout",
        "tcp_keepalive",
        "verify",
    }
)
DEFAULTS: Mapping[str, Any] = {"client_name": "manumit", "connect_timeout": 5.0, "send_receive_timeout": 60.0}


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """Where the server is. `options` holds the password: only `shown` may be printed."""

    host: str
    database: str
    shown: str
    options: Mapping[str, Any] = field(repr=False)

    @classmethod
    def of(cls, url: str) -> Address:
        """Raises ConfigError for a URL without a host, a bad port, or an option nobody reads."""
        parts = urlsplit(url)
        unknown = sorted({name for name, _ in parse_qsl(parts.query)} - OPTIONS)
        if unknown:
            raise ConfigError(f"store_url: no such option {unknown[0]!r}; there are {', '.join(sorted(OPTIONS))}")
        try:
            host, options = parse_url(url)
        except ValueError as error:
            raise ConfigError(f"store_url is not clickhouse://user:password@host:port/database: {error}") from error
        if not host:
            raise ConfigError("store_url names no host: write clickhouse://user:password@host:port/database")
        database = options.pop("database", "")
        if database:
            checked_name(database, what="database")
        port = options.get("port", 9440 if options.get("secure") else 9000)
        return cls(host=host, database=database, shown=f"{host}:{port}/{database}", options={**DEFAULTS, **options})
