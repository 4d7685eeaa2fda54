"""The page docs/commands.md, made from the command line itself."""

from __future__ import annotations

from collections.abc import Iterator

import typer

from manumit.schemas.markdown import code, page, plain, table

HEAD = """# Commands

This page is generated from the command line by `scripts/pages`; edit the commands, not the page.

`--json` prints one JSON document. Exit codes: 0 well, 1 something looked at is not well (`rules test`, `doctor`),
2 a setting or argument to change, 3 an unusable record, 4 an edge (node, store, file) is away, 5 an invariant is
broken, 130 stopped by Ctrl-C with a checkpoint to resume from."""


def command_page(app: typer.Typer) -> str:
    """The whole page as Markdown."""
    root = typer.main.get_command(app)
    return page([HEAD, *(part for name, command in _leaves("manumit", root) for part in _section(name, command))])


def _leaves(name: str, command: object) -> Iterator[tuple[str, object]]:
    children = getattr(command, "commands", None)
    if children is None:
        yield name, command
        return
    for child in sorted(children):
        yield from _leaves(f"{name} {child}", children[child])


def _section(name: str, command: object) -> Iterator[str]:
    yield f"## {name}"
    yield plain(getattr(command, "help", "") or "")
    rows = [
        (code(" ".join(getattr(parameter, "opts", ())) or parameter.name), plain(getattr(parameter, "help", "") or ""))
        for parameter in getattr(command, "params", ())
        if parameter.name != "help"
    ]
    if rows:
        yield table(("Argument", "Meaning"), rows)
