"""Commands of the cluster: topics, publish, worker."""

from __future__ import annotations

import threading
from contextlib import nullcontext
from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from manumit.commands.running import Inputs, RatesFiles
from manumit.commands.running import Labels as LabelLists
from manumit.commands.terminal import (
    INTERRUPTED,
    Config,
    Json,
    Meter,
    complain,
    explained,
    put_json,
    put_table,
    settings_of,
    stopping,
)
from manumit.connectors.kafka.publisher import KafkaPublisher
from manumit.connectors.kafka.topics import BROKER_DEFAULT, apply_topics, check_topics
from manumit.connectors.metrics_page import metrics_page
from manumit.connectors.rates import read_rates
from manumit.connectors.store.opening import open_store
from manumit.schemas.envelope import END_US
from manumit.schemas.errors import ConfigError
from manumit.streams.assembly import file_sources, letter_sealer, listing_reader, now_us, protection, with_inputs
from manumit.streams.cluster import LEGS, Fanning, archive, screening
from manumit.streams.measures import Measures
from manumit.streams.publishing import Publishing

LOCAL = "127.0.0.1:9092"
GROUP = "manumit-screen"
DIFFERS = 1
SAY_EVERY_MESSAGES = 500

topics = typer.Typer(no_args_is_help=True, help="The topics of the cluster.")

Servers = Annotated[
    str, typer.Option("--servers", envvar="KAFKA_BOOTSTRAP_SERVERS", help="Brokers, host:port, commas between.")
]
Prefix = Annotated[str, typer.Option(help="Stands before the topics' names, for several installations on one broker.")]


@topics.command("apply")
def topics_apply(
    servers: Servers = LOCAL,
    prefix: Prefix = "",
    replication: Annotated[int, typer.Option(help="Copies of each partition; -1 leaves it to the broker.")] = (
        BROKER_DEFAULT
    ),
    as_json: Json = False,
) -> None:
    """Make the declared topics and set their retention. Partitions of a topic that exists are left alone."""
    with explained():
        done = apply_topics(servers, prefix=prefix, replication=replication)
        if as_json:
            put_json({"done": done})
        else:
            complain.print(Text("\n".join(done) or "every topic is as declared"))


@topics.command("check")
def topics_check(servers: Servers = LOCAL, prefix: Prefix = "", as_json: Json = False) -> None:
    """Say where the broker differs from the declarations; exit code 1 when it does."""
    with explained():
        found = check_topics(servers, prefix=prefix)
        if as_json:
            put_json(found)
        elif found:
            rows = [(d.topic, d.setting, d.declared, d.found) for d in found]
            put_table(("topic", "setting", "declared", "found"), rows)
        else:
            complain.print("every topic is as declared")
    if found:
        raise typer.Exit(DIFFERS)


@topics.command("release")
def topics_release(servers: Servers = LOCAL, prefix: Prefix = "") -> None:
    """Let the workers go on without a publication that was given up halfway: nothing waits for its clock any more."""
    with explained(), KafkaPublisher(servers, source="release", prefix=prefix) as publisher:
        publisher.clock(END_US)
        publisher.flush()


def publish(
    inputs: Inputs = None,
    servers: Servers = LOCAL,
    prefix: Prefix = "",
    rates: RatesFiles = None,
    config: Config = None,
    as_json: Json = False,
) -> None:
    """Read files to their end onto the topics; resumes from the state folder after an interruption."""
    with explained(), stopping() as stop:
        settings = with_inputs(settings_of(config), inputs=inputs or (), labels=(), rates=rates or ())
        sources = file_sources(settings, read_rates(settings.rates))
        if not sources:
            raise ConfigError("nothing to publish: give files or folders")
        with (
            KafkaPublisher(servers, source="publish", prefix=prefix) as publisher,
            Meter(sources, quiet=as_json) as meter,
        ):
            work = Publishing(
                sources=sources,
                publisher=publisher,
                folder=Path(settings.state_dir),
                read=listing_reader(settings),
                protect=protection(settings).screened,
                seal=letter_sealer(settings),
                progress=meter.show,
            )
            totals = work.run(stop)
        found = {"events": totals.events, "dead_letters": totals.dead_letters, "messages": publisher.messages}
        if as_json:
            put_json(found)
        else:
            complain.print(Text(", ".join(f"{count:,} {name}" for name, count in found.items())))
    if stop.is_set():
        raise typer.Exit(INTERRUPTED)


def worker(
    servers: Servers = LOCAL,
    prefix: Prefix = "",
    group: Annotated[str, typer.Option(help="The group of workers that share the topics.")] = GROUP,
    labels: LabelLists = None,
    rates: RatesFiles = None,
    config: Config = None,
) -> None:
    """Fan the topics out and screen them into the store until SIGTERM; any number of workers share the partitions."""
    from manumit.streams.agents import Member, run_worker  # Faust is a third of a second the other commands save

    with explained():
        settings = with_inputs(settings_of(config), inputs=(), labels=labels or (), rates=rates or ())
        measures, stopping = Measures(now_us), threading.Event()
        page = metrics_page(settings.metrics_host, settings.metrics_port, measures.text, lambda: measures.waits_for)
        store = open_store(settings.store_url)
        try:
            screen = screening(
                settings,
                store,
                servers=servers,
                group=group,
                prefix=prefix,
                clock=now_us,
                rebuilding=_rebuilding,
                note=_note,
                stopping=stopping,
                measures=measures,
            )
            member = Member(
                servers=servers,
                group=group,
                archive=tuple(prefix + topic.name for topic in archive()),
                legs=prefix + LEGS,
                folder=Path(settings.state_dir) / "faust",
            )
            fanning = Fanning(settings, servers=servers, prefix=prefix, measures=measures)
            with page if settings.metrics_port else nullcontext():
                run_worker(member, fanning, screen, stopping)
        finally:
            store.close()


def _note(what: str) -> None:
    complain.print(Text(f"manumit: {what}"))


def _rebuilding(partition: int, offset: int, stop: int) -> None:
    if offset % SAY_EVERY_MESSAGES == 0:
        complain.print(Text(f"manumit: partition {partition} is rebuilt up to message {offset:,} of {stop:,}"))
