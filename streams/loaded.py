"""What an exchange has loaded, judged: all customers and account events of a store through the pipeline, in order.

Judging again after more was loaded writes the same alerts under the same ids, with what is new.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import msgspec

from manumit.connectors.contract import Store
from manumit.schemas.account_event import AccountEvent
from manumit.schemas.customer import Customer
from manumit.schemas.fields import YEAR_1970_US, YEAR_2200_US
from manumit.schemas.stored import from_stored
from manumit.schemas.wire import Record
from manumit.streams.lanes import END_US
from manumit.streams.merging import Bundle
from manumit.streams.pipeline import Pipeline

PAGE_ROWS = 50_000
PAGE_END = f"""SELECT toUnixTimestamp64Micro(at_us) AS at FROM (
  SELECT at_us FROM customers WHERE at_us > fromUnixTimestamp64Micro({{after:Int64}}, 'UTC')
  UNION ALL SELECT at_us FROM account_events WHERE at_us > fromUnixTimestamp64Micro({{after:Int64}}, 'UTC'))
ORDER BY at_us LIMIT 1 OFFSET {PAGE_ROWS}"""  # noqa: S608 - constants
PAGE = """SELECT * FROM {table} FINAL WHERE at_us > fromUnixTimestamp64Micro({{after:Int64}}, 'UTC')
AND at_us <= fromUnixTimestamp64Micro({{until:Int64}}, 'UTC') ORDER BY at_us, customer_id"""


def judge_loaded(store: Store, pipeline: Pipeline, *, clock: Callable[[], int]) -> tuple[int, int]:
    """How many records were judged, how many alerts were made; they are written. Raises EdgeDown, Broken."""
    records, alerts = 0, set()
    for bundle in pages(store):
        changes = pipeline.take(bundle)
        records += changes.events
        store.write("signals", changes.signals)
        now_us = clock()
        store.write("alerts", [msgspec.structs.replace(alert, stored_us=now_us) for alert in changes.alerts])
        alerts |= {alert.alert_id for alert in changes.alerts}
    return records, len(alerts)


def pages(store: Store) -> Iterator[Bundle]:
    """Everything, in event-time order, cut between moments."""
    after_us = YEAR_1970_US - 1
    while after_us < END_US:
        ends = store.query(PAGE_END, {"after": after_us})
        until_us = int(ends[0]["at"]) if ends else END_US
        span = {"after": after_us, "until": min(until_us, YEAR_2200_US)}
        yield Bundle(
            until_us=until_us,
            customers=tuple(_read(store, Customer, "customers", span)),
            account_events=tuple(_read(store, AccountEvent, "account_events", span)),
        )
        after_us = until_us


def _read(store: Store, struct: type[Record], table: str, span: dict[str, Any]) -> Iterator[Record]:
    return (from_stored(struct, row) for row in store.query(PAGE.format(table=table), span))
