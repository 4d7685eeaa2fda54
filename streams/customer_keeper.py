"""A customer book over a store, kept up with what is loaded or written there."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from manumit.connectors.contract import Store
from manumit.schemas.alert import Alert
from manumit.schemas.customer import Customer
from manumit.schemas.stored import from_stored
from manumit.streams.customer_book import CustomerBook

REFRESH_US = 2_000_000
PAGE_ROWS = 20_000
CUSTOMERS = f"""SELECT *, toUnixTimestamp(stored_at) AS cursor FROM customers
WHERE (stored_at, exchange, customer_id, at_us) > (toDateTime({{cursor:Int64}}, 'UTC'), {{exchange:String}},
  {{customer_id:String}}, fromUnixTimestamp64Micro({{at_us:Int64}}, 'UTC'))
ORDER BY stored_at, exchange, customer_id, at_us LIMIT {PAGE_ROWS}"""  # noqa: S608 - constants
ALERTS = f"""SELECT * FROM alerts
WHERE (stored_us, alert_id, revision) >
  (fromUnixTimestamp64Micro({{us:Int64}}, 'UTC'), {{id:String}}, {{revision:UInt32}})
ORDER BY stored_us, alert_id, revision LIMIT {PAGE_ROWS}"""  # noqa: S608 - constants
STATE = """SELECT
  (SELECT count() FROM customers) AS customers,
  (SELECT sum(toUInt64(toUnixTimestamp(stored_at))) FROM customers) AS customers_told,
  (SELECT count() FROM alerts) AS alerts,
  (SELECT sum(toUnixTimestamp64Micro(stored_us) % 1000000007) FROM alerts) AS alerts_told"""
SUBJECTS = "SELECT uniqExact(alert_id) AS alerts FROM alerts"
OVERLAP_S = 2
"""A row may be written with a moment that has passed; the last seconds are read again, which changes nothing."""


class CustomerKeeper:
    """`clock` is UTC microseconds. Where customers or alerts are fewer than before, somebody was erased: all is read
    anew. Tables that stand as they stood are not read: a load of 200,000 rows in one second would be read again
    and again for the overlap.
    """

    def __init__(self, store: Store, *, clock: Callable[[], int], refresh_us: int = REFRESH_US) -> None:
        self._store = store
        self._clock = clock
        self._refresh_us = refresh_us
        self._lock = threading.Lock()
        self._looked_us = -refresh_us
        self._begin()

    def _begin(self) -> None:
        self._customers = self._alerts = 0, 0
        self._customers_s = 0
        self._alerts_us = 0
        self._book = CustomerBook()

    def book(self) -> CustomerBook:
        """As of at most `refresh_us` ago. Raises EdgeDown."""
        with self._lock:
            if self._clock() - self._looked_us >= self._refresh_us:
                self._refresh()
                self._looked_us = self._clock()
            return self._book

    def _refresh(self) -> None:
        state = self._store.query(STATE)[0]
        customers, alerts = _pair(state, "customers"), _pair(state, "alerts")
        if customers[0] < self._customers[0] or self._is_erased(alerts[0]):
            self._begin()
        if customers != self._customers:
            for rows in self._customer_pages():
                with self._book.lock:
                    self._book.take(from_stored(Customer, row) for row in rows)
                self._customers_s = max(self._customers_s, int(rows[-1]["cursor"]))
            self._customers = customers
        if alerts != self._alerts:
            for rows in self._alert_pages():
                told = [from_stored(Alert, row) for row in rows]
                with self._book.lock:
                    self._book.learn(told)
                self._alerts_us = max(self._alerts_us, told[-1].stored_us)
            self._alerts = alerts

    def _is_erased(self, rows: int) -> bool:
        """Rows go when the engine lets go of old revisions too: what counts is whether alerts are gone."""
        return rows < self._alerts[0] and int(self._store.query(SUBJECTS)[0]["alerts"]) < self._book.alerts

    def _customer_pages(self) -> Iterator[list[dict[str, Any]]]:
        since = max(0, self._customers_s - OVERLAP_S)
        after: dict[str, Any] = {"cursor": since, "exchange": "", "customer_id": "", "at_us": 0}
        while rows := self._store.query(CUSTOMERS, after):
            yield rows
            if len(rows) < PAGE_ROWS:
                return
            last = from_stored(Customer, rows[-1])
            after = {"cursor": int(rows[-1]["cursor"]), "exchange": last.exchange, "customer_id": last.customer_id}
            after["at_us"] = last.at_us

    def _alert_pages(self) -> Iterator[list[dict[str, Any]]]:
        after: dict[str, Any] = {"us": max(0, self._alerts_us - OVERLAP_S * 1_000_000), "id": "", "revision": 0}
        while rows := self._store.query(ALERTS, after):
            yield rows
            if len(rows) < PAGE_ROWS:
                return
            last = from_stored(Alert, rows[-1])
            after = {"us": last.stored_us, "id": last.alert_id, "revision": last.revision}


def _pair(state: Mapping[str, Any], table: str) -> tuple[int, int]:
    return int(state[table]), int(state[f"{table}_told"])
