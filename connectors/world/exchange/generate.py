"""The generated exchange of a seed and a size, day by day: no more than one day of events is held at once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from manumit.connectors.world.exchange.enrolment import circumstances, records
from manumit.connectors.world.exchange.habits import business, coins, daily, rare, wages
from manumit.connectors.world.exchange.life import Life
from manumit.connectors.world.exchange.people import DAYS, People, people
from manumit.connectors.world.exchange.plan import ExchangeCase, number_of, put
from manumit.connectors.world.exchange.planting import Planted, planted
from manumit.connectors.world.exchange.populations import POPULATIONS
from manumit.connectors.world.exchange.rows import Day, table
from manumit.schemas.arrow import to_arrow
from manumit.schemas.customer import Customer
from manumit.schemas.errors import ConfigError

HABITS = (*daily.ALL, *wages.ALL, *coins.ALL, *business.ALL, *rare.ALL)
FEWEST = 1_500
PARTS = 2  # one for each process of a replay on two cores
CASES_PER_10_000 = 3
WEEK = 7  # days in a row group


class Census(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who is who: `populations` in order, the population `of` each customer and of each of the `groups` that live
    together by number, and how many events there are."""

    seed: int
    days: int
    customers: int
    events: int
    populations: tuple[str, ...]
    of: tuple[int, ...]
    groups: tuple[int, ...]


@dataclass(slots=True, kw_only=True)
class Exchange:
    """Everything but the events, which `days` makes as they are asked for."""

    people: People
    cases: tuple[ExchangeCase, ...]
    customers: list[Customer]
    events: int = 0
    _planted: Planted = field(default_factory=dict)

    def days(self) -> Iterator[tuple[dict[str, Any], pa.Table]]:
        """Each day's columns and its table, in order of time. Counts `events`."""
        life = Life(people=self.people)
        self.events = 0
        for day in range(DAYS):
            rows = Day()
            for habit in HABITS:
                habit(life, day, rows)
            put(self._planted, day, rows)
            columns = rows.columns()
            made = table(columns, self.events)
            self.events += made.num_rows
            yield columns, made

    def census(self) -> Census:
        return Census(
            seed=self.people.seed,
            days=DAYS,
            customers=len(self.people),
            events=self.events,
            populations=tuple(one.name for one in POPULATIONS),
            of=tuple(self.people.population.tolist()),
            groups=tuple(self.people.population[np.unique(self.people.group, return_index=True)[1]].tolist()),
        )


def exchange(seed: int, customers: int, cases: int | None = None) -> Exchange:
    """`cases` of each typology, three for each 10,000 customers when not given; 0 plants nothing.

    Raises ConfigError for a negative seed or an exchange too small for its populations.
    """
    if seed < 0:
        raise ConfigError(f"seed {seed} is negative; take 0 or more")
    if customers < FEWEST:
        raise ConfigError(f"{customers} customers are too few for all populations; take {FEWEST} or more")
    folk = people(seed, customers)
    circumstances(folk)
    wanted = max(1, customers * CASES_PER_10_000 // 10_000) if cases is None else cases
    found, rows = planted(folk, wanted)
    return Exchange(people=folk, cases=found, customers=records(folk), _planted=rows)


def _flush(writers: list[pq.ParquetWriter], held: list[list[pa.Table]]) -> None:
    for writer, days in zip(writers, held, strict=True):
        writer.write_table(pa.concat_tables(days), row_group_size=1 << 24)
        days.clear()


def write(made: Exchange, folder: Path) -> Census:
    """customers/NN.parquet and account_events/NN.parquet by customer, cases.json and census.json. Raises OSError.

    All rows of a customer stand in one part, each part in order of time, one row group a week.
    """
    for name in ("customers", "account_events"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    for number in range(PARTS):
        own = [one for one in made.customers if number_of(one.customer_id) % PARTS == number]
        pq.write_table(to_arrow(Customer, own), folder / "customers" / f"{number:02}.parquet", compression="zstd")
    writers: list[pq.ParquetWriter] = []
    held: list[list[pa.Table]] = [[] for _ in range(PARTS)]
    try:
        for number, (columns, day) in enumerate(made.days()):
            if not writers:
                paths = [folder / "account_events" / f"{number:02}.parquet" for number in range(PARTS)]
                writers = [
                    pq.ParquetWriter(path, day.schema, compression="zstd", compression_level=1) for path in paths
                ]
            part = columns["who"] % PARTS
            for place, days in enumerate(held):
                days.append(day.take(pa.array(np.flatnonzero(part == place))))
            if number % WEEK == WEEK - 1 or number == DAYS - 1:
                _flush(writers, held)
    finally:
        for writer in writers:
            writer.close()
    census = made.census()
    (folder / "census.json").write_bytes(msgspec.json.encode(census))
    (folder / "cases.json").write_bytes(msgspec.json.encode(made.cases))
    return census
