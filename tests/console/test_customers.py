"""Customers over HTTP: checked as known or as sent along, ranked, and what concerns minors in a view of its own."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import msgspec
import pytest

from manumit.console.cursor import Position
from manumit.detectors.customer_stories import EXCHANGE, did, known, whole
from manumit.detectors.stories import DAY
from manumit.schemas.subject import customer_subject, person_token
from tests.console.conftest import Console
from tests.console.desk_process import PROTECTION_TOKEN
from tests.console.invented import OPENED_US, alert
from tests.streams.customer_books import standing, subject

CHECK = "/v1/customers/{}/check"
BEGINNING = str(Position(0, 0, 0, 0))
CHILD = f"{7:032x}"


@pytest.fixture
def protector(console: Console) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=console.url, headers={"authorization": f"Bearer {PROTECTION_TOKEN}"}) as client:
        yield client


def post(console: Console, customer: str, body: Any = None, status: int = 200, **parameters: str) -> Any:
    sent = msgspec.json.encode({} if body is None else body)
    headers = {"content-type": "application/json"}
    answer = console.client.post(CHECK.format(customer), content=sent, params=parameters, headers=headers)
    assert answer.status_code == status, answer.text
    return answer.json()


def minor(number: int = 7, about: str = "child") -> Any:
    stored = {"alert_id": f"{number:032x}", "stored_us": OPENED_US + number}
    return standing("kyc-minor-account", subject(about), reason="A child's.", **stored)


def test_a_known_customer_is_answered_for_and_the_look_is_written_down(console: Console) -> None:
    console.write("customers", [whole("c1", address="")])
    console.write("alerts", [standing("kyc-income-mismatch", subject("c1"), stored_us=OPENED_US)])
    found = post(console, "c1")["check"]
    assert [gap["datum"] for gap in found["gaps"]] == ["address"]
    assert [one["detector"] for one in found["findings"]] == ["kyc-income-mismatch"]
    looks = console.query("SELECT subject FROM access_records")
    assert looks == [{"subject": subject("c1")}]


def test_refusals_are_problems(console: Console) -> None:
    assert post(console, "nobody", status=404)["detail"].startswith("no customer has this id")
    console.write("customers", [whole("c1"), msgspec.structs.replace(whole("c1"), exchange="second-made-up")])
    assert post(console, "c1", status=409)["status"] == 409
    assert post(console, "c1", exchange=EXCHANGE)["check"]["subject"] == subject("c1")
    event = msgspec.to_builtins(did("p", "c1", "deposit", 5.0))
    post(console, "c1", {"account_events": [event]}, status=422)
    post(console, "c2", {"customer": msgspec.to_builtins(whole("c1"))}, status=422)
    post(console, "c1", {"customer": {"exchange": "x"}}, status=422)
    post(console, "c1", {"surprise": 1}, status=422)


def test_somebody_who_is_no_customer_yet_is_judged_and_not_kept(console: Console) -> None:
    events = [did("p", "new", "deposit", 40_000.0)]
    sent = {"customer": whole("new", declared_income_usd=10_000.0), "account_events": events}
    found = post(console, "new", msgspec.to_builtins(sent))["check"]
    assert (found["status"], [one["detector"] for one in found["findings"]]) == ("given", ["kyc-income-mismatch"])
    assert console.query("SELECT count() AS n FROM customers")[0]["n"] == 0
    assert console.query("SELECT count() AS n FROM account_events")[0]["n"] == 0
    assert console.query("SELECT count() AS n FROM alerts")[0]["n"] == 0


def test_the_ranking_takes_each_score_apart(console: Console) -> None:
    console.write("customers", [whole("c1", address=""), known("c2"), whole("c3")])
    ranking = console.get("/v1/customers/ranking")["ranking"]
    assert [person["accounts"][0]["customer_id"] for person in ranking["persons"]] == ["c2", "c1"]
    assert ranking["formula"] == "gap * (1 + exposure) * (1 + listing) / 4"
    assert (ranking["customers"], ranking["without_gap"], ranking["restricted"]) == (3, 1, 0)


def test_minors_are_nowhere_but_in_their_own_view(console: Console, protector: httpx.Client) -> None:
    console.write("customers", [whole("child", age=15, minimum_age=18, address="")])
    console.write("alerts", [alert(1), minor()])
    assert [one["alert_id"] for one in console.get("/v1/alerts")["alerts"]] == [f"{1:032x}"]
    facets = console.get("/v1/facets")
    assert (facets["total"], facets["restricted"]) == (1, 1)
    assert "kyc-minor-account" not in str(facets)
    assert console.client.get(f"/v1/alerts/{CHILD}").status_code == 404
    found = console.get("/v1/search", identifier=subject("child"))
    assert found["alerts"] == []
    ranking = console.get("/v1/customers/ranking")["ranking"]
    assert (ranking["persons"], ranking["restricted"]) == ([], 1)
    assert post(console, "child")["check"]["findings"] == []
    refused = console.client.post(
        f"/v1/alerts/{CHILD}/triage", json={"state": "dismissed", "reason": "x"}, headers={"origin": console.url}
    )
    assert refused.status_code == 404
    for path in ("/v1/protection/alerts", f"/v1/protection/alerts/{CHILD}"):
        assert console.client.get(path).status_code == 403
    page = protector.get("/v1/protection/alerts").json()
    assert [one["alert_id"] for one in page["alerts"]] == [CHILD]
    detail = protector.get(f"/v1/protection/alerts/{CHILD}").json()
    assert detail["summary"]["reason"] == "A child's."
    decided = protector.post(f"/v1/protection/alerts/{CHILD}/triage", json={"state": "escalated"})
    assert decided.status_code == 201
    assert protector.post(f"/v1/protection/alerts/{1:032x}/triage", json={"state": "escalated"}).status_code == 404
    looks = {row["subject"] for row in console.query("SELECT subject FROM access_records")}
    assert {"protection:alerts", f"protection:alert:{CHILD}"} <= looks


LONG = "child-" + "x" * 60
LATER_US = OPENED_US + 3 * DAY  # after every other alert here: what is known of customers is read on from there


def of_children() -> dict[str, Any]:
    """Suspicions and a control finding about two children, and about what one of them gave: none is of protection."""
    about = (
        ("kyc-income-mismatch", subject("child")),
        ("kyc-missing-cdd-fields", subject("child")),
        ("kyc-income-mismatch", customer_subject(EXCHANGE, LONG)),
        ("kyc-third-party-identity", "document:pass"),
        ("kyc-single-controller", "device:d"),
        ("kyc-adverse-media", person_token("name:c", "birth:c")),
        ("kyc-single-controller", "eip155:1:w"),
    )
    made: dict[str, Any] = {}
    for number, (rule, name) in enumerate(about, 20):
        alert_id = f"{number:032x}"
        made[alert_id] = standing(rule, name, alert_id=alert_id, stored_us=LATER_US + number)
    return made


def children(console: Console) -> None:
    gave: dict[str, Any] = {"documents": ("document:pass",), "devices": ("device:d",), "wallets": ("eip155:1:w",)}
    child = msgspec.structs.replace(whole("child", age=15, **gave), name="name:c", birth="birth:c")
    console.write("customers", [child, whole("child", at=0, age=0), whole(LONG, age=17, minimum_age=0)])
    console.write("customers", [whole("grown", age=17), whole("grown", at=0, age=18), whole("grown", at=DAY, age=0)])


def test_nothing_of_any_nature_about_a_minor_is_in_the_ordinary_views(
    console: Console, protector: httpx.Client
) -> None:
    children(console)
    hidden = of_children()
    grown = standing("kyc-income-mismatch", subject("grown"), alert_id=f"{90:032x}", stored_us=LATER_US)
    console.write("alerts", [*hidden.values(), grown])
    assert [one["alert_id"] for one in console.get("/v1/alerts")["alerts"]] == [f"{90:032x}"]
    facets = console.get("/v1/facets")
    assert (facets["total"], facets["restricted"]) == (1, len(hidden))
    for alert_id, one in hidden.items():
        assert console.client.get(f"/v1/alerts/{alert_id}").status_code == 404
        assert console.get("/v1/search", identifier=one.subject)["alerts"] == []
        assert protector.get(f"/v1/protection/alerts/{alert_id}").status_code == 200
    for customer in ("child", LONG):
        check = post(console, customer)["check"]
        assert (check["findings"], check["around"]) == ([], [])
        assert not any(gap["alert_id"] for gap in check["gaps"])
    assert [one["subject"] for one in post(console, "grown")["check"]["findings"]] == [subject("grown")]
    listed = protector.get("/v1/protection/alerts").json()["alerts"]
    assert {one["alert_id"] for one in listed} == set(hidden)
    with console.client.stream("GET", "/v1/stream", params={"after": BEGINNING}) as told:
        for line in told.iter_lines():
            assert not any(alert_id in line for alert_id in hidden)
            if f"{90:032x}" in line:
                break


def test_the_stream_does_not_tell_of_them(console: Console) -> None:
    console.write("alerts", [minor(8)])
    with console.client.stream("GET", "/v1/stream", params={"after": BEGINNING}) as answer:
        for line in answer.iter_lines():
            assert f"{8:032x}" not in line
            if line.startswith("event: beat"):
                break


def test_whoever_has_the_protection_token_may_see_the_rest_too(console: Console, protector: httpx.Client) -> None:
    console.write("alerts", [alert(1)])
    assert len(protector.get("/v1/alerts").json()["alerts"]) == 1


def test_who_is_erased_from_the_store_is_forgotten(console: Console) -> None:
    console.write("customers", [known("c1"), known("c2")])
    assert post(console, "c1")["check"]["status"] == "known"
    console.query("ALTER TABLE customers DELETE WHERE customer_id = 'c1' SETTINGS mutations_sync = 2")
    post(console, "c1", status=404)
    assert post(console, "c2")["check"]["status"] == "known"
