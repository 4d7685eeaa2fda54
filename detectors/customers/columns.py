"""Customer snapshots and account events as columns, in event-time order. Pure.

A snapshot becomes one row `snapshot`, one row `link` for each identifier it names and one row `attest` for each wallet
whose control was shown, so that shared identifiers are counted by the same windows as everything else. A label of a
person becomes one row `named` when it begins.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Literal, get_args

import numpy as np

from manumit.detectors.customers.coded import NOBODY, Chained, Coded, parted
from manumit.detectors.customers.facts import FACTS, UNKNOWN, facts_of, micro
from manumit.detectors.customers.names import arrival, identifiers
from manumit.detectors.geohash import cells_apart_km
from manumit.schemas.account_event import ACCOUNT_EVENT_KINDS, AccountEvent
from manumit.schemas.block import USD_UNKNOWN, Int32s, Int64s
from manumit.schemas.customer import Customer
from manumit.schemas.fields import YEAR_1970_US
from manumit.schemas.label import Label
from manumit.schemas.placeholders import filled
from manumit.schemas.subject import customer_subject

Record = Customer | AccountEvent | Label
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
    "arrival",
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
NUMBERS = (
    "counterparty_age", "nights", "rooms", "limit_micro", "unlisted", "violations",
    "hours", "lead_us", "home_km", "other_pays",
)  # fmt: skip
NO_LEAD = 2**62  # of a stay that begins nobody knows when; `home_km` is -1 where it is unknown
SNAPSHOT, LINK, ATTEST, NAMED = "snapshot", "link", "attest", "named"
KINDS = (SNAPSHOT, LINK, ATTEST, *ACCOUNT_EVENT_KINDS, NAMED)


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

    def taken(self, rows: Int64s) -> EventColumns:
        """These rows, in this order."""
        return replace(
            self,
            at_us=self.at_us[rows],
            usd_micro=self.usd_micro[rows],
            record=self.record[rows],
            snapshot=self.snapshot[rows],
            keys={name: coded.taken(rows) for name, coded in self.keys.items()},
            words={name: coded.taken(rows) for name, coded in self.words.items()},
            numbers={name: column[rows] for name, column in self.numbers.items()},
            notes=self.notes.taken(rows),
        )

    def compacted(self) -> EventColumns:
        """The same rows without names, facts and ids of others: for few rows left of many."""
        records, record = np.unique(self.record, return_inverse=True)
        told, snapshot = np.unique(self.snapshot[self.snapshot >= 0], return_inverse=True)
        own = np.full(len(self), NOBODY, np.int32)
        own[self.snapshot >= 0] = snapshot
        return replace(
            self,
            record=record.astype(np.int32),
            snapshot=own,
            facts=self.facts[told],
            keys={name: coded.compacted() for name, coded in self.keys.items()},
            words={name: coded.compacted() for name, coded in self.words.items()},
            notes=self.notes.compacted(),
            event_ids=tuple(self.event_ids[one] for one in records.tolist()),
        )

    def joined(self, other: EventColumns) -> EventColumns:
        """The rows of both in order of time, at one moment the rows of this one first."""
        moved = np.where(other.snapshot >= 0, other.snapshot + len(self.facts), NOBODY).astype(np.int32)
        whole = EventColumns(
            at_us=np.concatenate([self.at_us, other.at_us]),
            usd_micro=np.concatenate([self.usd_micro, other.usd_micro]),
            record=np.concatenate([self.record, other.record + np.int32(len(self.event_ids))]),
            snapshot=np.concatenate([self.snapshot, moved]),
            facts=np.concatenate([self.facts, other.facts]),
            keys={name: coded.joined(other.keys[name]) for name, coded in self.keys.items()},
            words={name: coded.joined(other.words[name]) for name, coded in self.words.items()},
            numbers={name: np.concatenate([column, other.numbers[name]]) for name, column in self.numbers.items()},
            notes=self.notes.joined(other.notes),
            event_ids=Chained(self.event_ids, other.event_ids),
        )
        return whole.taken(np.argsort(whole.at_us, kind="stable"))

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
            keys = {"customer": customer, "identifier": identifier, "name": filled(one.name)}
            self.put(record, one.at_us, USD_UNKNOWN, LINK, keys)
            self._plain()
        for wallet in dict.fromkeys(one.attested):
            self.put(record, one.at_us, USD_UNKNOWN, ATTEST, {"customer": customer, "counterparty": wallet})
            self._plain()

    def put_label(self, record: int, one: Label) -> None:
        keys = {"identifier": one.subject, "counterparty": one.subject}
        self.put(record, one.valid_from_us, USD_UNKNOWN, NAMED, keys)
        self._plain()

    def _plain(self) -> None:
        for word in WORDS[1:]:
            self.words[word].put("")
        self.notes.put("")
        for number in self.numbers.values():
            number.append(0)

    def put_event(self, record: int, one: AccountEvent) -> None:
        keys: dict[str, str] = {name: getattr(one, name) for name in OF_EVENT}
        customer = keys["customer"] = customer_subject(one.exchange, one.customer_id)
        keys["arrival"] = arrival(customer, one.starts_us)
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
            one.hours,
            one.starts_us - one.at_us if one.starts_us > YEAR_1970_US else NO_LEAD,
            cells_apart_km(one.home, one.place),
            int(one.payer != ""),
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


def in_order(
    customers: Sequence[Customer], events: Sequence[AccountEvent], labels: Sequence[Label] = ()
) -> list[Record]:
    """By time; at one moment what is known of customers comes before what they do."""
    merged: list[Record] = [*labels, *customers, *events]
    return sorted(merged, key=moment_of)  # stable


def moment_of(record: Record) -> int:
    return record.valid_from_us if isinstance(record, Label) else record.at_us


def columns_of(records: Sequence[Record]) -> EventColumns:
    """Records in order as columns."""
    rows = Rows()
    for number, record in enumerate(records):
        if isinstance(record, Customer):
            rows.put_customer(number, record)
        elif isinstance(record, Label):
            rows.put_label(number, record)
        else:
            rows.put_event(number, record)
    return rows.columns([record.event_id for record in records])
