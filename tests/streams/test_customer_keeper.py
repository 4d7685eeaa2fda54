"""What of a store is read again, and when."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from manumit.detectors.customer_stories import whole
from manumit.schemas.alert import Alert
from manumit.schemas.columns import columns_of
from manumit.schemas.customer import Customer
from manumit.schemas.stored import to_stored
from manumit.streams.customer_keeper import ALERTS, CUSTOMERS, STATE, CustomerKeeper
from tests.streams.customer_books import standing, subject


class Shelf:
    """A store of two tables that keeps every row written until `merge` or `forget`, and every query asked."""

    def __init__(self) -> None:
        self.tables: dict[str, list[Any]] = {"customers": [], "alerts": []}
        self.asked: list[str] = []

    def migrate(self) -> tuple[str, ...]:
        return ()

    def write(self, table: str, rows: Sequence[msgspec.Struct]) -> None:
        self.tables[table] += rows

    def query(self, sql: str, parameters: Mapping[str, Any] | None = None) -> list[dict[str, Any]]:
        self.asked.append(sql)
        customers, alerts = self.tables["customers"], self.tables["alerts"]
        if sql == STATE:
            told = {"customers_told": 7 * len(customers), "alerts_told": sum(one.stored_us for one in alerts)}
            return [{"customers": len(customers), "alerts": len(alerts), **told}]
        if sql == CUSTOMERS:
            return [{**row, "cursor": 1} for row in _rows(Customer, customers)]
        if sql == ALERTS:
            return _rows(Alert, alerts)
        return [{"alerts": len({one.alert_id for one in alerts})}]

    def close(self) -> None:
        return


def _rows(struct: type[msgspec.Struct], held: Sequence[msgspec.Struct]) -> list[dict[str, Any]]:
    names = [column.name for column in columns_of(struct)]
    return (
        [dict(zip(names, cells, strict=True)) for cells in zip(*to_stored(struct, held), strict=True)] if held else []
    )


def told(revision: int) -> Alert:
    made = standing("kyc-wage-returned", subject("ann"))
    return msgspec.structs.replace(made, revision=revision, stored_us=revision)


def filled() -> tuple[Shelf, CustomerKeeper]:
    shelf = Shelf()
    shelf.write("customers", [whole("ann"), whole("ben")])
    shelf.write("alerts", [told(1), told(2)])
    return shelf, CustomerKeeper(shelf, clock=lambda: 0, refresh_us=0)


def test_tables_that_stand_as_they_stood_are_not_read_again() -> None:
    shelf, keeper = filled()
    book = keeper.book()
    assert (book.customers, book.alerts) == (2, 1)
    shelf.asked.clear()
    assert keeper.book() is book
    assert shelf.asked == [STATE]


def test_what_is_new_in_one_table_is_read_and_the_other_is_not() -> None:
    shelf, keeper = filled()
    book = keeper.book()
    shelf.write("alerts", [msgspec.structs.replace(told(3), alert_id="another")])
    shelf.asked.clear()
    assert (keeper.book().alerts, shelf.asked) == (2, [STATE, ALERTS])
    shelf.write("customers", [whole("cem")])
    assert keeper.book().customers == 3
    assert keeper.book() is book
    assert keeper.book().exchanges() == [whole("ann").exchange]


def test_old_revisions_that_the_engine_lets_go_of_erase_nobody() -> None:
    shelf, keeper = filled()
    book = keeper.book()
    del shelf.tables["alerts"][0]
    assert keeper.book() is book
    assert shelf.asked.count(CUSTOMERS) == 1


def test_who_is_erased_is_forgotten() -> None:
    shelf, keeper = filled()
    book = keeper.book()
    del shelf.tables["customers"][0]
    assert keeper.book() is not book
    assert keeper.book().find("ann") == [subject("ann")]  # of whom an alert still tells
    shelf.tables["alerts"].clear()
    assert (keeper.book().customers, keeper.book().find("ann")) == (1, [])
