"""`manumit dead-letters --show`: the record itself, with nothing in it that a terminal would obey."""

from __future__ import annotations

import sys
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from manumit.commands.terminal import escaped, put_json
from manumit.schemas.wire import encode
from tests.cli.program import Program
from tests.connectors.files.events import transfer

HOSTILE = '{"chain": "\x1b]0;owned\x07\x1b[2J\x9b31m\u202e\u2066 \\x1b [bold]x[/bold]"\t'


def test_the_record_is_shown_and_no_character_of_it_is_obeyed(tmp_path: Path) -> None:
    program = Program(tmp_path)
    program.configure()
    (tmp_path / "transfers.ndjson").write_bytes(encode(transfer(1)) + b"\n" + HOSTILE.encode() + b"\n")
    assert program.run("run", "transfers.ndjson").code == 0
    (listed,) = program.run("dead-letters", "--json").json
    shown = program.run("dead-letters", "--show", listed["letter_id"], environment={"COLUMNS": "400"})
    assert (shown.code, shown.out.replace("\n", "").isprintable()) == (0, True)
    assert '{"chain": "\\x1b]0;owned\\x07\\x1b[2J\\x9b31m\\u202e\\u2066 \\\\x1b [bold]x[/bold]"\\t' in shown.out
    whole = program.run("dead-letters", "--show", listed["letter_id"], "--json")
    assert whole.out.removesuffix("\n").isprintable()
    assert whole.json["payload"] == HOSTILE
    unknown = program.run("dead-letters", "--show", "nope")
    assert (unknown.code, "no dead letter 'nope'" in unknown.err) == (2, True)


def test_a_record_before_any_time_is_known_has_no_time(tmp_path: Path) -> None:
    program = Program(tmp_path)
    program.configure()
    (tmp_path / "transfers.ndjson").write_bytes(
        encode(transfer(1)).replace(b'"amount":1000001', b'"amount":"12abc"') + b"\n"
    )
    assert program.run("run", "transfers.ndjson").code == 3
    (listed,) = program.run("dead-letters", "--json").json
    assert (listed["at"], listed["reason"]) == (None, "malformed")
    for said in (program.run("dead-letters"), program.run("dead-letters", "--show", listed["letter_id"])):
        assert (said.code, "no time" in said.out, "1970" in said.out) == (0, True, False)


@given(st.text())
def test_escaped_text_prints_and_says_every_character(text: str) -> None:
    assert escaped(text).isprintable()
    assert escaped(text).encode("latin-1", "backslashreplace").decode("unicode_escape") == text


def test_an_error_is_told_without_what_a_terminal_obeys(tmp_path: Path) -> None:
    program = Program(tmp_path)
    program.configure()
    said = program.run("dead-letters", "--show", "\x1b]0;owned\x07\x9b2J")
    assert said.code == 2
    assert said.err.replace("\n", "").isprintable()


@given(text=st.text(st.characters(codec="utf-8")))
def test_json_prints_and_says_every_character(text: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        written: list[str] = []
        patch.setattr(sys.stdout, "write", written.append)
        put_json({"text": text})
    assert written[0].removesuffix("\n").isprintable()
    assert msgspec.json.decode(written[0]) == {"text": text}
