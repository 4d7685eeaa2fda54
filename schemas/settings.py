"""Every setting there is. `streams.configuration` reads it from one TOML file and MANUMIT_… variables."""

from __future__ import annotations

import msgspec


class NodeSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A chain node to follow. `confirmations` is the depth after which a block is final."""

    name: str
    url: str
    chain: str = "eip155:1"
    websocket_url: str = ""
    start_height: int | None = None
    confirmations: int = 64
    poll_s: float = 2.0
    native: bool = True


class Settings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`store_url` is `embedded:FOLDER` or `clickhouse://user:password@host:9000/database`.

    `token_key_file` holds the HMAC key for contact tokens, outside the store. `thresholds` overrides
    a detector's constants: {"tx-funnel-fan-in": {"min_senders": 12}}.
    """

    store_url: str = "embedded:var/store"
    state_dir: str = "var/state"
    token_key_file: str = "var/token.key"  # noqa: S105 - a path, not a secret
    host: str = "127.0.0.1"
    port: int = 8717
    inputs: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    label_mode: str = "as-of"
    rates: tuple[str, ...] = ()
    model: str = ""
    nodes: tuple[NodeSettings, ...] = ()
    thresholds: dict[str, dict[str, float]] = {}
    disabled: tuple[str, ...] = ()
    allowed_lateness_s: int = 60
    checkpoint_every_s: float = 10.0
    listing_retention_days: int = 90
