"""Rows of every record: its example, and the same pushed to both ends of every field's range."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Literal, get_args, get_origin

import msgspec
from hypothesis import strategies as st

from manumit.schemas.alert import CitationRef
from manumit.schemas.fields import MAX_UINT256, YEAR_2200_US, KindName, kinds_of
from manumit.schemas.json_schema import example
from manumit.schemas.listing import Price
from manumit.schemas.records import name_of
from manumit.schemas.utxo import Coin
from manumit.schemas.wire import decode

ODD = "走私 Ünï 😀 \x00 '\\ \"\n\t\r"

LEAST: Mapping[KindName, Any] = MappingProxyType(
    {
        "time": 0,
        "uint256": 0,
        "uint8": 0,
        "uint32": 0,
        "uint64": 0,
        "share": 0.0,
        "usd": None,
        "texts": (),
        "text": "x",
        "word": "",
    }
)
MOST: Mapping[KindName, Any] = MappingProxyType(
    {
        "time": YEAR_2200_US - 1,
        "uint256": MAX_UINT256,
        "uint8": 255,
        "uint32": 2**32 - 1,
        "uint64": 2**63 - 1,
        "share": 1 / 3,
        "usd": 0.1 + 0.2,
        "texts": ("", ODD, "δ"),
        "text": ODD,
        "word": "λ-слово",
    }
)


def rows(struct: type[msgspec.Struct]) -> list[msgspec.Struct]:
    """The example of a record, its least and its greatest row."""
    whole = decode(name_of(struct), example(name_of(struct)))
    return [whole, _pushed(whole, LEAST), _pushed(whole, MOST)]


def _pushed(record: msgspec.Struct, to: Mapping[KindName, Any]) -> msgspec.Struct:
    choices = {f.name for f in msgspec.structs.fields(type(record)) if _choices(f)}
    changes = {n: to[k] for n, k in kinds_of(type(record)).items() if k in to and n not in choices}
    return msgspec.structs.replace(record, **changes)


def _choices(field: msgspec.structs.FieldInfo) -> tuple[Any, ...]:
    inner = get_args(field.type)[0]
    return get_args(inner) if get_origin(inner) is Literal else ()


words = st.text(max_size=12)
exact = st.floats(allow_nan=False, allow_infinity=False)
prices = st.builds(Price, amount=words, currency=words, per=st.sampled_from(["hour", "once"]))
coins = st.builds(Coin, address=words, amount=st.integers(0, 2**63 - 1), kind=words)
citations = st.builds(CitationRef, entry=words, source=words, ref=words, section=words, url=words)
NESTED: Mapping[Any, st.SearchStrategy[Any]] = {
    dict[str, str]: st.dictionaries(words, words, max_size=3),
    dict[str, float]: st.dictionaries(words, exact, max_size=3),
    tuple[Price, ...]: st.lists(prices, max_size=2).map(tuple),
    tuple[Coin, ...]: st.lists(coins, max_size=2).map(tuple),
    tuple[CitationRef, ...]: st.lists(citations, max_size=2).map(tuple),
}
PLAIN: Mapping[KindName, st.SearchStrategy[Any]] = {
    "time": st.integers(0, YEAR_2200_US),
    "uint256": st.integers(0, MAX_UINT256),
    "text": st.text(min_size=1, max_size=20),
    "word": words,
    "uint8": st.integers(0, 255),
    "uint32": st.integers(0, 2**32 - 1),
    "uint64": st.integers(0, 2**63 - 1),
    "share": st.floats(0, 1),
    "usd": st.none() | exact,
    "texts": st.lists(words, max_size=3).map(tuple),
}


def any_record(struct: type[msgspec.Struct]) -> st.SearchStrategy[msgspec.Struct]:
    """Every value the record allows."""
    kinds = kinds_of(struct)
    return st.builds(struct, **{f.name: _field(f, kinds[f.name]) for f in msgspec.structs.fields(struct)})


def _field(field: msgspec.structs.FieldInfo, kind: KindName) -> st.SearchStrategy[Any]:
    if _choices(field):
        return st.sampled_from(_choices(field))
    return NESTED[get_args(field.type)[0]] if kind == "json" else PLAIN[kind]
