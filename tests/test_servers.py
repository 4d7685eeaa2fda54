"""How a missing test server is reported."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.servers import REPOSITORY, find, require

SHELL_TOOLS = ("bash", "dirname", "mkdir", "id")


@pytest.fixture
def bare_path(tmp_path: Path) -> Path:
    """A PATH without npm, apt-get or any server."""
    for name in SHELL_TOOLS:
        place = shutil.which(name)
        assert place is not None
        (tmp_path / name).symlink_to(place)
    return tmp_path


@pytest.mark.parametrize(("ci", "code"), [("true", 1), ("", 0)])
def test_the_script_names_the_suite_and_the_remedy(bare_path: Path, ci: str, code: int) -> None:
    environment = {"PATH": str(bare_path), "CI": ci, "MANUMIT_ANVIL": str(bare_path / "none")}
    script = REPOSITORY / "scripts" / "servers"
    done = subprocess.run([script], env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == code, done.stderr
    assert "the node tests cannot run: no anvil. Install npm and run scripts/servers" in done.stderr
    assert "the browser tests cannot run: no chromium. Install chromium yourself" in done.stderr
    assert done.stdout == ""


def test_a_missing_program_skips_here_and_fails_in_ci(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("CI", raising=False)
    for missing in (None, tmp_path / "none"):
        with pytest.raises(pytest.skip.Exception, match="needs thing: get it so"):
            require(missing, "thing: get it so")
    monkeypatch.setenv("CI", "true")
    with pytest.raises(pytest.fail.Exception, match="needs thing: get it so"):
        require(None, "thing: get it so")


def test_the_environment_then_the_usual_place_then_path(monkeypatch: pytest.MonkeyPatch, bare_path: Path) -> None:
    monkeypatch.setenv("PATH", str(bare_path))
    monkeypatch.delenv("MANUMIT_THING", raising=False)
    usual = bare_path / "id"
    assert find("bash", variable="MANUMIT_THING", places=[]) == bare_path / "bash"
    assert find("bash", variable="MANUMIT_THING", places=[bare_path / "none", usual]) == usual
    assert find("nothing-of-that-name", variable="MANUMIT_THING", places=[]) is None
    monkeypatch.setenv("MANUMIT_THING", str(bare_path / "mkdir"))
    assert find("bash", variable="MANUMIT_THING", places=[usual]) == bare_path / "mkdir"
