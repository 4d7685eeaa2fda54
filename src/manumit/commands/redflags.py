"""The catalogue of published red flags on the command line."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
import typer

from manumit.commands.terminal import Json, explained, put_json, put_table
from manumit.detectors.catalogue import coverage
from manumit.schemas.errors import ConfigError
from manumit.schemas.redflag import DOMAINS, catalogue

app = typer.Typer(no_args_is_help=True, help="The catalogue of published red flags.")


@app.command("list")
def listed(as_json: Json = False) -> None:
    """Every entry of the catalogue."""
    found = [msgspec.to_builtins(flag) for flag in catalogue().values()]
    if as_json:
        put_json(found)
        return
    columns = ("id", "severity", "typology", "weak_source", "title")
    put_table(columns, [tuple(row[name] for name in columns) for row in found])


@app.command("show")
def show(
    entry_id: Annotated[str, typer.Argument(help="An entry's id, as `redflags list` names it.")], as_json: Json = False
) -> None:
    """One entry with its sources and thresholds."""
    with explained():
        if entry_id not in catalogue():
            raise ConfigError(f"there is no red flag {entry_id!r}; see `manumit redflags list`")
        found = msgspec.to_builtins(catalogue()[entry_id])
        if as_json:
            put_json(found)
            return
        for name, value in found.items():
            parts = value if isinstance(value, list | tuple) else [value]
            put_table((name,), [(part,) for part in parts])


@app.command("coverage")
def covered(
    entries: Annotated[bool, typer.Option("--entries", help="Every entry: detectors, cases, edges, data.")] = False,
    as_json: Json = False,
) -> None:
    """How many entries a detector with cases cites, by domain."""
    found: dict[str, Any] = coverage()
    if as_json:
        put_json(found)
        return
    if entries:
        columns = ("entry", "detectors", "cases", "edges", "needs")
        lists = [
            {**row, "detectors": ", ".join(row["detectors"]), "needs": ", ".join(row["needs"])}
            for row in found["entries"]
        ]
        put_table(columns, [tuple(row[name] for name in columns) for row in lists])
        return
    rows = [(d, found["by_domain"][d]["implemented"], found["by_domain"][d]["total"]) for d in DOMAINS]
    put_table(("domain", "implemented", "total"), [*rows, ("all", found["implemented"], found["total"])])
