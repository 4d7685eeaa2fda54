"""Cells to values: what a form makes of the edges of what it may be given."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from manumit.connectors.exchange.cells import age
from manumit.schemas.customer import Customer

NOW = datetime(2026, 1, 10, 12, tzinfo=UTC)
NOW_US = int(NOW.timestamp()) * 1_000_000


@pytest.mark.parametrize(
    ("born", "years"),
    [(date(2026, 1, 10), 1), (date(2025, 2, 1), 1), (date(2024, 1, 10), 2), (date(2008, 1, 11), 17)],
)
def test_a_child_whose_birthday_is_known_is_never_of_unknown_age(born: date, years: int) -> None:
    assert age(born, NOW_US) == years
    assert Customer(exchange="x", customer_id="c", at_us=NOW_US, age=age(born, NOW_US)).is_minor
