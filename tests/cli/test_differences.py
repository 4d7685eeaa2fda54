"""What a changed rule pack makes of the same history, as `manumit replay --against` prints it."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
from typer.testing import CliRunner, Result

from manumit.cli import app
from manumit.detectors.stories import DAY, HOUR, account, pays
from manumit.schemas.wire import encode
from tests.cli.program import Program

OFF = "tx-funnel-fan-in"
TILLS = 12


@pytest.fixture
def history(tmp_path: Path) -> Path:
    """Twelve funnels, a day apart."""
    rows = [
        row
        for till in range(TILLS)
        for row in pays(f"t{till}-#", 12, f"payer-{till}-#", f"till-{till}", 80, at=till * DAY, every=HOUR)
    ]
    path = tmp_path / "t.ndjson"
    path.write_bytes(b"".join(encode(row) + b"\n" for row in sorted(rows, key=lambda row: row.at_us)))
    return path


def replay(history: Path, *arguments: str, disabled: str = "") -> Result:
    folder = history.parent
    environment = {"MANUMIT_CONFIG": str(Program(folder).configure()), "MANUMIT_DISABLED": disabled, "COLUMNS": "400"}
    said = CliRunner().invoke(app, ["replay", str(history), *arguments], env=environment, catch_exceptions=False)
    assert said.exit_code == 0, said.output
    return said


def test_the_first_differences_are_listed_and_json_has_all(history: Path, tmp_path: Path) -> None:
    before = str(tmp_path / "before")
    replay(history, "--out", before)
    arguments = ("--out", str(tmp_path / "off"), "--against", before)
    whole = msgspec.json.decode(replay(history, *arguments, "--json", disabled=OFF).stdout)
    gone = [row for row in whole["removed"] if row["detector"] == OFF]
    assert [row["subject"] for row in gone] == [account(f"till-{till}") for till in range(TILLS)]
    assert whole["added"] == whole["changed"] == []
    said = replay(history, *arguments, disabled=OFF)
    assert f"0 added, {len(whole['removed'])} removed, 0 changed" in said.stderr
    lines = [line.split() for line in said.stdout.splitlines()[1:]]
    shown = [(row["detector"], row["subject"], row["alert_id"]) for row in whole["removed"][:10]]
    assert [("removed", *told) for told in shown] == [(line[0], *line[3:]) for line in lines]
    assert [line[1] for line in lines] == sorted(line[1] for line in lines)


def test_as_many_as_asked_for(history: Path, tmp_path: Path) -> None:
    before = str(tmp_path / "before")
    replay(history, "--out", before, disabled=OFF)
    arguments = ("--out", str(tmp_path / "on"), "--against", before, "--differences")
    assert replay(history, *arguments, "3").stdout.count("added") == 3
    assert replay(history, *arguments, "0").stdout == ""
