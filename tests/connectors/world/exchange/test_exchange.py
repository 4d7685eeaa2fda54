"""The generated exchange: named innocents, planted cases, the same for the same seed, every row a record."""

from __future__ import annotations

from collections import Counter
from itertools import islice
from pathlib import Path

import msgspec
import numpy as np
import pyarrow.parquet as pq
import pytest

from manumit.connectors.world.exchange.generate import Census, exchange, write
from manumit.connectors.world.exchange.people import DAY_US, DAYS, START_US, people
from manumit.connectors.world.exchange.plan import ExchangeCase, number_of
from manumit.connectors.world.exchange.planting import PLANTS
from manumit.connectors.world.exchange.populations import POPULATIONS
from manumit.connectors.world.exchange.rows import Day, table, text, texts, token
from manumit.connectors.world.exchange.seeds import EVALUATION_SEEDS, SUITE_SEED, TUNING_SEEDS
from manumit.connectors.world.exchange.whose import Whose
from manumit.schemas.account_event import AccountEvent
from manumit.schemas.arrow import arrow_schema, from_arrow
from manumit.schemas.customer import Customer
from manumit.schemas.errors import Broken, ConfigError
from manumit.schemas.redflag import catalogue

SEED = 5


def test_every_kyc_entry_is_planted_and_no_seed_serves_two_ends() -> None:
    assert set(PLANTS) == {entry for entry in catalogue() if entry.startswith("kyc-")}
    seeds = (*TUNING_SEEDS, *EVALUATION_SEEDS, SUITE_SEED)
    assert len(set(seeds)) == len(seeds)


def test_rows_are_records_in_order_of_time() -> None:
    made = exchange(SEED, 1_500, 1)
    first_us = START_US
    for day, (columns, events) in enumerate(islice(made.days(), 3)):
        assert events.schema == arrow_schema(AccountEvent)
        rows = from_arrow(AccountEvent, events)
        times = [row.at_us for row in rows]
        assert times == sorted(times)
        assert first_us <= times[0] and times[-1] < START_US + (day + 2) * DAY_US
        assert [number_of(row.customer_id) for row in rows] == columns["who"].tolist()
    ids = [row.event_id for row in rows]
    assert len(set(ids)) == len(ids)


def test_the_same_seed_gives_the_same_exchange() -> None:
    one, two, other = (exchange(seed, 1_500, 1) for seed in (SEED, SEED, SEED + 1))
    assert one.customers == two.customers
    assert one.cases == two.cases
    for (_, here), (_, there) in zip(islice(one.days(), 2), islice(two.days(), 2), strict=True):
        assert here.equals(there)
    assert one.customers != other.customers


def test_a_case_takes_customers_of_its_own_and_all_strengths_are_there() -> None:
    made = exchange(SEED, 4_000, 4)
    taken = Counter(customer for case in made.cases for customer in case.customers)
    assert max(taken.values()) == 1
    assert {case.strength for case in made.cases} == {"weak", "plain", "strong"}
    assert all(case.subjects for case in made.cases)
    with pytest.raises(Broken, match="no more"):
        exchange(SEED, 1_500, 60)


def test_populations_have_their_shares_and_families_share_devices() -> None:
    folk = people(SEED, 20_000)
    for number, population in enumerate(POPULATIONS[1:], 1):
        assert abs(int((folk.population == number).sum()) - 20_000 * population.share) <= max(1, population.group)
    families = folk.of("families")
    assert len(np.unique(folk.device[families])) < len(families)
    dormitories = folk.of("dormitories")
    assert len(np.unique(folk.group[dormitories])) < len(dormitories) / 10


def test_files_hold_each_customer_in_one_part(tmp_path: Path) -> None:
    made = exchange(SEED, 1_500, 0)
    census = write(made, tmp_path)
    assert census == msgspec.json.decode((tmp_path / "census.json").read_bytes(), type=Census)
    assert msgspec.json.decode((tmp_path / "cases.json").read_bytes(), type=list[ExchangeCase]) == []
    events = 0
    for part in (0, 1):
        customers = from_arrow(Customer, pq.read_table(tmp_path / "customers" / f"{part:02}.parquet"))
        file = pq.ParquetFile(tmp_path / "account_events" / f"{part:02}.parquet")
        assert file.num_row_groups <= DAYS
        events += file.metadata.num_rows
        named = set(pq.read_table(tmp_path / "account_events" / f"{part:02}.parquet")["customer_id"].to_pylist())
        assert named <= {one.customer_id for one in customers}
    assert events == census.events


def test_whose_alert_it_is() -> None:
    made = exchange(SEED, 1_500, 1)
    whose = Whose(made.census(), made.cases)
    family = int(made.people.of("families")[-1])
    assert whose(f"customer:lantern:{text(int(token('c', family)))}") == "families"
    assert whose(f"device:{text(int(token('d', (3 << 40) + int(made.people.group[family]))))}") == "families"
    assert whose("counterparty:l-00000000007") == "private landlords"
    assert whose(made.cases[0].subjects[0]) == "planted"


def test_tokens_and_unknown_words() -> None:
    tokens = np.array([int(token("p", 10)), -1, int(token("d", 2**44 - 1))])
    assert texts(tokens).to_pylist() == ["p-0000000000a", "", "d-fffffffffff"]
    assert text(int(tokens[0])) == "p-0000000000a"
    day = Day()
    with pytest.raises(KeyError, match="no column"):
        day.put(np.array([1]), 0, "login", colour="red")
    with pytest.raises(KeyError):
        day.put(np.array([1]), 0, "dance")
    assert table(Day().columns(), 0).num_rows == 0


@pytest.mark.parametrize(("seed", "customers"), [(-1, 2_000), (1, 10)])
def test_impossible_exchanges_are_refused(seed: int, customers: int) -> None:
    with pytest.raises(ConfigError):
        exchange(seed, customers)
