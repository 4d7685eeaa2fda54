"""POST /v1/screen over a real store: one address, many, and what is written down about it."""

from __future__ import annotations

from typing import Any

import msgspec

from manumit.console.screening import ScreenAnswers
from manumit.schemas.label import Label
from tests.console.conftest import Console
from tests.console.invented import SUBJECT, SUBJECT_ADDRESS, transfer

MOVE, LATER = transfer(1), transfer(2)
STRANGER = "0x" + "7b" * 20


def screened(console: Console, *addresses: str, status: int = 200, **parameters: str) -> Any:
    answer = console.client.post("/v1/screen", json={"addresses": addresses}, params=parameters)
    assert answer.status_code == status, answer.text
    return msgspec.json.decode(answer.content, type=ScreenAnswers).answers if status == 200 else answer.json()


def test_screening(console: Console) -> None:
    listed = Label(subject=f"eip155:1:{MOVE.sender}", category="scam", name="a made-up list", source="made-up")
    console.write("labels", [listed])
    console.write("transfers", [MOVE, LATER])
    one, unknown, bad = screened(console, SUBJECT_ADDRESS, STRANGER, "no address", purpose="audit")
    assert (one.status, one.account, one.band) == ("known", SUBJECT, "severe")
    assert [(e.category, e.direct_share, e.points) for e in one.sources] == [("scam", 1.0, 0.8)]
    assert [[step.event_id for step in path.steps] for path in one.paths] == [[MOVE.event_id]]
    assert [(label.source, label.name) for label in one.paths[0].labels] == [("made-up", "a made-up list")]
    assert one.basis.transfers == 1  # the newest moment may still be being written
    assert (unknown.status, unknown.score, unknown.band) == ("unknown", None, "unknown")
    assert "not the same as clean" in unknown.reasons[0]
    assert bad.status == "unreadable"
    records = console.query("SELECT subject, purpose FROM access_records ORDER BY subject")
    assert records == [
        {"subject": f"screen:{asked}", "purpose": "audit"} for asked in (SUBJECT_ADDRESS, STRANGER, "no address")
    ]


def test_what_is_refused(console: Console) -> None:
    screened(console, status=422)
    screened(console, "x" * 600, status=422)
    screened(console, *(f"0x{n:040x}" for n in range(501)), status=422)
    screened(console, STRANGER, status=422, purpose="curiosity")
    assert console.query("SELECT count() AS rows FROM access_records") == [{"rows": 0}]
