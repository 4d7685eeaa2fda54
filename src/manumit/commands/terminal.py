"""What all commands share: settings, exit codes, JSON or a table, progress, and a clean Ctrl-C."""

from __future__ import annotations

import errno
import json
import os
import signal
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer
from rich.console import Console
from rich.padding import Padding
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from manumit.connectors.contract import Measured, Source
from manumit.schemas.errors import BadRecord, Broken, ConfigError, EdgeDown, ManumitError
from manumit.schemas.settings import Settings
from manumit.streams.configuration import load_settings
from manumit.streams.runner import Totals

EXIT_CODES: tuple[tuple[type[ManumitError], int], ...] = ((ConfigError, 2), (BadRecord, 3), (EdgeDown, 4), (Broken, 5))
UNUSABLE = 3
INTERRUPTED = 130
DISK_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
SHORT, PROSE_WIDTH = 20, 24  # a cell of so few characters is not broken, prose gets so many at least
GAP, INDENT = 2, 2
BARE = ("True", "False")  # say nothing without the name of their column
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

Config = Annotated[Path | None, typer.Option("--config", "-c", help="TOML settings file (else MANUMIT_CONFIG).")]
Json = Annotated[bool, typer.Option("--json", help="One JSON document on standard output.")]

complain = Console(stderr=True, highlight=False)


def settings_of(config: Path | None) -> Settings:
    return load_settings(config, os.environ)


@contextmanager
def explained() -> Iterator[None]:
    """Our own errors end the command with their message and code: 2 settings, 3 record, 4 edge away, 5 broken."""
    try:
        yield
    except ManumitError as error:
        complain.print(Text(_quiet(f"manumit: {error}")), style="red")
        code = next((code for kind, code in EXIT_CODES if isinstance(error, kind)), 1)
        raise typer.Exit(code) from error
    except OSError as error:
        full = "; make room on the disk and run again" if error.errno in DISK_FULL else ""
        complain.print(Text(_quiet(f"manumit: {error}{full}")), style="red")
        raise typer.Exit(4) from error


def say(message: str) -> None:
    """A word to the person at the terminal."""
    complain.print(Text(_quiet(f"manumit: {message}")))


def escaped(text: str) -> str:
    """Foreign text that a terminal cannot take for orders, each character still told: `\\x1b`, `\\u202e`, `\\n`."""
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text.replace("\\", "\\\\"))


def put_json(value: object) -> None:
    """Characters beyond ASCII that do not print (a terminal may obey them) are spelt as JSON escapes."""
    text = msgspec.json.encode(value).decode()
    if not text.isprintable():
        text = "".join(c if c.isprintable() else json.dumps(c)[1:-1] for c in text)
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def put_table(columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """A table; cells are text as it is, never markup. Control characters are dropped.

    Only prose is broken into lines: an id stays in one piece. Where the terminal is too narrow for that the rows
    stand as blocks, ids and words first, then their prose.
    """
    console = Console(highlight=False)
    cells = [[_quiet(str(cell)) for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(columns, *cells, strict=True)]
    prose = [_is_prose(column) for column in zip(*cells, strict=True)] or [True] * len(columns)
    least = (min(width, PROSE_WIDTH) if is_prose else width for width, is_prose in zip(widths, prose, strict=True))
    if sum(least) + GAP * (len(columns) - 1) > console.width:
        _put_blocks(console, columns, cells, prose)
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column, is_prose in zip(columns, prose, strict=True):
        table.add_column(column, overflow="fold", no_wrap=not is_prose)
    for row in cells:
        table.add_row(*map(Text, row))
    console.print(table)


def _is_prose(cells: Sequence[str]) -> bool:
    return any(len(cell) > SHORT and (" " in cell or "\n" in cell) for cell in cells)


def _put_blocks(console: Console, columns: Sequence[str], rows: Sequence[Sequence[str]], prose: Sequence[bool]) -> None:
    if len(columns) == 1:
        console.print(Text(columns[0], style="bold"))
    for row in rows:
        told = list(zip(columns, row, prose, strict=True))
        facts = [
            _named(column, cell, alone=len(columns) == 1) for column, cell, is_prose in told if cell and not is_prose
        ]
        for number, line in enumerate(_packed(facts, console.width - INDENT)):
            console.print(Text(" " * INDENT * bool(number) + line), soft_wrap=True)
        for _, cell, is_prose in told:
            if is_prose and cell:
                console.print(Padding(Text(cell, overflow="fold"), (0, 0, 0, INDENT * bool(facts))))


def _named(column: str, cell: str, *, alone: bool) -> str:
    return f"{column} {cell}" if not alone and (cell.isdigit() or cell in BARE or column.endswith("_id")) else cell


def _packed(facts: Sequence[str], width: int) -> list[str]:
    """As many on a line as fit, none of them broken."""
    lines: list[str] = []
    for fact in facts:
        if lines and len(lines[-1]) + GAP + len(fact) <= width:
            lines[-1] += " " * GAP + fact
        else:
            lines.append(fact)
    return lines


def _quiet(text: str) -> str:
    return "".join(c for c in text if c.isprintable() or c == "\n")


def when(at_us: int) -> str:
    return (EPOCH + timedelta(microseconds=at_us)).strftime("%Y-%m-%d %H:%M:%S")


@contextmanager
def stopping() -> Iterator[threading.Event]:
    """An event that Ctrl-C and SIGTERM set; a second Ctrl-C ends at once."""
    stop = threading.Event()
    previous = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}

    def asked(number: int, frame: object) -> None:
        if stop.is_set():
            raise KeyboardInterrupt
        stop.set()
        complain.print("manumit: stopping after this batch; a checkpoint is written")

    for number in previous:
        signal.signal(number, asked)
    try:
        yield stop
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)


class Meter:
    """Progress on standard error: share done where sources say it, rate, ETA, watermark and counts."""

    def __init__(self, sources: Sequence[Source], *, quiet: bool) -> None:
        self._sources = {s.name: s for s in sources if isinstance(s, Measured)}
        self._totals = {name: total for name, s in self._sources.items() if (total := s.total())}
        self._progress = Progress(
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(bar_width=24),
            TextColumn("{task.fields[counts]}"),
            TimeRemainingColumn(),
            console=complain,
            disable=quiet or not complain.is_terminal,
        )
        whole = len(self._totals) if len(self._totals) == len(sources) and sources else None
        self._task = self._progress.add_task("reading", total=whole, counts="")
        self._started = datetime.now(UTC)

    def __enter__(self) -> Meter:
        self._progress.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._progress.stop()

    def show(self, totals: Totals, positions: Mapping[str, str]) -> None:
        elapsed = (datetime.now(UTC) - self._started).total_seconds()
        done = sum(
            min(1.0, self._sources[name].done(position) / self._totals[name])
            for name, position in positions.items()
            if name in self._totals
        )
        counts = (
            f"{totals.events:,} events, {totals.events / max(elapsed, 0.001):,.0f}/s, {totals.alerts:,} alerts, "
            f"{totals.dead_letters:,} dead letters, at {when(totals.watermark_us)[:16]}"
        )
        self._progress.update(self._task, completed=done, counts=counts)


def summary(totals: Totals) -> dict[str, Any]:
    """What a finished run says of itself."""
    return {
        "events": totals.events,
        "signals": totals.signals,
        "alerts": totals.alerts,
        "dead_letters": totals.dead_letters,
        "digest": totals.digest.hex,
    }


def put_summary(totals: Totals, *, as_json: bool) -> None:
    found = summary(totals)
    if as_json:
        put_json(found)
    else:
        complain.print(Text(", ".join(f"{name} {value}" for name, value in found.items())))
