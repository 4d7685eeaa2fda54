"""Numbered SQL files on the embedded engine."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing

import pytest

from manumit.connectors.store.embedded import EmbeddedStore
from manumit.connectors.store.engine import Engine
from manumit.schemas.errors import Broken, ConfigError
from manumit.schemas.migrations import Migration, migrations

LEDGER = migrations()[0]
TABLE = "create table if not exists t (a UInt8) engine = MergeTree order by a"


def store_with(engine: Engine, database: str, *statements: str) -> EmbeddedStore:
    files = [Migration(name=f"{number:04}_file", statement=text) for number, text in enumerate(statements, 2)]
    return EmbeddedStore(engine, database=database, migrations=[LEDGER, *files], on_close=lambda: None)


def names(store: EmbeddedStore) -> Sequence[str]:
    return [row["name"] for row in store.query("select name from schema_migrations final order by name")]


def test_a_new_file_is_applied_to_an_old_store(engine: Engine, database: str) -> None:
    with closing(store_with(engine, database, TABLE)) as store:
        assert store.migrate() == (LEDGER.name, "0002_file")
    with closing(store_with(engine, database, TABLE, "alter table t add column if not exists b String")) as store:
        assert store.migrate() == ("0003_file",)
        assert store.query("select b from t") == []
        assert store.migrate() == ()


def test_a_file_that_fails_is_not_recorded_and_goes_on_when_mended(engine: Engine, database: str) -> None:
    broken = "create table if not exists u (a NoSuchType) engine = MergeTree order by a"
    with closing(store_with(engine, database, TABLE, broken, TABLE.replace(" t ", " v "))) as store:
        with pytest.raises(Broken, match="NoSuchType"):
            store.migrate()
        assert names(store) == [LEDGER.name, "0002_file"]
    with closing(store_with(engine, database, TABLE, TABLE.replace(" t ", " u "))) as store:
        assert store.migrate() == ("0003_file",)


def test_an_edited_file_is_refused(engine: Engine, database: str) -> None:
    with closing(store_with(engine, database, TABLE)) as store:
        store.migrate()
    edited = TABLE.replace("UInt8", "UInt16")
    with (
        closing(store_with(engine, database, edited)) as store,
        pytest.raises(ConfigError, match="0002_file was changed after it was applied"),
    ):
        store.migrate()


@pytest.mark.parametrize(
    "statement",
    [
        "create table t (a UInt8) engine = MergeTree order by a",
        "drop table t",
        "alter table t add column b String",
        "insert into t values (1)",
        "truncate table t",
        "",
    ],
)
def test_a_statement_that_may_not_run_twice_is_refused_before_any_runs(
    engine: Engine, database: str, statement: str
) -> None:
    with closing(store_with(engine, database, TABLE, statement)) as store:
        with pytest.raises(ConfigError, match="0003_file may not run twice"):
            store.migrate()
        assert store.query("show tables") == []


def test_a_name_that_would_need_quoting_is_refused(engine: Engine, database: str) -> None:
    files = [LEDGER, Migration(name="0002_it's", statement=TABLE)]
    with (
        closing(EmbeddedStore(engine, database=database, migrations=files, on_close=lambda: None)) as store,
        pytest.raises(ConfigError, match="is not a name for a migration"),
    ):
        store.migrate()
