"""Bookings pushed over HTTP: checked one by one, kept, and read by the run as account events."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import msgspec
import pytest

from manumit.connectors.inbox import PUSHED, Inbox, PushSource
from manumit.console.bookings import MOST_BOOKINGS
from manumit.schemas.account_event import AccountEvent
from manumit.schemas.errors import ConfigError
from manumit.schemas.settings import Settings
from manumit.streams.boards import pushes
from tests.console.gated import BEARER, ask, away_app

DAY_US = 86_400_000_000
NOW_US = 20_500 * DAY_US


class Clock:
    now_us = NOW_US

    def __call__(self) -> int:
        return self.now_us


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def inbox(tmp_path: Path, clock: Clock) -> Inbox:
    return Inbox(folder=tmp_path / "pushed", clock=clock)


def booking(number: int, **changes: Any) -> dict[str, Any]:
    plain = {"exchange": "lets", "account_event_id": f"b-{number}", "customer_id": "g-1", "kind": "lodging"}
    return {**plain, "at_us": NOW_US - DAY_US + number, "nights": 1, "counterparty": "unit-1", **changes}


def push(inbox: Inbox | None, *records: Any, headers: dict[str, str] = BEARER) -> Any:
    app = away_app(inbox=inbox)
    return ask(app, "POST", "/v1/bookings", headers=headers, json={"bookings": list(records)})


def taken(inbox: Inbox, after: str | None = None) -> tuple[list[AccountEvent], list[str], str]:
    source = PushSource(inbox=inbox)
    events: list[AccountEvent] = []
    reasons: list[str] = []
    for batch in source.batches(after):
        events += batch.account_events
        reasons += [letter.reason for letter in batch.dead_letters]
        position = batch.position
        if not batch.account_events and not batch.dead_letters:
            source.stop()
    return events, reasons, position


def test_bookings_are_kept_and_read_in_the_order_of_their_times(inbox: Inbox) -> None:
    answer = push(inbox, booking(2, note="call +1 202 555 0147"), booking(1, starts_us=NOW_US + 9 * DAY_US))
    assert (answer.status_code, answer.json()) == (202, {"taken": 2, "refused": []})
    events, letters, position = taken(inbox)
    assert [event.account_event_id for event in events] == ["b-1", "b-2"]
    assert letters == []
    assert "0147" not in next(inbox.folder.iterdir()).read_text()
    push(inbox, booking(3))
    assert [event.account_event_id for event in taken(inbox, position)[0]] == ["b-3"]


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        (booking(1, kind="deposit"), "malformed"),
        (booking(1, customer_id=None), "malformed"),
        (booking(1, name="Invented Name"), "malformed"),
        (booking(1, at_us=NOW_US + 2 * DAY_US), "bad-time"),
        (booking(1, amount_usd=-1), "malformed"),
        ("Invented Name", "malformed"),
        ([[[[]]]], "malformed"),
    ],
)
def test_a_bad_record_is_a_dead_letter_and_costs_no_other(inbox: Inbox, record: Any, reason: str) -> None:
    answer = push(inbox, booking(1), record, booking(2)).json()
    assert answer["taken"] == 2
    assert [one["index"] for one in answer["refused"]] == [1]
    events, letters, _ = taken(inbox)
    assert (len(events), letters) == (2, [answer["refused"][0]["reason"]])
    assert letters[0] in (reason, "absurd-amount")
    assert "Invented" not in next(inbox.folder.iterdir()).read_text()


def test_who_may_push(inbox: Inbox) -> None:
    assert push(inbox, booking(1), headers={}).status_code == 401
    assert push(inbox, booking(1), headers={"authorization": "Bearer another-token-of-16"}).status_code == 401
    assert push(None, booking(1)).status_code == 409
    assert not inbox.folder.exists()


def test_what_is_no_push(inbox: Inbox) -> None:
    assert push(inbox).status_code == 422
    assert push(inbox, *([1] * (MOST_BOOKINGS + 1))).status_code == 422
    assert push(inbox, "x" * (9 << 20)).status_code == 413
    deep = b'{"bookings": [' + b"[" * 100_000 + b"]" * 100_000 + b"]}"
    headers = BEARER | {"content-type": "application/json"}
    assert ask(away_app(inbox=inbox), "POST", "/v1/bookings", headers=headers, content=deep).status_code in (202, 422)
    assert taken(inbox)[0] == []


def test_a_push_that_a_crash_cut_off_costs_no_other(inbox: Inbox) -> None:
    push(inbox, booking(1))
    (file,) = inbox.folder.iterdir()
    whole = file.read_bytes()
    file.write_bytes(whole + whole[: len(whole) // 2])
    push(inbox, booking(2))
    assert [event.account_event_id for event in taken(inbox)[0]] == ["b-1", "b-2"]


def test_days_that_are_done_with_go(inbox: Inbox, clock: Clock) -> None:
    push(inbox, booking(1))
    first = taken(inbox)[2]
    clock.now_us += DAY_US
    push(inbox, booking(2))
    events, _, second = taken(inbox, first)
    assert [event.account_event_id for event in events] == ["b-2"]
    assert len(inbox.days()) == 2, "a checkpoint may still lie in the first"
    assert taken(inbox, second)[0] == []
    assert inbox.days() == [clock.now_us // DAY_US]
    assert [file.stat().st_mode & 0o077 for file in inbox.folder.iterdir()] == [0]


def test_a_waiting_run_hears_of_a_push(inbox: Inbox) -> None:
    source = PushSource(inbox=inbox)
    batches = source.batches(None)
    assert next(batches).account_events == ()
    threading.Timer(0.05, lambda: push(inbox, booking(1))).start()
    while not (found := next(batches).account_events):
        pass
    assert found[0].account_event_id == "b-1"
    source.stop()
    assert next(batches, None) is None


def test_the_document_says_what_a_booking_is() -> None:
    document = ask(away_app(), "GET", "/v1/openapi.json", headers=BEARER).json()
    items = document["components"]["schemas"]["BookingsRequest"]["properties"]["bookings"]["items"]
    assert items == {"$ref": "#/components/schemas/AccountEvent"}
    assert "lodging" in str(document["components"]["schemas"]["AccountEvent"]["properties"]["kind"])


def test_a_foreign_position_and_the_setting(inbox: Inbox, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="pushed bookings"):
        next(PushSource(inbox=inbox).batches("seven"))
    settings = Settings(state_dir=str(tmp_path))
    assert pushes(settings, inbox.clock) == []
    (source,) = pushes(msgspec.structs.replace(settings, bookings_push=True), inbox.clock)
    assert (source.name, source.live) == (PUSHED, True)
