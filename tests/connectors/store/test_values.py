"""Values on their way into and out of the engine: Native blocks, parameters, rows."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from manumit.connectors.store.native import decode, encode
from manumit.connectors.store.parameters import engine_texts, placed_values
from manumit.connectors.store.rows import dicts, microseconds
from manumit.connectors.store.statements import checked_name, insert_into
from manumit.schemas.errors import Broken, ConfigError
from manumit.schemas.fields import MAX_UINT256, YEAR_2200_US
from tests.connectors.store.native_bridge import field_text

TEXTS = st.text(st.characters(exclude_categories=["Cs"]))
COLUMNS = [
    ("text", "String"),
    ("word", "LowCardinality(String)"),
    ("amount", "UInt256"),
    ("at_us", "DateTime64(6, 'UTC')"),
    ("usd", "Nullable(Float64)"),
    ("texts", "Array(String)"),
    ("op", "Int8"),
    ("height", "UInt64"),
]
ROWS = st.tuples(
    TEXTS,
    TEXTS,
    st.integers(0, MAX_UINT256),
    st.integers(0, YEAR_2200_US),
    st.none() | st.floats(allow_nan=False),
    st.lists(TEXTS, max_size=3),
    st.sampled_from([1, -1]),
    st.integers(0, 2**64 - 1),
)


@given(st.lists(ROWS, min_size=1, max_size=20))
def test_a_native_block_comes_back_equal(rows: list[tuple[object, ...]]) -> None:
    values = [list(column) for column in zip(*rows, strict=True)]
    given_values = [list(column) for column in values]
    raw = encode(COLUMNS, values)
    assert values == given_values  # the codec must not write into the caller's lists
    [(columns, decoded)] = decode(raw)
    assert list(columns) == COLUMNS
    assert [tuple(row.values()) for row in dicts(columns, decoded)] == rows


def test_several_blocks_are_read_one_after_the_other() -> None:
    raw = encode([("n", "UInt8")], [[1, 2]]) + encode([("n", "UInt8")], [[3]])
    assert [list(values[0]) for _, values in decode(raw)] == [[1, 2], [3]]
    assert list(decode(b"")) == []


@given(st.data())
def test_a_cut_answer_is_never_taken_for_a_whole_one(data: st.DataObject) -> None:
    raw = encode(COLUMNS[:3], [["a" * 40, "b"], ["x", "y"], [1, 2]])
    cut = data.draw(st.integers(1, len(raw) - 1))
    with pytest.raises(Broken, match="ends inside a block"):
        list(decode(raw[:cut]))


@pytest.mark.parametrize(
    ("of", "value"),
    [
        ("UInt8", 256),
        ("UInt8", -1),
        ("String", None),
        ("UInt256", "many"),
        ("String", "\ud800"),
        ("Array(String)", [1]),
    ],
)
def test_a_value_that_does_not_fit_stops_the_write(of: str, value: object) -> None:
    with pytest.raises(Broken, match="does not fit its column type"):
        encode([("a", of)], [[value]])


@given(TEXTS)
def test_a_text_parameter_is_one_field_of_the_escaped_form(text: str) -> None:
    [escaped] = engine_texts(placed_values("select {p:String}", {"p": text})).values()
    assert not set(escaped) & {"\t", "\n", "\0", "\r"}
    assert field_text(f"'{escaped}'") == text  # read back by other code: the bridge's


def test_only_asked_for_parameters_are_sent() -> None:
    assert placed_values("select {a:UInt8}, { b : String }", {"a": 1, "b": "x", "c": object()}) == {"a": 1, "b": "x"}
    assert placed_values("select 1", {"a": None}) == {}


@pytest.mark.parametrize("value", [None, b"bytes", {"a": 1}, [None], [["nested"]], object()])
def test_a_parameter_without_a_text_form_is_refused(value: object) -> None:
    with pytest.raises(Broken, match="query parameter 'a'"):
        placed_values("select {a:String}", {"a": value})


def test_a_time_without_a_zone_is_read_in_the_servers() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    noon = datetime(2026, 7, 1, 12)  # noqa: DTZ001 - as the driver gives it
    assert microseconds(noon, berlin) == microseconds(datetime(2026, 7, 1, 10, tzinfo=UTC))
    assert microseconds(datetime(2026, 7, 1, 12, tzinfo=berlin)) == microseconds(noon, berlin)


@pytest.mark.parametrize("name", ["", "a b", "a`b", "a;b", "1a", "a.b", "ä", "a" * 129, "a\n"])
def test_a_name_that_needs_quoting_is_refused(name: str) -> None:
    with pytest.raises(ConfigError, match="not a name"):
        checked_name(name, what="table")


def test_an_insert_names_its_columns() -> None:
    assert insert_into("signals", ("at_us", "values")) == "insert into `signals` (`at_us`, `values`)"
