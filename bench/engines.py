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

WINDOW = "over (partition by {by} order by at_us range between {length} preceding and current row)"

FAN_SQL = """select event, {own} from (
  select event, {own}, count(distinct {other}) {of_own} as others, count(*) {of_pair} as pair from transfers)
where others = {fan} and pair = 1"""

THROUGH_SQL = """select event, account from (
  select event, account, pays, sum(came) {of_account} as came, sum(went) {of_account} as went
  from (select event, at_us, sender as account, 0 as came, micro as went, true as pays from transfers
        union all select event, at_us, receiver, micro, 0, false from transfers))
where pays and came >= {least} and went * 10 >= came * 9"""

BAND_SQL = """select event, sender from (
  select event, sender, count(*) {of_sender} as below from transfers where micro >= {low} and micro < {high})
where below >= {count}"""


def queries() -> dict[str, str]:
    """One for each detector. Times are distinct, so RANGE up to the current row means log order."""
    day, hour, week = DAY_US - 1, HOUR_US - 1, WEEK_US - 1
    found = {
        "pass-through": THROUGH_SQL.format(of_account=WINDOW.format(by="account", length=hour), least=LEAST_INFLOW),
        "structuring": BAND_SQL.format(
            of_sender=WINDOW.format(by="sender", length=week), low=BAND_LOW, high=BAND_HIGH, count=BAND_COUNT
        ),
    }
    for name, own, other in (("fan-out", "sender", "receiver"), ("fan-in", "receiver", "sender")):
        of_own = WINDOW.format(by=own, length=day)
        of_pair = WINDOW.format(by="sender, receiver", length=day)
        found[name] = FAN_SQL.format(own=own, other=other, of_own=of_own, of_pair=of_pair, fan=FAN)
    return found


def duckdb_alerts(path: Path) -> list[Alert]:
    """The whole file at once."""
    read = READ_PARQUET if path.suffix == ".parquet" else READ_JSON
    alerts: list[Alert] = []
    with duckdb.connect(config={"threads": 1}) as database:
        database.execute(read.format(path=path))
        for name, query in queries().items():
            alerts += [(name, f"{CHAIN}:{account}", event) for event, account in database.execute(query).fetchall()]
    return alerts
