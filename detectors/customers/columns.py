"""Customer snapshots and account events as columns, in event-time order. Pure.

A snapshot becomes one row `snapshot`, one row `link` for each identifier it names and one row `attest` for each wallet
whose control was shown, so that shared identifiers are counted by the same windows as everything else.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Literal, get_args, overload

import numpy as np
import numpy.typing as npt

from manumit.detectors.customers.facts import FACTS, UNKNOWN, facts_of, micro
from manumit.detectors.customers.texts import Texts
from manumit.schemas.account_event import ACCOUNT_EVENT_KINDS, AccountEvent
from manumit.schemas.block import USD_UNKNOWN, Int32s, Int64s
from manumit.schemas.customer import Customer
from manumit.schemas.subject import customer_subject

Record = Customer | AccountEvent
Bools = npt.NDArray[np.bool_]
KeyName = Literal[
    "customer",
    "counterparty",
    "device",
    "contact",
    "place",
    "country",
    "instrument",
    "source_instrument",
    "provider",
    "identifier",
    "name",
    "whereabouts",
    "dealing",
]
KEYS: tuple[KeyName, ...] = get_args(KeyName)
OF_EVENT = KEYS[1:9]
PARTS: Mapping[str, tuple[KeyName, KeyName]] = MappingProxyType(
    {"whereabouts": ("customer", "place"), "dealing": ("customer", "counterparty")}
)  # keys of two halves
WORDS = (
    "kind",
    "channel",
    "outcome",
    "direction",
    "counterparty_kind",
    "relation",
    "purpose",
    "merchant_category",
    "travel_rule",
    "asset",
)
NUMBERS = ("counterparty_age", "nights", "rooms", "limit_micro", "unlisted", "violations")
SNAPSHOT, LINK, ATTEST = "snapshot", "link", "attest"
KINDS = (SNAPSHOT, LINK, ATTEST, *ACCOUNT_EVENT_KINDS)
NOBODY = -1
PARTED = "\x1f"  # between the two halves of a key


@dataclass(frozen=True, slots=True, kw_only=True)
class Coded:
    """n texts as codes into `names`, which may hold a text twice; -1 where there is none."""

    codes: Int32s
    names: Sequence[str]

    def is_one_of(self, *names: str) -> Bools:
        """bool[n]; an empty name is no name."""
        return self._holding([name in names for name in self.names])

    def starts(self, *prefixes: str) -> Bools:
        return self._holding([name.startswith(prefixes) for name in self.names])

    def _holding(self, wanted: list[bool]) -> Bools:
        found: Bools = np.array([*wanted, False], np.bool_)[self.codes]
        return found

    def part(self, start: int, stop: int) -> Coded:
        return replace(self, codes=self.codes[start:stop])

    def joined(self, other: Coded) -> Coded:
        """The rows of both, one after the other."""
        if isinstance(self.names, tuple) and isinstance(other.names, tuple):
            names: Sequence[str] = (*self.names, *other.names)
        else:
            names = Texts.joined(self.names, other.names)
        moved = np.where(other.codes >= 0, other.codes + len(self.names), NOBODY).astype(np.int32)
        return Coded(codes=np.concatenate([self.codes, moved]), names=names)


class Halves(Sequence[str]):
    """The names of a key of two halves, one a row, made when asked for."""

    def __init__(self, one: Coded, two: Coded) -> None:
        self._one, self._two = one, two

    def __len__(self) -> int:
        return len(self._one.codes)

    @overload
    def __getitem__(self, place: int) -> str: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[str]: ...
    def __getitem__(self, place: int | slice) -> str | Sequence[str]:
        if isinstance(place, slice):
            return [self[i] for i in range(*place.indices(len(self)))]
        one, two = self._one, self._two
        return f"{one.names[int(one.codes[place])]}{PARTED}{two.names[int(two.codes[place])]}"


def parted(one: Coded, two: Coded) -> Coded:
    """The key of both, where a row has both."""
    rows = np.arange(len(one.codes), dtype=np.int32)
    both = (one.codes >= 0) & (two.codes >= 0)
    return Coded(codes=np.where(both, rows, NOBODY).astype(np.int32), names=Halves(one, two))


@dataclass(frozen=True, slots=True, kw_only=True)
class EventColumns:
    """n rows. `usd_micro` is -1 where unknown; `facts` int64[s, len(FACTS)] of the s snapshots, `snapshot` int32[n]
    their index at snapshot rows, -1 elsewhere. `record` int32[n] tells which record a row was made of.
    """

    at_us: Int64s
    usd_micro: Int64s
    record: Int32s
    snapshot: Int32s
    facts: Int64s
    keys: Mapping[str, Coded]
    words: Mapping[str, Coded]
    numbers: Mapping[str, Int64s]
    notes: Coded
    event_ids: Sequence[str]

    def __len__(self) -> int:
        return len(self.at_us)

    def own_facts(self) -> Int64s:
        """int64[n, FACTS]: what the row's own snapshot says, at rows that were made of one."""
        of_record = np.full(len(self.event_ids), NOBODY, np.int32)
        rows = np.flatnonzero(self.snapshot >= 0)
        of_record[self.record[rows]] = self.snapshot[rows]
        known = np.concatenate([self.facts, np.array([UNKNOWN], np.int64)])
        own: Int64s = known[of_record[self.record]]
        return own

    def event_id(self, row: int) -> str:
        return self.event_ids[int(self.record[row])]

    def key(self, name: KeyName) -> Coded:
        """Those of two halves are made of them."""
        halves = PARTS.get(name)
        return self.keys[name] if halves is None else parted(self.keys[halves[0]], self.keys[halves[1]])

    def part(self, start: int, stop: int) -> EventColumns:
        """Some of the rows, as views."""
        return replace(
            self,
            at_us=self.at_us[start:stop],
            usd_micro=self.usd_micro[start:stop],
            record=self.record[start:stop],
            snapshot=self.snapshot[start:stop],
            keys={name: coded.part(start, stop) for name, coded in self.keys.items()},
            words={name: coded.part(start, stop) for name, coded in self.words.items()},
            numbers={name: column[start:stop] for name, column in self.numbers.items()},
            notes=self.notes.part(start, stop),
        )


@dataclass(slots=True)
class Coder:
    codes: list[int] = field(default_factory=list)
    known: dict[str, int] = field(default_factory=dict)

    def put(self, name: str) -> None:
        self.codes.append(NOBODY if name == "" else self.known.setdefault(name, len(self.known)))

    def coded(self) -> Coded:
        return Coded(codes=np.array(self.codes, np.int32), names=tuple(self.known))


class Rows:
    """Collects rows; `EventColumns` comes out."""

    def __init__(self) -> None:
        self.at_us: list[int] = []
        self.usd: list[int] = []
        self.record: list[int] = []
        self.snapshot: list[int] = []
        self.facts: list[tuple[int, ...]] = []
        self.keys = {name: Coder() for name in KEYS if name not in PARTS}
        self.words = {name: Coder() for name in WORDS}
        self.numbers: dict[str, list[int]] = {name: [] for name in NUMBERS}
        self.notes = Coder()

    def put(self, record: int, at_us: int, usd: int, kind: str, keys: Mapping[str, str]) -> None:
        self.at_us.append(at_us)
        self.usd.append(usd)
        self.record.append(record)
        self.snapshot.append(NOBODY)
        for name, coder in self.keys.items():
            coder.put(keys.get(name, ""))
        self.words["kind"].put(kind)

    def put_customer(self, record: int, one: Customer) -> None:
        customer = customer_subject(one.exchange, one.customer_id)
        self.put(record, one.at_us, USD_UNKNOWN, SNAPSHOT, {"customer": customer})
        self.snapshot[-1] = len(self.facts)
        self.facts.append(facts_of(one))
        self._plain()
        for identifier in dict.fromkeys(identifiers(one)):
            keys = {"customer": customer, "identifier": identifier, "name": one.name}
            self.put(record, one.at_us, USD_UNKNOWN, LINK, keys)
            self._plain()
        for wallet in dict.fromkeys(one.attested):
            self.put(record, one.at_us, USD_UNKNOWN, ATTEST, {"customer": customer, "counterparty": wallet})
            self._plain()

    def _plain(self) -> None:
        for word in WORDS[1:]:
            self.words[word].put("")
        self.notes.put("")
        for number in self.numbers.values():
            number.append(0)

    def put_event(self, record: int, one: AccountEvent) -> None:
        keys: dict[str, str] = {name: getattr(one, name) for name in OF_EVENT}
        keys["customer"] = customer_subject(one.exchange, one.customer_id)
        self.put(record, one.at_us, micro(one.amount_usd), one.kind, keys)
        for word in WORDS[1:]:
            self.words[word].put(getattr(one, word))
        numbers = (
            one.counterparty_age,
            one.nights,
            one.rooms,
            micro(one.limit_usd),
            int(one.counterparty_kind == "recruiter" and "recruitment" not in one.registers),
            int("violations" in one.registers),
        )
        for column, number in zip(self.numbers.values(), numbers, strict=True):
            column.append(number)
        self.notes.put(one.note)

    def columns(self, event_ids: Sequence[str]) -> EventColumns:
        return EventColumns(
            at_us=np.array(self.at_us, np.int64),
            usd_micro=np.array(self.usd, np.int64),
            record=np.array(self.record, np.int32),
            snapshot=np.array(self.snapshot, np.int32),
            facts=np.array(self.facts, np.int64).reshape(len(self.facts), len(FACTS)),
            keys={name: coder.coded() for name, coder in self.keys.items()},
            words={name: coder.coded() for name, coder in self.words.items()},
            numbers={name: np.array(column, np.int64) for name, column in self.numbers.items()},
            notes=self.notes.coded(),
            event_ids=tuple(event_ids),
        )


def identifiers(one: Customer) -> Iterator[str]:
    """What two customers should not share without a reason; the prefix tells the kind."""
    yield from (prefixed("device", text) for text in one.devices)
    yield from (prefixed("contact", text) for text in one.contacts)
    yield from (prefixed("document", text) for text in one.documents)
    yield from (prefixed("portrait", text) for text in one.portraits)
    yield from (prefixed("wallet", text) for text in one.wallets)
    if one.address:
        yield prefixed("address", one.address)


def prefixed(kind: str, text: str) -> str:
    return text if text.startswith(f"{kind}:") else f"{kind}:{text}"


def in_order(customers: Sequence[Customer], events: Sequence[AccountEvent]) -> list[Record]:
    """By time; at one moment what is known of customers comes before what they do."""
    merged: list[Record] = [*customers, *events]
    return sorted(merged, key=lambda record: record.at_us)  # stable


def columns_of(records: Sequence[Record]) -> EventColumns:
    """Records in order as columns."""
    rows = Rows()
    for number, record in enumerate(records):
        if isinstance(record, Customer):
            rows.put_customer(number, record)
        else:
            rows.put_event(number, record)
    return rows.columns([record.event_id for record in records])
