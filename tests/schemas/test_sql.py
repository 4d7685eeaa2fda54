"""The DDL on ClickHouse's engine: the types of the records, one retention for each table, rows that come back."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import manumit
from manumit.schemas.columns import columns_of
from manumit.schemas.migrations import migrations
from manumit.schemas.records import TABLES
from manumit.schemas.wire import encode
from tests.schemas import engine as program
from tests.schemas.samples import rows

tables = pytest.mark.parametrize("table", TABLES)
PEOPLES_WORDS = {"listings": {"title", "text"}, "account_events": {"note"}, "signals": {"spans"}}


@pytest.fixture(scope="session")
def engine(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What the engine said, run once in a clean folder and a process of its own."""
    source = Path(str(manumit.__file__)).parent.parent
    path = os.pathsep.join((str(source), str(Path(__file__).parents[2])))
    done = subprocess.run(
        [sys.executable, str(program.__file__)],
        cwd=tmp_path_factory.mktemp("engine"),
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    said: dict[str, Any] = json.loads(done.stdout)
    return said


@tables
def test_the_engine_describes_the_columns_of_the_record(table: str, engine: dict[str, Any]) -> None:
    described = engine["tables"][table]["described"]
    own = [[name, kind] for name, kind, default in described if default != "MATERIALIZED"]
    assert own == [[column.name, column.forms.clickhouse] for column in columns_of(TABLES[table])]
    made = [column for column in described if column[2] not in ("", "DEFAULT")]
    assert made == [["stored_at", "DateTime('UTC')", "MATERIALIZED"]]


@tables
def test_a_row_written_twice_comes_back_once_and_exactly(table: str, engine: dict[str, Any]) -> None:
    assert sorted(engine["tables"][table]["rows"]) == sorted(encode(row).decode() for row in rows(TABLES[table]))


@tables
def test_every_table_ends_and_sorts_by_what_the_record_says(table: str, engine: dict[str, Any]) -> None:
    made_by = engine["tables"][table]["made_by"]
    assert re.search(r"\nTTL stored_at \+ toInterval", made_by)
    key = re.search(r"ORDER BY \(?([a-z_, ]+)\)?\n", made_by)
    assert key is not None
    assert set(key[1].split(", ")) <= set(TABLES[table].__struct_fields__) - {"stored_us", "seen_us"}
    assert "PARTITION BY" not in made_by


@tables
def test_the_words_of_people_go_first_and_the_rows_later(table: str, engine: dict[str, Any]) -> None:
    fresh, old, ancient = (engine["later"][table][days] for days in ("1", "100", "4000"))
    whole = json.loads(encode(rows(TABLES[table])[0]))
    words = PEOPLES_WORDS.get(table, set())
    assert set(engine["tables"][table]["ttl"]) == words
    assert fresh == whole
    assert all(whole[name] for name in words)
    if table == "dead_letters":
        assert old is None
    else:
        assert old == {**whole, **{name: type(whole[name])() for name in words}}
    assert ancient == (whole if table == "suppressions" else None)  # one in force must not lapse unseen


def test_an_alert_folds_to_its_highest_revision(engine: dict[str, Any]) -> None:
    assert engine["folded"] == [7]


def test_files_are_numbered_without_a_gap_and_hold_one_statement(engine: dict[str, Any]) -> None:
    made = [m for m in migrations() if m.statement.startswith("CREATE")]
    grown = [m for m in migrations() if m not in made]
    assert [m.name[5:] for m in made] == ["schema_migrations", *TABLES]
    assert [m.name[:4] for m in migrations()] == [f"{n:04}" for n in range(1, len(migrations()) + 1)]
    assert all(";" not in m.statement for m in migrations())
    assert all(m.statement.startswith("CREATE TABLE IF NOT EXISTS") for m in made)
    assert all(m.statement.count("ADD COLUMN IF NOT EXISTS") == m.statement.count(",\n") + 1 for m in grown)
    assert engine["ledger"] == ["name", "digest", "applied"]
