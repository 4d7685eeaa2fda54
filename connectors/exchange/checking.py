"""A whole export checked before anything is loaded: every unusable row with its number, reason and remedy."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, partial
from hashlib import blake2b
from types import MappingProxyType
from typing import Any, get_args, get_origin

import msgspec

from manumit.connectors.exchange.cells import Tokenise, Value, value_of
from manumit.connectors.exchange.damage import Problem, Unusable
from manumit.connectors.exchange.mapping import FieldMap
from manumit.connectors.exchange.mapping import Mapping as ColumnMapping
from manumit.connectors.exchange.rows import Cell, Export, Row
from manumit.schemas.account_event import AccountEvent
from manumit.schemas.customer import Customer
from manumit.schemas.errors import BadRecord, ConfigError
from manumit.schemas.fields import kinds_of
from manumit.schemas.identifiers import id_fault
from manumit.schemas.placeholders import is_placeholder
from manumit.schemas.wire import build, encode

Made = Customer | AccountEvent
Read = Callable[[str], Value]
IDS = ("customer_id", "account_event_id")
DAY_US = 86_400_000_000
WHY_NO_ID: Mapping[str, str] = MappingProxyType(
    {
        "id-invisible": "holds a character that is not seen",
        "id-spaces": "has spaces around it, or several in a row",
        "id-unicode": "is written in another Unicode form",
        "id-contact": "is an e-mail address or a phone number",
        "id-placeholder": "stands for no id",
    }
)
MAY_BE_UNKNOWN = frozenset(
    """
    name birth address contacts devices documents portraits wallets attested related guardian
    counterparty contact device session provider instrument source_instrument payer
    """.split()  # noqa: SIM905 - rows of words are read, a list of strings is not
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """`rows` counts all rows, `bad` those with a problem. Without problems the file may be loaded.

    `unread` are columns that no field is made of, in order of their names; `remarks` the rows of each column that hold
    a placeholder: it is read as an empty cell, and the row is no bad one.
    """

    problems: tuple[Problem, ...]
    rows: int
    bad: int
    unread: tuple[str, ...] = ()
    remarks: Mapping[str, Sequence[int]] = field(default_factory=dict)

    def by_kind(self) -> list[tuple[str, tuple[Problem, ...]]]:
        """Kinds with their problems, the most frequent first."""
        counted = Counter(problem.kind for problem in self.problems)
        order = sorted(counted, key=lambda kind: (-counted[kind], kind))
        return [(kind, tuple(p for p in self.problems if p.kind == kind)) for kind in order]


@dataclass(slots=True)
class Checking:
    """One pass over one file. `openings` are the known customers and when their accounts were opened (0: unknown)."""

    mapping: ColumnMapping
    tokenise: Tokenise
    now_us: int
    openings: Mapping[str, int] | None = None
    seen: dict[str, tuple[int, bytes]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    remarks: dict[str, list[int]] = field(default_factory=dict)

    def records(self, export: Export) -> Iterator[Made]:
        """Good rows as records; the others are in `problems` afterwards. Raises ConfigError for a missing column."""
        return (made for _, made in self.numbered(export))

    def numbered(self, export: Export) -> Iterator[tuple[int, Made]]:
        """As `records`, with the numbers of their rows."""
        absent = sorted({f.column for f in self.mapping.fields.values()} - export.columns)
        if absent:
            found = ", ".join(sorted(export.columns)[:20])
            raise ConfigError(f"the file has no column {', '.join(absent)}; it has {found}. Change the mapping.")
        self.seen, self.problems, self.remarks = {}, [], {}
        for number, row in export.rows():
            made = self._row(number, row)
            if made is not None:
                yield number, made

    def check(self, export: Export) -> Checked:
        """The whole file, keeping nothing but what is wrong. Raises ConfigError for a missing column."""
        good = sum(1 for _ in self.records(export))
        bad = len({problem.row for problem in self.problems})
        read = {how.column for how in self.mapping.fields.values()}
        unread = tuple(sorted(export.columns - read - {""}))
        return Checked(problems=tuple(self.problems), rows=good + bad, bad=bad, unread=unread, remarks=self.remarks)

    def _row(self, number: int, row: Row | Problem) -> Made | None:
        if isinstance(row, Problem):
            self.problems.append(row)
            return None
        before = len(self.problems)
        values = self._values(number, row)
        if len(self.problems) > before:
            return None
        made = self._build(number, values)
        if made is None:
            return None
        self.problems += self._about(number, made)
        return made if len(self.problems) == before else None

    def _values(self, number: int, row: Row) -> dict[str, Any]:
        found: dict[str, Any] = {"exchange": self.mapping.exchange, **self.mapping.constants}
        kinds = kinds_of(self.mapping.struct)
        order = sorted(self.mapping.fields.items(), key=lambda entry: entry[0] != "at_us")  # an age needs the moment
        for name, how in order:
            try:
                cell = self._known(number, name, how, row.get(how.column, ""))
                _sound_id(name, cell)
                if cell in ("", []):
                    self._absent(name, how)
                    continue
                if how.form == "age" and "at_us" not in found:
                    continue
                at_us = int(found.get("at_us", 0))
                read = partial(value_of, field=how, name=name, kind=kinds[name], at_us=at_us, tokenise=self.tokenise)
                value = _list(cell, how, read) if kinds[name] == "texts" else _one(cell, read)
                _known_word(self.mapping.struct, name, value)
                found[name] = value
            except Unusable as error:
                problem = Problem(row=number, kind=error.kind, column=how.column, why=error.why)
                self.problems += [] if problem in self.problems[-2:] else [problem]  # two fields may read one column
        return found

    def _known(self, number: int, name: str, how: FieldMap, cell: Cell) -> Cell:
        """The cell without placeholders, which are remarked; words that the mapping translates stay."""
        if name not in MAY_BE_UNKNOWN and how.form != "age":
            return cell
        parts = [cell] if isinstance(cell, str) else cell
        if isinstance(cell, str) and how.separator and not is_placeholder(cell):
            parts = cell.split(how.separator)
        known = [part for part in parts if part in how.values or not is_placeholder(part)]
        if len(known) == len(parts):
            return cell
        rows = self.remarks.setdefault(how.column, [])
        if rows[-1:] != [number]:  # two fields may read one column
            rows.append(number)
        return known

    def _absent(self, name: str, how: FieldMap) -> None:
        if name in IDS:
            raise Unusable("missing-id", "is empty")
        if name == "at_us":
            raise Unusable("missing-time", "is empty")
        if how.required or name in _required(self.mapping.struct):
            raise Unusable("missing-value", "is empty")

    def _build(self, number: int, values: dict[str, Any]) -> Made | None:
        try:
            return build(self.mapping.struct, values)
        except BadRecord as error:
            self.problems.append(Problem(row=number, kind="unknown-word", column="", why=str(error)))
            return None

    def _about(self, number: int, made: Made) -> Iterator[Problem]:
        """What a row says against itself, against its neighbours and against the customers."""
        if made.at_us > self.now_us:
            yield self._problem(number, "time-in-future", "at_us", "is in the future")
        digest = blake2b(encode(made), digest_size=16).digest()
        first = self.seen.setdefault(made.event_id, (number, digest))
        if first[0] != number:
            kind = "duplicate-id" if first[1] == digest else "conflicting-rows"
            id_field = "customer_id" if isinstance(made, Customer) else "account_event_id"
            yield self._problem(number, kind, id_field, f"stands in row {first[0]} already")
        if isinstance(made, Customer):
            yield from self._about_days(number, made)
        elif self.openings is not None and made.customer_id not in self.openings:
            yield self._problem(number, "unknown-customer", "customer_id", "is no customer of the other file")
        elif self.openings is not None and made.at_us < self.openings[made.customer_id]:
            yield self._problem(number, "before-opening", "at_us", "is before the account was opened")

    def _about_days(self, number: int, made: Customer) -> Iterator[Problem]:
        """A snapshot of a day without a time may tell of what happened later on that day, hence `DAY_US`."""
        if 0 < made.verified_us < made.opened_us:
            yield self._problem(number, "verified-before-opening", "verified_us", "is before the opening")
        if made.verified_us >= made.at_us + DAY_US:
            yield self._problem(number, "verified-after-snapshot", "verified_us", "is after the moment of the row")
        if made.opened_us >= made.at_us + DAY_US:
            yield self._problem(number, "opened-after-snapshot", "opened_us", "is after the moment of the row")

    def _problem(self, number: int, kind: str, name: str, why: str) -> Problem:
        how = self.mapping.fields.get(name)
        return Problem(row=number, kind=kind, column=how.column if how else name, why=why)


def _sound_id(name: str, cell: Cell) -> None:
    if name in IDS and isinstance(cell, str) and (fault := id_fault(cell)):
        raise Unusable(fault, WHY_NO_ID[fault])


def _one(cell: Cell, read: Read) -> Value:
    if isinstance(cell, list):
        raise Unusable("list-form", "is a list where one value is kept")
    return read(cell)


def _list(cell: Cell, how: FieldMap, read: Read) -> tuple[Value, ...]:
    parts = cell
    if isinstance(cell, str):
        parts = cell.split(how.separator) if how.separator else [cell]
    if not all(part.strip() for part in parts):
        raise Unusable("list-form", "holds an empty part")
    return tuple(read(part.strip()) for part in parts)


@cache
def _required(struct: type[Made]) -> frozenset[str]:
    return frozenset(f.name for f in msgspec.structs.fields(struct) if f.required)


@cache
def _words(struct: type[Made]) -> dict[str, tuple[str, ...]]:
    found = {}
    for f in msgspec.structs.fields(struct):
        inner = get_args(f.type)[0] if get_args(f.type) else None
        if get_origin(inner) is not None and all(isinstance(word, str) for word in get_args(inner)):
            found[f.name] = get_args(inner)
    return found


def _known_word(struct: type[Made], name: str, value: object) -> None:
    words = _words(struct).get(name)
    if words is not None and value not in words:
        raise Unusable("unknown-word", f"is none of {', '.join(word for word in words if word)}")
