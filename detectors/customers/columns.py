"""Customer snapshots and account events as columns, in event-time order. Pure.

A snapshot becomes one row `snapshot`, one row `link` for each identifier it names and one row `attest` for each wallet
whose control was shown, so that shared identifiers are counted by the same windows as everything else.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, get_args

import numpy as np
import numpy.typing as npt

from manumit.detectors.customers.facts import FACTS, UNKNOWN, facts_of, micro
from manumit.detectors.geohash import cells_apart_km
from manumit.schemas.account_event import ACCOUNT_EVENT_KINDS, AccountEvent
from manumit.schemas.block import USD_UNKNOWN, Int32s, Int64s
from manumit.schemas.customer import Customer
from manumit.schemas.fields import YEAR_1970_US
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
    "arrival",
]
KEYS: tuple[KeyName, ...] = get_args(KeyName)
OF_EVENT = KEYS[1:9]
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
SNAPSHOT, LINK, ATTEST = "snapshot", "link", "attest"
KINDS = (SNAPSHOT, LINK, ATTEST, *ACCOUNT_EVENT_KINDS)
NOBODY = -1
PARTED = "\x1f"  # between the two halves of a key: a customer at a place, with a counterparty, on a day of arrival
DAY_US = 86_400_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Coded:
    """n texts as codes into `names`; -1 where there is none."""

    codes: Int32s
    names: tuple[str, ...]

    def is_one_of(self, *names: str) -> Bools:
        """bool[n]; an empty name is no name."""
        wanted = [code for code, name in enumerate(self.names) if name in names]
        found: Bools = np.isin(self.codes, np.array(wanted, np.int32))
        return found

    def starts(self, *prefixes: str) -> Bools:
        wanted = [code for code, name in enumerate(self.names) if name.startswith(prefixes)]
        found: Bools = np.isin(self.codes, np.array(wanted, np.int32))
        return found


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
    notes: tuple[str, ...]
    event_ids: tuple[str, ...]

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
        self.keys = {name: Coder() for name in KEYS}
        self.words = {name: Coder() for name in WORDS}
        self.numbers: dict[str, list[int]] = {name: [] for name in NUMBERS}
        self.notes: list[str] = []

    def put(self, record: int, at_us: int, usd: int, kind: str, keys: Mapping[str, str]) -> None:
        self.at_us.append(at_us)
        self.usd.append(usd)
        self.record.append(record)
        self.snapshot.append(NOBODY)
        for name, coder in self.keys.items():
            coder.put(keys.get(name, ""))
        self.words["kind"].put(kind)
        self.notes.append("")

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
        for number in self.numbers.values():
            number.append(0)

    def put_event(self, record: int, one: AccountEvent) -> None:
        keys: dict[str, str] = {name: getattr(one, name) for name in OF_EVENT}
        customer = keys["customer"] = customer_subject(one.exchange, one.customer_id)
        keys["whereabouts"] = f"{customer}{PARTED}{one.place}" if one.place else ""
        keys["dealing"] = f"{customer}{PARTED}{one.counterparty}" if one.counterparty else ""
        keys["arrival"] = f"{customer}{PARTED}{one.starts_us // DAY_US}" if one.starts_us > YEAR_1970_US else ""
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
        self.notes[-1] = one.note

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
            notes=tuple(self.notes),
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
