"""Account events as columns of codes, and one day of them as an Arrow table in the file form of `AccountEvent`.

A token is one integer: a letter in its upper bits says what it stands for, its number follows; its text is
`letter-` and eleven hexadecimal digits. -1 is no token. No row is ever a Python object.
"""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from manumit.connectors.world.exchange.words import CODES, REGISTERS, VOCABULARIES
from manumit.schemas.account_event import AccountEvent
from manumit.schemas.arrow import arrow_schema

Ints: TypeAlias = npt.NDArray[np.int64]
Codes: TypeAlias = npt.NDArray[Any]  # integers or amounts of any width
Values: TypeAlias = Any  # an array of n, or one number or word for all rows

LETTER_BITS = 44
DIGITS = LETTER_BITS // 4
NO_TOKEN = -1
TOKENS = ("counterparty", "device", "session", "contact", "provider", "instrument", "source_instrument")
SMALL = ("counterparty_age", "nights", "rooms", "registers")
USD = ("amount_usd", "limit_usd")
WORDS = tuple(name for name in VOCABULARIES if name != "exchange")
DTYPES: dict[str, Any] = {
    "at_us": np.int64,
    "who": np.int32,
    **dict.fromkeys(WORDS, np.int16),
    **dict.fromkeys(TOKENS, np.int64),
    **dict.fromkeys(USD, np.float64),
    **dict.fromkeys(SMALL, np.uint8),
}
EMPTY: dict[str, float] = {
    **dict.fromkeys(WORDS, 0),
    **dict.fromkeys(TOKENS, NO_TOKEN),
    **dict.fromkeys(USD, float("nan")),
    **dict.fromkeys(SMALL, 0),
}


def token(letter: str, number: Values) -> Any:
    """int64 tokens; numbers are folded into 44 bits."""
    return (np.int64(ord(letter)) << LETTER_BITS) | (np.asarray(number, np.int64) & ((1 << LETTER_BITS) - 1))


class Day:
    """Collects the rows of one day, in any order."""

    def __init__(self) -> None:
        self._parts: list[tuple[int, dict[str, Values]]] = []

    def put(self, who: Values, at_us: Values, kind: str, **columns: Values) -> None:
        """Rows of the customers `who` int[n]. Words may be given as text, one for all; raises KeyError for unknown."""
        if not len(who):
            return
        given: dict[str, Values] = {"who": who, "at_us": at_us, "kind": kind, **columns}
        for name, value in given.items():
            if name not in DTYPES:
                raise KeyError(f"account events have no column {name!r}")
            if isinstance(value, str):
                given[name] = CODES[name][value]
        self._parts.append((len(who), given))

    def columns(self) -> dict[str, npt.NDArray[Any]]:
        """All rows by time; rows of one moment stay in the order they were put in."""
        n = sum(count for count, _ in self._parts)
        whole = {name: np.full(n, EMPTY.get(name, 0), dtype) for name, dtype in DTYPES.items()}
        start = 0
        for count, given in self._parts:
            for name, value in given.items():
                whole[name][start : start + count] = value
            start += count
        order = np.argsort(whole["at_us"], kind="stable")
        return {name: column[order] for name, column in whole.items()}


def table(columns: dict[str, npt.NDArray[Any]], first: int) -> pa.Table:
    """Rows in the file form of `AccountEvent`; event ids count on from `first`."""
    n = len(columns["who"])
    arrays: dict[str, pa.Array] = {
        "exchange": _word("exchange", np.zeros(n, np.int16)),
        "account_event_id": texts(token("e", np.arange(first, first + n))),
        "customer_id": texts(token("c", columns["who"])),
        "at_us": pa.array(columns["at_us"], pa.int64()).cast(pa.timestamp("us", tz="UTC")),
        "registers": _registers(columns["registers"]),
        "starts_us": pa.array(np.zeros(n, np.int64)).cast(pa.timestamp("us", tz="UTC")),
        "hours": pa.array(np.zeros(n, np.uint8)),
        "home": pa.DictionaryArray.from_arrays(pa.array(np.zeros(n, np.int32)), pa.array([""])),
        "payer": texts(np.full(n, NO_TOKEN, np.int64)),
        "travel_gaps": pa.ListArray.from_arrays(pa.array(np.zeros(n + 1, np.int32)), pa.array([], pa.string())),
        "note": _word("note", columns["note"]).cast(pa.string()),
    }
    arrays |= {name: _word(name, columns[name]) for name in WORDS if name != "note"}
    arrays |= {name: texts(columns[name]) for name in TOKENS}
    arrays |= {name: pa.array(columns[name], mask=np.isnan(columns[name])) for name in USD}
    arrays |= {name: pa.array(columns[name]) for name in SMALL if name != "registers"}
    schema = arrow_schema(AccountEvent)
    return pa.Table.from_arrays([arrays[name].cast(schema.field(name).type) for name in schema.names], schema=schema)


def _word(name: str, codes: npt.NDArray[Any]) -> pa.Array:
    return pa.DictionaryArray.from_arrays(pa.array(codes, pa.int32()), pa.array(VOCABULARIES[name], pa.string()))


def _registers(codes: npt.NDArray[Any]) -> pa.Array:
    lengths = np.array([len(one) for one in REGISTERS], np.int32)[codes]
    offsets = np.concatenate([np.zeros(1, np.int32), np.cumsum(lengths, dtype=np.int32)])
    values = [name for one in codes[codes > 0].tolist() for name in REGISTERS[one]]
    return pa.ListArray.from_arrays(pa.array(offsets), pa.array(values, pa.string()))


def texts(tokens: Ints) -> pa.Array:
    """The texts of tokens, empty where there is none."""
    here = tokens[tokens >= 0]
    width = DIGITS + 2
    letters = np.empty((len(here), width), np.uint8)
    letters[:, 0] = here >> LETTER_BITS
    letters[:, 1] = ord("-")
    shifts = np.arange(4 * (DIGITS - 1), -1, -4)
    letters[:, 2:] = np.frombuffer(b"0123456789abcdef", np.uint8)[(here[:, None] >> shifts) & 15]
    lengths = np.where(tokens >= 0, width, 0)
    offsets = np.concatenate([np.zeros(1, np.int32), np.cumsum(lengths, dtype=np.int32)])
    buffers = [None, pa.py_buffer(offsets.astype(np.int32).tobytes()), pa.py_buffer(letters.tobytes())]
    return pa.StringArray.from_buffers(len(tokens), buffers[1], buffers[2])


def text(one: int) -> str:
    """The text of one token."""
    return f"{chr(one >> LETTER_BITS)}-{one & ((1 << LETTER_BITS) - 1):0{DIGITS}x}"
