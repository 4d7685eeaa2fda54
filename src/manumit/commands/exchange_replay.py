"""A generated exchange, and an exchange's history in Parquet through the customer rules."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated

import typer

from manumit.commands.terminal import Config, Json, explained, put_json, put_table, settings_of
from manumit.connectors.world.exchange.generate import exchange, write
from manumit.detectors.catalogue import detectors
from manumit.detectors.contract import CustomerRule, Values
from manumit.schemas.errors import ConfigError
from manumit.schemas.settings import Settings
from manumit.streams.exchange_parts import parts_of
from manumit.streams.exchange_replay import replay, replay_parts
from manumit.streams.minors_of_files import names_of_minors
from manumit.streams.replay import ReplayStore

Out = Annotated[Path, typer.Option("--out", "-o", help="Folder for the files.")]


def exchange_simulate(
    out: Out,
    seed: Annotated[int, typer.Option(help="The same seed gives the same exchange.")] = 1,
    customers: Annotated[int, typer.Option(help="About a hundred events each.")] = 10_000,
    cases: Annotated[int | None, typer.Option(help="Planted cases of each typology; 0 plants nothing.")] = None,
    as_json: Json = False,
) -> None:
    """Write a generated exchange with ground truth: customers and account events in parts, cases, census."""
    with explained():
        made = exchange(seed, customers, cases)
        census = write(made, out)
        counts = {"customers": census.customers, "events": census.events, "cases": len(made.cases)}
        put_json(counts) if as_json else put_table(tuple(counts), [tuple(counts.values())])


def exchange_replay(
    folder: Annotated[Path, typer.Argument(help="customers/NN.parquet and account_events/NN.parquet.")],
    out: Out,
    alone: Annotated[bool, typer.Option("--one-process", help="Else one process for each part.")] = False,
    config: Config = None,
    as_json: Json = False,
) -> None:
    """All customer rules over an exchange's history; alerts.parquet is written, nothing is stored.

    What concerns minors or people under pressure is written apart, to restricted/ with access for its owner alone.
    """
    with explained():
        rules, values = _judged(settings_of(config))
        start = time.perf_counter()
        parts = parts_of(folder)
        done = (replay if alone else replay_parts)(parts, rules, values)
        seconds = round(time.perf_counter() - start, 1)
        store = ReplayStore()
        store.write("alerts", list(done.alerts.values()))
        store.hide(names_of_minors([part.customers for part in parts]))
        store.save(out)
        general, restricted = store.halves()
        counts = {
            "events": done.events,
            "seconds": seconds,
            "alerts": len(general),
            "restricted": len(restricted),
        }
        put_json(counts) if as_json else put_table(tuple(counts), [tuple(counts.values())])


def _judged(settings: Settings) -> tuple[list[CustomerRule], dict[str, Values]]:
    """The customer rules that are not disabled, with the thresholds in force. Raises ConfigError."""
    rules = [one for one in detectors() if isinstance(one, CustomerRule) and one.about.id not in settings.disabled]
    try:
        return rules, {rule.about.id: rule.about.values(settings.thresholds.get(rule.about.id)) for rule in rules}
    except KeyError as error:
        raise ConfigError(f"thresholds: {error.args[0]}") from error
