"""`manumit screen` as a user meets it: addresses given, read from a file and from standard input."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest
from typer.testing import CliRunner

from manumit.cli import app
from manumit.detectors.stories import account, address, pay
from manumit.schemas.label import Label
from manumit.schemas.wire import encode

RUNNER = CliRunner()


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    settings = tmp_path / "settings.toml"
    settings.write_text(f'state_dir = "{tmp_path}/state"\nstore_url = "embedded:{tmp_path}/store"\n')
    monkeypatch.setenv("MANUMIT_CONFIG", str(settings))
    rows = [pay("a", "bad", "me", 60, at=0), pay("b", "job", "me", 140, at=1)]
    listed = Label(subject=account("bad"), category="scam", name="made-up list", source="made-up")
    (tmp_path / "transfers.ndjson").write_bytes(b"\n".join(map(encode, rows)) + b"\n")
    (tmp_path / "labels.ndjson").write_bytes(encode(listed) + b"\n")
    return ["--from", str(tmp_path / "transfers.ndjson"), "--labels", str(tmp_path / "labels.ndjson")]


def screened(*arguments: str, code: int = 0, stdin: str = "") -> list[dict[str, Any]]:
    said = RUNNER.invoke(app, ["screen", *arguments, "--json"], input=stdin, catch_exceptions=False)
    assert said.exit_code == code, said.output
    assert said.stdout.count("\n") == 1
    found: list[dict[str, Any]] = msgspec.json.decode(said.stdout)
    return found


def test_one_address(files: list[str]) -> None:
    (one,) = screened(address("me"), *files)
    assert (one["status"], one["score"], one["account"]) == ("known", 0.24, account("me"))
    assert one["sources"][0]["direct_share"] == 0.3
    assert one["paths"][0]["labels"][0]["source"] == "made-up"
    assert screened(address("me"), *files) == [one]


def test_many_from_a_file_and_from_standard_input(files: list[str], tmp_path: Path) -> None:
    wanted = tmp_path / "addresses.txt"
    wanted.write_text(f"{address('me')}\n\n{address('nobody')}\n{address('me')}\n")
    from_file = screened("--file", str(wanted), *files)
    assert [one["status"] for one in from_file] == ["known", "unknown"]
    assert screened("-", *files, stdin=wanted.read_text()) == from_file


def test_what_is_no_address_is_said_and_told_by_the_exit_code(files: list[str]) -> None:
    found = screened("0x12", address("me"), *files, code=3)
    assert [one["status"] for one in found] == ["unreadable", "known"]


def test_the_table_says_why(files: list[str]) -> None:
    said = RUNNER.invoke(app, ["screen", address("me"), *files], catch_exceptions=False, env={"COLUMNS": "300"})
    assert said.exit_code == 0
    for words in ("30.0 % of the 200.00 USD it received", "scam", "made-up list", "haircut-pool 1"):
        assert words in said.stdout


@pytest.mark.parametrize("arguments", [[], ["0x12", "--label-mode", "tomorrow"]])
def test_what_is_refused(files: list[str], arguments: list[str]) -> None:
    said = RUNNER.invoke(app, ["screen", *arguments, *files], catch_exceptions=False)
    assert said.exit_code == 2
