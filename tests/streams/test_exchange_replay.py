"""An exchange from Parquet: the same as from records, in one process as in several, as plain Python says, and found."""

from __future__ import annotations

import random
from pathlib import Path

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from bench.exchange import Pack, pack
from bench.exchange_score import noises, per_10_000, recalls, wilson
from bench.plain_customers import PlainWindows
from manumit.connectors.world.exchange.generate import Census, exchange, write
from manumit.connectors.world.exchange.plan import ExchangeCase
from manumit.connectors.world.exchange.seeds import SUITE_SEED
from manumit.detectors.catalogue import detectors
from manumit.detectors.contract import CustomerRule
from manumit.detectors.customers.coded import Coded
from manumit.detectors.customers.columns import KEYS, EventColumns, columns_of, in_order
from manumit.detectors.customers.judging import CustomerJudge
from manumit.detectors.customers.oracle import Oracle
from manumit.schemas.account_event import AccountEvent
from manumit.schemas.alert import Alert
from manumit.schemas.arrow import from_arrow, to_arrow
from manumit.schemas.customer import Customer
from manumit.schemas.errors import BadRecord, ConfigError
from manumit.streams.account_columns import event_columns
from manumit.streams.customer_columns import customer_columns
from manumit.streams.exchange_parts import parts_of
from manumit.streams.exchange_replay import Replayed, replay, replay_parts
from manumit.streams.merging import Bundle
from manumit.streams.pipeline import Pipeline
from manumit.streams.rule_pack import Configured

CUSTOMERS, CASES = 3_000, 6
KNOWN = pack()
DAY_US = 86_400_000_000


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("exchange")
    write(exchange(SUITE_SEED, CUSTOMERS, CASES), place)
    return place


@pytest.fixture(scope="module")
def replayed(folder: Path) -> Replayed:
    return replay(parts_of(folder), KNOWN.rules, KNOWN.values)


def records(folder: Path, few: int, weeks: int) -> tuple[list[Customer], list[AccountEvent]]:
    """The first customers of the first part in the first weeks."""
    part = parts_of(folder)[0]
    customers = from_arrow(Customer, pq.read_table(part.customers).slice(0, few))
    names = pa.array([one.customer_id for one in customers])
    events = pq.ParquetFile(part.events).read_row_groups(range(weeks))
    return customers, from_arrow(AccountEvent, events.filter(pa.compute.is_in(events["customer_id"], names)))


def test_recall_and_budget_of_the_short_form(folder: Path, replayed: Replayed) -> None:
    """Few cases each: a typology may miss one, all together keep the goal; no rule troubles families beyond it."""
    census = msgspec.json.decode((folder / "census.json").read_bytes(), type=Census)
    cases = msgspec.json.decode((folder / "cases.json").read_bytes(), type=list[ExchangeCase])
    alerts = list(replayed.alerts.values())
    found = [one for one in recalls(alerts, cases, KNOWN.rules) if one.detectors]
    assert {one.entry for one in found if one.found < CASES - 1} == set()
    assert sum(one.found for one in found) >= 0.95 * sum(one.cases for one in found)
    loud = [one for one in noises(alerts, census, cases, KNOWN.rules) if one.nature != "control"]
    chance = per_10_000(3, census.customers)  # so small an exchange has a handful of each innocent oddity
    assert {one.detector for one in loud if per_10_000(one.alerts, census.customers) > 10 + chance} == set()


def test_several_processes_say_what_one_says(folder: Path, replayed: Replayed) -> None:
    together = replay_parts(parts_of(folder), KNOWN.rules, KNOWN.values)
    assert dict(together.alerts) == dict(replayed.alerts)
    assert (together.events, together.signals) == (replayed.events, replayed.signals)


def test_the_pipeline_says_what_the_replay_says(tmp_path: Path, folder: Path) -> None:
    customers, events = records(folder, 250, 4)
    known = Pack(rules=KNOWN.rules, values=KNOWN.values)
    pipeline = Pipeline(Configured(detectors=tuple(known.rules), overrides={}))
    newest: dict[str, Alert] = {}
    cut = events[0].at_us
    while cut <= events[-1].at_us + DAY_US:
        bundle = Bundle(
            until_us=cut,
            customers=tuple(one for one in customers if cut - DAY_US < one.at_us <= cut),
            account_events=tuple(one for one in events if cut - DAY_US < one.at_us <= cut),
        )
        newest |= {alert.alert_id: alert for alert in pipeline.take(bundle).alerts}
        cut += DAY_US
    for kind, struct, rows in (("customers", Customer, customers), ("account_events", AccountEvent, events)):
        (tmp_path / kind).mkdir()
        pq.write_table(to_arrow(struct, rows), tmp_path / kind / "00.parquet")
    assert newest
    assert dict(replay(parts_of(tmp_path), known.rules, known.values).alerts) == newest


def test_placeholders_are_no_links_and_no_facts_in_either_form() -> None:
    empty = Customer(
        exchange="x", customer_id="c0", at_us=1, name="N/A", address="-", documents=("none",), guardian="n/a"
    )
    held = Customer(exchange="x", customer_id="c1", at_us=1, name="n", address="a", documents=("none", "d"))
    found = columns_of([empty, held])
    same(found, customer_columns(to_arrow(Customer, [empty, held])))
    assert len(found) == 4, "two snapshots, one address, one document"
    bare = columns_of([Customer(exchange="x", customer_id="c0", at_us=1)])
    assert found.facts[0].tolist() == bare.facts[0].tolist()


def test_columns_from_arrow_are_those_of_records(folder: Path) -> None:
    customers, events = records(folder, 200, 2)
    odd = [
        msgspec.structs.replace(events[0], exchange="other: one", customer_id="a%b~" + "x" * 70, amount_usd=None),
        msgspec.structs.replace(events[0], counterparty_kind="recruiter", registers=("violations",), limit_usd=0.1),
        msgspec.structs.replace(events[0], counterparty_kind="recruiter", registers=("recruitment", "violations")),
        msgspec.structs.replace(
            events[0], starts_us=events[0].at_us + 5, hours=3, home="u173", place="NL-u178", payer="p"
        ),
    ]
    events = sorted([*events, *odd], key=lambda one: one.at_us)
    twice = msgspec.structs.replace(customers[0], devices=("d", "device:d"), wallets=("w", "w"), attested=("w", "w"))
    customers = sorted([*customers, twice], key=lambda one: one.at_us)
    same(columns_of(events), event_columns(to_arrow(AccountEvent, events)))
    same(columns_of(customers), customer_columns(to_arrow(Customer, customers)))
    both = customer_columns(to_arrow(Customer, customers)).joined(event_columns(to_arrow(AccountEvent, events)))
    same(columns_of(in_order(customers, events)), both)
    rows = np.array(random.Random(1).sample(range(len(both)), 50))  # noqa: S311 - a seeded choice
    same(both.taken(rows), both.taken(rows).compacted())


def same(one: EventColumns, two: EventColumns) -> None:
    assert len(one) == len(two)
    assert (one.at_us == two.at_us).all()
    assert (one.usd_micro == two.usd_micro).all()
    assert (one.own_facts() == two.own_facts()).all()
    for name in KEYS:
        assert told(one.key(name)) == told(two.key(name)), name
    for word, coded in one.words.items():
        assert told(coded) == told(two.words[word]), word
    for number, column in one.numbers.items():
        assert (column == two.numbers[number]).all(), number
    assert told(one.notes) == told(two.notes)
    assert [one.event_id(i) for i in range(len(one))] == [two.event_id(i) for i in range(len(two))]


def told(coded: Coded) -> list[str]:
    codes, names = coded.codes.tolist(), coded.names
    return [names[code] if code >= 0 else "" for code in codes]


def test_compiled_windows_are_those_of_the_oracle_and_of_plain_python(folder: Path) -> None:
    customers, events = records(folder, 60, 2)
    for peer, most in ((Oracle, 220), (PlainWindows, 4_000)):
        mixed = in_order(customers[:20], events)[:most]
        judge = CustomerJudge(KNOWN.rules, KNOWN.values)
        other = CustomerJudge(KNOWN.rules, KNOWN.values)
        assert judge.taken(mixed) == other.taken(mixed, peer(judge.plan.asks))


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"amount_usd": -1.0}, "no amount"),
        ({"kind": "dance"}, "no known kind"),
        ({"customer_id": None}, "holds nothing"),
    ],
)
def test_unusable_rows_stop_the_replay(folder: Path, change: dict[str, object], reason: str) -> None:
    _, events = records(folder, 20, 1)
    table = to_arrow(AccountEvent, events)
    (name, value), *_ = change.items()
    place = table.schema.get_field_index(name)
    spoilt = pa.array([value] * table.num_rows, pa.float64() if name == "amount_usd" else pa.string())
    with pytest.raises(BadRecord, match=reason):
        event_columns(table.set_column(place, name, spoilt))


def test_a_folder_without_parts_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="holds no"):
        parts_of(tmp_path)


def test_wilson() -> None:
    low, high = wilson(9, 10)
    assert (round(low, 3), round(high, 3)) == (0.596, 0.982)
    assert wilson(0, 0) == (0.0, 1.0)


def test_every_customer_rule_is_in_the_pack() -> None:
    assert KNOWN.rules == [one for one in detectors() if isinstance(one, CustomerRule)]
