"""What people have told a store: imported labels and suppressions, which a replay needs as much as a live run."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import msgspec

from manumit.connectors.contract import Store
from manumit.connectors.store.opening import open_store
from manumit.schemas.errors import BadRecord, ConfigError
from manumit.schemas.label import Label
from manumit.schemas.settings import Settings
from manumit.schemas.stored import from_stored
from manumit.schemas.triage import Suppression
from manumit.schemas.wire import decode_as

FROM_STORE, NOTHING = "store", "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """Labels beside those of the settings, and the suppressions in force."""

    labels: tuple[Label, ...] = ()
    suppressions: tuple[Suppression, ...] = ()


def known_in(store: Store) -> Known:
    """What a migrated store holds now."""
    labels = store.query("SELECT * FROM labels FINAL")
    return Known(labels=tuple(from_stored(Label, row) for row in labels), suppressions=tuple(suppressions_in(store)))


def suppressions_in(store: Store) -> list[Suppression]:
    return [from_stored(Suppression, row) for row in store.query("SELECT * FROM suppressions FINAL")]


def known_for_replay(settings: Settings, choice: str) -> Known:
    """`store`: what the settings' store holds (nothing when it does not exist yet); `none`: nothing; else the
    suppressions of a file: NDJSON of suppression.v1, or a JSON list of them.

    Raises ConfigError, also when the store is in use.
    """
    if choice == NOTHING:
        return Known()
    if choice != FROM_STORE:
        return Known(suppressions=tuple(_from_file(Path(choice))))
    scheme, _, folder = settings.store_url.partition(":")
    if scheme == "embedded" and not Path(folder).expanduser().exists():
        return Known()
    try:
        store = open_store(settings.store_url)
    except ConfigError as error:
        raise ConfigError(f"{error}; or give --suppressions none or a file of them") from error
    try:
        store.migrate()
        return known_in(store)
    finally:
        store.close()


def _from_file(path: Path) -> list[Suppression]:
    try:
        data = path.read_bytes()
        lines = msgspec.json.decode(data, type=list[msgspec.Raw]) if data[:1] == b"[" else data.splitlines()
    except (OSError, msgspec.DecodeError) as error:
        raise ConfigError(f"suppressions {path}: {error}; want `store`, `none` or a file") from error
    try:
        return [decode_as(Suppression, line) for line in map(bytes, lines) if line.strip()]
    except BadRecord as error:
        raise ConfigError(f"suppressions {path}: {error}") from error
