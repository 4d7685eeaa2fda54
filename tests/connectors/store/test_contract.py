"""What every Store does, on every transport there is."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from typing import Any

import pytest

from manumit.connectors.contract import Store
from manumit.schemas.alert import Alert
from manumit.schemas.columns import columns_of
from manumit.schemas.errors import Broken, ConfigError
from manumit.schemas.fields import MAX_UINT256, YEAR_2200_US
from manumit.schemas.migrations import migrations
from manumit.schemas.stored import from_stored
from tests.connectors.store.conftest import OpenStore
from tests.connectors.store.records import AT_US, HOSTILE, ONE_OF_EACH, alert, transfer


def number(store: Store, sql: str) -> int:
    """The one number an SQL statement answers with."""
    [row] = store.query(sql)
    [value] = row.values()
    return int(value)


def test_migrating_twice_applies_once(open_database: OpenStore, database: str) -> None:
    names = tuple(migration.name for migration in migrations())
    with closing(open_database(database)) as store:
        assert store.migrate() == names
        assert store.migrate() == ()
        assert [row["name"] for row in store.query("select name from schema_migrations final order by name")] == [
            *names
        ]
    with closing(open_database(database)) as again:
        assert again.migrate() == ()


def test_two_that_migrate_at_once_both_succeed(open_database: OpenStore, database: str) -> None:
    with closing(open_database(database)) as one, closing(open_database(database)) as other:
        with ThreadPoolExecutor(2) as pool:
            done = list(pool.map(lambda store: store.migrate(), (one, other)))
        names = {migration.name for migration in migrations()}
        assert set(done[0]) | set(done[1]) == names
        assert number(one, "select count() from schema_migrations final") == len(names)
        assert number(one, "select count() from alerts") == 0


@pytest.mark.parametrize("table", ONE_OF_EACH)
def test_every_record_comes_back_equal(store: Store, table: str) -> None:
    record = ONE_OF_EACH[table]
    store.write(table, [record])
    names = ", ".join(f"`{column.name}`" for column in columns_of(type(record)))
    [row] = store.query(f"select {names} from {table} final")  # noqa: S608 - names of ours
    assert from_stored(type(record), row) == record


def test_writing_twice_folds(store: Store) -> None:
    alerts = [alert(i) for i in range(100)]
    store.write("alerts", alerts)
    store.write("alerts", alerts)
    assert number(store, "select count() from alerts final") == 100


def test_overlapping_batches_fold(store: Store) -> None:
    store.write("transfers", [transfer(i) for i in range(60)])
    store.write("transfers", [transfer(i) for i in range(40, 100)])
    assert number(store, "select count() from transfers final") == 100


@pytest.mark.parametrize("revisions", [(1, 2), (2, 1)])
def test_the_higher_revision_wins(store: Store, revisions: tuple[int, int]) -> None:
    for revision in revisions:
        store.write("alerts", [alert(revision=revision, reason=f"revision {revision}")])
    assert store.query("select revision, reason from alerts final") == [{"revision": 2, "reason": "revision 2"}]


def test_writing_nothing_is_nothing(store: Store) -> None:
    store.write("alerts", [])
    store.write("no_such_table", ())
    assert number(store, "select count() from alerts") == 0


def test_no_rows_is_an_empty_list(store: Store) -> None:
    assert store.query("select alert_id from alerts where alert_id = {id:String}", {"id": "none"}) == []


@pytest.mark.parametrize(
    ("of", "value", "expected"),
    [
        ("String", HOSTILE, HOSTILE),
        ("String", "", ""),
        ("String", "it's", "it's"),
        ("String", "back\\slash\\n", "back\\slash\\n"),
        ("String", "line\nbreak\ttab\rreturn\0zero\b\f\a\v", "line\nbreak\ttab\rreturn\0zero\b\f\a\v"),
        ("String", "\\N", "\\N"),
        ("String", "NULL", "NULL"),
        ("String", "Ωμέγα ‮ 𝕏", "Ωμέγα ‮ 𝕏"),
        ("LowCardinality(String)", HOSTILE, HOSTILE),
        ("UInt8", True, 1),
        ("UInt64", 2**64 - 1, 2**64 - 1),
        ("Int64", -(2**63), -(2**63)),
        ("UInt256", MAX_UINT256, MAX_UINT256),
        ("Float64", 0.1 + 0.2, 0.1 + 0.2),
        ("Float64", -1e-300, -1e-300),
        ("DateTime64(6, 'UTC')", AT_US, AT_US),
        ("DateTime64(6, 'UTC')", 0, 0),
        ("DateTime64(6, 'UTC')", YEAR_2200_US - 1, YEAR_2200_US - 1),
        ("DateTime('UTC')", 1_700_000_000_000_000, 1_700_000_000_000_000),
        ("Array(String)", [HOSTILE, "", "it's", "\\"], [HOSTILE, "", "it's", "\\"]),
        ("Array(String)", (), []),
        ("Array(UInt64)", (1, 2**64 - 1), [1, 2**64 - 1]),
    ],
)
def test_parameters_arrive_as_they_are(store: Store, of: str, value: Any, expected: Any) -> None:
    [row] = store.query(f"select {{value:{of}}} as answer", {"value": value})
    assert row["answer"] == expected


def test_a_parameter_cannot_end_the_statement(store: Store) -> None:
    store.write("alerts", [alert(1)])
    for text in (HOSTILE, "' or 1 = 1 --", "\\' or 1 = 1 --", "'); drop table alerts; select ('"):
        assert store.query("select alert_id from alerts where alert_id = {id:String}", {"id": text}) == []
    assert number(store, "select count() from alerts") == 1


def test_hostile_text_is_found_by_itself(store: Store) -> None:
    store.write("alerts", [alert(1, reason=HOSTILE), alert(2, reason="other")])
    rows = store.query("select reason from alerts where reason = {text:String}", {"text": HOSTILE})
    assert rows == [{"reason": HOSTILE}]


def test_times_are_microseconds_whatever_their_type(store: Store) -> None:
    [row] = store.query("""
        select toDateTime64('2023-11-14 22:13:20.123457', 6, 'UTC') as fine,
            toDateTime('2023-11-14 22:13:20', 'UTC') as coarse,
            [toDateTime('1970-01-01 00:00:01', 'UTC')] as several,
            cast(null as Nullable(DateTime64(6, 'UTC'))) as none
    """)
    assert row == {"fine": AT_US, "coarse": 1_700_000_000_000_000, "several": [1_000_000], "none": None}


def test_many_blocks_come_back_whole(store: Store) -> None:
    rows = store.query("select number as n, toString(number) as text from numbers(200000) order by n")
    assert len(rows) == 200_000
    assert rows[-1] == {"n": 199_999, "text": "199999"}


@pytest.mark.parametrize(
    ("act", "error", "words"),
    [
        (lambda store: store.write("no_such_table", [alert()]), ConfigError, "no such table"),
        (lambda store: store.query("select * from no_such_table"), ConfigError, "no such table"),
        (lambda store: store.write("alerts; drop table alerts", [alert()]), ConfigError, "not a name"),
        (lambda store: store.write("alerts", [transfer()]), Broken, "block_hash|chain"),
        (lambda store: store.write("alerts", [alert(), transfer()]), Broken, "more than one record"),
        (lambda store: store.query("select from from"), Broken, "refused the statement"),
        (lambda store: store.query("select {a:String}", {"b": "x"}), Broken, "'a' has no value"),
        (lambda store: store.query("select {a:String}", {"a": None}), Broken, "'a' is a NoneType"),
        (lambda store: store.query("select {a:UInt8} as a", {"a": "many"}), Broken, "refused the statement"),
    ],
)
def test_what_is_wrong_is_said(
    store: Store, act: Callable[[Store], object], error: type[Exception], words: str
) -> None:
    with pytest.raises(error, match=words):
        act(store)
    store.write("alerts", [alert()])
    assert number(store, "select count() from alerts") == 1


def test_reading_while_writing(store: Store) -> None:
    """Four threads: each reader sees whole batches only, never a part of one."""
    batches, rows, ended = 12, 50, threading.Event()

    def write(first: int) -> None:
        for batch in range(batches):
            start = (first * batches + batch) * rows
            store.write("alerts", [alert(i) for i in range(start, start + rows)])

    def read() -> list[int]:
        seen = []
        while not ended.is_set():
            seen.append(number(store, "select count() from alerts"))
        return seen

    with ThreadPoolExecutor(4) as pool:
        readers = [pool.submit(read) for _ in range(2)]
        writers = [pool.submit(write, first) for first in range(2)]
        try:
            for writer in writers:
                writer.result()
        finally:
            ended.set()
        for reader in readers:
            seen = reader.result()
            assert seen == sorted(seen)
            assert all(count % rows == 0 for count in seen)
    assert number(store, "select count() from alerts final") == 2 * batches * rows


def test_a_closed_store_says_so(open_database: OpenStore, database: str) -> None:
    store = open_database(database)
    store.migrate()
    store.close()
    store.close()
    with pytest.raises(Broken, match="closed"):
        store.query("select 1")


def test_the_cursor_of_a_live_reader(store: Store) -> None:
    store.write("alerts", [alert(i) for i in range(10)])
    after = alert(6).stored_us
    sql = """
        select * from alerts where stored_us > {after:DateTime64(6, 'UTC')}
        order by stored_us, alert_id limit {n:UInt32}
    """
    rows = store.query(sql, {"after": after, "n": 2})
    assert [from_stored(Alert, row) for row in rows] == [alert(7), alert(8)]
