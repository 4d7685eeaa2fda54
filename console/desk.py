"""What every route group is given: the store, the clock and the runner's own words."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import quote, unquote

from fastapi import Request

from manumit.connectors.contract import Store
from manumit.schemas.screening import Screening
from manumit.streams.customer_book import CustomerBook
from manumit.streams.customer_trial import Trial
from manumit.streams.outages import Outage

ANALYST_COOKIE = "manumit_analyst"
ANALYST_HEADER = "X-Manumit-Analyst"
DEFAULT_ANALYST = "local"
MAX_NAME = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """The runner at one moment. `progress`: events, signals, watermark_us, …; `suppressed`: by suppression_id.

    `away`: live sources that do not answer, by name.
    """

    progress: Mapping[str, int] = field(default_factory=dict)
    suppressed: Mapping[str, int] = field(default_factory=dict)
    away: Mapping[str, Outage] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """Given once to `make_app`; shared by all. `clock` is UTC microseconds; `screen` answers for one address.

    `customers` is what is known of an exchange's customers now, `trial` judges one who is none yet; `hotlines` are
    where wording of children is to be reported.
    """

    store: Store
    clock: Callable[[], int]
    snapshot: Callable[[], Snapshot]
    screen: Callable[[str], Sequence[Screening]]
    customers: Callable[[], CustomerBook]
    trial: Trial
    hotlines: tuple[str, ...] = ()
    ranking_us: int = 60_000_000
    poll_s: float = 0.5
    heartbeat_s: float = 10.0


def analyst(request: Request) -> str:
    """Who is asking: the header (scripts), else the cookie (browser), else `local`. Percent-encoded UTF-8."""
    raw = request.headers.get(ANALYST_HEADER) or request.cookies.get(ANALYST_COOKIE) or ""
    return plain_name(unquote(raw, errors="replace")) or DEFAULT_ANALYST


def plain_name(name: str) -> str:
    """`name` without control characters, runs of white space folded, at most MAX_NAME characters."""
    visible = "".join(letter if letter.isprintable() else " " for letter in name)
    return " ".join(visible.split())[:MAX_NAME]


def cookie_value(name: str) -> str:
    return quote(name, safe="")
