"""POST /v1/travel-rule: one message or a list, and nothing is stored: the store behind it refuses every write."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Any

import httpx
import msgspec

from manumit.console.travel_rule import MOST, TravelRuleAnswers
from tests.console.gated import BEARER, ask, away_app

MESSAGE: Any = json.loads((files("manumit.schemas.standards.ivms101.examples") / "request_2020.json").read_bytes())
APP = away_app()


def posted(body: bytes) -> httpx.Response:
    headers = {**BEARER, "content-type": "application/json"}
    return ask(APP, "POST", "/v1/travel-rule", headers=headers, content=body)


def judged(wish: object) -> Any:
    answer = posted(json.dumps(wish).encode())
    assert answer.status_code == 200, answer.text
    return msgspec.json.decode(answer.content, type=TravelRuleAnswers).answers


def test_one_message() -> None:
    (one,) = judged({"message": MESSAGE})
    assert (one.status, [gap.field for gap in one.gaps]) == ("gaps", ["beneficiaryVASP"])
    assert one.gaps[0].remedy
    assert one.gaps[0].cited.url
    sent = {"profile": "eu", "amount": 5, "counterparty": "self-hosted", "at_us": 1_767_225_600_000_000}
    (one,) = judged({"message": MESSAGE, "transfer": sent})
    assert (one.status, one.profile, one.worth_known) == ("complete", "eu", True)


def test_a_list_is_answered_in_order_and_an_unusable_one_hides_no_other() -> None:
    us = {"profile": "us", "amount": 20}
    wish = [{"message": MESSAGE}, {"message": "text"}, {"message": None, "transfer": us}, {"message": None}]
    assert [one.status for one in judged({"messages": wish})] == ["gaps", "unusable", "not-due", "absent"]


def test_what_is_refused() -> None:
    one = {"message": MESSAGE}
    refused: tuple[dict[str, Any], ...] = (
        {},
        {"messages": []},
        {**one, "messages": [one]},
        {"messages": [one], "transfer": {"profile": "eu"}},
        {**one, "transfer": {"profile": "atlantis"}},
        {**one, "transfer": {"profile": "eu", "amount": -1}},
        {"messages": [{"message": None}] * (MOST + 1)},
    )
    for wish in refused:
        assert posted(json.dumps(wish).encode()).status_code == 422, wish
    assert posted(b'{"message": ' + b"[" * 200_000 + b"]" * 200_000 + b"}").status_code in (200, 422)
    assert posted(b'{"message": "' + b"x" * 1_100_000 + b'"}').status_code == 413
    assert ask(APP, "POST", "/v1/travel-rule", json=one).status_code == 401


def test_a_list_of_whole_messages_fits() -> None:
    assert len(judged({"messages": [{"message": MESSAGE}] * MOST})) == MOST
