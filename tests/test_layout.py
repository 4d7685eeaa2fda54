"""The rooms stand at the top of the repository and are one package through links."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import manumit

PACKAGE = Path(manumit.__file__).parent
ROOT = Path(__file__).parents[1]
ROOMS = ["streams", "detectors", "connectors", "schemas", "console"]
MOST_LINES = 300
MOST_FUNCTION_LINES = 60
LONG_ON_PURPOSE: set[tuple[str, str]] = {("detectors/customers/kernel.py", "advance")}  # its docstring says why


@pytest.mark.parametrize("room", ROOMS)
def test_room_is_a_folder(room: str) -> None:
    assert (PACKAGE / room).is_dir(), f"{PACKAGE / room} is no folder: clone with core.symlinks=true"
    assert (PACKAGE / room).resolve() == ROOT / room


def test_the_top_holds_what_the_design_names() -> None:
    for name in ("pyproject.toml", *ROOMS, "deploy", "tests", "bench", "docs", "src/manumit/cli.py"):
        assert (ROOT / name).exists(), name


def _sources() -> list[Path]:
    rooms = [ROOT / room for room in ROOMS]
    return sorted(path for room in (*rooms, ROOT / "src/manumit/commands") for path in room.rglob("*.py"))


def test_files_and_functions_stay_short() -> None:
    long = []
    for path in _sources():
        text = path.read_text("utf-8")
        name = path.relative_to(ROOT).as_posix()
        if text.count("\n") > MOST_LINES:
            long.append(f"{name}: {text.count(chr(10))} lines")
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef) and (name, node.name) not in LONG_ON_PURPOSE:
                size = (node.end_lineno or node.lineno) - node.lineno + 1
                if size > MOST_FUNCTION_LINES:
                    long.append(f"{name}:{node.name}: {size} lines")
    assert not long


def test_only_the_agents_file_knows_faust() -> None:
    knows = [path.relative_to(ROOT).as_posix() for path in _sources() if "import faust" in path.read_text("utf-8")]
    assert knows in ([], ["streams/agents.py"])
