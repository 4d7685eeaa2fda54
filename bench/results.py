"""One measured line, the table printed and the file written."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import msgspec
from rich.console import Console
from rich.table import Table


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """`ratio` is how many times better ours is: above 1 in our favour, whichever way the unit counts."""

    measure: str
    ours: float
    peer: float
    peer_name: str
    ratio: float
    unit: str


def more_is_better(measure: str, ours: float, peer: float, peer_name: str, unit: str) -> Result:
    return Result(measure=measure, ours=ours, peer=peer, peer_name=peer_name, ratio=ours / peer, unit=unit)


def less_is_better(measure: str, ours: float, peer: float, peer_name: str, unit: str) -> Result:
    return Result(measure=measure, ours=ours, peer=peer, peer_name=peer_name, ratio=peer / ours, unit=unit)


def write(results: Sequence[Result], path: Path) -> None:
    path.write_bytes(msgspec.json.format(msgspec.json.encode(list(results))) + b"\n")


def show(results: Sequence[Result], console: Console) -> None:
    table = Table("measure", "ours", "peer", "peer's name", "ratio", "unit")
    for line in results:
        table.add_row(
            line.measure, _short(line.ours), _short(line.peer), line.peer_name, f"x{line.ratio:.2f}", line.unit
        )
    console.print(table)


def _short(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"
