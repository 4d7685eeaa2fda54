"""Every command as a user meets it: one JSON document, clear refusals, the same answer twice."""

from __future__ import annotations

import dataclasses
import gzip
import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pyarrow.parquet
import pytest
from typer.testing import CliRunner, Result

from manumit.cli import app
from manumit.commands import looking
from manumit.detectors.catalogue import detector
from manumit.detectors.contract import Threshold
from manumit.detectors.stories import START_US, pay
from manumit.schemas.alert import Alert
from manumit.schemas.arrow import from_arrow
from manumit.schemas.triage import Suppression
from tests.cli.program import Program
from tests.servers import free_port

RUNNER = CliRunner()
DAY_US = 86_400_000_000


def manumit(*arguments: str, code: int = 0, **environment: str) -> Result:
    said = RUNNER.invoke(app, list(arguments), env=environment, catch_exceptions=False)
    assert said.exit_code == code, said.output
    return said


def document(*arguments: str, code: int = 0, **environment: str) -> Any:
    out = manumit(*arguments, "--json", code=code, **environment).stdout
    assert out.count("\n") == 1
    return msgspec.json.decode(out)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("world")
    assert document("simulate", "--seed", "3", "--scale", "1", "--out", str(folder))["transfers"] > 500
    return folder


@pytest.fixture(autouse=True)
def own_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Settings of this test alone, and no others of the environment."""
    for name in [name for name in os.environ if name.startswith("MANUMIT_") and name != "MANUMIT_SHARED_DATA"]:
        monkeypatch.delenv(name)
    path = Program(tmp_path).configure()
    monkeypatch.setenv("MANUMIT_CONFIG", str(path))
    yield path


@pytest.mark.parametrize(
    "command",
    [
        "version",
        "rules list",
        "rules show tx-funnel-fan-in",
        "redflags list",
        "redflags show tx-funnel-fan-in",
        "redflags coverage",
    ],
)
def test_looking_commands_say_one_document_and_print_a_page(command: str) -> None:
    assert document(*command.split())
    assert len(manumit(*command.split()).stdout) > 10


def test_coverage_counts_what_the_catalogue_holds() -> None:
    found = document("redflags", "coverage")
    assert found["total"] == sum(part["total"] for part in found["by_domain"].values())
    assert 0 < found["implemented"] <= found["total"]


def test_schemas_are_exported(tmp_path: Path) -> None:
    written = document("schemas", "export", "--out", str(tmp_path / "schemas"))["written"]
    assert all(msgspec.json.decode(Path(path).read_bytes()) for path in written)
    assert "alert.v1.json" in {Path(path).name for path in written}


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["rules", "show", "nope"], "there is no detector 'nope'"),
        (["redflags", "show", "nope"], "there is no red flag 'nope'"),
        (["replay", "/does/not/exist"], "/does/not/exist does not exist"),
        (["replay"], "nothing to read"),
        (["run", "--backfill", "main"], "want NODE:FIRST-LAST"),
        (["run", "--backfill", "main:1-2"], "name no node 'main'"),
        (["simulate", "--out", "x", "--scale", "0"], "scale 0 is below 1"),
        (["train", "/does/not/exist"], "/does/not/exist does not exist"),
        (["labels", "import", "/does/not/exist"], "/does/not/exist"),
    ],
)
def test_refusals_name_the_trouble(
    arguments: list[str], says: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    if arguments[0] == "labels":
        refused = Program(tmp_path).run(*arguments)
        assert (refused.code, refused.out) == (2, "")
        assert says in refused.err
        return
    said = manumit(*arguments, code=2)
    assert says in " ".join(said.stderr.split())
    assert said.stdout == ""


def test_rules_hold_and_a_broken_rule_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    one = detector("tx-funnel-fan-in")
    results = document("rules", "test", "tx-funnel-fan-in")
    assert len(results) == len(one.about.cases)
    assert all(result["holds"] for result in results)
    about = dataclasses.replace(one.about, thresholds=tuple(tripled(t) for t in one.about.thresholds))
    broken = dataclasses.replace(one, about=about)
    monkeypatch.setattr(looking, "detector", lambda rule_id: broken)
    failed = [r for r in document("rules", "test", "tx-funnel-fan-in", code=1) if not r["holds"]]
    assert failed
    assert "failed" in manumit("rules", "test", "tx-funnel-fan-in", code=1).stdout


def tripled(threshold: Threshold) -> Threshold:
    return dataclasses.replace(threshold, value=threshold.value * 3)


def test_every_rule_holds() -> None:
    assert all(result["holds"] for result in document("rules", "test"))


def replay(world: Path, out: Path, *more: str, code: int = 0, **environment: str) -> Any:
    return document(
        "replay",
        str(world),
        "--labels",
        str(world / "labels.ndjson"),
        "--out",
        str(out),
        *more,
        code=code,
        **environment,
    )


def test_replays_are_equal_byte_for_byte(world: Path, tmp_path: Path) -> None:
    first, second = (replay(world, tmp_path / name) for name in ("one", "two"))
    assert first == second
    assert first["alerts"] > 5
    for name in ("alerts.parquet", "restricted/alerts.parquet", "dead_letters.parquet"):
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()


def test_a_replay_is_compared_with_another_in_one_document(world: Path, tmp_path: Path) -> None:
    replay(world, tmp_path / "before")
    same = replay(world, tmp_path / "same", "--against", str(tmp_path / "before"))
    assert (same["added"], same["removed"], same["changed"]) == ([], [], [])
    stricter = msgspec.json.encode(
        {
            "tx-watchlist-address": {"min_usd": 10**9},
            "tx-funnel-fan-in": {"min_new_share": 0.61},
            "tx-rapid-pass-through": {"min_passes": 1},
        }
    ).decode()
    changed = replay(world, tmp_path / "after", "--against", str(tmp_path / "before"), MANUMIT_THRESHOLDS=stricter)
    assert changed["digest"] != same["digest"]
    assert changed["added"]
    assert changed["removed"]
    assert changed["changed"]
    assert changed["compared_with"] == str(tmp_path / "before")
    (first, *_) = changed["removed"]
    assert first.keys() == {"detector", "subject", "last_us", "alert_id"}
    assert changed["removed"] == sorted(changed["removed"], key=lambda row: (row["last_us"], row["alert_id"]))


def test_a_replay_mutes_what_it_is_told_and_counts_it(world: Path, tmp_path: Path) -> None:
    plain = replay(world, tmp_path / "plain")
    assert plain["suppressed"] == {}
    mute = Suppression(suppression_id="all", detector="tx-funnel-fan-in", author="an analyst", reason="a test")
    (tmp_path / "muted.ndjson").write_bytes(msgspec.json.encode(mute))
    (tmp_path / "muted.json").write_bytes(msgspec.json.encode([mute]))
    lines, listed = (
        replay(world, tmp_path / f"out-{n}", "--suppressions", str(tmp_path / n))
        for n in ("muted.ndjson", "muted.json")
    )
    assert lines == listed
    alerts = from_arrow(Alert, pyarrow.parquet.read_table(tmp_path / "out-muted.json" / "alerts.parquet"))
    muted = [alert for alert in alerts if alert.detector == "tx-funnel-fan-in"]
    assert muted
    assert all(alert.suppressed == alert.signals and alert.suppressed_by == ("all",) for alert in muted)
    assert lines["suppressed"] == {"all": sum(alert.signals for alert in muted)}
    assert lines["alerts"] == plain["alerts"]


def test_a_model_is_trained_and_used(world: Path, tmp_path: Path) -> None:
    learned = document("train", str(world / "transfers.parquet"), "--out", str(tmp_path / "models"))
    again = document("train", str(world / "transfers.parquet"), "--out", str(tmp_path / "models"))
    assert learned == again
    found = replay(world, tmp_path / "out", MANUMIT_MODEL=learned["model"])
    assert found["signals"] >= replay(world, tmp_path / "plain")["signals"]


def bad_inputs(folder: Path) -> Path:
    """Good rows with every kind of bad one between them, and a gzip file that breaks off."""
    folder.mkdir()
    good = [pay(f"p{i}", f"payer-{i}", "till", 80, at=i * 1_200_000_000) for i in range(40)]  # three an hour
    rows: list[dict[str, Any]] = [msgspec.to_builtins(row) for row in good]
    checksum = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAeD"  # the example of EIP-55
    spoiled: list[bytes] = [
        b'{"chain": "eip155:1", "block_height": 1',
        msgspec.json.encode({**rows[1], "schema": "transfer.v9"}),
        msgspec.json.encode({**rows[2], "amount": -1}),
        msgspec.json.encode({**rows[3], "amount": 0}).replace(b'"amount":0', b'"amount":' + str(2**256).encode()),
        msgspec.json.encode({**rows[4], "at_us": -5}),
        msgspec.json.encode({**rows[5], "at_us": 9_000_000_000_000_000}),
        msgspec.json.encode({**rows[6], "at_us": START_US + 50 * 365 * DAY_US}),
        msgspec.json.encode({**rows[7], "sender": checksum.replace("5aAe", "5AAe")}),
        b"\xff\xfe\x00 no text",
        b"[]",
    ]
    lines = [msgspec.json.encode(row) for row in rows]
    for place, line in enumerate(spoiled):
        lines.insert(3 * place + 1, line)
    (folder / "transfers.ndjson").write_bytes(b"\n".join(lines) + b"\n")
    packed = gzip.compress(b"".join(msgspec.json.encode({**r, "tx_hash": r["tx_hash"] + "0"}) + b"\n" for r in rows))
    (folder / "more.ndjson.gz").write_bytes(packed[: len(packed) * 2 // 3])
    return folder


def test_bad_records_become_dead_letters_that_say_why(tmp_path: Path) -> None:
    one = Program(tmp_path)
    said = one.run("run", str(bad_inputs(tmp_path / "bad")), "--json")
    assert said.code == 0, said.err
    letters = one.run("dead-letters", "--json").json
    reasons = sorted(letter["reason"] for letter in letters)
    assert set(reasons) == {"malformed", "unknown-schema", "absurd-amount", "bad-time", "bad-address", "truncated"}
    assert said.json["dead_letters"] == len(letters) == 11
    assert all(letter["message"] and letter["place"] for letter in letters)
    alerts = one.run("alerts", "--json").json
    assert [a["detector"] for a in alerts if a["detector"] == "tx-funnel-fan-in"] == ["tx-funnel-fan-in"]
    whole = one.run("alerts", "--id", alerts[0]["alert_id"], "--json").json
    assert whole["alert_id"] == alerts[0]["alert_id"]
    assert all(whole[name] for name in ("citations", "thresholds", "evidence", "roles", "next_steps"))
    assert one.run("alerts", "--id", "nope").code == 2
    only = one.run("dead-letters", "--json", "--reason", "truncated").json
    assert len(only) == 1
    assert "more.ndjson.gz" in only[0]["place"]


def test_a_node_that_is_away_ends_the_run_with_its_name(tmp_path: Path) -> None:
    node = msgspec.json.encode([{"name": "main", "url": f"http://127.0.0.1:{free_port()}"}]).decode()
    said = Program(tmp_path).run("run", "--json", environment={"MANUMIT_NODES": node})
    assert (said.code, said.out) == (4, "")
    assert "127.0.0.1" in said.err


def test_labels_are_imported_and_counted(world: Path, tmp_path: Path) -> None:
    (tmp_path / "labels.ndjson").write_bytes((world / "labels.ndjson").read_bytes() + b'{"subject": "nobody"}\n')
    one = Program(tmp_path)
    found = one.run("labels", "import", str(tmp_path / "labels.ndjson"), "--json").json
    assert found["labels"] > 10
    assert found["dead_letters"] == 1
    ((count,),) = one.rows("SELECT count() AS n FROM labels FINAL")
    assert count["n"] == found["labels"]
    assert one.run("dead-letters", "--json").json[0]["reason"] == "unusable-label"


def test_the_doctor_finds_health_and_names_what_is_sick(world: Path, tmp_path: Path) -> None:
    one = Program(tmp_path)
    healthy = one.run("doctor", "--json")
    assert all(part["healthy"] for part in healthy.json), healthy.out
    assert healthy.code == 0
    data = next(part["says"] for part in healthy.json if part["part"] == "data")
    assert "labels:escort (2)" in data
    assert stat.S_IMODE((tmp_path / "token.key").stat().st_mode) == 0o600
    (tmp_path / "token.key").chmod(0o644)
    node = msgspec.json.encode([{"name": "main", "url": f"http://127.0.0.1:{free_port()}"}]).decode()
    sick = one.run(
        "doctor",
        "--json",
        environment={"MANUMIT_NODES": node, "MANUMIT_LABELS": "/does/not/exist", "MANUMIT_MODEL": "/no/model"},
    )
    assert sick.code == 1
    assert {"token key", "labels /does/not/exist", "node main", "model"} <= {
        part["part"] for part in sick.json if not part["healthy"]
    }


@pytest.mark.slow
def test_the_demonstration_says_the_same_twice(shared_data_or_not: dict[str, str], tmp_path: Path) -> None:
    one = Program(tmp_path)
    first, second = (
        one.run("demo", "--once", "--json", "--folder", str(tmp_path / "demo"), environment=shared_data_or_not)
        for _ in range(2)
    )
    assert first.code == 0, first.err
    assert list(first.json) == ["events", "signals", "alerts", "dead_letters", "digest"]
    assert first.json == second.json
    assert first.json["alerts"] > 50


@pytest.fixture(params=["shared", "shipped"])
def shared_data_or_not(request: pytest.FixtureRequest) -> dict[str, str]:
    if request.param == "shared":
        return {"MANUMIT_SHARED_DATA": str(request.getfixturevalue("shared_data"))}
    return {"MANUMIT_SHARED_DATA": "/does/not/exist"}
