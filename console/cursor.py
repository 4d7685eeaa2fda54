"""Places in the store a client can come back to: opaque texts of two parts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from manumit.schemas.alert import Alert
from manumit.schemas.fields import YEAR_2200_US

MAX_ID = 512
OVERLAP_US = 5_000_000  # a row becomes visible at most this much later than rows with a later time


@dataclass(frozen=True, slots=True)
class Cursor:
    """The last row of a page in the order (time, id): `last_us` of an alert, `at_us` of a dead letter."""

    at_us: int
    alert_id: str

    def __str__(self) -> str:
        return f"{self.at_us}.{self.alert_id}"

    @classmethod
    def of(cls, alert: Alert) -> Self:
        return cls(alert.last_us, alert.alert_id)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Raises ValueError for anything that `str(cursor)` cannot have made."""
        digits, dot, alert_id = text.partition(".")
        if not dot or not alert_id or len(alert_id) > MAX_ID:
            raise ValueError("not a cursor of this console")
        return cls(_micros(digits), alert_id)


@dataclass(frozen=True, slots=True)
class Position:
    """How far a reader has been told: newest stored_us of the alerts, newest at_us of the triage log.

    The counts are of rows told of the last OVERLAP_US before each: while the store holds as many there,
    none became visible late. A text without counts is read too: nothing is known to be told.
    """

    stored_us: int
    decided_us: int
    stored_rows: int = 0
    decided_rows: int = 0

    def __str__(self) -> str:
        return f"{self.stored_us}.{self.decided_us}.{self.stored_rows}.{self.decided_rows}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Raises ValueError for anything that `str(position)` cannot have made."""
        stored, *rest = text.split(".")
        if len(rest) not in (1, 3):
            raise ValueError("not a position of this console's stream")
        return cls(_micros(stored), *map(_micros, rest))


def _micros(digits: str) -> int:
    if not (digits.isascii() and digits.isdigit() and len(digits) <= 16) or int(digits) > YEAR_2200_US:
        raise ValueError("not a place in this console's store: its time cannot be read")
    return int(digits)
