"""Values for `{name:Type}` placeholders. The engine parses each value as its type, apart from the SQL.

A value is str, int, float, or a list or tuple of str or int. Null is written in the SQL
(`is null`), never as a parameter. A time may be given as UTC microseconds (int).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from manumit.schemas.errors import Broken

PLACEHOLDER = re.compile(r"\{\s*(\w+)\s*:\s*([^{}]+?)\s*\}")
TIME_TYPE = re.compile(r"DateTime(?:64\((\d)\b.*\))?|DateTime\(.*\)")
MICROSECONDS = 1_000_000
ESCAPES = str.maketrans(
    {
        "\\": "\\\\",
        "\0": "\\0",
        "\b": "\\b",
        "\f": "\\f",
        "\n": "\\n",
        "\r": "\\r",
        "\t": "\\t",
        "'": "\\'",
    }
)

Scalar = str | int | float
Value = Scalar | list[str | int]


def placed_values(sql: str, parameters: Mapping[str, Any]) -> dict[str, Value]:
    """The values the SQL asks for, checked and with times as decimal seconds.

    Raises Broken when a placeholder has no value, or a value is of a kind that has no text form.
    """
    types = dict(PLACEHOLDER.findall(sql))
    missing = sorted(types.keys() - parameters.keys())
    if missing:
        raise Broken(f"query parameter {missing[0]!r} has no value")
    return {name: _value(name, parameters[name], of) for name, of in types.items()}


def engine_texts(values: Mapping[str, Value]) -> dict[str, str]:
    """Each value in the escaped text form (TabSeparated) the engine reads parameters in."""
    return {name: _text(value) for name, value in values.items()}


def _value(name: str, value: object, of: str) -> Value:
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, int) and TIME_TYPE.fullmatch(of):
        return _seconds(value)
    if isinstance(value, str | int | float):
        return value
    if isinstance(value, list | tuple) and all(isinstance(item, str | int) for item in value):
        return list(value)
    raise Broken(f"query parameter {name!r} is a {type(value).__name__}: give text, a number, or a list of them")


def _seconds(at_us: int) -> str:
    whole, rest = divmod(at_us, MICROSECONDS)
    padded = f"{whole:010d}"  # a shorter number is read as a year
    return f"{padded}.{rest:06d}" if rest else padded


def _text(value: Value) -> str:
    if isinstance(value, list):
        return _array(value)
    return value.translate(ESCAPES) if isinstance(value, str) else repr(value)


def _array(items: Sequence[str | int]) -> str:
    quoted = (f"'{item.translate(ESCAPES)}'" if isinstance(item, str) else repr(item) for item in items)
    return f"[{','.join(quoted)}]"
