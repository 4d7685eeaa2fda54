"""What is muted on purpose."""

from __future__ import annotations

from typing import Any

import httpx
import msgspec

from manumit.schemas.triage import Suppression
from tests.console.conftest import Console
from tests.console.invented import DAY_US, OPENED_US, SUBJECT, alert

ADA = {"X-Manumit-Analyst": "Ada"}


def add(console: Console, **wish: Any) -> httpx.Response:
    return console.client.post("/v1/suppressions", json=wish, headers=ADA)


def test_added_shown_and_ended(console: Console) -> None:
    added = add(console, detector="tx-funnel-fan-in", subject=SUBJECT, reason=" a charity ")
    assert added.status_code == 201
    shown = console.get("/v1/suppressions")["suppressions"]
    assert [(one["detector"], one["subject"], one["author"], one["reason"]) for one in shown] == [
        ("tx-funnel-fan-in", SUBJECT, "Ada", "a charity")
    ]
    assert shown[0]["is_active"] is True
    path = f"/v1/suppressions/{shown[0]['suppression_id']}/end"
    assert console.client.post(path, json={"reason": "it moved"}).json()["is_active"] is False
    assert console.client.post(path, json={"reason": "again"}).status_code == 200
    after = console.get("/v1/suppressions")["suppressions"]
    assert [(one["is_active"], one["author"], one["reason"]) for one in after] == [
        (False, "Ada", "a charity [ended by local: it moved]")
    ]


def test_a_careless_one_is_refused(console: Console) -> None:
    careless: list[tuple[dict[str, Any], str]] = [
        ({"subject": SUBJECT, "reason": " "}, "needs a reason"),
        ({"reason": "all of it"}, "hide everything"),
        ({"detector": " ", "subject": SUBJECT, "reason": "x"}, "name a detector"),
        ({"subject": SUBJECT, "reason": "x", "from_us": 5, "until_us": 5}, "later than"),
        ({"detector": "tx-funnel-fan-inn", "subject": SUBJECT, "reason": "x"}, "no detector is called"),
        ({"subject": SUBJECT}, "reason"),
        ({"subject": SUBJECT, "reason": "x", "author": "Eve"}, "author"),
    ]
    for wish, why in careless:
        answer = add(console, **wish)
        assert answer.status_code == 422
        assert why in answer.json()["detail"]
    assert console.get("/v1/suppressions")["suppressions"] == []


def test_ending_needs_a_reason_and_a_suppression(console: Console) -> None:
    one = add(console, subject=SUBJECT, reason="a charity").json()
    path = f"/v1/suppressions/{one['suppression_id']}/end"
    assert console.client.post(path, json={"reason": " "}).status_code == 422
    assert console.client.post("/v1/suppressions/none/end", json={"reason": "x"}).status_code == 404


def test_the_signals_it_swallowed_are_counted(console: Console) -> None:
    first = alert(1, suppressed=2)
    console.write("alerts", [first, alert(2, suppressed=3, subject="customer:demo:42"), alert(3)])
    console.write("alerts", [alert(1, revision=2, suppressed=7, stored_us=first.stored_us + 1)])
    whole = Suppression(suppression_id="whole", subject=SUBJECT, author="Ada", reason="a charity")
    change = msgspec.structs.replace
    others = [
        change(whole, suppression_id="other", detector="tx-other"),
        change(whole, suppression_id="every", detector="tx-funnel-fan-in", subject="*"),
        change(whole, suppression_id="early", until_us=OPENED_US),
        change(whole, suppression_id="late", from_us=OPENED_US + 2 * DAY_US),
    ]
    console.write("suppressions", [whole, *others])
    held = console.get("/v1/suppressions")
    counted = {one["suppression_id"]: one["suppressed"] for one in held["suppressions"]}
    assert counted == {"whole": 7, "other": 0, "every": 10, "early": 0, "late": 0}
    assert held["suppressed"] == 10
