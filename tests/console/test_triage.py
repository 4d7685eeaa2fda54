"""What a person decides, and that nothing of it is lost."""

from __future__ import annotations

import httpx

from tests.console.conftest import Console
from tests.console.invented import alert

ID = f"{1:032x}"


def decide(console: Console, state: str, reason: str = "", **headers: str) -> httpx.Response:
    return console.client.post(f"/v1/alerts/{ID}/triage", json={"state": state, "reason": reason}, headers=headers)


def test_a_dismissal_without_a_reason_is_refused_and_not_written(console: Console) -> None:
    console.write("alerts", [alert(1)])
    for reason in ("", "   ", "\n\t"):
        answer = decide(console, "dismissed", reason)
        assert answer.status_code == 422
        assert answer.json()["detail"] == "dismissed needs a reason"
    assert console.query("SELECT count() AS rows FROM triage_actions") == [{"rows": 0}]


def test_decisions_are_a_log_and_the_newest_counts(console: Console) -> None:
    console.write("alerts", [alert(1)])
    decide(console, "in-review", **{"X-Manumit-Analyst": "Ada"})
    decide(console, "escalated", "several payers share a funder", **{"X-Manumit-Analyst": "Grace"})
    decide(console, "dismissed", " a market stall ")
    detail = console.get(f"/v1/alerts/{ID}")
    log = [(each["state"], each["author"], each["reason"]) for each in detail["decisions"]]
    assert log == [
        ("in-review", "Ada", ""),
        ("escalated", "Grace", "several payers share a funder"),
        ("dismissed", "local", "a market stall"),
    ]
    assert detail["summary"]["human_state"] == "dismissed"
    assert detail["summary"]["human_author"] == "local"


def test_an_alert_that_changes_after_the_decision_says_so(console: Console) -> None:
    console.write("alerts", [alert(1)])
    decide(console, "dismissed", "a market stall")
    assert console.get("/v1/alerts")["alerts"][0]["changed_since"] is False
    console.write("alerts", [alert(1, revision=2, stored_us=7_000_000_000_000_000)])
    assert console.get("/v1/alerts")["alerts"][0]["changed_since"] is True


def test_a_decision_on_no_alert_is_refused(console: Console) -> None:
    assert decide(console, "in-review").status_code == 404
    assert console.query("SELECT count() AS rows FROM triage_actions") == [{"rows": 0}]


def test_a_body_of_another_shape_is_refused(console: Console) -> None:
    console.write("alerts", [alert(1)])
    bodies = [b"", b"{", b"[]", b'{"state": "closed"}', b'{"state": "in-review", "author": "x"}', b"{}", b"\xff"]
    for content in bodies:
        headers = {"content-type": "application/json"}
        answer = console.client.post(f"/v1/alerts/{ID}/triage", content=content, headers=headers)
        assert answer.status_code == 422, content
        assert "TriageRequest" in answer.json()["detail"]


def test_a_body_too_large_is_refused(console: Console) -> None:
    console.write("alerts", [alert(1)])
    headers = {"content-type": "application/json"}
    answer = console.client.post(f"/v1/alerts/{ID}/triage", content=b" " * 70_000, headers=headers)
    assert answer.status_code == 413


def test_the_name_at_the_desk_is_remembered(console: Console) -> None:
    assert console.get("/v1/analyst") == {"name": "local"}
    given = console.client.post("/v1/analyst", json={"name": "  Zoë\u0000 \n O’Hara; Path=/ "})
    assert given.json() == {"name": "Zoë O’Hara; Path=/"}
    assert "HttpOnly" in given.headers["set-cookie"]
    assert console.get("/v1/analyst") == {"name": "Zoë O’Hara; Path=/"}
    assert console.client.post("/v1/analyst", json={"name": "\u200b\n"}).status_code == 422
