"""Account events from Arrow straight to columns: no row becomes a Python object on the way.

A name's text is looked at once in a row group; texts without a dictionary stay where Arrow keeps them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, overload

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from manumit.detectors.customers.coded import NOBODY, Coded
from manumit.detectors.customers.columns import KEYS, NO_LEAD, PARTS, WORDS, EventColumns, arrival
from manumit.detectors.customers.facts import FACTS
from manumit.detectors.customers.texts import Texts
from manumit.detectors.geohash import cells_apart_km
from manumit.schemas.account_event import ACCOUNT_EVENT_KINDS
from manumit.schemas.block import MICRO_USD, USD_UNKNOWN, Int64s
from manumit.schemas.errors import BadRecord
from manumit.schemas.fields import MAX_USD, YEAR_1970_US
from manumit.schemas.subject import MAX_NAME, customer_subject, quoted

NUMBERS = ("counterparty_age", "nights", "rooms", "hours")
KEY_TEXTS = ("counterparty", "device", "contact", "instrument", "source_instrument", "provider")
KEY_WORDS = ("place", "country")
NEEDED = (
    "exchange", "account_event_id", "customer_id", "at_us", "starts_us", "home", "payer", "amount_usd", "limit_usd",
    "note", "registers",
    *KEY_TEXTS, *KEY_WORDS, *WORDS, *NUMBERS,
)  # fmt: skip
DICTIONARIES = ("customer_id", "note", *KEY_TEXTS)
CHECK = "look at the file with `manumit exchange check` first"


class EventIds(Sequence[str]):
    """`account:EXCHANGE:ID` of each row, made when asked for."""

    def __init__(self, exchange: Coded, ids: Texts) -> None:
        self._exchange, self._ids = exchange, ids

    def __len__(self) -> int:
        return len(self._ids)

    @overload
    def __getitem__(self, place: int) -> str: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[str]: ...
    def __getitem__(self, place: int | slice) -> str | Sequence[str]:
        if isinstance(place, slice):
            return [self[i] for i in range(*place.indices(len(self)))]
        return f"account:{self._exchange.names[int(self._exchange.codes[place])]}:{self._ids[place]}"


def event_columns(table: pa.Table) -> EventColumns:
    """Rows of `AccountEvent` in the file form, in event-time order. Columns that are absent are empty.

    Raises BadRecord `malformed` for rows that the record does not allow.
    """
    table = table.combine_chunks()
    n = table.num_rows
    coded = {name: _coded(table, name) for name in (*KEY_TEXTS, *KEY_WORDS, *WORDS, "note", "exchange")}
    if not set(coded["kind"].names) <= {*ACCOUNT_EVENT_KINDS, ""} or (coded["kind"].codes < 0).any():
        raise BadRecord("malformed", f"an account event is of no known kind; {CHECK}")
    numbers = {name: _numbers(table, name) for name in NUMBERS}
    recruits, offends = (_registered(table, name) for name in ("recruitment", "violations"))
    starts_us = _times(table, "starts_us") if "starts_us" in table.column_names else np.zeros(n, np.int64)
    at_us = _times(table, "at_us")
    numbers |= {
        "lead_us": np.where(starts_us > YEAR_1970_US, starts_us - at_us, NO_LEAD),
        "home_km": _apart(_coded(table, "home"), coded["place"]),
        "other_pays": (_coded(table, "payer").codes >= 0).astype(np.int64),
        "limit_micro": _micro(table, "limit_usd"),
        "unlisted": (coded["counterparty_kind"].is_one_of("recruiter") & ~recruits).astype(np.int64),
        "violations": offends.astype(np.int64),
    }
    nothing = Coded(codes=np.full(n, NOBODY, np.int32), names=())
    keys: dict[str, Coded] = {name: coded.get(name, nothing) for name in KEYS if name not in PARTS}
    keys["customer"] = subjects(coded["exchange"], _coded(table, "customer_id"))
    keys["arrival"] = _arrivals(keys["customer"], starts_us)
    return EventColumns(
        at_us=at_us,
        usd_micro=_micro(table, "amount_usd"),
        record=np.arange(n, dtype=np.int32),
        snapshot=np.full(n, NOBODY, np.int32),
        facts=np.zeros((0, len(FACTS)), np.int64),
        keys=keys,
        words={name: coded[name] for name in WORDS},
        numbers=numbers,
        notes=coded["note"],
        event_ids=EventIds(coded["exchange"], texts_of(_one(table, "account_event_id").cast(pa.large_string()))),
    )


def _one(table: pa.Table, name: str) -> Any:
    """A column as one array. Raises BadRecord where it is missing or a cell is empty that may not be."""
    if name not in table.column_names:
        raise BadRecord("malformed", f"the column {name} is missing; {CHECK}")
    column = table.column(name)
    found = column.chunk(0) if column.num_chunks else pa.array([], column.type)
    if found.null_count and name not in ("amount_usd", "limit_usd"):
        raise BadRecord("malformed", f"the column {name} holds nothing at {found.null_count} rows; {CHECK}")
    return found


def texts_of(array: Any) -> Texts:
    """A large string array as texts over its own memory."""
    _, offsets, raw = array.buffers()
    starts = np.frombuffer(offsets, np.int64)[array.offset : array.offset + len(array) + 1]
    return Texts(np.frombuffer(raw, np.uint8) if raw is not None else np.zeros(0, np.uint8), starts)


def _coded(table: pa.Table, name: str) -> Coded:
    if name not in table.column_names and name not in ("exchange", "customer_id", "kind"):
        return Coded(codes=np.full(table.num_rows, NOBODY, np.int32), names=())
    array = _one(table, name)
    if not pa.types.is_dictionary(array.type):
        array = array.dictionary_encode()
    names = texts_of(array.dictionary.cast(pa.large_string()))
    own = np.where(np.diff(names.starts) > 0, np.arange(len(names)), NOBODY).astype(np.int32)
    codes = own[array.indices.to_numpy(zero_copy_only=False)] if len(names) else np.zeros(0, np.int32)
    return Coded(codes=codes, names=names if name in DICTIONARIES else tuple(names))


def subjects(exchange: Coded, customer: Coded) -> Coded:
    """The customers as subjects of alerts. One exchange and plain ids need no look at each."""
    used = np.unique(exchange.codes)
    ids = customer.names
    if len(used) == 1 and isinstance(ids, Texts) and _plain(ids):
        start = f"customer:{quoted(exchange.names[int(used[0])])}:".encode()
        return Coded(codes=customer.codes, names=_prefixed(start, ids))
    both = customer.codes.astype(np.int64) << 32 | exchange.codes
    found, codes = np.unique(both, return_inverse=True)
    names = tuple(customer_subject(exchange.names[pair & 0xFFFFFFFF], ids[pair >> 32]) for pair in found.tolist())
    return Coded(codes=codes.astype(np.int32), names=names)


def _plain(ids: Texts) -> bool:
    held = ids.raw[ids.starts[0] : ids.starts[-1]]
    short = len(ids) == 0 or int(np.diff(ids.starts).max()) < MAX_NAME
    return short and not np.isin(held, np.frombuffer(b"%:~", np.uint8)).any()


def _prefixed(start: bytes, texts: Texts) -> Texts:
    lengths = np.diff(texts.starts) + len(start)
    starts = np.concatenate([np.zeros(1, np.int64), np.cumsum(lengths)])
    raw = np.empty(int(starts[-1]), np.uint8)
    is_start = np.zeros(len(raw), np.bool_)
    for place, letter in enumerate(start):
        raw[starts[:-1] + place] = letter
        is_start[starts[:-1] + place] = True
    raw[~is_start] = texts.raw[texts.starts[0] : texts.starts[-1]]
    return Texts(raw, starts)


def _arrivals(customer: Coded, starts_us: Int64s) -> Coded:
    """Only bookings have a day of arrival."""
    rows = np.flatnonzero(starts_us > YEAR_1970_US)
    codes = np.full(len(starts_us), NOBODY, np.int32)
    codes[rows] = np.arange(len(rows))
    named = zip(customer.codes[rows].tolist(), starts_us[rows].tolist(), strict=True)
    return Coded(codes=codes, names=tuple(arrival(customer.names[who], us) for who, us in named))


def _apart(home: Coded, place: Coded) -> Int64s:
    """Whole kilometres between where a guest lives and the place; each pair of cells is measured once."""
    found = np.full(len(place.codes), -1, np.int64)
    rows = np.flatnonzero((home.codes >= 0) & (place.codes >= 0))
    pairs = home.codes[rows].astype(np.int64) << 32 | place.codes[rows]
    known, each = np.unique(pairs, return_inverse=True)
    apart = [cells_apart_km(home.names[pair >> 32], place.names[pair & 0xFFFFFFFF]) for pair in known.tolist()]
    found[rows] = np.array(apart, np.int64)[each] if apart else -1
    return found


def _times(table: pa.Table, name: str) -> Int64s:
    array = _one(table, name)
    if pa.types.is_timestamp(array.type):
        array = array.cast(pa.timestamp("us", tz=array.type.tz)).cast(pa.int64())
    found: Int64s = array.cast(pa.int64()).to_numpy(zero_copy_only=False)
    return found


def _micro(table: pa.Table, name: str) -> Int64s:
    """Micro-USD, -1 where unknown."""
    if name not in table.column_names:
        return np.full(table.num_rows, USD_UNKNOWN, np.int64)
    usd = _one(table, name).cast(pa.float64()).to_numpy(zero_copy_only=False)
    known = ~np.isnan(usd)
    if ((usd[known] < 0) | (usd[known] > MAX_USD)).any():
        raise BadRecord("absurd-amount", f"{name} holds what is no amount of money; {CHECK}")
    found: Int64s = np.where(known, np.rint(np.where(known, usd, 0.0) * MICRO_USD), USD_UNKNOWN).astype(np.int64)
    return found


def _numbers(table: pa.Table, name: str) -> Int64s:
    if name not in table.column_names:
        return np.zeros(table.num_rows, np.int64)
    found: Int64s = _one(table, name).to_numpy(zero_copy_only=False).astype(np.int64)
    return found


def _registered(table: pa.Table, register: str) -> Any:
    """bool[n]: the counterparty was found in this register."""
    found = np.zeros(table.num_rows, np.bool_)
    if "registers" not in table.column_names:
        return found
    lists = _one(table, "registers")
    values = lists.flatten()
    if len(values):
        parents = pc.list_parent_indices(lists).to_numpy(zero_copy_only=False)
        found[parents[pc.equal(values, register).to_numpy(zero_copy_only=False)]] = True
    return found
