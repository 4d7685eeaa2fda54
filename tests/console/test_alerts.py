"""The list and one alert over /v1."""

from __future__ import annotations

from typing import Any

import msgspec

from manumit.console.alerts import LOOK
from tests.console.conftest import Console
from tests.console.invented import DAY_US, OPENED_US, SUBJECT, alert, listing, transfer


def ids(page: Any) -> list[int]:
    return [int(each["alert_id"], 16) for each in page["alerts"]]


def test_an_empty_store_gives_an_empty_page(console: Console) -> None:
    assert console.get("/v1/alerts") == {"alerts": [], "next": None, "live": ".".join("0000")}
    assert console.get("/v1/facets")["total"] == 0


def test_pages_follow_each_other_without_gap_or_repeat(console: Console) -> None:
    console.write("alerts", [alert(number) for number in range(25)])
    seen, before = [], ""
    while before is not None:
        page = console.get("/v1/alerts", limit=10, before=before)
        seen += ids(page)
        before = page["next"]
    assert seen == list(range(24, -1, -1))


def test_alerts_of_the_same_microsecond_are_paged_by_id(console: Console) -> None:
    console.write("alerts", [alert(number, last_us=OPENED_US) for number in range(5)])
    first = console.get("/v1/alerts", limit=3)
    second = console.get("/v1/alerts", limit=3, before=first["next"])
    assert ids(first) + ids(second) == [4, 3, 2, 1, 0]
    assert second["next"] is None


def test_the_list_is_in_the_order_of_last_events_whenever_they_were_stored(console: Console) -> None:
    console.write("alerts", [alert(number, stored_us=OPENED_US + 100 - number) for number in range(5)])
    assert ids(console.get("/v1/alerts", limit=10)) == [4, 3, 2, 1, 0]


def test_many_revisions_of_one_moment_are_one_alert_on_one_page(console: Console) -> None:
    for revision in range(1, 4):
        console.write("alerts", [alert(n, revision=revision, last_us=OPENED_US) for n in range(LOOK // 2)])
    first = console.get("/v1/alerts", limit=200)
    second = console.get("/v1/alerts", limit=200, before=first["next"])
    assert ids(first) + ids(second) == list(range(LOOK // 2 - 1, -1, -1))
    assert {each["revision"] for each in (*first["alerts"], *second["alerts"])} == {3}


def test_the_newest_revision_stands_once(console: Console) -> None:
    first = alert(1)
    later = msgspec.structs.replace(first, revision=2, title="Renewed", stored_us=first.stored_us + 10)
    console.write("alerts", [first])
    console.write("alerts", [later])
    console.write("alerts", [later])
    page = console.get("/v1/alerts")
    assert [(each["revision"], each["title"]) for each in page["alerts"]] == [(2, "Renewed")]


def test_more_replaced_rows_than_one_look_takes_are_passed_over(console: Console) -> None:
    number = LOOK + 88
    console.write("alerts", [alert(n, last_us=OPENED_US + DAY_US) for n in range(number)])
    console.write("alerts", [alert(n, revision=2, last_us=OPENED_US + n) for n in range(number)])
    first = console.get("/v1/alerts", limit=500)
    second = console.get("/v1/alerts", limit=500, before=first["next"])
    assert ids(first) + ids(second) == list(range(number - 1, -1, -1))
    assert {each["revision"] for each in first["alerts"]} == {2}


def test_a_filter_judges_the_newest_revision_only(console: Console) -> None:
    first = alert(1, severity="low")
    console.write("alerts", [first])
    console.write(
        "alerts", [msgspec.structs.replace(first, revision=2, severity="high", stored_us=first.stored_us + 1)]
    )
    assert ids(console.get("/v1/alerts", severity="low")) == []
    assert ids(console.get("/v1/alerts", severity="high")) == [1]


def test_filters(console: Console) -> None:
    passing = alert(2, detector="tx-rapid-pass-through", typology="scam", severity="high", title="Passed on at once")
    console.write("alerts", [alert(1), passing, alert(3, severity="critical", state="withdrawn")])
    asked: list[tuple[dict[str, Any], list[int]]] = [
        ({"detector": "tx-rapid-pass-through"}, [2]),
        ({"severity": ["high", "critical"]}, [3, 2]),
        ({"state": "withdrawn"}, [3]),
        ({"typology": "labour"}, [3, 1]),
        ({"text": "PASS"}, [2]),
        ({"text": SUBJECT}, [3, 2, 1]),
        ({"text": "unheard of"}, []),
        ({"severity": "high", "state": "withdrawn"}, []),
    ]
    for parameters, expected in asked:
        assert ids(console.get("/v1/alerts", **parameters)) == expected, parameters


def test_human_state_filters_know_untouched_alerts(console: Console) -> None:
    console.write("alerts", [alert(number) for number in range(3)])
    for number, state in ((0, "dismissed"), (1, "in-review")):
        decided = console.client.post(f"/v1/alerts/{number:032x}/triage", json={"state": state, "reason": "a shop"})
        assert decided.status_code == 201
    assert ids(console.get("/v1/alerts", human="new")) == [2]
    assert ids(console.get("/v1/alerts", human="dismissed")) == [0]
    assert ids(console.get("/v1/alerts", human=["new", "in-review"])) == [2, 1]
    facets = console.get("/v1/facets")
    assert facets["total"] == 3
    assert {each["value"]: each["alerts"] for each in facets["human"]} == {"new": 1, "dismissed": 1, "in-review": 1}


def test_fully_muted_alerts_are_left_out_unless_asked_for(console: Console) -> None:
    console.write("alerts", [alert(1), alert(2, suppressed=2), alert(3, suppressed=3, severity="low")])
    decided = console.client.post(f"/v1/alerts/{3:032x}/triage", json={"state": "in-review"})
    assert decided.status_code == 201
    assert ids(console.get("/v1/alerts")) == [2, 1]
    assert ids(console.get("/v1/alerts", muted=1)) == [3, 2, 1]
    without, whole = console.get("/v1/facets"), console.get("/v1/facets", muted=1)
    assert (without["total"], without["muted"]) == (2, 1)
    assert without["severity"] == [{"value": "medium", "alerts": 2}]
    assert without["human"] == [{"value": "new", "alerts": 2}]
    assert (whole["total"], whole["muted"]) == (3, 1)
    assert {each["value"]: each["alerts"] for each in whole["human"]} == {"new": 2, "in-review": 1}


def test_an_alert_that_became_muted_leaves_the_list(console: Console) -> None:
    first = alert(1)
    console.write("alerts", [first])
    console.write("alerts", [msgspec.structs.replace(first, revision=2, suppressed=3, stored_us=first.stored_us + 1)])
    assert ids(console.get("/v1/alerts")) == []
    assert ids(console.get("/v1/alerts", muted=1)) == [1]


def test_a_cursor_that_is_none_is_refused(console: Console) -> None:
    for before in ("nonsense", "-1.a", "1e3.a", "99999999999999999.a", "١.a", "5.", "."):
        answer = console.client.get("/v1/alerts", params={"before": before})
        assert answer.status_code == 422, before
        assert answer.headers["content-type"] == "application/problem+json"


def test_text_is_never_spliced_into_sql(console: Console) -> None:
    console.write("alerts", [alert(1)])
    hostile = "'); DROP TABLE alerts; -- \\' {x:String}"
    assert ids(console.get("/v1/alerts", text=hostile, detector=[hostile, "tx'"])) == []
    assert ids(console.get("/v1/alerts")) == [1]


def test_an_alert_carries_its_evidence(console: Console) -> None:
    moves = [transfer(number) for number in range(4)]
    out = transfer(
        9, sender=moves[0].receiver, receiver=moves[0].sender, amount=10**30 + 1, decimals=18, amount_usd=None
    )
    advert = listing(1)
    console.write("transfers", [*moves, out])
    console.write("listings", [advert])
    evidence = (moves[1].event_id, out.event_id, advert.event_id, "eip155:1:0xaa:0xbb:7")
    console.write("alerts", [alert(1, evidence=evidence)])
    detail = console.get(f"/v1/alerts/{1:032x}")
    shown = {each["event_id"]: each for each in detail["movements"]}
    assert set(shown) == {each.event_id for each in [*moves, out]}
    assert [each["event_id"] for each in detail["movements"] if each["is_evidence"]] == [
        moves[1].event_id,
        out.event_id,
    ]
    assert shown[out.event_id]["direction"] == "out"
    assert shown[out.event_id]["amount"] == "1000000000000.000000000000000001"
    assert shown[out.event_id]["amount_usd"] is None
    assert shown[moves[1].event_id]["counterparty"] == f"eip155:1:{moves[1].sender}"
    assert [each["listing_id"] for each in detail["adverts"]] == ["ad-1"]
    assert detail["missing"] == ["eip155:1:0xaa:0xbb:7"]


def test_an_alert_about_a_campaign_tells_what_varies_in_its_copies(console: Console) -> None:
    texts = ["Sweet Poppy is here, call 202 555 0123 now", "Sweet Iris is here, call 202 555 0187 now"]
    copies = [listing(i, title="", text=text) for i, text in enumerate(texts)]
    console.write("listings", copies)
    evidence = tuple(copy.event_id for copy in copies)
    console.write("alerts", [alert(1, subject="campaign:0a", evidence=evidence), alert(2, evidence=evidence)])
    shown = console.get(f"/v1/alerts/{1:032x}")["template"]
    assert shown["copies"] == 2
    assert [part["constant"] for part in shown["parts"]] == ["Sweet", "", "is here, call [number] now"]
    assert sorted(shown["parts"][1]["values"]) == ["Iris", "Poppy"]
    assert console.get(f"/v1/alerts/{2:032x}")["template"] is None


def test_a_campaign_whose_texts_are_gone_has_no_template(console: Console) -> None:
    copies = [listing(i, title="", text="") for i in range(3)]
    console.write("listings", copies)
    console.write("alerts", [alert(1, subject="campaign:0a", evidence=tuple(copy.event_id for copy in copies))])
    assert console.get(f"/v1/alerts/{1:032x}")["template"] is None


def test_a_transfer_taken_back_says_so(console: Console) -> None:
    move = transfer(1)
    console.write("transfers", [move, msgspec.structs.replace(move, op=-1)])
    console.write("alerts", [alert(1, evidence=(move.event_id,), state="withdrawn", withdrawn_reason="reorg")])
    detail = console.get(f"/v1/alerts/{1:032x}")
    assert [(each["event_id"], each["taken_back"]) for each in detail["movements"]] == [(move.event_id, True)]
    assert detail["withdrawn_reason"] == "reorg"


def test_transfers_around_the_episode_are_context(console: Console) -> None:
    near, far = transfer(1), transfer(2, at_us=OPENED_US - 30 * DAY_US)
    console.write("transfers", [near, far])
    console.write("alerts", [alert(1)])
    detail = console.get(f"/v1/alerts/{1:032x}")
    assert [(each["event_id"], each["is_evidence"]) for each in detail["movements"]] == [(near.event_id, False)]


def test_values_stand_beside_their_thresholds(console: Console) -> None:
    console.write("alerts", [alert(1)])
    rows = console.get(f"/v1/alerts/{1:032x}")["comparisons"]
    assert rows == [
        {"name": "min_senders", "value": 14.0, "threshold": 10.0},
        {"name": "window_s", "value": None, "threshold": 86_400.0},
        {"name": "inflow_usd", "value": 2_345.5, "threshold": None},
    ]


def test_an_unknown_alert_is_not_found_and_leaves_no_access_record(console: Console) -> None:
    assert console.client.get("/v1/alerts/none").status_code == 404
    assert console.query("SELECT count() AS rows FROM access_records") == [{"rows": 0}]


def test_looking_at_evidence_is_written_down(console: Console) -> None:
    console.write("alerts", [alert(1)])
    console.client.get(
        f"/v1/alerts/{1:032x}", params={"purpose": "audit"}, headers={"X-Manumit-Analyst": "Ada%20%C3%89"}
    )
    console.get(f"/v1/alerts/{1:032x}")
    records = console.query("SELECT author, subject, purpose FROM access_records ORDER BY at_us")
    assert records == [
        {"author": "Ada É", "subject": f"alert:{1:032x}", "purpose": "audit"},
        {"author": "local", "subject": f"alert:{1:032x}", "purpose": "triage"},
    ]


def test_a_purpose_outside_the_list_shows_nothing(console: Console) -> None:
    console.write("alerts", [alert(1)])
    answer = console.client.get(f"/v1/alerts/{1:032x}", params={"purpose": "curiosity"})
    assert answer.status_code == 422
    assert "citations" not in answer.text


def test_the_score_of_a_model_stands_beside_its_threshold(console: Console) -> None:
    console.write("alerts", [alert(1, score=0.99995, values={"senders": 3.0}, thresholds={"min_score": 0.9999})])
    assert console.get(f"/v1/alerts/{1:032x}")["comparisons"] == [
        {"name": "min_score", "value": 0.99995, "threshold": 0.9999},
        {"name": "senders", "value": 3.0, "threshold": None},
    ]
