"""Travel-rule messages in a file: one JSON object, a list of them, or one a line. Each is judged by itself.

An object with nothing but `message` and `transfer` is a message with its transfer; `message` null: none came.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import msgspec

from manumit.connectors.files.rows import unmarked
from manumit.connectors.files.stream import Record, read_chunks, split_lines
from manumit.schemas.errors import BadRecord, ConfigError
from manumit.schemas.travel_rule import MessageTransfer

LARGEST_WHOLE = 67_108_864  # ours: what is not one a line is held whole
LINES = (".ndjson", ".jsonl", ".ndjson.gz", ".jsonl.gz")
ENVELOPE = re.compile(rb'\s*\{\s*"(?:message|transfer)"\s*:')


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """`number`: the line, or the place in the list, from 1. `fault` says why it cannot be read."""

    number: int
    raw: bytes = b""
    transfer: MessageTransfer | None = None
    fault: str = ""


class Envelope(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    message: msgspec.Raw
    transfer: MessageTransfer | None = None


def messages(path: Path) -> Iterator[Found]:
    """Every message of a file, compressed or not. Raises EdgeDown; ConfigError where it is empty or too large."""
    if path.name.lower().endswith(LINES):
        return _lines(path)
    raw = _whole(path)
    if not raw.strip():
        raise ConfigError(f"{path} is empty: give IVMS101 messages as JSON or NDJSON")
    listed = _listed(raw)
    if listed is not None:
        return iter([_found(number, bytes(one)) for number, one in enumerate(listed, 1)])
    return _lines(path) if _is_object(raw.partition(b"\n")[0]) and not _is_object(raw) else iter([_found(1, raw)])


def _whole(path: Path) -> bytes:
    taken = bytearray()
    try:
        for chunk in read_chunks(path):
            taken += chunk
            if len(taken) > LARGEST_WHOLE:
                raise ConfigError(f"{path} is larger than {LARGEST_WHOLE} bytes: write one message a line, as .ndjson")
    except BadRecord as error:
        raise ConfigError(f"{path}: {error}") from error
    return unmarked(bytes(taken))


def _listed(raw: bytes) -> list[msgspec.Raw] | None:
    try:
        return msgspec.json.decode(raw, type=list[msgspec.Raw])
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None


def _is_object(raw: bytes) -> bool:
    try:
        msgspec.json.decode(raw, type=dict[str, msgspec.Raw])
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return False
    return True


def _lines(path: Path) -> Iterator[Found]:
    for record in split_lines(read_chunks(path)):
        if record.fault is not None or record.raw.strip():
            yield _line(record)


def _line(record: Record) -> Found:
    if record.fault is not None:
        return Found(number=record.line, fault=str(record.fault))
    return _found(record.line, unmarked(record.raw))


def _found(number: int, raw: bytes) -> Found:
    if not ENVELOPE.match(raw):
        return Found(number=number, raw=raw)
    try:
        envelope = msgspec.json.decode(raw, type=Envelope)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        return Found(number=number, fault=f"is no message with its transfer: {error}")
    return Found(number=number, raw=bytes(envelope.message), transfer=envelope.transfer)
