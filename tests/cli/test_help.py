"""Every command, argument and option says what it is for."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import typer

from manumit.cli import app


def leaves(name: str, command: object) -> Iterator[tuple[str, object]]:
    children = getattr(command, "commands", None)
    if children is None:
        yield name, command
        return
    for child in children:
        yield from leaves(f"{name} {child}", children[child])


COMMANDS = dict(leaves("manumit", typer.main.get_command(app)))


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_argument_and_option_has_help(name: str) -> None:
    command = COMMANDS[name]
    parameters = [p for p in getattr(command, "params", ()) if p.name != "help"]
    assert getattr(command, "help", "")
    assert [p.name for p in parameters if not (getattr(p, "help", "") or "").strip()] == []
