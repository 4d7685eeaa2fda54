"""Many thresholds in one pass: each set finds what a replay with it alone finds."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pyarrow.parquet
import pytest
from typer.testing import CliRunner, Result

from manumit.cli import app
from manumit.connectors.world.generate import generate
from manumit.connectors.world.world import write
from manumit.schemas.alert import Alert
from manumit.schemas.arrow import from_arrow
from tests.cli.program import Program

FUNNEL, STRUCTURING, TRAVEL = "tx-funnel-fan-in", "tx-structuring-below-threshold", "li-job-all-paid-travel"


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("world")
    write(generate(3, 2), folder)
    return folder


def said(folder: Path, *arguments: str, thresholds: dict[str, dict[str, float]] | None = None) -> Result:
    config = Path(Program(folder).configure())
    for detector, values in (thresholds or {}).items():
        lines = [f"[thresholds.{detector}]", *(f"{name} = {value}" for name, value in values.items())]
        config.write_text(config.read_text() + "\n".join(lines) + "\n")
    environment = {"MANUMIT_CONFIG": str(config), "COLUMNS": "300"}
    return CliRunner().invoke(app, list(arguments), env=environment, catch_exceptions=False)


def inputs(history: Path) -> list[str]:
    names = ("transfers.parquet", "listings.ndjson", "--labels", "labels.ndjson")
    return [name if name.startswith("--") else str(history / name) for name in names]


def replayed(folder: Path, history: Path, thresholds: dict[str, dict[str, float]]) -> list[Alert]:
    done = said(folder, "replay", *inputs(history), "--out", str(folder / "out"), thresholds=thresholds)
    assert done.exit_code == 0, done.output
    return from_arrow(Alert, pyarrow.parquet.read_table(folder / "out" / "alerts.parquet"))


def subjects(alerts: list[Alert], detector: str) -> list[str]:
    return sorted(a.subject for a in alerts if a.detector == detector and a.state != "withdrawn")


def test_each_set_finds_what_a_replay_with_it_finds(history: Path, tmp_path: Path) -> None:
    about = msgspec.json.decode(said(tmp_path, "rules", "show", FUNNEL, "--json").stdout)
    threshold = about["thresholds"][0]
    values = [threshold["value"] * factor for factor in (0.5, 1, 2)]
    varied = f"{FUNNEL}.{threshold['name']}=" + ",".join(map(str, values))
    swept = said(tmp_path, "sweep", *inputs(history), "--vary", varied, "--json")
    assert swept.exit_code == 0, swept.output
    sets = msgspec.json.decode(swept.stdout)["sets"]
    assert [one["tried"]["is_current"] for one in sets] == [True, False, False]
    now = frozenset(subjects(replayed(tmp_path, history, {}), FUNNEL))
    assert now
    for one in sets:
        tried = one["tried"]["thresholds"]
        alone = subjects(replayed(tmp_path, history, {FUNNEL: tried}), FUNNEL)
        assert one["alerts"] == len(alone), tried
        assert one["added"] == sorted(frozenset(alone) - now)
        assert one["removed"] == sorted(now - frozenset(alone))


def test_sets_of_several_detectors_are_shown_side_by_side(history: Path, tmp_path: Path) -> None:
    rules = {}
    for detector in (STRUCTURING, TRAVEL):
        about = msgspec.json.decode(said(tmp_path, "rules", "show", detector, "--json").stdout)
        rules[detector] = [(one["name"], one["value"]) for one in about["thresholds"]]
    (name, value), (other, other_value) = rules[STRUCTURING][0], rules[TRAVEL][0]
    swept = said(
        tmp_path, "sweep", *inputs(history),
        "--vary", f"{STRUCTURING}.{name}={value + 1},{value + 2}", "--vary", f"{TRAVEL}.{other}={other_value + 1}",
    )  # fmt: skip
    assert swept.exit_code == 0, swept.output
    rows = [line.split() for line in swept.stdout.splitlines()]
    assert [row[0] for row in rows if row and row[0] in rules] == [STRUCTURING] * 3 + [TRAVEL] * 2


@pytest.mark.parametrize(
    ("spec", "wrong"),
    [
        ("tx-none-such.count=1", "no detector"),
        (f"{FUNNEL}.no_such=1", "no threshold"),
        (f"{FUNNEL}=1", "write DETECTOR.THRESHOLD"),
        (f"{FUNNEL}.x=many", "write DETECTOR.THRESHOLD"),
        (f"{FUNNEL}.x=" + ",".join(map(str, range(400))), "no threshold"),
    ],
)
def test_what_cannot_be_varied_is_said(history: Path, tmp_path: Path, spec: str, wrong: str) -> None:
    done = said(tmp_path, "sweep", *inputs(history), "--vary", spec)
    assert done.exit_code == 2, done.output
    assert wrong in done.stderr
    assert "nothing to vary" in said(tmp_path, "sweep", *inputs(history)).stderr
