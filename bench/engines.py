"""The engines we are measured against: bytewax and DuckDB."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import bytewax.operators as op
import duckdb
import orjson
from bytewax.dataflow import Dataflow
from bytewax.testing import TestingSink, TestingSource, run_main

from bench.ours import Alert
from bench.plain import BAND_HIGH, BAND_LOW, HOUR_US, LEAST_INFLOW, WEEK_US, Account, named
from bench.three_rules import BAND_COUNT, FAN
from bench.transfers import CHAIN, DAY_US

Step = tuple[bool, int, int, str, int]
"""Is it the sender, event, time, counterparty, micro-USD."""
BYTEWAX_BATCH = 1000


def bytewax_alerts(lines: Sequence[bytes]) -> list[Alert]:
    """`stateful_map` keyed by account over the plain-Python class."""
    found: list[tuple[str, tuple[int, int]]] = []
    flow = Dataflow("bench")
    source = op.input("lines", flow, TestingSource(list(enumerate(lines)), batch_size=BYTEWAX_BATCH))
    sides = op.flat_map("sides", source, _sides)
    judged = op.stateful_map("judge", sides, _judge)
    hits = op.filter("hits", judged, lambda keyed: keyed[1][0] != 0)
    op.output("alerts", hits, TestingSink(found))
    run_main(flow)
    return [alert for account, (bits, event) in found for alert in named(bits, account, event)]


def _sides(item: tuple[int, bytes]) -> tuple[tuple[str, Step], tuple[str, Step]]:
    event, line = item
    transfer = orjson.loads(line)
    at_us, sender, receiver = transfer["at_us"], transfer["sender"], transfer["receiver"]
    micro = round(transfer["amount_usd"] * 1e6)
    return (receiver, (False, event, at_us, sender, micro)), (sender, (True, event, at_us, receiver, micro))


def _judge(account: Account | None, step: Step) -> tuple[Account, tuple[int, int]]:
    account = account or Account()
    is_sender, event, at_us, other, micro = step
    return account, (account.pays(at_us, other, micro) if is_sender else account.is_paid(at_us, other, micro), event)


READ_JSON = """create table transfers as
select row_number() over () - 1 as event, at_us, sender, receiver,
       cast(round_even(amount_usd * 1e6, 0) as bigint) as micro
from read_json('{path}', format = 'newline_delimited',
               columns = {{at_us: 'BIGINT', sender: 'VARCHAR', receiver: 'VARCHAR', amount_usd: 'DOUBLE'}})"""

READ_PARQUET = """create table transfers as
select row_number() over () - 1 as event, epoch_us(at_us) as at_us, sender, receiver,
       cast(round_even(amount_usd * 1e6, 0) as bigint) as micro
from read_parquet('{path}')"""

FAN_SQL = """select event, {own} from (
  select event, {own},
         count(distinct {other}) over (partition by {own} order by at_us range between {day} preceding and current row) as others,
         count(*) over (partition by sender, receiver order by at_us range between {day} preceding and current row) as pair
  from transfers) where others = {fan} and pair = 1"""

PASS_SQL = """select event, account from (
  select event, account, pays,
         sum(came) over (partition by account order by at_us range between {hour} preceding and current row) as came,
         sum(went) over (partition by account order by at_us range between {hour} preceding and current row) as went
  from (select event, at_us, sender as account, 0 as came, micro as went, true as pays from transfers
        union all select event, at_us, receiver, micro, 0, false from transfers))
where pays and came >= {least} and went * 10 >= came * 9"""

BAND_SQL = """select event, sender from (
  select event, sender,
         count(*) over (partition by sender order by at_us range between {week} preceding and current row) as below
  from transfers where micro >= {low} and micro < {high}) where below >= {count}"""


def duckdb_alerts(path: Path) -> list[Alert]:
    """The whole file at once: one window query for each detector. Times are distinct, so RANGE means log order."""
    read = READ_PARQUET if path.suffix == ".parquet" else READ_JSON
    queries = {
        "fan-out": FAN_SQL.format(own="sender", other="receiver", day=DAY_US - 1, fan=FAN),
        "fan-in": FAN_SQL.format(own="receiver", other="sender", day=DAY_US - 1, fan=FAN),
        "pass-through": PASS_SQL.format(hour=HOUR_US - 1, least=LEAST_INFLOW),
        "structuring": BAND_SQL.format(week=WEEK_US - 1, low=BAND_LOW, high=BAND_HIGH, count=BAND_COUNT),
    }
    alerts: list[Alert] = []
    with duckdb.connect(config={"threads": 1}) as database:
        database.execute(read.format(path=path))
        for name, query in queries.items():
            alerts += [(name, f"{CHAIN}:{account}", event) for event, account in database.execute(query).fetchall()]
    return alerts
