"""Settings from a file and the environment."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from manumit.schemas.errors import ConfigError
from manumit.schemas.settings import Settings
from manumit.streams.assembly import assemble
from manumit.streams.configuration import load_settings
from manumit.streams.replay import ReplayStore


def write(folder: Path, text: str) -> Path:
    path = folder / "manumit.toml"
    path.write_text(text)
    return path


def test_nothing_given_is_the_defaults() -> None:
    assert load_settings(None, {}) == Settings()


def test_the_environment_stands_over_the_file(tmp_path: Path) -> None:
    path = write(tmp_path, 'port = 1234\nhost = "127.0.0.2"\ninputs = ["a"]\n')
    found = load_settings(path, {"MANUMIT_PORT": "99", "MANUMIT_INPUTS": "b,c", "HOME": "/"})
    assert (found.port, found.host, found.inputs) == (99, "127.0.0.2", ("b", "c"))
    assert load_settings(None, {"MANUMIT_CONFIG": str(path)}).port == 1234


def test_structures_of_the_environment_are_json(tmp_path: Path) -> None:
    nodes = '[{"name": "main", "url": "http://127.0.0.1:1", "confirmations": 3}]'
    thresholds = '{"tx-funnel-fan-in": {"min_usd": 20}}'
    found = load_settings(None, {"MANUMIT_NODES": nodes, "MANUMIT_THRESHOLDS": thresholds})
    assert (found.nodes[0].name, found.nodes[0].confirmations) == ("main", 3)
    assert found.thresholds == {"tx-funnel-fan-in": {"min_usd": 20.0}}


@pytest.mark.parametrize(
    ("text", "environment", "says"),
    [
        ("ports = 1", {}, r"manumit\.toml.*unknown field `ports`"),
        ('port = "many"', {}, r"manumit\.toml.*\$\.port"),
        ("port = ", {}, r"settings file .*manumit\.toml"),
        ('[[nodes]]\nname = "a"\n', {}, r"missing required field `url` - at `\$\.nodes\[0\]"),
        ("", {"MANUMIT_PORTS": "1"}, "MANUMIT_PORTS is no setting; there are .*MANUMIT_PORT"),
        ("", {"MANUMIT_PORT": "many"}, r"\$\.port"),
        ("", {"MANUMIT_NODES": "["}, "MANUMIT_NODES must be JSON"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, text: str, environment: dict[str, str], says: str) -> None:
    with pytest.raises(ConfigError, match=says):
        load_settings(write(tmp_path, text), environment)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"settings file .*none\.toml"):
        load_settings(tmp_path / "none.toml", {})


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        (Settings(disabled=("no-such-rule",)), "'no-such-rule' that does not exist"),
        (Settings(thresholds={"no-such-rule": {}}), "'no-such-rule' that does not exist"),
        (Settings(thresholds={"tx-funnel-fan-in": {"min_bananas": 1}}), "no threshold 'min_bananas'"),
        (Settings(labels=("/does/not/exist",)), "/does/not/exist"),
    ],
)
def test_settings_that_name_what_is_not_there(tmp_path: Path, settings: Settings, says: str) -> None:
    (tmp_path / "empty.ndjson").write_text('{"exchange": "x", "customer_id": "c", "at_us": 1, "tier": "t"}\n')
    with pytest.raises(ConfigError, match=says):
        assemble(msgspec.structs.replace(settings, inputs=(str(tmp_path),)), store=ReplayStore())
