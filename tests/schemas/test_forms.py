"""Every record in every form: wire, table, Arrow and Parquet, stored; and back, exactly."""

from __future__ import annotations

import io
from collections.abc import Callable

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from manumit.schemas.arrow import arrow_rows, arrow_schema, arrow_types, from_arrow, to_arrow
from manumit.schemas.columns import columns_of, from_table, record_of, to_table
from manumit.schemas.errors import BadRecord, Broken
from manumit.schemas.fields import KINDS, MAX_UINT256, kinds_of
from manumit.schemas.records import RECORDS, TABLES, name_of, table_of
from manumit.schemas.stored import at_us_of, from_stored, time_of, to_stored
from manumit.schemas.transfer import Transfer
from manumit.schemas.wire import decode, encode
from tests.schemas.samples import any_record, rows

Form = Callable[[type[msgspec.Struct], list[msgspec.Struct]], list[msgspec.Struct]]
structs = pytest.mark.parametrize("struct", RECORDS.values(), ids=RECORDS.keys())


def through_wire(struct: type[msgspec.Struct], given: list[msgspec.Struct]) -> list[msgspec.Struct]:
    return [decode(name_of(struct), encode(row)) for row in given]


def through_table(struct: type[msgspec.Struct], given: list[msgspec.Struct]) -> list[msgspec.Struct]:
    return from_table(struct, to_table(struct, given))


def through_parquet(struct: type[msgspec.Struct], given: list[msgspec.Struct]) -> list[msgspec.Struct]:
    file = io.BytesIO()
    pq.write_table(to_arrow(struct, given), file)
    return from_arrow(struct, pq.read_table(io.BytesIO(file.getvalue())))


def through_store(struct: type[msgspec.Struct], given: list[msgspec.Struct]) -> list[msgspec.Struct]:
    names = [column.name for column in columns_of(struct)]
    stored = zip(*to_stored(struct, given), strict=True)
    return [from_stored(struct, dict(zip(names, row, strict=True))) for row in stored]


FORMS: tuple[Form, ...] = (through_wire, through_table, through_parquet, through_store)


@structs
@pytest.mark.parametrize("form", FORMS)
def test_a_row_comes_back_exactly(struct: type[msgspec.Struct], form: Form) -> None:
    assert form(struct, rows(struct)) == rows(struct)
    assert form(struct, []) == []


@structs
@settings(max_examples=25, deadline=None)
@given(choice=st.data())
def test_all_forms_agree_on_any_record(struct: type[msgspec.Struct], choice: st.DataObject) -> None:
    given = choice.draw(st.lists(any_record(struct), max_size=3))
    for form in FORMS:
        assert form(struct, given) == given


@structs
def test_one_definition_gives_every_type(struct: type[msgspec.Struct]) -> None:
    table, schema = to_table(struct, rows(struct)), arrow_schema(struct)
    assert list(table) == schema.names == [c.name for c in columns_of(struct)] == list(struct.__struct_fields__)
    for column in columns_of(struct):
        assert table[column.name].dtype == np.dtype(KINDS[column.kind].numpy)
        assert table[column.name].shape == (3,)
        assert str(schema.field(column.name).type) == KINDS[column.kind].arrow
    assert to_arrow(struct, rows(struct)).schema == schema


def test_every_kind_is_known_to_arrow() -> None:
    assert {kind.arrow for kind in KINDS.values()} == set(arrow_types())


def test_names_lead_both_ways() -> None:
    assert set(RECORDS.values()) == set(TABLES.values())
    assert (name_of(Transfer), table_of(Transfer)) == ("transfer.v1", "transfers")


def test_a_field_without_a_kind_is_refused() -> None:
    class Loose(msgspec.Struct):
        name: str

    with pytest.raises(Broken, match=r"Loose\.name names no kind"):
        kinds_of(Loose)


def test_unknown_usd_is_nan_in_a_table_and_null_elsewhere() -> None:
    known, unknown, _ = rows(Transfer)
    known = msgspec.structs.replace(known, amount_usd=1.5)
    not_a_number = msgspec.structs.replace(known, amount_usd=float("nan"))
    given = [known, unknown, not_a_number]
    usd = [c.name for c in columns_of(Transfer)].index("amount_usd")
    assert np.array_equal(to_table(Transfer, given)["amount_usd"], [1.5, np.nan, np.nan], equal_nan=True)
    assert to_arrow(Transfer, given)["amount_usd"].to_pylist() == [1.5, None, None]
    assert to_stored(Transfer, given)[usd] == [1.5, None, None]


@given(st.integers(0, 7_258_118_400_000_000))
def test_times_keep_their_microsecond(at_us: int) -> None:
    assert at_us_of(time_of(at_us)) == at_us_of(time_of(at_us).replace(tzinfo=None)) == at_us


def test_other_writers_types_are_cast_when_nothing_is_lost() -> None:
    row = rows(Transfer)[1]
    table = to_arrow(Transfer, [row])
    at = table.schema.get_field_index("at_us")
    table = table.set_column(at, "at_us", pa.array([5], pa.timestamp("ms")))
    table = table.set_column(table.schema.get_field_index("amount"), "amount", pa.array([7], pa.int64()))
    table = table.set_column(table.schema.get_field_index("chain"), "chain", pa.array(["eip155:1"]))
    table = table.drop_columns(["amount_usd"])
    expected = msgspec.structs.replace(row, at_us=5_000, amount=7, chain="eip155:1")
    assert from_arrow(Transfer, table) == [expected]


@pytest.mark.parametrize(
    ("column", "values"),
    [
        ("at_us", pa.array([1], pa.timestamp("ns"))),
        ("decimals", pa.array([300], pa.int64())),
        ("decimals", pa.array(["x"])),
        ("colour", pa.array(["red"])),
    ],
)
def test_a_column_that_does_not_fit_is_refused(column: str, values: pa.Array) -> None:
    table = to_arrow(Transfer, rows(Transfer)[:1])
    table = table.drop_columns([column]) if column in table.column_names else table
    with pytest.raises(BadRecord, match=column) as refused:
        from_arrow(Transfer, table.append_column(column, values))
    assert refused.value.reason == "malformed"


@pytest.mark.parametrize(
    ("reason", "amount"),
    [
        *(("absurd-amount", text) for text in ("-1", "1.5", str(MAX_UINT256 + 1), "9" * 5000)),
        *(("malformed", text) for text in ("", "一", "0x10", "12abc", None)),
    ],
)
def test_one_bad_amount_in_a_file_leaves_the_other_rows(reason: str, amount: str | None) -> None:
    table = to_arrow(Transfer, rows(Transfer)[:2])
    at = table.schema.get_field_index("amount")
    table = table.set_column(at, "amount", pa.array(["1", amount]))
    good, bad = arrow_rows(Transfer, table)
    assert record_of(Transfer, good).amount == 1
    with pytest.raises(BadRecord) as refused:
        record_of(Transfer, bad)
    assert refused.value.reason == reason
