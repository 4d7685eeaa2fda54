"""A packed message: up to some hundred records of one key, so that a broker's cost is per block, not per record. Pure.

Two forms, told apart by the header `content-type`: msgpack between our own processes, JSON for other systems.
msgpack has no integers beyond 64 bits: larger amounts stand there as decimal text.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Literal, get_args

import msgspec

from manumit.schemas.errors import BadRecord
from manumit.schemas.fields import Word, kinds_of
from manumit.schemas.records import RECORDS, name_of
from manumit.schemas.wire import build, decode, encode

Form = Literal["msgpack", "json"]
FORMS: tuple[Form, ...] = get_args(Form)
CONTENT_TYPE = "content-type"
MAX_RECORDS = 500
MAX_BYTES = 500_000  # half of a broker's usual limit for one message
LARGEST_MSGPACK_INTEGER = 2**64 - 1
END_US = 2**62
BARE = "bare"  # the source of a record that came without an envelope


class Envelope(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`live`: the records may still be taken back. `final`: per chain, the highest block that cannot be any more.

    Transfers with op -1 stand in an envelope of their own, newest first. `until_us`: what follows on this partition
    is not older; a publisher of history says so now and then, and END_US when it is through. `run` tells its runs
    apart, later ones are larger; `lanes` is, by schema, how many partitions it says so to. `unit` and `origin` stand
    on legs.v1 only: whose state the records are for, and the message they came from.
    """

    schema: Word
    source: Word
    live: bool = False
    final: dict[str, int] = {}
    until_us: int | None = None
    run: int = 0
    lanes: dict[str, int] = {}
    unit: str = ""
    origin: str = ""
    records: list[msgspec.Raw] = []


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """A record of an envelope that cannot be used: where it stood, and the reason of `schemas.dead_letter`."""

    index: int
    reason: str
    message: str
    payload: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """What an envelope held. `places` gives, for each good record, its index among all."""

    source: str
    schema: str
    live: bool
    final: Mapping[str, int]
    records: tuple[msgspec.Struct, ...]
    places: tuple[int, ...]
    refused: tuple[Refused, ...]
    until_us: int | None = None
    run: int = 0
    lanes: Mapping[str, int] = field(default_factory=dict)
    unit: str = ""
    origin: str = ""


def content_type(form: Form) -> bytes:
    """The header's value."""
    return b"application/" + form.encode()


def form_of(header: bytes | None) -> Form:
    """The form a header names; JSON where there is none. Raises BadRecord("malformed")."""
    if header is None:
        return "json"
    for form in FORMS:
        if header.split(b";")[0].strip().lower() == content_type(form):
            return form
    raise BadRecord("malformed", f"{CONTENT_TYPE} is {header[:80]!r}; this build reads application/msgpack and json")


def packed(
    records: Sequence[msgspec.Struct],
    *,
    source: str,
    form: Form = "msgpack",
    live: bool = False,
    final: Mapping[str, int] | None = None,
    schema: str = "transfer.v1",
    until_us: int | None = None,
    run: int = 0,
    lanes: Mapping[str, int] | None = None,
    unit: str = "",
    origin: str = "",
) -> Iterator[bytes]:
    """Records of one type as as few messages as the limits allow, in their order; `final` goes with the last.

    One message even when there is nothing but `final` or `until_us`, of `schema` then. Each of several messages gets
    its number behind `origin`. Raises as `schemas.wire.encode`; KeyError for no record.
    """
    schema = name_of(type(records[0])) if records else schema
    pieces = list(_pieces([_raw(record, form) for record in records])) or [[]]
    for number, piece in enumerate(pieces, start=1):
        heights = dict(final or {}) if number == len(pieces) else {}
        envelope = Envelope(
            schema=schema,
            source=source,
            live=live,
            final=heights,
            until_us=until_us,
            run=run,
            lanes=dict(lanes or {}),
            unit=unit,
            origin=f"{origin}.{number}" if origin else "",
            records=piece,
        )
        yield msgspec.json.encode(envelope) if form == "json" else msgspec.msgpack.encode(envelope)


def unpacked(raw: bytes, form: Form, *, bare: str = "") -> Opened:
    """Every record of a message, good or refused.

    `bare` is the schema of a record that stands in the message by itself, without an envelope; empty: none may.
    Raises BadRecord for the whole message: `malformed` when it is no envelope, `unknown-schema`, and what refuses a
    bare record.
    """
    try:
        envelope = _envelope(raw, form)
    except BadRecord:
        if not bare or not _is_bare(raw, form):
            raise
        alone = _record(bare, raw, form)
        return Opened(source=BARE, schema=bare, live=False, final={}, records=(alone,), places=(0,), refused=())
    if envelope.schema not in RECORDS:
        known = ", ".join(sorted(RECORDS))
        raise BadRecord("unknown-schema", f"no schema {envelope.schema!r}; this build reads {known}")
    records: list[msgspec.Struct] = []
    places: list[int] = []
    refused: list[Refused] = []
    for index, piece in enumerate(envelope.records):
        try:
            records.append(_record(envelope.schema, bytes(piece), form))
            places.append(index)
        except BadRecord as error:
            payload = _readable(bytes(piece), form)
            refused.append(Refused(index=index, reason=error.reason, message=str(error), payload=payload))
    return Opened(
        source=envelope.source,
        schema=envelope.schema,
        live=envelope.live,
        final=envelope.final,
        records=tuple(records),
        places=tuple(places),
        refused=tuple(refused),
        until_us=envelope.until_us,
        run=envelope.run,
        lanes=envelope.lanes,
        unit=envelope.unit,
        origin=envelope.origin,
    )


def _is_bare(raw: bytes, form: Form) -> bool:
    """A map that does not look like an envelope somebody got wrong."""
    try:
        found = msgspec.json.decode(raw) if form == "json" else msgspec.msgpack.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return False
    return isinstance(found, dict) and not {"schema", "records"} & found.keys()


def _envelope(raw: bytes, form: Form) -> Envelope:
    try:
        return _json_envelope().decode(raw) if form == "json" else _msgpack_envelope().decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise BadRecord("malformed", f"no envelope in {form}: {error}") from error


def _record(schema: str, raw: bytes, form: Form) -> msgspec.Struct:
    if form == "json":
        return decode(schema, raw)
    struct = RECORDS[schema]
    try:
        return _msgpack_record(struct).decode(raw)  # type: ignore[no-any-return]  # one cached decoder per record
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return build(struct, _fields(struct, raw))


def _fields(struct: type[msgspec.Struct], raw: bytes) -> dict[str, object]:
    """A msgpack record as plain values, large amounts as integers again. Raises BadRecord("malformed")."""
    try:
        values = msgspec.msgpack.decode(raw, type=dict[str, Any])
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise BadRecord("malformed", f"{struct.__name__} is no msgpack map: {error}") from error
    for name in _amounts(struct):
        text = values.get(name)
        if isinstance(text, str) and text.isascii() and text.isdigit() and len(text) <= len(str(2**256)):
            values[name] = int(text)
    return values


def _raw(record: msgspec.Struct, form: Form) -> msgspec.Raw:
    text = encode(record)  # refuses what no reader takes, in either form
    if form == "json":
        return msgspec.Raw(text)
    large = [name for name in _amounts(type(record)) if getattr(record, name) > LARGEST_MSGPACK_INTEGER]
    if not large:
        return msgspec.Raw(msgspec.msgpack.encode(record))
    fields = {name: getattr(record, name) for name in record.__struct_fields__}
    return msgspec.Raw(msgspec.msgpack.encode(fields | {name: str(fields[name]) for name in large}))


def _pieces(raws: Sequence[msgspec.Raw]) -> Iterator[list[msgspec.Raw]]:
    """Cut before the limits; a record that is larger by itself stands alone."""
    piece: list[msgspec.Raw] = []
    size = 0
    for raw in raws:
        length = len(memoryview(raw))
        if piece and (len(piece) == MAX_RECORDS or size + length > MAX_BYTES):
            yield piece
            piece, size = [], 0
        piece.append(raw)
        size += length
    if piece:
        yield piece


def _readable(raw: bytes, form: Form) -> bytes:
    """A refused record as JSON where that is possible, for the eyes that will look at it."""
    if form == "json":
        return raw
    try:
        return msgspec.json.encode(msgspec.msgpack.decode(raw))
    except (msgspec.DecodeError, UnicodeError, RecursionError, TypeError, OverflowError, NotImplementedError):
        return raw


@cache
def _json_envelope() -> msgspec.json.Decoder[Envelope]:
    return msgspec.json.Decoder(Envelope)


@cache
def _msgpack_envelope() -> msgspec.msgpack.Decoder[Envelope]:
    return msgspec.msgpack.Decoder(Envelope)


@cache
def _msgpack_record(struct: type[msgspec.Struct]) -> msgspec.msgpack.Decoder[Any]:
    return msgspec.msgpack.Decoder(struct)


@cache
def _amounts(struct: type[msgspec.Struct]) -> tuple[str, ...]:
    return tuple(name for name, kind in kinds_of(struct).items() if kind == "uint256")
