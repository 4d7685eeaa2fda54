"""What a customer rule may ask for. Every feature is as of the row: rows j at or before row i with
at_us[j] > at_us[i] - window count, the row itself included.

`of` names one of the rule's classes, a mask over rows. The subject is one of the row's keys: the customer, but
also the device, the counterparty or an identifier, so that whoever stands behind several customers is a subject too.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from manumit.detectors.customers.columns import KeyName
from manumit.detectors.windows.features import NEVER, duration_us

Measure = Literal["count", "sum", "distinct", "pair"]


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Window:
    """Rows of class `of` with this row's `key` in the window.

    `count`, `sum` (micro-USD, unknown adds 0), `distinct` names of `what` with at least `at_least` rows, or `pair`:
    rows with this row's `what` as well. `after`: only rows whose key (or `after_key`) had a row of that other class
    at most so long before. `fresh_us`: only rows whose pair of key and `what` had none of the class in so long.
    """

    measure: Measure
    key: KeyName
    of: str
    window_us: int
    what: KeyName | Literal[""] = ""
    at_least: int = 1
    after: str = ""
    after_us: int = 0
    after_key: KeyName | Literal[""] = ""
    fresh_us: int = 0


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Last:
    """Microseconds since the key's previous row of class `of`, this row not counted; NEVER without one."""

    key: KeyName
    of: str


Ask = Window | Last


After = tuple[str, str, KeyName]
NO_AFTER: After = ("", "", "customer")


def count(of: str, window: str, *, key: KeyName = "customer", after: After = NO_AFTER) -> Window:
    """`after=("received", "24h", "customer")` counts only rows within a day of that customer's last received one."""
    name, within, after_key = after
    return Window(
        measure="count",
        key=key,
        of=of,
        window_us=duration_us(window),
        after=name,
        after_us=duration_us(within) if within else 0,
        after_key=after_key if within else "",
    )


def total(of: str, window: str, *, key: KeyName = "customer", after: After = NO_AFTER) -> Window:
    """As `count`, in micro-USD."""
    return replace(count(of, window, key=key, after=after), measure="sum")


def distinct(
    what: KeyName,
    of: str,
    window: str,
    *,
    key: KeyName = "customer",
    at_least: int = 1,
    fresh: str = "",
    after: After = NO_AFTER,
) -> Window:
    """Names of `what`; `fresh="90d"` counts only those not seen with the key in so long."""
    plain = count(of, window, key=key, after=after)
    fresh_us = duration_us(fresh) if fresh else 0
    return replace(plain, measure="distinct", what=what, at_least=at_least, fresh_us=fresh_us)


def pair(what: KeyName, of: str, window: str, *, key: KeyName = "customer") -> Window:
    return Window(measure="pair", key=key, of=of, window_us=duration_us(window), what=what)


def last(of: str, *, key: KeyName = "customer") -> Last:
    return Last(key=key, of=of)


__all__ = ["NEVER", "Ask", "Last", "Window", "count", "distinct", "last", "pair", "total"]
