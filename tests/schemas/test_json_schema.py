"""The exported JSON Schemas and the example of every schema version."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Any

import pytest

from manumit.schemas.json_schema import example, json_schemas
from manumit.schemas.records import RECORDS
from manumit.schemas.wire import decode, encode
from tests.schemas.json_shape import faults
from tests.schemas.samples import rows

names = pytest.mark.parametrize("name", RECORDS)


@names
def test_the_example_decodes_to_a_record_and_says_nothing_more(name: str) -> None:
    raw = example(name)
    assert json.loads(encode(decode(name, raw))) == json.loads(raw)


def test_every_version_keeps_its_example() -> None:
    kept = {f.name for f in files("manumit.schemas.examples").iterdir() if f.name.endswith(".json")}
    assert kept == {f"{name}.json" for name in RECORDS}
    with pytest.raises(KeyError):
        example("transfer.v9")


@names
def test_the_schema_takes_every_row_we_write(name: str) -> None:
    schema = json_schemas()[name]
    for row in rows(RECORDS[name]):
        assert list(faults(json.loads(encode(row)), schema, schema)) == []


@names
def test_the_schema_is_json_and_names_itself(name: str) -> None:
    schema = json_schemas()[name]
    assert json.loads(json.dumps(schema)) == schema
    assert schema["$id"] == f"urn:manumit:{name}"
    assert set(schema["$defs"][RECORDS[name].__name__]["properties"]) == set(RECORDS[name].__struct_fields__)


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"amount": 2**256}, "$.amount breaks maximum"),
        ({"amount": "1"}, "$.amount is not integer"),
        ({"at_us": -1}, "$.at_us breaks minimum"),
        ({"op": 0}, "$.op breaks enum"),
        ({"colour": "red"}, "$.colour is not allowed"),
        ({"amount_usd": "1"}, "$.amount_usd fits none"),
        ({"sender": ""}, "$.sender breaks minLength"),
    ],
)
def test_the_schema_refuses_what_the_wire_refuses(change: dict[str, Any], fault: str) -> None:
    schema = json_schemas()["transfer.v1"]
    found = list(faults({**json.loads(example("transfer.v1")), **change}, schema, schema))
    assert [f.startswith(fault) for f in found][:1] == [True], found
