"""Bookings of a platform's export become alerts about late changes, local guests and payment by another."""

from __future__ import annotations

from pathlib import Path

import pytest

from manumit.connectors.exchange.checking import Checking
from manumit.connectors.exchange.mapping import read_mapping
from manumit.connectors.exchange.rows import open_export
from manumit.connectors.tokens import kind_tokeniser
from manumit.detectors.catalogue import detector
from manumit.schemas.account_event import AccountEvent
from manumit.streams.merging import Bundle
from manumit.streams.pipeline import Pipeline
from manumit.streams.rule_pack import Configured
from tests.servers import REPOSITORY

RULES = ("li-rental-anonymous-booking", "li-rental-late-changes", "li-rental-local-guest-hourly")
BURST = "li-rental-turnover-burst"
COLUMNS = (
    "booking_no,guest_no,booked_at,check_in,nights,hours,rooms,unit,unit_cell,guest_cell,paid_with,payer_if_other,"
    "total_usd,state"
)
NOW_US = 1_790_000_000_000_000


def row(number: int, unit: str, *, lead_hours: int, home: str, paid: str, payer: str, state: str = "STAYED") -> str:
    day = f"2026-03-{number + 1:02d}"
    booked, starts = f"{day}T06:00:00", f"{day}T{6 + lead_hours:02d}:00:00"
    return f"b-{number},g-1,{booked},{starts},1,0,1,{unit},XA-whrn,{home},{paid},{payer},80,{state}"


def loaded(folder: Path, rows: list[str], columns: str = COLUMNS, name: str = "bookings") -> list[AccountEvent]:
    path = folder / f"{name}.csv"
    path.write_text("\n".join((columns, *rows)) + "\n")
    mapping = read_mapping(REPOSITORY / "deploy" / "exchange" / f"{name}.toml")
    checking = Checking(mapping=mapping, tokenise=kind_tokeniser(b"k" * 32), now_us=NOW_US, openings=None)
    assert checking.check(open_export(path)).problems == ()
    records = list(checking.records(open_export(path)))
    found = [record for record in records if isinstance(record, AccountEvent)]
    assert len(found) == len(rows)
    return found


def alerted(events: list[AccountEvent], piece: int, rules: tuple[str, ...] = RULES) -> set[tuple[str, str]]:
    pipeline = Pipeline(Configured(detectors=tuple(map(detector, rules)), overrides={}))
    found: dict[str, tuple[str, str]] = {}
    for start in range(0, len(events), piece):
        part = tuple(events[start : start + piece])
        changes = pipeline.take(Bundle(until_us=part[-1].at_us, account_events=part))
        found |= {alert.alert_id: (alert.detector, alert.subject) for alert in changes.alerts}
    return set(found.values())


@pytest.mark.parametrize("piece", [1, 3, 100])
def test_late_local_bookings_that_another_pays(tmp_path: Path, piece: int) -> None:
    rows = [row(i, f"flat-{i}", lead_hours=3, home="XA-whrr", paid="USDT", payer="somebody") for i in range(4)]
    events = loaded(tmp_path, rows)
    assert {event.payer == "" for event in events} == {False}
    assert not any("somebody" in event.payer or "flat" in event.counterparty for event in events)
    assert alerted(events, piece) == {(rule, "customer:example-lets:g-1") for rule in RULES}


def test_cancelled_early_distant_and_own_bookings_say_nothing(tmp_path: Path) -> None:
    rows = [
        *(
            row(i, f"flat-{i}", lead_hours=3, home="XA-whrr", paid="USDT", payer="x", state="CANCELLED")
            for i in range(5)
        ),
        *(row(i, f"flat-{i}", lead_hours=15, home="XB-u33d", paid="VISA", payer="x") for i in range(5, 10)),
        *(row(i, "flat-1", lead_hours=2, home="XB-u33d", paid="USDT", payer="") for i in range(10, 15)),
    ]
    assert alerted(loaded(tmp_path, rows), 100) == set()


@pytest.mark.parametrize("piece", [1, 7, 100])
def test_a_rush_of_reviews_is_about_the_dwelling(tmp_path: Path, piece: int) -> None:
    """Twenty-four reviews on twenty-four days, and two lets that share as many."""
    columns = "listing_id,id,date,reviewer_id,reviewer_name,comments"
    days = [f"2026-04-{day:02d}" for day in range(1, 25)]
    rows = [f"7,r-{i},{day},{i},Nobody,nice" for i, day in enumerate(days)]
    events = loaded(tmp_path, rows, columns, "reviews")
    assert not any("Nobody" in str(event) or "nice" in str(event) for event in events)
    assert alerted(events, piece, (BURST,)) == {(BURST, events[0].counterparty)}
    shared = [f"{i % 2},r-{i},{day},{i},Nobody,nice" for i, day in enumerate(days)]
    assert alerted(loaded(tmp_path, shared, columns, "reviews"), piece, (BURST,)) == set()
