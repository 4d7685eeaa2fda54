"""Whose alerts are for restricted eyes: those of minors, and of whatever a minor gave as an identifier.

What makes a minor is the latest snapshot that gives an age, so that one without an age takes nothing back.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec

from manumit.connectors.contract import Store
from manumit.detectors.customers.names import standing_names
from manumit.schemas.customer import ADULT, Customer
from manumit.schemas.stored import from_stored
from manumit.schemas.subject import customer_subject

PLACE = "{minors:Array(String)}"
RESTRICTED = f"(nature = 'protection' OR subject IN {PLACE})"
GENERAL = f"(nature != 'protection' AND subject NOT IN {PLACE})"
"""What concerns minors and people under pressure, and all else: no view shows both. For a `Veiled` store."""
BELOW = f"age > 0 AND age < greatest({ADULT}, minimum_age)"
OF_MINORS = f"""(exchange, customer_id) IN (
  SELECT exchange, customer_id FROM customers
  WHERE age > 0 AND (exchange, customer_id) IN (SELECT exchange, customer_id FROM customers WHERE {BELOW})
  GROUP BY exchange, customer_id HAVING argMax({BELOW}, (at_us, stored_at, {BELOW})))"""  # noqa: S608 - constants
MINORS = f"SELECT * FROM customers WHERE {OF_MINORS}"  # noqa: S608 - constants
NOBODY = ""


class Veiled:
    """A store that knows, in each query with GENERAL or RESTRICTED, whom they mean at that moment."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def migrate(self) -> tuple[str, ...]:
        return self._store.migrate()

    def write(self, table: str, rows: Sequence[msgspec.Struct]) -> None:
        self._store.write(table, rows)

    def query(self, sql: str, parameters: Mapping[str, Any] | None = None) -> list[dict[str, Any]]:
        told = dict(parameters or {})
        if PLACE in sql:
            told["minors"] = subjects_of_minors(self._store)
        return self._store.query(sql, told)

    def close(self) -> None:
        self._store.close()


def subjects_of_minors(store: Store) -> list[str]:
    """What alerts about minors may have as their subject. Never empty: the engine wants a list with something in it."""
    rows = store.query(MINORS)
    names = (name for row in rows for name in _names(from_stored(Customer, row)))
    return [NOBODY, *dict.fromkeys(names)]


def _names(one: Customer) -> Iterator[str]:
    yield customer_subject(one.exchange, one.customer_id)
    yield from standing_names(one)
