"""The numbered SQL files of `schemas/sql`, applied once and in order.

ClickHouse has no transactions: a crash may leave half the files applied, and two processes may start
at once. So every statement can be run twice (checked here), it is recorded only after it ran, and the
record folds by name.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Any, Protocol

from manumit.schemas.errors import ConfigError
from manumit.schemas.migrations import Migration

NAME = re.compile(r"[a-z0-9_]{1,128}")
REPEATABLE = re.compile(
    r"create (table|view|materialized view|dictionary) if not exists\b"
    r"|create or replace\b"
    r"|drop \w+ if exists\b"
    r"|alter table \S+ (add \w+ if not exists|drop \w+ if exists|modify|materialize)\b",
    re.IGNORECASE,
)
APPLIED = "select name, digest from schema_migrations final"


class Run(Protocol):
    """`Store.query`."""

    def __call__(self, sql: str, parameters: Mapping[str, Any] | None = None) -> list[dict[str, Any]]: ...


def apply(run: Run, migrations: Sequence[Migration]) -> tuple[str, ...]:
    """Apply what the store has not recorded yet; the names applied now.

    The first migration makes the table `schema_migrations` (name, digest), so it runs every time.
    Raises ConfigError for a statement that may not run twice, or one edited after it was applied.
    """
    for migration in migrations:
        _check(migration)
    run(migrations[0].statement)
    applied = {row["name"]: row["digest"] for row in run(APPLIED)}
    pending = [migration for migration in migrations if not _is_applied(migration, applied)]
    for migration in pending:
        run(migration.statement)
        run(_record(migration))
    return tuple(migration.name for migration in pending)


def _check(migration: Migration) -> None:
    if not NAME.fullmatch(migration.name):
        raise ConfigError(f"{migration.name!r} is not a name for a migration: use a-z, 0-9 and _")
    if not REPEATABLE.match(" ".join(migration.statement.split())):
        raise ConfigError(f"{migration.name} may not run twice: write it with IF NOT EXISTS or IF EXISTS")


def _is_applied(migration: Migration, applied: Mapping[str, str]) -> bool:
    digest = applied.get(migration.name)
    if digest not in (None, _digest(migration)):
        raise ConfigError(f"{migration.name} was changed after it was applied to this store: add a new file instead")
    return digest is not None


def _record(migration: Migration) -> str:
    """Both values are checked: the name in `_check`, the digest is hexadecimal."""
    values = f"'{migration.name}', '{_digest(migration)}'"
    return f"insert into schema_migrations (name, digest) select {values}"


def _digest(migration: Migration) -> str:
    return sha256(migration.statement.encode()).hexdigest()
