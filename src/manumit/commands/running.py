"""Commands that move events: up, run, replay, demo, simulate."""

from __future__ import annotations

import os
import secrets
import socket
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import msgspec
import typer
from rich.text import Text

from manumit.commands.terminal import (
    INTERRUPTED,
    UNUSABLE,
    Config,
    Json,
    Meter,
    complain,
    explained,
    put_json,
    put_summary,
    put_table,
    say,
    settings_of,
    stopping,
    summary,
    when,
)
from manumit.connectors.files.survey import open_files
from manumit.connectors.rates import read_rates
from manumit.connectors.store.opening import is_there
from manumit.connectors.world.generate import generate, quiet
from manumit.connectors.world.world import write
from manumit.console.app import make_app
from manumit.console.desk import Snapshot
from manumit.console.serving import listen, serve
from manumit.schemas.errors import ConfigError, ManumitError
from manumit.schemas.settings import Settings
from manumit.streams.address_screening import screener_over
from manumit.streams.advert_training import train_adverts
from manumit.streams.assembly import Assembled, assemble, now_us, pack_of, runner, with_inputs
from manumit.streams.bookkeeping import Keeper
from manumit.streams.configuration import CONSOLE_TOKEN, PROTECTION_TOKEN
from manumit.streams.demonstration import stage
from manumit.streams.known import known_for_replay
from manumit.streams.nodes import backfill
from manumit.streams.outages import Outages
from manumit.streams.runner import Totals
from manumit.streams.sharing import replay_on

TOKEN_BYTES = 24
DEMO_PACE_S = 0.25
REPOSITORY = Path(__file__).resolve().parents[3]

Inputs = Annotated[list[str] | None, typer.Argument(help="Files or folders of transfers, listings, customers.")]
Labels = Annotated[list[str] | None, typer.Option("--labels", "-l", help="Label list or folder of lists; repeatable.")]
RatesFiles = Annotated[list[str] | None, typer.Option("--rates", help="Daily rates, SYMBOL=FILE; repeatable.")]


def run(
    inputs: Inputs = None,
    labels: Labels = None,
    rates: RatesFiles = None,
    config: Config = None,
    backfills: Annotated[list[str] | None, typer.Option("--backfill", help="NODE:FIRST-LAST; repeatable.")] = None,
    as_json: Json = False,
) -> None:
    """Read the sources to their end (or until Ctrl-C), write alerts to the store, resume where it stopped."""
    with explained(), stopping() as stop:
        settings = with_inputs(settings_of(config), inputs=inputs or (), labels=labels or (), rates=rates or ())
        extra = [backfill(settings, read_rates(settings.rates), spec) for spec in backfills or ()]
        if extra:
            settings = msgspec.structs.replace(settings, nodes=())
        parts = assemble(settings, inputs=extra)
        try:
            with Meter(parts.sources, quiet=as_json) as meter:
                totals = runner(parts, progress=meter.show, resumable=True, outages=Outages(now_us, say)).run(stop)
        finally:
            parts.store.close()
            for one in extra:
                one.reader.close()
        put_summary(totals, as_json=as_json)
    if stop.is_set():
        raise typer.Exit(INTERRUPTED)
    if totals.dead_letters and not totals.events:
        say("every record was refused; see `manumit dead-letters`")
        raise typer.Exit(UNUSABLE)


def up(
    inputs: Inputs = None,
    labels: Labels = None,
    rates: RatesFiles = None,
    config: Config = None,
    port: Annotated[int | None, typer.Option(help="Port of the console.")] = None,
) -> None:
    """Runner, embedded store and console in one process; with nothing to read, the console over an existing store."""
    with explained():
        settings = with_inputs(settings_of(config), inputs=inputs or (), labels=labels or (), rates=rates or ())
        with _listen(settings, port) as bound:
            _serve(assemble(settings, idle=is_there(settings.store_url)), bound, pace_s=0.0)


def demo(
    once: Annotated[bool, typer.Option("--once", help="Run to the end without serving the console.")] = False,
    as_json: Json = False,
    folder: Annotated[Path, typer.Option(help="Where the demonstration lives; emptied first.")] = Path("var/demo"),
    port: Annotated[int | None, typer.Option(help="Port of the console.")] = None,
) -> None:
    """A generated world and real blocks, from nothing to alerts in the browser."""
    with explained(), nullcontext() if once else _listen(Settings(), port) as bound:
        complain.print("manumit: building a world and a model to run on")
        set_up = stage(folder, os.environ, REPOSITORY)
        complain.print(Text(f"manumit: running on the generated world and {set_up.real}"))
        parts = assemble(set_up.settings)
        parts = replace(parts, labels=(*parts.labels, *set_up.labels))
        if bound is not None:
            _serve(parts, bound, pace_s=DEMO_PACE_S)
            return
        with stopping() as stop, Meter(parts.sources, quiet=as_json) as meter:
            totals = runner(parts, progress=meter.show, resumable=True, outages=Outages(now_us, say)).run(stop)
        parts.store.close()
        put_summary(totals, as_json=as_json)


def _listen(settings: Settings, port: int | None) -> socket.socket:
    """First of all, so that a taken port is heard of before anything is done."""
    return listen(settings.host, settings.port if port is None else port)


def _serve(parts: Assembled, bound: socket.socket, *, pace_s: float) -> None:
    """The runner in a thread, the console in this one; Ctrl-C ends both and leaves a checkpoint."""
    stop = threading.Event()
    token = os.environ.get(CONSOLE_TOKEN) or secrets.token_urlsafe(TOKEN_BYTES)
    seen = Totals()
    outages = Outages(now_us, say)

    def progress(totals: Totals, positions: Mapping[str, str]) -> None:
        nonlocal seen
        seen = totals
        stop.wait(pace_s)

    def snapshot() -> Snapshot:
        return Snapshot(
            progress=seen.plain(), suppressed=dict(parts.pipeline.suppressions.muted), away=dict(outages.now)
        )

    def announce(host: str, port: int) -> None:
        complain.print(Text(f"manumit: the console is at http://{host}:{port}/?token={token}"))

    failed: list[ManumitError | OSError] = []
    worker = threading.Thread(target=_work, args=(parts, progress, outages, stop, failed), name="runner")
    try:
        keeper = Keeper(
            parts.store,
            clock=now_us,
            labels=parts.labels,
            label_mode=parts.settings.label_mode,
            written_us=lambda: seen.watermark_us or None,
        )
        app = make_app(
            parts.store,
            token,
            clock=now_us,
            snapshot=snapshot,
            screener=screener_over(keeper),
            hotlines=parts.settings.child_hotlines,
            configured=pack_of(parts.settings),
            protection_token=os.environ.get(PROTECTION_TOKEN, ""),
        )
        if parts.sources:
            worker.start()
        else:
            say("nothing to read; the console shows what the store holds, Ctrl-C ends it")
        serve(app, bound, announce, stop)
    finally:
        stop.set()
        if worker.is_alive():
            worker.join()
        parts.store.close()
    if failed:
        raise failed[0]


def _work(
    parts: Assembled,
    progress: Callable[[Totals, Mapping[str, str]], None],
    outages: Outages,
    stop: threading.Event,
    failed: list[ManumitError | OSError],
) -> None:
    """Runs until the sources end; the console stays for reading. An error of ours ends both."""
    try:
        runner(parts, progress=progress, resumable=True, outages=outages).run(stop)
        if not stop.is_set():
            complain.print("manumit: every source has ended; the console stays open, Ctrl-C ends it")
    except (ManumitError, OSError) as error:
        failed.append(error)
        stop.set()


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
