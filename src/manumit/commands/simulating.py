"""The command that writes a generated world."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from manumit.commands.terminal import Json, complain, explained, put_json
from manumit.connectors.world.generate import generate, quiet
from manumit.connectors.world.world import write


def simulate(
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder for the world's files.")],
    seed: Annotated[int, typer.Option(help="The same seed gives the same world.")] = 1,
    scale: Annotated[int, typer.Option(help="Thousands of transfers, about.")] = 10,
    calm: Annotated[bool, typer.Option("--quiet", help="Innocents only.")] = False,
    as_json: Json = False,
) -> None:
    """Write a generated world with ground truth: transfers, listings, customers, account events, labels, truth."""
    with explained():
        world = quiet(seed, scale) if calm else generate(seed, scale)
        out.mkdir(parents=True, exist_ok=True)
        write(world, out)
        counts = {
            "transfers": world.transfers.num_rows,
            "listings": len(world.listings),
            "customers": len(world.customers),
            "account_events": len(world.account_events),
            "labels": len(world.labels),
            "planted": len(world.truth),
        }
        if as_json:
            put_json(counts)
        else:
            complain.print(Text(f"{out}: " + ", ".join(f"{count:,} {name}" for name, count in counts.items())))
