"""Customers' snapshots from Arrow straight to columns, row for row what `columns_of` makes of the records."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, overload

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from manumit.detectors.customers.coded import NOBODY, Coded
from manumit.detectors.customers.columns import ATTEST, KEYS, KINDS, LINK, NUMBERS, PARTS, SNAPSHOT, WORDS, EventColumns
from manumit.detectors.customers.facts import COUNTRY_CODES, FACTS, FAILED_TRIES, MOBILE, UPPER_TIERS
from manumit.detectors.customers.texts import Interner, Texts
from manumit.schemas.block import MICRO_USD, USD_UNKNOWN, Int32s, Int64s
from manumit.schemas.customer import ADDRESS_TYPES
from manumit.schemas.placeholders import LONGEST, filled, is_placeholder
from manumit.schemas.subject import person_token
from manumit.streams.account_columns import subjects, texts_of

LISTED = (
    ("device", "devices"),
    ("contact", "contacts"),
    ("document", "documents"),
    ("portrait", "portraits"),
    ("wallet", "wallets"),
)


class SnapshotIds(Sequence[str]):
    """`customer:EXCHANGE:ID:TIME` of each snapshot, made when asked for."""

    def __init__(self, exchange: list[str], ids: list[str], at_us: Int64s) -> None:
        self._exchange, self._ids, self._at_us = exchange, ids, at_us

    def __len__(self) -> int:
        return len(self._ids)

    @overload
    def __getitem__(self, place: int) -> str: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[str]: ...
    def __getitem__(self, place: int | slice) -> str | Sequence[str]:
        if isinstance(place, slice):
            return [self[i] for i in range(*place.indices(len(self)))]
        return f"customer:{self._exchange[place]}:{self._ids[place]}:{int(self._at_us[place])}"


def customer_columns(table: pa.Table) -> EventColumns:
    """Rows of `Customer` in the file form with every column there, in order of time."""
    table = table.combine_chunks()
    n = table.num_rows
    at_us = _whole(table, "at_us")
    who, place, texts, kind = _rows(table)
    is_snapshot, attests = kind == 0, kind == 2
    number = np.arange(len(who))
    no_text = Coded(codes=np.full(len(who), NOBODY, np.int32), names=())
    keys: dict[str, Coded] = {name: no_text for name in KEYS if name not in PARTS}
    exchange, ids = table["exchange"].to_pylist(), table["customer_id"].to_pylist()
    customers = subjects(_coded(table, "exchange"), _coded(table, "customer_id"))
    keys["customer"] = Coded(codes=customers.codes[who], names=customers.names)
    keys["identifier"] = Coded(codes=np.where(kind == 1, place, NOBODY).astype(np.int32), names=texts)
    keys["counterparty"] = Coded(codes=np.where(attests, place, NOBODY).astype(np.int32), names=texts)
    names = _coded(table, "name", known=True)
    keys["name"] = Coded(codes=np.where(kind == 1, names.codes[who], NOBODY).astype(np.int32), names=names.names)
    words = dict.fromkeys(WORDS, no_text)
    kinds = np.array([KINDS.index(one) for one in (SNAPSHOT, LINK, ATTEST)], np.int32)
    words["kind"] = Coded(codes=kinds[kind], names=KINDS)
    return EventColumns(
        at_us=at_us[who],
        usd_micro=np.full(len(who), USD_UNKNOWN, np.int64),
        record=who.astype(np.int32),
        snapshot=np.where(is_snapshot, np.cumsum(is_snapshot) - 1, NOBODY).astype(np.int32),
        facts=_facts(table, at_us, n),
        keys=keys,
        words=words,
        numbers={name: np.zeros(len(number), np.int64) for name in NUMBERS},
        notes=no_text,
        event_ids=SnapshotIds(exchange, ids, at_us),
    )


def _rows(table: pa.Table) -> tuple[Int64s, Int64s, Texts, Int32s]:
    """Which customer each row is of, its text, and 0 for a snapshot, 1 for a link, 2 for an attestation. Equal texts
    of one customer count once."""
    n = table.num_rows
    parts = [_listed(table, field, kind) for kind, field in LISTED]
    address = table["address"].combine_chunks().cast(pa.string())
    given = pc.greater(pc.binary_length(address), 0).to_numpy(zero_copy_only=False)
    here = np.flatnonzero(given & _filled(address))
    parts.append((here, _marked(address.take(pa.array(here)), "address")))
    parts.append(_persons(table))
    parts.append(_listed(table, "attested", ""))
    owners = [np.arange(n), *(owner for owner, _ in parts)]
    order = np.repeat(np.arange(len(owners)), [len(owner) for owner in owners])
    who = np.concatenate(owners)
    whole = pa.concat_arrays([text.cast(pa.large_string()) for _, text in parts])
    texts = texts_of(whole)
    place = np.concatenate([np.full(n, NOBODY), np.arange(len(texts))])
    known = np.concatenate([np.full(n, NOBODY), Interner().ids(texts)])
    kind = np.where(order == 0, 0, np.where(order == len(owners) - 1, 2, 1)).astype(np.int32)
    sorting = np.lexsort((place, order, who))
    same = np.stack([who[sorting], kind[sorting], known[sorting]])
    _, first = np.unique(same, axis=1, return_index=True) if _repeats(same) else (None, np.arange(len(sorting)))
    keep = sorting[np.sort(first)]
    return who[keep], place[keep], texts, kind[keep]


def _persons(table: pa.Table) -> tuple[Int64s, Any]:
    """The token of name and birthday together, where both are given."""
    given = list(zip(table["name"].to_pylist(), table["birth"].to_pylist(), strict=True))
    here = [row for row, (name, birth) in enumerate(given) if filled(name) and filled(birth)]
    tokens = pa.array([person_token(*given[row]) for row in here], pa.string())
    return np.array(here, np.int64), tokens


def _repeats(same: Int64s) -> bool:
    """True when some customer names a text twice: seldom, and only then sorting by all three is worth it."""
    packed = np.sort((same[0] * 3 + same[1]) * (int(same[2].max(initial=0)) + 2) + same[2] + 1)
    return bool((np.diff(packed) == 0).any())


def _listed(table: pa.Table, field: str, kind: str) -> tuple[Int64s, Any]:
    lists = table[field].combine_chunks()
    owner = pc.list_parent_indices(lists).to_numpy(zero_copy_only=False).astype(np.int64)
    values = lists.flatten().cast(pa.string())
    if not kind:
        return owner, values
    known = _filled(values)
    return owner[known], _marked(values.filter(pa.array(known)), kind)


def _filled(texts: Any) -> Any:
    """False where a text is a placeholder. Only short ones are looked at, each once."""
    short = texts.filter(pc.less_equal(pc.utf8_length(texts), LONGEST)).unique()
    empty = [text for text in short.to_pylist() if is_placeholder(text)]
    return ~pc.is_in(texts, value_set=pa.array(empty, texts.type)).to_numpy(zero_copy_only=False)


def _marked(texts: Any, kind: str) -> Any:
    """With the kind before it, where it is not there yet."""
    has = pc.starts_with(texts, f"{kind}:")
    return pc.if_else(has, texts, pc.binary_join_element_wise(pa.scalar(kind), texts, pa.scalar(":")))


def _coded(table: pa.Table, name: str, *, known: bool = False) -> Coded:
    """`known`: placeholders are as empty."""
    array = table[name].combine_chunks()
    array = array if pa.types.is_dictionary(array.type) else array.dictionary_encode()
    texts = array.dictionary.cast(pa.large_string())
    names = texts_of(texts)
    given = (np.diff(names.starts) > 0) & (_filled(texts) if known else True)
    own = np.where(given, np.arange(len(names)), NOBODY).astype(np.int32)
    return Coded(codes=own[array.indices.to_numpy(zero_copy_only=False)], names=names)


def _whole(table: pa.Table, name: str) -> Int64s:
    array = table[name].combine_chunks()
    if pa.types.is_timestamp(array.type):
        array = array.cast(pa.timestamp("us", tz=array.type.tz)).cast(pa.int64())
    found: Int64s = array.to_numpy(zero_copy_only=False).astype(np.int64)
    return found


def _micro(table: pa.Table, name: str) -> Int64s:
    usd = table[name].combine_chunks().cast(pa.float64()).to_numpy(zero_copy_only=False)
    unknown = np.isnan(usd)
    found: Int64s = np.where(unknown, USD_UNKNOWN, np.rint(np.where(unknown, 0.0, usd) * MICRO_USD)).astype(np.int64)
    return found


def _facts(table: pa.Table, at_us: Int64s, n: int) -> Int64s:
    """int64[n, FACTS], as `facts_of`."""

    def holds(name: str) -> Any:
        return _coded(table, name, known=True).codes >= 0

    def listed(name: str) -> Any:
        lengths = pc.list_value_length(table[name].combine_chunks())
        return lengths.to_numpy(zero_copy_only=False) > 0

    def one_of(name: str, *words: str) -> Any:
        return _coded(table, name).is_one_of(*words)

    registers = table["registers"].combine_chunks()
    money_service = np.zeros(n, np.bool_)
    owner = pc.list_parent_indices(registers).to_numpy(zero_copy_only=False)
    money_service[owner[pc.equal(registers.flatten(), "money-service").to_numpy(zero_copy_only=False)]] = True
    tries, score, mark = (
        table[name].combine_chunks().to_numpy(zero_copy_only=False)
        for name in ("face_tries", "face_score", "face_fail_mark")
    )
    found = {
        "known": np.ones(n, np.int64),
        "legal": one_of("kind", "legal"),
        "business": one_of("account_type", "business") | one_of("kind", "legal"),
        "verified": one_of("verification", "full"),
        "has_name": holds("name"),
        "has_birth": holds("birth"),
        "has_address": holds("address"),
        "has_document": np.isin(np.arange(n), _listed(table, "documents", "document")[0]),
        **{
            name: _whole(table, name)
            for name in ("document_expires_us", "opened_us", "verified_us", "age", "minimum_age")
        },
        "income_micro": _micro(table, "declared_income_usd"),
        "address_type": _mapped(_coded(table, "address_type"), {kind: i for i, kind in enumerate(ADDRESS_TYPES)}),
        "country": _country(table),
        "face_failed": (tries >= FAILED_TRIES) & (score < mark),
        "guarded": holds("guardian"),
        "staff": _whole(table, "staff"),
        "money_service": money_service,
        "related": listed("related"),
        "basic_tier": ~one_of("tier", *UPPER_TIERS),
        "cap_micro": _micro(table, "tier_cap_usd"),
        "mobile": one_of("occupation", *MOBILE),
        "at_us": at_us,
    }
    facts: Int64s = np.stack([np.asarray(found[name]).astype(np.int64) for name in FACTS], axis=1)
    return facts


def _mapped(coded: Coded, numbers: dict[str, int]) -> Int64s:
    own = np.array([*(numbers.get(name, 0) for name in coded.names), 0], np.int64)
    found: Int64s = own[coded.codes]
    return found


def _country(table: pa.Table) -> Int64s:
    """That whose rules hold, else that of residence."""
    rules, home = _coded(table, "jurisdiction"), _coded(table, "residence")
    found: Int64s = np.where(rules.codes >= 0, _mapped(rules, dict(COUNTRY_CODES)), _mapped(home, dict(COUNTRY_CODES)))
    return found
