"""The command that tries many thresholds on one history."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import asdict, replace
from typing import Annotated, Any

import msgspec
import typer

from manumit.commands.running import Inputs, Labels, RatesFiles
from manumit.commands.terminal import (
    INTERRUPTED,
    Config,
    Json,
    Meter,
    explained,
    put_json,
    put_summary,
    put_table,
    settings_of,
    stopping,
    summary,
)
from manumit.streams.assembly import assemble, runner, sweeping_pipeline, with_inputs
from manumit.streams.known import NOTHING, known_for_replay
from manumit.streams.replay import ReplayStore
from manumit.streams.sweeping import Outcome, outcomes, parsed


def sweep(
    inputs: Inputs = None,
    vary: Annotated[
        list[str] | None, typer.Option("--vary", help="DETECTOR.THRESHOLD=VALUE,VALUE; repeatable, combined.")
    ] = None,
    labels: Labels = None,
    rates: RatesFiles = None,
    config: Config = None,
    as_json: Json = False,
) -> None:
    """Try many thresholds in one pass over history: how many alerts each gives, and about whom.

    Nothing is written and suppressions are left aside. --json names the subjects that come and go, but for minors and
    people under pressure, who are only counted.
    """
    with explained(), stopping() as stop:
        settings = with_inputs(settings_of(config), inputs=inputs or (), labels=labels or (), rates=rates or ())
        grid, store = parsed(vary or ()), ReplayStore()
        sets, pipeline = sweeping_pipeline(settings, grid)
        known = known_for_replay(settings, NOTHING)
        parts = assemble(msgspec.structs.replace(settings, nodes=(), feeds=(), crawls=()), store=store, known=known)
        parts = replace(parts, pipeline=pipeline)
        with Meter(parts.sources, quiet=as_json) as meter:
            totals = runner(parts, progress=meter.show, resumable=False, keep_events=False).run(stop)
        if stop.is_set():
            raise typer.Exit(INTERRUPTED)
        found = outcomes(sets, store.alerts.values())
        if as_json:
            general, restricted = store.halves()
            named = {one.subject for one in general} - {one.subject for one in restricted}
            put_json({**summary(totals), "sets": [_plain(one, named) for one in found]})
            return
        put_summary(totals, as_json=False)
        varied = {threshold for tried in grid.values() for threshold in tried}
        put_table(
            ("detector", "thresholds", "alerts", "subjects", "added", "removed"), [_row(o, varied) for o in found]
        )


def _plain(one: Outcome, named: Collection[str]) -> dict[str, Any]:
    """Who comes and goes, but those whom ordinary eyes may not see."""
    shown = {kind: [name for name in names if name in named] for kind, names in _moved(one).items()}
    return {**asdict(one), **shown, "restricted": sum(map(len, _moved(one).values())) - sum(map(len, shown.values()))}


def _moved(one: Outcome) -> dict[str, tuple[str, ...]]:
    return {"added": one.added, "removed": one.removed}


def _row(one: Outcome, varied: set[str]) -> tuple[object, ...]:
    values = ", ".join(f"{name} {value:g}" for name, value in one.tried.thresholds.items() if name in varied)
    shown = f"{values} (in force)" if one.tried.is_current else values
    return one.tried.detector, shown, one.alerts, one.subjects, len(one.added), len(one.removed)
