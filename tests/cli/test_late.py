"""Older records after newer ones are not judged in silence: the commands say how many, why and what to do."""

from __future__ import annotations

from pathlib import Path

import pytest

from manumit.commands.lateness import Lateness, late_words
from manumit.schemas.wire import encode
from manumit.streams.runner import Totals
from tests.cli.program import Program, Said
from tests.connectors.files.events import transfer

OLDER = ("are coming in; no rule looks at them", "2 records older than what this store has judged already (up to 20")
REMEDY = (
    "were not judged and can be read with `manumit dead-letters --reason late`",
    "`manumit replay OLDER NEWER` leaves this store as it is",
    "`manumit run OLDER NEWER` needs a fresh store_url and state_dir",
)


def wrote(folder: Path, name: str, *numbers: int) -> None:
    (folder / name).write_bytes(b"".join(encode(transfer(number)) + b"\n" for number in numbers))


def in_one_line(said: Said) -> str:
    return " ".join(said.err.split())


def test_older_records_after_newer_ones_are_counted_and_the_remedy_told(tmp_path: Path) -> None:
    program = Program(tmp_path)
    program.configure()
    wrote(tmp_path, "newer.ndjson", 5, 6)
    wrote(tmp_path, "older.ndjson", 1, 2)
    first = program.run("run", "newer.ndjson")
    assert (first.code, "warning" in first.err) == (0, False)
    second = program.run("run", "older.ndjson", "--json")
    assert second.code == 3
    assert all(words in in_one_line(second) for words in (*OLDER, *REMEDY))
    together = program.run("replay", "older.ndjson", "newer.ndjson", "--json")
    assert (together.json["events"], together.json["dead_letters"], "warning" in together.err) == (4, 0, False)


def test_a_source_that_is_not_in_order_is_told_apart() -> None:
    one, many = late_words(1, None), late_words(2_000, None)
    assert one.startswith("1 record that stands behind newer ones of its own source was not judged")
    assert many.startswith("2,000 records that stand behind newer ones of their own source were not judged")
    assert many.endswith("sort the file by event time and read it again")


def test_it_warns_at_the_first_and_counts_at_the_end(capsys: pytest.CaptureFixture[str]) -> None:
    lateness, totals = Lateness(None), Totals()
    lateness.watch(totals)
    lateness.conclude(totals)
    assert capsys.readouterr().err == ""
    for totals.late in (1, 2, 3):
        lateness.watch(totals)
    lateness.conclude(totals)
    said = " ".join(capsys.readouterr().err.split())
    assert (said.count("warning"), said.count("coming in"), "3 records" in said) == (2, 1, True)
