"""Every kind of damage is found where it is, with its remedy, in each form of file; good rows become records."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from manumit.connectors.exchange.checking import Checking
from manumit.connectors.exchange.damage import REMEDIES
from manumit.connectors.exchange.mapping import FieldMap, Mapping, checked, own_mapping, read_mapping
from manumit.connectors.exchange.rows import open_export
from manumit.connectors.tokens import kind_tokeniser, tokeniser
from manumit.schemas.account_event import AccountEvent
from manumit.schemas.customer import Customer
from manumit.schemas.errors import ConfigError
from tests.connectors.exchange.exports import COLUMNS, DAMAGE, MAPPING, NOW_US, good, line, write_damaged

ROWS = int(os.environ.get("MANUMIT_EXPORT_ROWS", "3000"))
KEY = b"k" * 32
TOKENISE = kind_tokeniser(KEY)


def judge(mapping: Mapping = MAPPING, openings: dict[str, int] | None = None) -> Checking:
    return Checking(mapping=mapping, tokenise=TOKENISE, now_us=NOW_US, openings=openings)


def test_each_kind_of_damage_is_listed_with_its_rows_and_remedy(tmp_path: Path) -> None:
    path = tmp_path / "customers.csv"
    expected = write_damaged(path, ROWS, every=max(10, ROWS // 300))
    assert len(expected) >= 30
    assert all(expected.values())
    found = judge().check(open_export(path))
    listed = {kind: [problem.row for problem in problems] for kind, problems in found.by_kind()}
    assert listed == expected
    assert all(problem.remedy and problem.why for problem in found.problems)
    assert (found.rows, found.bad) == (ROWS, sum(map(len, expected.values())))


def test_a_good_file_becomes_records_without_a_name_in_them(tmp_path: Path) -> None:
    path = tmp_path / "customers.csv"
    path.write_text("\n".join((",".join(COLUMNS), line(good(1)), line(good(2)))) + "\n")
    checking = judge()
    assert checking.check(open_export(path)).problems == ()
    first, second = checking.records(open_export(path))
    assert isinstance(first, Customer) and isinstance(second, Customer)
    assert (first.customer_id, first.exchange, first.verification) == ("c-1", "invented-exchange", "full")
    assert first.age == 94
    assert first.declared_income_usd == pytest.approx(20_001.5 * 1.1)
    assert first.face_score == pytest.approx(0.935)
    assert first.contacts[0] == tokeniser(KEY)("email:person1@example.org"), "the token an advert's contact gets"
    assert len(first.contacts) == 2
    assert first.wallets == ("eip155:1:0x" + f"{1:040x}",)
    assert first.name.startswith("name:")
    assert first.name != second.name
    assert "Invented" not in repr(first)
    assert "1931" not in repr(first)


def test_json_lines_and_parquet_give_the_same_records(tmp_path: Path) -> None:
    rows: list[dict[str, Any]] = [dict(good(number)) for number in range(5)]
    paths = [tmp_path / name for name in ("a.csv", "a.ndjson", "a.parquet")]
    paths[0].write_text("\n".join((",".join(COLUMNS), *(line(row) for row in rows))) + "\n")
    for row in rows:
        row["email"] = row["email"].split(";")
    paths[1].write_text("".join(json.dumps(row) + "\n" for row in rows))
    pq.write_table(pa.Table.from_pylist(rows), paths[2])
    found = [list(judge().records(open_export(path))) for path in paths]
    assert found[0] == found[1] == found[2]
    assert len(found[0]) == 5


def test_damage_only_json_can_have(tmp_path: Path) -> None:
    path = tmp_path / "a.ndjson"
    rows = [json.dumps(good(0)), "{", json.dumps({**good(1), "full_name": "\ud800"}), json.dumps(good(2))[:-9]]
    path.write_text("\n".join(rows))
    found = judge().check(open_export(path))
    assert [(p.row, p.kind) for p in found.problems] == [(2, "not-json"), (3, "not-unicode"), (4, "cut-off")]


def test_events_belong_to_known_customers_after_their_opening(tmp_path: Path) -> None:
    path = tmp_path / "events.ndjson"
    event = {"exchange": "x", "account_event_id": "e", "customer_id": "c-1", "at_us": 2_000_000, "kind": "deposit"}
    rows = [{**event, "account_event_id": f"e{i}"} for i in range(3)]
    rows[1]["customer_id"] = "c-2"
    rows[2]["at_us"] = 999_999
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    mapping = own_mapping("account-event.v1", open_export(path).columns, exchange="x")
    checking = judge(mapping, {"c-1": 1_000_000})
    assert [(p.row, p.kind) for p in checking.check(open_export(path)).problems] == [
        (2, "unknown-customer"),
        (3, "before-opening"),
    ]
    assert [r.account_event_id for r in checking.records(open_export(path)) if isinstance(r, AccountEvent)] == ["e0"]


def test_columns_that_the_first_line_lacks_are_read(tmp_path: Path) -> None:
    path = tmp_path / "customers.ndjson"
    path.write_text(
        '{"customer_id": "c-1", "at_us": 1}\n{"customer_id": "c-2", "at_us": 1, "occupation": "baker", "shoes": 43}\n'
    )
    export = open_export(path)
    checking = judge(own_mapping("customer.v1", export.columns, exchange="x"))
    assert checking.check(export).unread == ("shoes",)
    assert [one.occupation for one in checking.records(export) if isinstance(one, Customer)] == ["", "baker"]


def test_long_cells_of_a_sound_file_are_told_for_what_they_are(tmp_path: Path) -> None:
    path = tmp_path / "customers.csv"
    devices = ",".join(f"device:{number}" for number in range(50_000))
    path.write_text(f'id,at,devices,job\nc-1,1,"{devices}",baker\nc-2,1,,{"x" * 900_000}\n')
    fields = {
        "customer_id": FieldMap(column="id"),
        "at_us": FieldMap(column="at", form="unix-seconds"),
        "devices": FieldMap(column="devices", separator=","),
        "occupation": FieldMap(column="job", form="word"),
    }
    checking = judge(checked(Mapping(record="customer.v1", exchange="x", fields=fields)))
    found = list(checking.records(open_export(path)))
    assert [len(one.devices) for one in found if isinstance(one, Customer)] == [50_000]
    assert [(problem.row, problem.kind) for problem in checking.problems] == [(3, "word-too-long")]


def test_placeholders_are_remarked_and_read_as_empty_cells(tmp_path: Path) -> None:
    path = tmp_path / "customers.csv"
    nothing = {"document": "N/A", "full_name": "xxx", "email": "none;person@example.org", "born": "unknown"}
    rows = [good(1), {**good(2), **nothing}, {**good(3), "phone": "0000000000", "email": "test@test.com"}]
    path.write_text("\n".join((",".join(COLUMNS), *map(line, rows))) + "\n")
    checking = judge()
    found = checking.check(open_export(path))
    assert found.bad == 0
    assert dict(found.remarks) == {"document": [3], "full_name": [3], "email": [3, 4], "born": [3], "phone": [4]}
    _, second, third = (one for one in checking.records(open_export(path)) if isinstance(one, Customer))
    assert (second.documents, second.name, second.birth, second.age) == ((), "", "", 0)
    assert len(second.contacts) == 1
    assert (third.devices, third.contacts) == ((), ())


def test_a_placeholder_in_a_cell_that_must_be_filled_is_a_missing_value(tmp_path: Path) -> None:
    path = tmp_path / "customers.ndjson"
    path.write_text('{"id": "c-1", "at": 1, "home": "n/a"}\n{"id": "c-2", "at": 1, "home": "-"}\n')
    fields = {
        "customer_id": FieldMap(column="id"),
        "at_us": FieldMap(column="at", form="unix-seconds"),
        "address": FieldMap(column="home", form="token", required=True, values={"-": "of no fixed abode"}),
    }
    found = judge(checked(Mapping(record="customer.v1", exchange="x", fields=fields))).check(open_export(path))
    assert [(problem.row, problem.kind) for problem in found.problems] == [(1, "missing-value")]
    assert dict(found.remarks) == {"home": [1]}


def test_no_problem_repeats_what_the_row_says(tmp_path: Path) -> None:
    path = tmp_path / "customers.csv"
    bad = {**good(1), "email": "secretly", "phone": "secretly", "born": "secretly", "country": "secretly"}
    path.write_text("\n".join((",".join(COLUMNS), line(bad))) + "\n")
    found = judge().check(open_export(path))
    assert [p.kind for p in found.problems] == ["unknown-country", "date-form", "email-form", "phone-form"]
    assert "secretly" not in repr(found)


def test_every_kind_has_a_remedy_and_every_remedy_a_test() -> None:
    elsewhere = {"not-json", "not-unicode", "cut-off", "unknown-customer", "before-opening", "placeholder"}
    assert set(DAMAGE) | elsewhere == set(REMEDIES)


def test_a_missing_column_is_said_before_any_row(tmp_path: Path) -> None:
    path = tmp_path / "customers.csv"
    path.write_text("client_no,exported_at\nc-1,2025-01-01T00:00:00Z\n")
    with pytest.raises(ConfigError, match="no column born"):
        judge().check(open_export(path))


@pytest.mark.parametrize("name", ["customers", "account_events", "bookings", "reviews"])
def test_the_examples_of_mappings_are_sound(name: str) -> None:
    assert read_mapping(Path(__file__).parents[3] / "deploy" / "exchange" / f"{name}.toml").fields


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"record": "transfer.v1"}, "record"),
        ({"fields": {"shoe_size": FieldMap(column="x")}}, "shoe_size"),
        ({"fields": {"customer_id": FieldMap(column="x")}}, "at_us"),
        ({"fields": {**MAPPING.fields, "exchange": FieldMap(column="x")}}, "whole file"),
        ({"fields": {**MAPPING.fields, "tier": FieldMap(column="x", separator=";")}}, "no list"),
        ({"fields": {"customer_id": FieldMap(column="x"), "age": FieldMap(column="y", form="age")},
          "constants": {"at_us": 5}}, "moment"),
    ],
)  # fmt: skip
def test_a_mapping_that_contradicts_the_record_is_refused(change: dict[str, Any], why: str) -> None:
    given = {"record": "customer.v1", "exchange": "x", "fields": MAPPING.fields}
    with pytest.raises(ValueError, match=why):
        checked(Mapping(**{**given, **change}))


def test_a_mapping_file_that_is_none_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "m.toml"
    for text in ("record = ", 'record = "customer.v1"', "\xff\xfe"):
        path.write_bytes(text.encode("latin-1"))
        with pytest.raises(ConfigError, match="deploy/exchange"):
            read_mapping(path)
    with pytest.raises(ConfigError, match="cannot be read"):
        read_mapping(tmp_path / "none.toml")
