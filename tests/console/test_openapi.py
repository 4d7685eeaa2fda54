"""The document of /v1 agrees with the routes and the shapes."""

from __future__ import annotations

import re
from typing import Any

import msgspec

from manumit.console import forms
from tests.console.conftest import Console
from tests.console.gated import BEARER, ask, away_app
from tests.console.invented import alert

DOCUMENT: dict[str, Any] = ask(away_app(), "GET", "/v1/openapi.json", headers=BEARER).json()


def test_every_path_is_there() -> None:
    assert {path: sorted(methods) for path, methods in DOCUMENT["paths"].items()} == {
        "/v1/alerts": ["get"],
        "/v1/alerts/{alert_id}": ["get"],
        "/v1/alerts/{alert_id}/triage": ["post"],
        "/v1/analyst": ["get", "post"],
        "/v1/bookings": ["post"],
        "/v1/customers/ranking": ["get"],
        "/v1/customers/{customer_id}/check": ["post"],
        "/v1/dead-letters": ["get"],
        "/v1/dead-letters/{letter_id}": ["get"],
        "/v1/facets": ["get"],
        "/v1/health": ["get"],
        "/v1/protection/alerts": ["get"],
        "/v1/protection/alerts/{alert_id}": ["get"],
        "/v1/protection/alerts/{alert_id}/triage": ["post"],
        "/v1/ready": ["get"],
        "/v1/child-wording": ["get"],
        "/v1/screen": ["post"],
        "/v1/search": ["get"],
        "/v1/stream": ["get"],
        "/v1/suppressions": ["get", "post"],
        "/v1/suppressions/{suppression_id}/end": ["post"],
        "/v1/travel-rule": ["post"],
    }


def test_every_reference_is_defined() -> None:
    named = set(re.findall(r"#/components/schemas/(\w+)", msgspec.json.encode(DOCUMENT).decode()))
    assert named <= set(DOCUMENT["components"]["schemas"])
    assert {"AlertDetail", "TriageRequest", "Problem"} <= named


def test_every_operation_says_what_it_does_and_takes() -> None:
    for path, methods in DOCUMENT["paths"].items():
        for method, operation in methods.items():
            assert operation.get("description"), path
            assert ("requestBody" in operation) == (method == "post"), path


def test_an_answer_has_the_documented_shape(console: Console) -> None:
    console.write("alerts", [alert(1)])
    page = console.client.get("/v1/alerts")
    assert msgspec.json.decode(page.content, type=forms.AlertPage).alerts[0].alert_id == f"{1:032x}"
    detail = console.client.get(f"/v1/alerts/{1:032x}")
    assert msgspec.json.decode(detail.content, type=forms.AlertDetail).citations[0].source == "FATF"
