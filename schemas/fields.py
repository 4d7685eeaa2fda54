"""The field kinds every record is made of, and their form in numpy, Arrow and ClickHouse.

A record is one msgspec Struct; each annotated field names its kind here once, and the
table, file and stored forms follow from it (`schemas.columns`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Annotated, Literal, cast, get_args

import msgspec

from manumit.schemas.errors import Broken

YEAR_1970_US = 0
YEAR_1990_US = 631_152_000_000_000
FIRST_BLOCK_US = 1_230_940_800_000_000  # 3 January 2009, when Bitcoin's chain begins: no chain is older
YEAR_2200_US = 7_258_118_400_000_000
MAX_UINT256 = 2**256 - 1
MAX_USD = 1e15  # more than all the money there is

KindName = Literal[
    "time", "uint256", "text", "word", "uint8", "uint32", "uint64", "int8", "share", "usd", "texts", "json"
]


@dataclass(frozen=True, slots=True)
class Kind:
    """One field kind. `numpy` is a dtype string, `arrow` and `clickhouse` are type names."""

    numpy: str
    arrow: str
    clickhouse: str


KINDS: dict[KindName, Kind] = {
    "time": Kind("int64", "timestamp[us, tz=UTC]", "DateTime64(6, 'UTC')"),
    "uint256": Kind("object", "string", "UInt256"),
    "text": Kind("object", "string", "String"),
    "word": Kind("object", "dictionary<values=string, indices=int32, ordered=0>", "LowCardinality(String)"),
    "uint8": Kind("uint8", "uint8", "UInt8"),
    "uint32": Kind("uint32", "uint32", "UInt32"),
    "uint64": Kind("uint64", "uint64", "UInt64"),
    "int8": Kind("int8", "int8", "Int8"),
    "share": Kind("float64", "double", "Float64"),
    "usd": Kind("float64", "double", "Nullable(Float64)"),
    "texts": Kind("object", "list<element: string>", "Array(String)"),
    "json": Kind("object", "string", "String"),
}


def _kind(name: KindName) -> dict[str, KindName]:
    return {"kind": name}


AtUs = Annotated[
    int, msgspec.Meta(ge=YEAR_1970_US, le=YEAR_2200_US, description="UTC microseconds since 1970", extra=_kind("time"))
]
BaseUnits = Annotated[
    int,
    msgspec.Meta(
        ge=0,
        description="exact integer below 2^256",
        extra=_kind("uint256"),
        extra_json_schema={"maximum": MAX_UINT256},
    ),
]
Text = Annotated[str, msgspec.Meta(extra=_kind("text"))]
Word = Annotated[str, msgspec.Meta(max_length=256, description="low-cardinality text", extra=_kind("word"))]
Identifier = Annotated[str, msgspec.Meta(min_length=1, max_length=512, extra=_kind("text"))]
Hash = Annotated[str, msgspec.Meta(max_length=128, extra=_kind("text"))]
Count8 = Annotated[int, msgspec.Meta(ge=0, le=255, extra=_kind("uint8"))]
Count32 = Annotated[int, msgspec.Meta(ge=0, le=2**32 - 1, extra=_kind("uint32"))]
Count64 = Annotated[int, msgspec.Meta(ge=0, le=2**63 - 1, extra=_kind("uint64"))]
Share = Annotated[float, msgspec.Meta(description="a number in [0, 1]", ge=0, le=1, extra=_kind("share"))]
Usd = Annotated[float | None, msgspec.Meta(description="USD estimate; null is unknown, never 0", extra=_kind("usd"))]
Texts = Annotated[tuple[str, ...], msgspec.Meta(extra=_kind("texts"))]
Operation = Annotated[
    Literal[1, -1],
    msgspec.Meta(description="+1 seen, -1 taken back: by a reorg, an advert by its source", extra=_kind("int8")),
]


def nested(of: type) -> object:
    """A field kept as JSON text in the table, file and stored forms."""
    return Annotated[of, msgspec.Meta(extra=_kind("json"))]


@cache
def kinds_of(struct: type[msgspec.Struct]) -> Mapping[str, KindName]:
    """Field name -> kind, in the order of the record. Raises Broken for a field that names no kind."""
    return MappingProxyType({field.name: _declared(struct, field) for field in msgspec.structs.fields(struct)})


def _declared(struct: type[msgspec.Struct], field: msgspec.structs.FieldInfo) -> KindName:
    for part in get_args(field.type):
        name = (part.extra or {}).get("kind") if isinstance(part, msgspec.Meta) else None
        if name in KINDS:
            return cast(KindName, name)
    raise Broken(f"{struct.__name__}.{field.name} names no kind of schemas.fields.KINDS")
