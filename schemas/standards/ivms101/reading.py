"""Bytes to a message, and what the JSON Schema says against it. Pure.

`jsonschema` finds the faults; what is faulty is taken out, so that the rest can be read as a `Message`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Literal

import msgspec
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

from manumit.schemas.errors import BadRecord
from manumit.schemas.standards.ivms101.message import Message
from manumit.schemas.standards.ivms101.spelling import Form, Tree, form_of, spelled

MAX_BYTES = 262_144  # ours: the publishers' examples have 4 kB
MAX_DEPTH = 40  # ours: the standard needs 9
FaultKind = Literal["missing", "ill-formed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One thing the schema says. `path` in the 2023 spelling: `originator.originatorPerson[0].naturalPerson`."""

    path: str
    kind: FaultKind
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """`message` holds only what has the right form; `faults` at most one for each path, in order of path."""

    form: Form
    message: Message
    faults: tuple[Fault, ...]

    def refused(self, path: str) -> bool:
        """True when the value at `path` itself was taken out."""
        return any(fault.path == path for fault in self.faults)

    def faulty(self, path: str) -> bool:
        """True when something at or below `path` has been found already."""
        return any(fault.path == path or fault.path.startswith((path + ".", path + "[")) for fault in self.faults)


def json_schema() -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of a message in the 2023 spelling."""
    raw = (files("manumit.schemas.standards.ivms101") / "schema.json").read_text("utf-8")
    schema: dict[str, Any] = json.loads(raw)
    return schema


def read(raw: bytes) -> Reading:
    """A message in either form. Raises BadRecord("malformed") for what is no JSON object, too long or too deep."""
    if len(raw) > MAX_BYTES:
        raise BadRecord("malformed", f"the message has {len(raw)} bytes; at most {MAX_BYTES} are read")
    try:
        tree = msgspec.json.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise BadRecord("malformed", f"the message is not JSON: {error}") from error
    if not isinstance(tree, dict):
        raise BadRecord("malformed", "the message is JSON, but no object")
    if _depth(tree, 0) > MAX_DEPTH:
        raise BadRecord("malformed", f"the message is nested more than {MAX_DEPTH} deep")
    form = form_of(tree)
    plain, twice = spelled(_said(tree))
    faults = {path: Fault(path=path, kind="ill-formed", why="stands twice, in two spellings") for path in twice}
    for found in _validator().iter_errors(plain):
        for fault in _faults(found):
            faults.setdefault(fault.path, fault)
    message = msgspec.convert(_without(plain, [fault.path for fault in faults.values()]), Message)
    return Reading(form=form, message=message, faults=tuple(faults[path] for path in sorted(faults)))


def _depth(value: Any, at: int) -> int:
    if at > MAX_DEPTH:
        return at
    parts: Iterable[Any] = ()
    if isinstance(value, dict):
        parts = value.values()
    elif isinstance(value, list):
        parts = value
    return max((_depth(part, at + 1) for part in parts), default=at)


def _said(value: Any) -> Any:
    """Without nulls of objects, and blank text as empty text: neither says anything."""
    if isinstance(value, dict):
        return {name: _said(part) for name, part in value.items() if part is not None}
    if isinstance(value, list):
        return [_said(part) for part in value]
    return "" if isinstance(value, str) and not value.strip() else value


@cache
def _validator() -> Draft202012Validator:
    return Draft202012Validator(json_schema())


def _faults(error: ValidationError) -> list[Fault]:
    at = _path(error.absolute_path)
    wanted: Any = error.validator_value
    holder: Any = error.instance
    if error.validator == "required":
        absent = [name for name in wanted if name not in holder and f"'{name}'" in error.message]
        return [Fault(path=f"{at}.{name}" if at else name, kind="missing", why="is required") for name in absent]
    if holder in ("", []):
        return [Fault(path=at, kind="missing", why="is empty")]
    return [Fault(path=at, kind="ill-formed", why=_why(error))]


def _why(error: ValidationError) -> str:
    """Without the value: a message holds people's data, and findings are shown to more eyes than it is."""
    wanted = error.validator_value
    words = {
        "type": f"is not of type {wanted}",
        "maxLength": f"is longer than {wanted} characters",
        "maxItems": f"has more than {wanted} entries",
        "enum": f"is none of {', '.join(map(str, wanted)) if isinstance(wanted, list) else wanted}",
        "pattern": f"does not have the form {wanted}",
        "minimum": f"is less than {wanted}",
    }
    return words.get(str(error.validator), f"breaks {error.validator}")


def _path(parts: Iterable[str | int]) -> str:
    path = ""
    for part in parts:
        path += f"[{part}]" if isinstance(part, int) else f".{part}" if path else part
    return path


def _without(tree: Tree, paths: Sequence[str]) -> Tree:
    """The tree without the values at `paths`; entries of lists keep their places, as empty ones."""
    return {name: kept for name, value in tree.items() if (kept := _kept(value, name, set(paths))) is not None}


def _kept(value: Any, path: str, gone: set[str]) -> Any:
    if path in gone:
        return None
    if isinstance(value, dict):
        parts = {name: _kept(part, f"{path}.{name}", gone) for name, part in value.items()}
        return {name: part for name, part in parts.items() if part is not None}
    if isinstance(value, list):
        return [_entry(part, f"{path}[{i}]", gone) for i, part in enumerate(value)]
    return value


def _entry(value: Any, path: str, gone: set[str]) -> Any:
    kept = _kept(value, path, gone)
    if kept is None:
        return "" if path.rpartition(".")[2].startswith(TEXT_LISTS) else {}
    return kept


TEXT_LISTS = ("accountNumber[", "addressLine[", "transliterationMethod[")
