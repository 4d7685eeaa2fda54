"""The command that runs history through the rules as they are now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated

import msgspec
import typer
from rich.text import Text

from manumit.commands.lateness import Lateness
from manumit.commands.running import Inputs, Labels, RatesFiles
from manumit.commands.terminal import (
    INTERRUPTED,
    Config,
    Json,
    Meter,
    complain,
    explained,
    put_json,
    put_summary,
    put_table,
    settings_of,
    stopping,
    summary,
    when,
)
from manumit.streams.assembly import assemble, runner, with_inputs
from manumit.streams.known import known_for_replay
from manumit.streams.replay import Difference, ReplayStore, apart, compare, saved
from manumit.streams.sharing import replay_on


def replay(
    inputs: Inputs = None,
    out: Annotated[
        Path, typer.Option("--out", "-o", help="Folder for alerts.parquet, and restricted/alerts.parquet.")
    ] = Path("var/replay"),
    against: Annotated[Path | None, typer.Option(help="Folder of another replay to compare with.")] = None,
    differences: Annotated[
        int, typer.Option(min=0, help="How many added, removed and changed alerts to print of each; --json has all.")
    ] = 10,
    suppressions: Annotated[
        str, typer.Option(help="`store`: those of the settings' store, `none`, or an NDJSON file of them.")
    ] = "store",
    cores: Annotated[int, typer.Option(min=1, help="Processes, each with its share of the detectors.")] = 1,
    labels: Labels = None,
    rates: RatesFiles = None,
    config: Config = None,
    as_json: Json = False,
) -> None:
    """Run history through the rules as they are now, without the live store; the same input gives the same digest.

    Contacts are tokens under the key of the settings (`token_key_file`): compare digests made with one key alone.
    What concerns minors or people under pressure is written apart, to restricted/ with access for its owner alone.
    """
    with explained(), stopping() as stop:
        settings = with_inputs(settings_of(config), inputs=inputs or (), labels=labels or (), rates=rates or ())
        before = None if against is None else saved(against)
        store, known = ReplayStore(), known_for_replay(settings, suppressions)
        history = msgspec.structs.replace(settings, nodes=(), feeds=(), crawls=())
        if cores > 1:
            totals, muted = replay_on(cores, history, known, store=store, stop=stop)
        else:
            parts = assemble(history, store=store, known=known)
            with Meter(parts.sources, quiet=as_json) as meter:
                totals = runner(parts, progress=meter.show, resumable=False, keep_events=False).run(stop)
            muted = parts.pipeline.suppressions.muted
        if stop.is_set():
            raise typer.Exit(INTERRUPTED)
        store.save(out)
        Lateness(None).conclude(totals)
        found: Mapping[str, Sequence[Difference]] = {}
        hidden = 0
        if before is not None:
            restricted = {*before.restricted, *(one.alert_id for one in store.halves()[1])}
            found, hidden = apart(compare(store.alerts, before.alerts), restricted)
        if as_json:
            compared = {"compared_with": str(against), **found, "restricted": hidden} if found else {}
            put_json({**summary(totals), "suppressed": dict(muted), **compared})
            return
        put_summary(totals, as_json=False)
        if before is not None:
            _put_differences(found, differences, hidden)


def _put_differences(found: Mapping[str, Sequence[Difference]], most: int, hidden: int) -> None:
    """The first of each kind, and on standard error how many there are, with those for restricted eyes unnamed."""
    complain.print(Text(", ".join(f"{len(rows):,} {name}" for name, rows in found.items())))
    if hidden:
        complain.print(Text(f"{hidden:,} more about minors or people under pressure: see the restricted folders"))
    shown = [(name, row) for name, rows in found.items() for row in rows[:most]]
    if shown:
        columns = ("", "last", "detector", "subject", "alert_id")
        put_table(columns, [(n, when(row.last_us), row.detector, row.subject, row.alert_id) for n, row in shown])
