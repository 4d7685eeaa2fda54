"""The settings of one process: `schemas.settings` from a TOML file, then MANUMIT_… variables over it."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from manumit.schemas.errors import ConfigError
from manumit.schemas.settings import Settings

PREFIX = "MANUMIT_"
FILE = PREFIX + "CONFIG"
CONSOLE_TOKEN = PREFIX + "CONSOLE_TOKEN"
PROTECTION_TOKEN = PREFIX + "PROTECTION_TOKEN"
NOT_SETTINGS = frozenset(
    {FILE, CONSOLE_TOKEN, PROTECTION_TOKEN}
    | {PREFIX + name for name in ("SHARED_DATA", "ANVIL", "LITECOIND", "CLICKHOUSE", "CHROMIUM", "OPENSSL")}
)
LISTS = ("inputs", "feeds", "crawls", "labels", "adverse_media", "rates", "disabled", "child_hotlines")
STRUCTURED = ("nodes", "thresholds")


def load_settings(path: Path | None, environment: Mapping[str, str]) -> Settings:
    """Raises ConfigError naming the file or variable and what it must be."""
    chosen = path or (Path(environment[FILE]) if FILE in environment else None)
    values: dict[str, Any] = {} if chosen is None else _from_file(chosen)
    for name, text in environment.items():
        if name.startswith(PREFIX) and name not in NOT_SETTINGS and not name.startswith("MANUMIT_TEST_"):
            values[_field(name)] = _from_text(_field(name), text)
    try:
        return msgspec.convert(values, Settings, strict=False)
    except msgspec.ValidationError as error:
        raise ConfigError(f"settings ({chosen or 'environment'}): {error}") from error


def _from_file(path: Path) -> dict[str, Any]:
    try:
        with path.open("rb") as file:
            return tomllib.load(file)
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(f"settings file {path}: {error}") from error


def _field(variable: str) -> str:
    field = variable.removeprefix(PREFIX).lower()
    if field not in Settings.__struct_fields__:
        known = ", ".join(PREFIX + name.upper() for name in Settings.__struct_fields__)
        raise ConfigError(f"{variable} is no setting; there are {known}")
    return field


def _from_text(field: str, text: str) -> Any:
    if field in LISTS:
        return [part for part in text.split(",") if part]
    if field in STRUCTURED:
        try:
            return msgspec.json.decode(text)
        except msgspec.DecodeError as error:
            raise ConfigError(f"{PREFIX}{field.upper()} must be JSON: {error}") from error
    return text
