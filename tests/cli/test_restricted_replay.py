"""What a replay writes and says of minors and people under pressure: apart, and never beside the rest."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pyarrow.parquet
import pytest
from typer.testing import CliRunner

from manumit.cli import app
from manumit.detectors.customer_stories import did, whole
from manumit.schemas.alert import Alert
from manumit.schemas.arrow import from_arrow
from manumit.schemas.customer import Customer
from manumit.schemas.wire import encode
from manumit.streams.replay import ReplayStore
from tests.cli.program import Program
from tests.streams.customer_books import subject

MINOR, ADULT = subject("child"), subject("grown")


@pytest.fixture
def history(tmp_path: Path) -> Path:
    """A minor and an adult who both had more than they said they earn; only an earlier snapshot tells the age."""
    child, grown = (whole(who, declared_income_usd=10_000.0, age=0) for who in ("child", "grown"))
    earlier = msgspec.structs.replace(child, at_us=child.at_us - 1, age=15)
    events = [did(f"p-{who}", who, "deposit", 40_000.0) for who in ("child", "grown")]
    for name, rows in (("customers", [earlier, child, grown]), ("account_events", events)):
        (tmp_path / f"{name}.ndjson").write_bytes(b"".join(encode(one) + b"\n" for one in rows))
    return tmp_path


def replay(history: Path, *arguments: str, command: str = "replay", **more: str) -> Any:
    files = [str(history / f"{name}.ndjson") for name in ("customers", "account_events")]
    environment = {"MANUMIT_CONFIG": str(Program(history).configure()), "COLUMNS": "400", **more}
    said = CliRunner().invoke(app, [command, *files, *arguments], env=environment, catch_exceptions=False)
    assert said.exit_code == 0, said.output
    return said


def alerts(folder: Path) -> list[Alert]:
    return from_arrow(Alert, pyarrow.parquet.read_table(folder / "alerts.parquet"))


@pytest.mark.parametrize("cores", ["1", "2"])
def test_alerts_about_minors_are_written_apart_and_counted_in_the_digest(history: Path, cores: str) -> None:
    out = history / "out"
    (out / "restricted").mkdir(parents=True, mode=0o755)
    told = msgspec.json.decode(replay(history, "--out", str(out), "--cores", cores, "--json").stdout)
    general, restricted = alerts(out), alerts(out / "restricted")
    assert {one.subject for one in general} == {ADULT}
    assert {one.subject for one in restricted} == {MINOR}
    assert any(one.nature != "protection" for one in restricted)
    assert (out / "restricted").stat().st_mode & 0o077 == 0
    assert told["alerts"] == len(general) + len(restricted)


def test_differences_name_no_minor(history: Path) -> None:
    before, after = history / "before", history / "after"
    replay(history, "--out", str(before))
    arguments = ("--out", str(after), "--against", str(before))
    assert msgspec.json.decode(replay(history, *arguments, "--json").stdout)["restricted"] == 0
    gone = sorted({one.detector for one in alerts(before / "restricted")})
    off = {"MANUMIT_DISABLED": ",".join(gone)}
    told = msgspec.json.decode(replay(history, *arguments, "--json", **off).stdout)
    assert told["restricted"] == len(alerts(before / "restricted"))
    assert {row["subject"] for row in told["removed"]} == {ADULT}
    said = replay(history, *arguments, **off)
    assert MINOR not in said.output
    assert f"{told['restricted']} more about minors" in said.stderr


def test_a_sweep_counts_minors_and_names_none(history: Path) -> None:
    varied = "kyc-income-mismatch.ratio=1000"
    told = msgspec.json.decode(replay(history, "--vary", varied, "--json", command="sweep").stdout)
    now, higher = told["sets"]
    assert (now["subjects"], higher["subjects"]) == (2, 0)
    assert (higher["added"], higher["removed"], higher["restricted"]) == ([], [ADULT], 1)


def test_what_was_shared_out_before_an_age_was_known_is_not_named_either(tmp_path: Path) -> None:
    store = ReplayStore()
    store.write("customers", [msgspec.convert({"exchange": "x", "customer_id": "c", "at_us": 1, "age": 9}, Customer)])
    assert store.hidden == {"customer:x:c"}
    store.hide(["device:d"])
    assert store.hidden == {"customer:x:c", "device:d"}
