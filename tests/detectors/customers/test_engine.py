"""Compiled windows equal the plain-Python definition on random streams, in any batches, through any snapshot."""

from __future__ import annotations

import random
from collections.abc import Mapping

import numpy as np
import pytest

from manumit.detectors.customers.coded import Bools
from manumit.detectors.customers.columns import EventColumns, Record, columns_of, moment_of
from manumit.detectors.customers.engine import Engine
from manumit.detectors.customers.facts import FACTS
from manumit.detectors.customers.features import Ask, Window, count, distinct, last, pair, total
from manumit.detectors.customers.keeping import restored, snapshot
from manumit.detectors.customers.oracle import Oracle
from manumit.detectors.customers.plan import plan
from manumit.schemas.account_event import AccountEvent, AccountEventKind
from manumit.schemas.block import Int64s
from manumit.schemas.customer import Customer
from manumit.schemas.errors import Broken

HOUR = 3_600_000_000
START_US = 1_767_225_600_000_000
ASKS: tuple[Ask, ...] = (
    count("in", "24h"),
    count("out", "7d", after=("in", "6h", "customer")),
    total("in", "7d"),
    total("out", "24h", after=("in", "24h", "dealing")),
    distinct("counterparty", "in", "7d"),
    distinct("counterparty", "in", "7d", at_least=2),
    distinct("device", "login", "7d", fresh="30d"),
    distinct("customer", "login", "24h", key="device"),
    distinct("customer", "link", "7d", key="identifier"),
    distinct("name", "link", "30d", key="identifier"),
    pair("counterparty", "in", "7d"),
    Window(measure="count", key="place", of="in", window_us=HOUR),
    last("in"),
    last("login", key="device"),
)


def classes(columns: EventColumns) -> Mapping[str, Bools]:
    kind = columns.words["kind"]
    return {
        "in": kind.is_one_of("deposit", "fiat-in"),
        "out": kind.is_one_of("withdrawal"),
        "login": kind.is_one_of("login"),
        "link": kind.is_one_of("link"),
    }


def stream(seed: int, length: int = 160) -> list[Record]:
    dice = random.Random(seed)  # noqa: S311 - a seeded stream
    kinds: tuple[AccountEventKind, ...] = ("deposit", "fiat-in", "withdrawal", "login", "note")
    at = START_US
    found: list[Record] = []
    for number in range(length):
        at += dice.choice((0, 1, HOUR // 7, HOUR, 6 * HOUR, 24 * HOUR, 40 * HOUR) if dice.random() < 0.5 else (0, HOUR))
        who = f"c{dice.randrange(4)}"
        if dice.random() < 0.15:
            devices = tuple({f"d{dice.randrange(3)}" for _ in range(2)})
            found.append(
                Customer(
                    exchange="x",
                    customer_id=who,
                    at_us=at,
                    devices=devices,
                    name=dice.choice(("n1", "n2", "")),
                    age=number % 200,
                )
            )
            continue
        found.append(
            AccountEvent(
                exchange="x",
                account_event_id=f"e{number}",
                customer_id=who,
                at_us=at,
                kind=dice.choice(kinds),
                counterparty=dice.choice(("", "p1", "p2", "p3")),
                device=dice.choice(("", "d1", "d2", "d3")),
                place=dice.choice(("", "here", "there")),
                amount_usd=dice.choice((None, 0.0, 10.5, 1e6)),
            )
        )
    return found


def in_batches(engine: Engine, records: list[Record], size: int) -> tuple[Int64s, Int64s]:
    asked, state = [], []
    for start in range(0, len(records), size):
        columns = columns_of(records[start : start + size])
        state.append(engine.states(columns).state)
        asked.append(engine.push(columns, classes(columns)))
    return np.concatenate(asked, axis=1), np.concatenate(state)


@pytest.mark.parametrize("seed", range(12))
def test_the_engine_is_the_oracle_in_any_batches(seed: int) -> None:
    records = stream(seed)
    wanted = plan(ASKS)
    columns = columns_of(records)
    truth = Oracle(wanted.asks).push(columns, classes(columns))
    for size in (1, 7, 64, 1000):
        asked, _ = in_batches(Engine(wanted), records, size)
        differing = np.argwhere(asked != truth)
        assert not len(differing), (size, differing[0], wanted.asks[differing[0][0]])


def test_a_long_stream_outgrows_every_table_and_stays_right() -> None:
    records = stream(99, 700) + [
        AccountEvent(
            exchange="x",
            account_event_id=f"late{i}",
            customer_id=f"c{i}",
            at_us=START_US + 10_000 * HOUR + i,
            kind="login",
            device=f"d{i % 5}",
        )
        for i in range(6_000)
    ]
    whole, state = in_batches(Engine(plan(ASKS)), records, 10**6)
    pieces, same = in_batches(Engine(plan(ASKS)), records, 997)
    assert (whole == pieces).all()
    assert (state == same).all()
    shared = plan(ASKS).asks.index(distinct("customer", "login", "24h", key="device"))
    assert whole[shared, -1] == 1_200


@pytest.mark.parametrize("cut", [1, 50, 119])
def test_a_snapshot_goes_on_as_if_nothing_had_happened(cut: int) -> None:
    records = stream(5)
    wanted = plan(ASKS)
    whole, state = in_batches(Engine(wanted), records, 1000)
    first = Engine(wanted)
    in_batches(first, records[:cut], 13)
    second = restored(wanted, snapshot(first))
    rest, rest_state = in_batches(second, records[cut:], 13)
    rows = rest.shape[1]
    assert (rest == whole[:, -rows:]).all()
    assert (rest_state == state[-rows:]).all()
    until_us = moment_of(records[-1])
    unbroken = Engine(wanted)
    in_batches(unbroken, records, 31)
    assert recent(second, until_us) == recent(unbroken, until_us)


def recent(engine: Engine, until_us: int) -> list[str]:
    return engine.recent("customer", "customer:x:c1", until_us=until_us, within_us=99 * HOUR, limit=9)


def test_state_is_as_of_the_row() -> None:
    def known(age: int, at: int) -> Customer:
        return Customer(exchange="x", customer_id="c", at_us=START_US + at, age=age)

    def login(at: int) -> AccountEvent:
        return AccountEvent(exchange="x", account_event_id=f"e{at}", customer_id="c", at_us=START_US + at, kind="login")

    records: list[Record] = [login(0), known(17, 1), login(2), known(18, 3), login(3)]
    age = FACTS.index("age")
    for size in (1, 2, 5):
        engine = Engine(plan(()))
        ages, before = [], []
        for start in range(0, 5, size):
            answers = engine.states(columns_of(records[start : start + size]))
            ages += answers.state[:, age].tolist()
            before += answers.before[:, age].tolist()
        assert ages == [0, 17, 17, 18, 18]
        assert before == [0, 0, 17, 17, 18]
        facts = engine.state_of("customer:x:c")
        assert facts is not None
        assert facts[age] == 18
        assert engine.state_of("customer:x:nobody") is None


def test_rows_out_of_order_and_foreign_snapshots_are_refused() -> None:
    records = stream(1, 20)
    columns = columns_of(records[::-1])
    with pytest.raises(Broken, match="order"):
        Engine(plan(ASKS)).push(columns, classes(columns))
    with pytest.raises(Broken, match="other"):
        restored(plan(ASKS[:3]), snapshot(Engine(plan(ASKS))))
    with pytest.raises(Broken, match="missing"):
        Engine(plan(ASKS)).push(columns_of(records), {})
