"""A reader of the JSON Schema words that our schemas use; a word it does not know is an error."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

Schema = Mapping[str, Any]
TYPES: Mapping[str, tuple[type, ...]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "null": (type(None),),
}
SILENT = {"$schema", "$id", "$defs", "title", "description", "default"}


def faults(value: Any, schema: Schema, root: Schema, at: str = "$") -> Iterator[str]:
    """Where and why a value does not fit; nothing when it does."""
    wrong = list(_type(value, schema, root, at)) if "type" in schema else []
    yield from wrong
    for word in () if wrong else schema.keys() - SILENT - {"type"}:
        yield from CHECKS[word](value, schema, root, at)


def _ref(value: Any, schema: Schema, root: Schema, at: str) -> Iterator[str]:
    yield from faults(value, root["$defs"][schema["$ref"].removeprefix("#/$defs/")], root, at)


def _type(value: Any, schema: Schema, root: Schema, at: str) -> Iterator[str]:
    if not isinstance(value, TYPES[schema["type"]]) or isinstance(value, bool):
        yield f"{at} is not {schema['type']}"


def _any_of(value: Any, schema: Schema, root: Schema, at: str) -> Iterator[str]:
    if all(list(faults(value, choice, root, at)) for choice in schema["anyOf"]):
        yield f"{at} fits none of its choices"


def _properties(value: Any, schema: Schema, root: Schema, at: str) -> Iterator[str]:
    for name in schema["properties"].keys() & value.keys():
        yield from faults(value[name], schema["properties"][name], root, f"{at}.{name}")


def _required(value: Any, schema: Schema, root: Schema, at: str) -> Iterator[str]:
    yield from (f"{at}.{name} is missing" for name in schema["required"] if name not in value)


def _additional(value: Any, schema: Schema, root: Schema, at: str) -> Iterator[str]:
    for name in value.keys() - schema.get("properties", {}).keys():
        if schema["additionalProperties"] is False:
            yield f"{at}.{name} is not allowed"
        else:
            yield from faults(value[name], schema["additionalProperties"], root, f"{at}.{name}")


def _items(value: Any, schema: Schema, root: Schema, at: str) -> Iterator[str]:
    for i, item in enumerate(value):
        yield from faults(item, schema["items"], root, f"{at}[{i}]")


def _that(holds: Callable[[Any, Any], bool], word: str) -> Callable[[Any, Schema, Schema, str], Iterator[str]]:
    def check(value: Any, schema: Schema, root: Schema, at: str) -> Iterator[str]:
        if not holds(value, schema[word]):
            yield f"{at} breaks {word} {schema[word]}"

    return check


CHECKS: Mapping[str, Callable[[Any, Schema, Schema, str], Iterator[str]]] = {
    "$ref": _ref,
    "anyOf": _any_of,
    "properties": _properties,
    "required": _required,
    "additionalProperties": _additional,
    "items": _items,
    "enum": _that(lambda value, allowed: value in allowed, "enum"),
    "minimum": _that(lambda value, bound: value >= bound, "minimum"),
    "maximum": _that(lambda value, bound: value <= bound, "maximum"),
    "minLength": _that(lambda value, bound: len(value) >= bound, "minLength"),
    "maxLength": _that(lambda value, bound: len(value) <= bound, "maxLength"),
}
