"""Alerts as they arrive."""

from __future__ import annotations

from contextlib import ExitStack

import msgspec

from manumit.console.cursor import OVERLAP_US
from manumit.console.live import MAX_STREAMS, MAX_TOLD
from manumit.schemas.triage import TriageAction
from tests.console.conftest import Console
from tests.console.events import Told, listening, until
from tests.console.invented import OPENED_US, alert
from tests.servers import wait_until


def ids(event: Told) -> list[int]:
    return [int(each["alert_id"], 16) for each in event.value["alerts"]]


def decide(console: Console, number: int, state: str) -> None:
    answer = console.client.post(f"/v1/alerts/{number:032x}/triage", json={"state": state, "reason": "a shop"})
    assert answer.status_code == 201


def test_it_begins_with_a_beat_that_carries_the_runners_words(console: Console) -> None:
    with listening(console.client) as events:
        first = next(events)
    assert (first.name, first.value) == ("beat", {"status": "ok", "progress": {"events": 4321}, "away": []})


def test_it_beats_while_nothing_happens(console: Console) -> None:
    with listening(console.client) as events:
        assert [next(events).name for _ in range(3)] == ["beat"] * 3


def test_an_alert_is_told_once_when_it_is_written(console: Console) -> None:
    console.write("alerts", [alert(1)])
    live = console.get("/v1/alerts")["live"]
    with listening(console.client, after=live) as events:
        assert [next(events).name for _ in range(2)] == ["beat", "beat"]
        console.write("alerts", [alert(2), alert(3)])
        assert ids(until(events, "alerts")) == [2, 3]
        assert [next(events).name for _ in range(2)] == ["beat", "beat"]


def test_a_row_that_becomes_visible_late_is_told(console: Console) -> None:
    with listening(console.client, after=f"{OPENED_US}.0") as events:
        console.write("alerts", [alert(9, stored_us=OPENED_US + 4_000_000)])
        assert ids(until(events, "alerts")) == [9]
        console.write("alerts", [alert(1, stored_us=OPENED_US + 1_000_000)])
        assert ids(until(events, "alerts")) == [1]


def test_what_the_list_was_read_over_is_not_told(console: Console) -> None:
    bundle = [alert(number, stored_us=OPENED_US) for number in range(MAX_TOLD + 1)]
    console.write("alerts", bundle)
    decide(console, 1, "dismissed")
    live = console.get("/v1/alerts")["live"]
    with listening(console.client, after=live) as events:
        beats = [next(events) for _ in range(3)]
    assert [(each.name, each.id) for each in beats] == [("beat", live)] * 3


def test_a_row_that_becomes_visible_between_list_and_stream_is_told(console: Console) -> None:
    console.write("alerts", [alert(9, stored_us=OPENED_US + 4_000_000)])
    live = console.get("/v1/alerts")["live"]
    console.write("alerts", [alert(1, stored_us=OPENED_US + 1_000_000)])
    with listening(console.client, after=live) as events:
        assert 1 in ids(until(events, "alerts"))


def test_fully_muted_alerts_are_told_only_to_who_asks(console: Console) -> None:
    first = alert(1)
    console.write("alerts", [first, alert(2, suppressed=3)])
    with listening(console.client, after="0.0") as events:
        assert ids(until(events, "alerts")) == [1]
        changed = msgspec.structs.replace(first, revision=2, suppressed=3, stored_us=first.stored_us + 9)
        console.write("alerts", [changed])
        assert until(events, "alerts").value == {"alerts": [], "gone": [f"{1:032x}"]}
        console.write("alerts", [alert(number, suppressed=3 * (number % 2)) for number in range(1_000, 1_401)])
        assert until(events, "reload").value == {"unread": 201}
    with listening(console.client, after="0.0", muted="1") as events:
        assert until(events, "reload").value == {"unread": 403}


def test_resuming_misses_nothing(console: Console) -> None:
    console.write("alerts", [alert(1)])
    with listening(console.client, after="0.0") as events:
        last = until(events, "alerts").id
    far = alert(1).stored_us + 10 * OVERLAP_US
    console.write("alerts", [alert(2, stored_us=far), alert(3, stored_us=far + 1)])
    with listening(console.client, after="0.0", last=last) as events:
        told = until(events, "alerts")
        assert ids(told) == [2, 3]
    last = told.id
    console.write("alerts", [alert(4, stored_us=far - 1)])
    with listening(console.client, last=last) as events:
        assert ids(until(events, "alerts")) == [2, 3, 4]


def test_resuming_does_not_repeat(console: Console) -> None:
    console.write("alerts", [alert(1), alert(2, stored_us=alert(1).stored_us + 2 * OVERLAP_US)])
    with listening(console.client, after="0.0") as events:
        last = until(events, "alerts").id
    with listening(console.client, last=last) as events:
        assert [next(events).name for _ in range(3)] == ["beat"] * 3


def test_a_new_revision_and_a_decision_are_told(console: Console) -> None:
    first = alert(1)
    console.write("alerts", [first])
    with listening(console.client, after="0.0") as events:
        assert ids(until(events, "alerts")) == [1]
        console.write("alerts", [msgspec.structs.replace(first, revision=2, stored_us=first.stored_us + 1)])
        assert until(events, "alerts").value["alerts"][0]["revision"] == 2
        decide(console, 1, "dismissed")
        assert until(events, "alerts").value["alerts"][0]["human_state"] == "dismissed"


def test_filters_apply_and_what_leaves_them_is_named(console: Console) -> None:
    console.write("alerts", [alert(1, severity="high")])
    with listening(console.client, after="0.0", human="new", severity="high") as events:
        assert ids(until(events, "alerts")) == [1]
        console.write("alerts", [alert(2, severity="low"), alert(3, severity="high")])
        assert ids(until(events, "alerts")) == [3]
        decide(console, 1, "in-review")
        assert until(events, "alerts").value == {"alerts": [], "gone": [f"{1:032x}"]}


def test_a_reader_far_behind_is_told_to_reload_once(console: Console) -> None:
    console.write("alerts", [alert(number) for number in range(MAX_TOLD + 1)])
    with listening(console.client, after="0.0") as events:
        assert until(events, "reload").value == {"unread": MAX_TOLD + 1}
        assert next(events).name == "beat"
        console.write("alerts", [alert(1_000)])
        assert ids(until(events, "alerts")) == [1_000]


def test_a_position_that_is_none_is_refused(console: Console) -> None:
    for after in ("x", "1", "1.", "-1.2", "1.2.3", "1.2.3.-4", "1.2.3.4.5"):
        assert console.client.get("/v1/stream", params={"after": after}).status_code == 422


def test_the_number_of_streams_is_bounded_and_seats_are_given_back(console: Console) -> None:
    with ExitStack() as readers:
        held = [readers.enter_context(listening(console.client)) for _ in range(MAX_STREAMS)]
        assert [next(events).name for events in held] == ["beat"] * MAX_STREAMS
        assert stream_status(console) == 503
    wait_until(lambda: stream_status(console) == 200, what="a free seat after the readers left")


def stream_status(console: Console) -> int:
    with console.client.stream("GET", "/v1/stream") as answer:
        return answer.status_code


def test_actions_written_twice_are_told_once(console: Console) -> None:
    console.write("alerts", [alert(1)])
    action = TriageAction(action_id="a", alert_id=f"{1:032x}", at_us=OPENED_US, author="Ada", state="in-review")
    console.write("triage_actions", [action])
    with listening(console.client, after="0.0") as events:
        assert ids(until(events, "alerts")) == [1]
        console.write("triage_actions", [action])
        assert [next(events).name for _ in range(2)] == ["beat", "beat"]
