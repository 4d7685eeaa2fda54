"""One identifier, everything the store knows of it."""

from __future__ import annotations

from typing import Any

import pytest

from manumit.detectors.customer_stories import EXCHANGE, did, whole
from manumit.schemas.account_event import AccountEvent
from manumit.schemas.triage import Suppression
from tests.console.conftest import Console
from tests.console.invented import OPENED_US, OTHER_ADDRESS, SUBJECT, SUBJECT_ADDRESS, alert, listing, transfer

MOVE = transfer(1)
HAPPENING = AccountEvent(
    exchange="demo", account_event_id="e1", customer_id="c42", at_us=OPENED_US, kind="deposit", counterparty=SUBJECT
)
EVERYTHING = {"alerts": [1], "movements": 1, "adverts": 1, "happenings": 1}


def fill(console: Console) -> None:
    console.write("alerts", [alert(1, evidence=(MOVE.event_id,), suppressed=4), alert(2, subject="customer:demo:c42")])
    console.write("transfers", [MOVE, transfer(2, receiver=OTHER_ADDRESS)])
    console.write("listings", [listing(1), listing(2, wallets=(), contacts=("tok_other",))])
    console.write("account_events", [HAPPENING])


def found(console: Console, identifier: str) -> dict[str, Any]:
    findings = console.get("/v1/search", identifier=identifier)
    lists = ("movements", "adverts", "happenings")
    alerts = [int(each["alert_id"], 16) for each in findings["alerts"]]
    return {"alerts": alerts, **{name: len(findings[name]) for name in lists}}


def test_every_kind_of_identifier(console: Console) -> None:
    fill(console)
    nothing = {"alerts": [], "movements": 0, "adverts": 0, "happenings": 0}
    asked: list[tuple[str, dict[str, Any]]] = [
        (SUBJECT, EVERYTHING),
        (f"  {SUBJECT_ADDRESS.upper().replace('0X', '0x')} ", {**EVERYTHING, "adverts": 0, "happenings": 0}),
        (f"{1:032x}", {**nothing, "alerts": [1]}),
        (MOVE.event_id, {**nothing, "alerts": [1], "movements": 1}),
        (MOVE.tx_hash, {**nothing, "alerts": [1], "movements": 1}),
        (listing(1).event_id, {**nothing, "adverts": 1}),
        ("tok_0123456789abcdef", {**nothing, "adverts": 1}),
        ("c42", {**nothing, "alerts": [2], "happenings": 1}),
        ("customer:demo:c42", {**nothing, "alerts": [2], "happenings": 1}),
        ("nothing' OR 1=1 --", nothing),
    ]
    for identifier, expected in asked:
        assert found(console, identifier) == expected, identifier


def test_directions_are_seen_from_the_identifier(console: Console) -> None:
    fill(console)
    inward = console.get("/v1/search", identifier=SUBJECT)["movements"][0]
    outward = console.get("/v1/search", identifier=MOVE.sender)["movements"][0]
    assert (inward["direction"], inward["counterparty"]) == ("in", f"eip155:1:{MOVE.sender}")
    assert (outward["direction"], outward["counterparty"]) == ("out", SUBJECT)


def test_what_was_suppressed_is_told(console: Console) -> None:
    fill(console)
    named = Suppression(suppression_id="s1", subject=SUBJECT, author="Ada", reason="a charity")
    elsewhere = Suppression(suppression_id="s2", subject="customer:demo:7", author="Ada", reason="a payroll")
    console.write("suppressions", [named, elsewhere])
    findings = console.get("/v1/search", identifier=SUBJECT_ADDRESS)
    assert findings["suppressed"] == 4
    assert [(one["suppression_id"], one["suppressed"]) for one in findings["suppressions"]] == [("s1", 4)]


def test_a_search_is_written_down_with_its_purpose(console: Console) -> None:
    console.get("/v1/search", identifier=SUBJECT, purpose="investigation")
    assert console.query("SELECT author, subject, purpose FROM access_records") == [
        {"author": "local", "subject": f"search:{SUBJECT}", "purpose": "investigation"}
    ]


@pytest.mark.parametrize("identifier", ["", "   ", "x" * 600])
def test_nothing_to_search_for_is_refused(console: Console, identifier: str) -> None:
    assert console.client.get("/v1/search", params={"identifier": identifier}).status_code == 422
    assert console.query("SELECT count() AS rows FROM access_records") == [{"rows": 0}]


CHILDS = f"eip155:1:{OTHER_ADDRESS}"
NOTHING = {"alerts": [], "movements": 0, "adverts": 0, "happenings": 0}


def fill_of_a_child(console: Console, age: int) -> None:
    """Their wallet and contact stand in transfers, an advert, their own events and those of an adult."""
    child = whole("child", age=age, wallets=(CHILDS,), contacts=("contact:tok_child",))
    console.write("customers", [child, whole("grown")])
    console.write("transfers", [transfer(2, receiver=OTHER_ADDRESS)])
    console.write("listings", [listing(2, wallets=(CHILDS,), contacts=("contact:tok_child",))])
    console.write(
        "account_events",
        [
            did("own", "child", "withdrawal", 9.0, counterparty=SUBJECT),
            did("paid", "grown", "withdrawal", 9.0, counterparty=CHILDS),
        ],
    )
    muted = Suppression(suppression_id="s1", subject=CHILDS, author="Ada", reason="a child's")
    console.write("suppressions", [muted])


OF_THE_CHILD = [
    CHILDS,
    OTHER_ADDRESS,
    f"eip155:137:{OTHER_ADDRESS}",
    "contact:tok_child",
    "child",
    f"customer:{EXCHANGE}:child",
    f"account:{EXCHANGE}:own",
    transfer(2, receiver=OTHER_ADDRESS).event_id,
    transfer(2, receiver=OTHER_ADDRESS).tx_hash,
]


def test_nothing_a_minor_gave_or_did_is_found(console: Console) -> None:
    fill_of_a_child(console, age=15)
    for identifier in OF_THE_CHILD:
        assert found(console, identifier) == NOTHING, identifier
        assert console.get("/v1/search", identifier=identifier)["suppressions"] == [], identifier
    assert found(console, "grown") == {**NOTHING, "happenings": 1}
    assert found(console, SUBJECT) == NOTHING
    assert found(console, transfer(2).sender) == {**NOTHING, "movements": 1}


def test_an_adult_of_the_same_kind_is_found(console: Console) -> None:
    fill_of_a_child(console, age=18)
    for identifier in OF_THE_CHILD:
        assert found(console, identifier) != NOTHING, identifier
    assert len(console.get("/v1/search", identifier=CHILDS)["suppressions"]) == 1
    assert found(console, SUBJECT) == {**NOTHING, "happenings": 1}


def test_who_is_called_like_a_minor_elsewhere_is_found(console: Console) -> None:
    fill_of_a_child(console, age=15)
    other = AccountEvent(exchange="other", account_event_id="e1", customer_id="child", at_us=OPENED_US, kind="deposit")
    console.write("account_events", [other])
    assert found(console, "customer:other:child") == {**NOTHING, "happenings": 1}
    assert found(console, "child") == {**NOTHING, "happenings": 1}
