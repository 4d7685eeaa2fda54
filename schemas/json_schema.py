"""JSON Schema of every record, for systems that are not ours, and the examples that must decode."""

from __future__ import annotations

import json
from importlib.resources import files
from inspect import cleandoc
from typing import Any

import msgspec

from manumit.schemas.records import RECORDS

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def json_schemas() -> dict[str, dict[str, Any]]:
    """Topic name -> JSON Schema (draft 2020-12) of one record."""
    return {name: _schema(name, struct) for name, struct in RECORDS.items()}


def example(name: str) -> bytes:
    """The example of a schema as it would stand on its topic. Raises KeyError for an unknown name."""
    if name not in RECORDS:
        raise KeyError(name)
    return (files("manumit.schemas.examples") / f"{name}.json").read_bytes()


def _schema(name: str, struct: type[msgspec.Struct]) -> dict[str, Any]:
    schema = msgspec.json.schema(struct)
    for part in schema["$defs"].values():
        if "description" in part:
            part["description"] = cleandoc(part["description"])
    plain: dict[str, Any] = json.loads(json.dumps({"$schema": DIALECT, "$id": f"urn:manumit:{name}", **schema}))
    return plain
