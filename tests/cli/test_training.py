"""`manumit train` and `manumit drift` as a user meets them: every kind of model, used in a replay."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
import pyarrow.parquet
import pytest
from typer.testing import CliRunner

from manumit.cli import app
from manumit.connectors.models import load
from manumit.connectors.world.generate import generate, quiet
from manumit.connectors.world.world import write

RUNNER = CliRunner()


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """`quiet` of some 8,000 transfers (three windows of the streaming model: every transfer has two sides), `told`."""
    folder = tmp_path_factory.mktemp("world")
    write(quiet(5, 8), folder / "quiet")
    write(generate(6, 4), folder / "told")
    return folder


@pytest.fixture(autouse=True)
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "settings.toml"
    scorers = ("tx-isolation-forest", "tx-half-space-trees", "tx-gradient-boosting")
    lines = [f'state_dir = "{tmp_path}/state"', f'store_url = "embedded:{tmp_path}/store"']
    for scorer in scorers:  # one in 10,000 cannot be told with fewer quiet rows than that
        lines += [f"[thresholds.{scorer}]", "min_score = 0.99"]
    file.write_text("\n".join(lines))
    monkeypatch.setenv("MANUMIT_CONFIG", str(file))


def said(*arguments: object, code: int = 0, environment: Mapping[str, str] | None = None) -> Any:
    result = RUNNER.invoke(app, [*map(str, arguments), "--json"], env=environment, catch_exceptions=False)
    assert result.exit_code == code, result.output
    return msgspec.json.decode(result.stdout) if not code else result.output


def speaking(world: Path, out: Path, environment: Mapping[str, str] | None = None) -> set[str]:
    """The detectors that raise an alert in the told world."""
    told = world / "told" / "transfers.parquet"
    said("replay", told, "--out", out, "--suppressions", "none", environment=environment)
    return set(pyarrow.parquet.read_table(out / "alerts.parquet").column("detector").to_pylist())


@pytest.mark.parametrize(
    ("kind", "setting", "scorer"),
    [
        ((), "MANUMIT_MODEL", "tx-isolation-forest"),
        (("--streaming",), "MANUMIT_STREAMING_MODEL", "tx-half-space-trees"),
        (("--marked", "told"), "MANUMIT_MARKED_MODEL", "tx-gradient-boosting"),
    ],
)
def test_a_model_is_trained_used_and_compared(
    world: Path, tmp_path: Path, kind: tuple[str, ...], setting: str, scorer: str
) -> None:
    calm, how = world / "quiet" / "transfers.parquet", [str(world / word) if word == "told" else word for word in kind]
    learned = said("train", calm, *how, "--out", tmp_path / "models")
    assert learned == said("train", calm, *how, "--out", tmp_path / "models")
    assert learned["rows"] > 12_288
    drift = said("drift", learned["model"], calm)
    assert {one["feature"] for one in drift} >= {"senders_7d", "usd"}
    assert all(one["psi"] < 0.01 for one in drift)  # the very rows it was calibrated on
    assert scorer in speaking(world, tmp_path / "with", {setting: learned["model"]})
    assert scorer not in speaking(world, tmp_path / "without")


def test_a_streaming_model_learns_on_and_the_old_file_stays(world: Path, tmp_path: Path) -> None:
    calm, out = world / "quiet" / "transfers.parquet", tmp_path / "models"
    first = said("train", calm, "--streaming", "--out", out)["model"]
    second = said("train", calm, "--after", first, "--out", out)["model"]
    assert first != second
    turned = [int(load(Path(path))["seen"][1]) for path in (first, second)]
    assert turned[1] > turned[0] > 0


def test_what_cannot_be_learned_from_is_explained(world: Path, tmp_path: Path) -> None:
    calm = world / "quiet" / "transfers.parquet"
    write(quiet(7, 1), tmp_path / "untold")
    (tmp_path / "untold" / "truth.json").unlink()
    assert "truth.json" in said("train", calm, "--marked", tmp_path / "untold", "--out", tmp_path, code=2)
    forest = said("train", calm, "--out", tmp_path)["model"]
    assert "half-space" in said("train", calm, "--after", forest, "--out", tmp_path, code=2)
