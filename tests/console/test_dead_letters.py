"""Records that could not be used."""

from __future__ import annotations

import msgspec

from manumit.schemas.dead_letter import NO_TIME_US, REASONS
from tests.console.conftest import Console
from tests.console.invented import letter


def test_counted_by_reason_and_paged(console: Console) -> None:
    letters = [letter(number, reason="late" if number % 3 == 0 else "malformed") for number in range(12)]
    console.write("dead_letters", letters)
    console.write("dead_letters", letters[:3])
    first = console.get("/v1/dead-letters", limit=8)
    assert [(each["reason"], each["records"], each["meaning"]) for each in first["counts"]] == [
        ("malformed", 8, REASONS["malformed"]),
        ("late", 4, REASONS["late"]),
    ]
    second = console.get("/v1/dead-letters", limit=8, before=first["next"])
    places = [each["place"] for each in (*first["letters"], *second["letters"])]
    assert places == [f"line {number}" for number in range(11, -1, -1)]
    assert second["next"] is None


def test_one_reason_alone(console: Console) -> None:
    console.write("dead_letters", [letter(1), letter(2, reason="late")])
    page = console.get("/v1/dead-letters", reason="late")
    assert [each["place"] for each in page["letters"]] == ["line 2"]
    assert len(page["counts"]) == 2


def test_a_payload_is_shown_alone_and_written_down(console: Console) -> None:
    one = letter(1)
    console.write("dead_letters", [one])
    assert "payload" not in console.get("/v1/dead-letters")["letters"][0]
    shown = console.get(f"/v1/dead-letters/{one.letter_id}", purpose="audit")
    assert (shown["payload"], shown["meaning"]) == (one.payload, REASONS["malformed"])
    assert console.query("SELECT subject, purpose FROM access_records") == [
        {"subject": f"dead-letter:{one.letter_id}", "purpose": "audit"}
    ]
    assert console.client.get("/v1/dead-letters/none").status_code == 404


def test_a_reason_of_another_build_is_still_shown(console: Console) -> None:
    console.write("dead_letters", [msgspec.structs.replace(letter(1), reason="invented-later")])
    count = console.get("/v1/dead-letters")["counts"][0]
    assert (count["reason"], count["meaning"]) == ("invented-later", "a reason this build does not know")


def test_a_letter_without_an_event_time_says_so(console: Console) -> None:
    console.write("dead_letters", [letter(1), msgspec.structs.replace(letter(2), at_us=NO_TIME_US)])
    page = console.get("/v1/dead-letters")
    assert [each["at_us"] for each in page["letters"]] == [letter(1).at_us, None]
    last = console.get("/v1/dead-letters", limit=1, before=console.get("/v1/dead-letters", limit=1)["next"])
    assert [each["at_us"] for each in last["letters"]] == [None]
