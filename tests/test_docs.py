"""The generated pages are up to date, and what the hand-written ones name exists."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
import typer

from manumit.cli import app
from manumit.commands.command_page import command_page
from manumit.detectors.catalogue import detectors
from manumit.detectors.detector_page import detector_page
from manumit.schemas.settings import NodeSettings, Settings
from manumit.streams.setting_page import setting_page

ROOT = Path(__file__).parents[1]
PAGES = [("settings.md", setting_page()), ("detectors.md", detector_page()), ("commands.md", command_page(app))]
HAND_WRITTEN = ["README.md", "CONTRIBUTING.md", "SECURITY.md", "docs/architecture.md", "docs/crawling.md"]


@pytest.mark.parametrize(("name", "made"), PAGES, ids=[name for name, _ in PAGES])
def test_the_committed_page_is_the_generated_one(name: str, made: str) -> None:
    assert (ROOT / "docs" / name).read_text("utf-8") == made, "run scripts/pages"


def test_every_setting_and_detector_is_on_its_page() -> None:
    for field in (*Settings.__struct_fields__, *NodeSettings.__struct_fields__):
        assert f"| `{field}` |" in setting_page()
    assert all(f"## {one.about.id}\n" in detector_page() for one in detectors())


@pytest.mark.parametrize("name", HAND_WRITTEN)
def test_links_and_files_named_in_the_documents_exist(name: str) -> None:
    path = ROOT / name
    text = path.read_text("utf-8")
    for target in re.findall(r"\]\(([^)#]+)[^)]*\)", text):
        if "://" not in target:
            assert (path.parent / target).exists(), f"{name} links to {target}"


@pytest.mark.parametrize("name", HAND_WRITTEN)
def test_commands_named_in_the_documents_exist(name: str) -> None:
    root = typer.main.get_command(app)
    for line in re.findall(r"^ {4,}manumit ([^\n#]+)", (ROOT / name).read_text("utf-8"), re.MULTILINE):
        command: object = root
        for word in shlex.split(line):
            children = getattr(command, "commands", {})
            if word not in children:
                break
            command = children[word]
        assert command is not root, f"{name}: manumit {line}"


def test_every_decision_has_its_parts() -> None:
    decisions = sorted((ROOT / "docs" / "decisions").glob("[0-9]*.md"))
    assert decisions
    for path in decisions:
        text = path.read_text("utf-8")
        assert len(text.splitlines()) <= 30, path.name
        assert all(f"## {part}" in text for part in ("Context", "Choice", "Price")), path.name
