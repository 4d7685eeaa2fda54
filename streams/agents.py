"""The Faust worker: the only file that knows Faust, and what of it loses data.

Faust 0.15 acknowledges an event whose agent raised, and `take` acknowledges what it has not given out. So: no
automatic acknowledgement, what is waiting is taken together (one write for all), concurrency 1, the work off the
event loop (else heartbeats die), the acknowledgement after the durable write, and an agent that raises ends the
worker. `noack_take` restores the stream's own way of acknowledging when it ends: on the stream itself it would
then acknowledge in the background what nobody saw, on its `noack` copy it does not.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import faust
from mode.supervisors import CrashingSupervisor

from manumit.connectors.kafka.access import addresses
from manumit.connectors.kafka.reading import Message, message_of
from manumit.schemas.errors import Broken
from manumit.streams.measures import MICROSECONDS, Measures
from manumit.streams.screening import Screening

COMMIT_INTERVAL_S = 1.0
SESSION_S = 20.0
STUCK_S = 300.0
WATCH_S = 5.0
HEARTBEATS_IN_SESSION = 4
GATHER_S = 0.005
WAITING_MESSAGES = 64  # fetched and not yet screened, each up to half a megabyte
FETCH_BYTES = 4_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One worker of a group. `group` is the consumer group, whose offsets say what is done.

    `archive` are the topics that are fanned out, `legs` the one that is screened. A worker that is silent for
    `session_s` is taken for dead, and others get its partitions; one of whose partitions has messages and stands
    still for `stuck_s`, while it waits for nothing it knows of, ends.
    """

    servers: str
    group: str
    archive: tuple[str, ...]
    legs: str
    folder: Path
    session_s: float = SESSION_S
    stuck_s: float = STUCK_S


class Taking(Protocol):
    """`take` returns when everything the messages led to is durable."""

    def take(self, messages: Sequence[Message]) -> None: ...


def run_worker(member: Member, fanning: Taking, screening: Screening, stopping: threading.Event) -> None:
    """Screens until SIGTERM or Ctrl-C, which set `stopping`.

    Raises what stopped it otherwise, with the message in hand unacknowledged.
    """
    member.folder.mkdir(parents=True, exist_ok=True)
    app = worker_app(member, fanning, screening, stopping)
    try:
        faust.Worker(app, loglevel="WARN", redirect_stdouts=False, quiet=True).execute_from_commandline()
    except SystemExit as ended:
        if app.crash_reason is not None:
            raise app.crash_reason from None
        if ended.code:
            raise Broken(f"the Faust worker ended with {ended.code}; its log says why") from ended


def worker_app(member: Member, fanning: Taking, screening: Screening, stopping: threading.Event) -> Any:
    """The Faust app of one member."""
    app = faust.App(
        member.group,
        broker=[f"kafka://{address}" for address in addresses(member.servers)],
        store="memory://",
        datadir=member.folder,
        autodiscover=False,
        web_enabled=False,
        topic_disable_leader=True,
        topic_allow_declare=False,
        consumer_auto_offset_reset="earliest",
        consumer_max_fetch_size=FETCH_BYTES,
        broker_commit_interval=COMMIT_INTERVAL_S,
        broker_session_timeout=member.session_s,
        broker_heartbeat_interval=member.session_s / HEARTBEATS_IN_SESSION,
        broker_max_poll_records=WAITING_MESSAGES,
        stream_buffer_maxsize=WAITING_MESSAGES,
        stream_wait_empty=False,
    )

    measures = screening.bench.measures

    def agent(name: str, topics: Sequence[str], taking: Taking) -> None:
        topic = app.topic(*topics, key_type=bytes, key_serializer="raw", value_type=bytes, value_serializer="raw")
        work = _acknowledging(taking, measures)
        app.agent(topic, name=name, concurrency=1, supervisor_strategy=CrashingSupervisor)(work)

    agent("fan", member.archive, fanning)
    agent("screen", [member.legs], screening)

    async def watch() -> None:
        for place in app.consumer.assignment():
            end = app.consumer.highwater(place)
            if end is not None:
                measures.behind(place.topic, place.partition, end)
        stuck = measures.stuck(round(member.stuck_s * MICROSECONDS))
        if stuck:
            await app.crash(Broken(f"{stuck} have messages and do not move: the worker ends, to be started again"))

    app.timer(WATCH_S)(watch)

    async def revoked(sender: Any, partitions: Any, **more: Any) -> None:
        measures.forget([(place.topic, place.partition) for place in partitions])
        gone = [place.partition for place in partitions if place.topic == member.legs]
        await asyncio.to_thread(screening.forget, gone)

    async def ending(sender: Any, **more: Any) -> None:
        stopping.set()

    app.on_partitions_revoked.connect(revoked, weak=False)
    app.on_before_shutdown.connect(ending, weak=False)
    return app


def _acknowledging(taking: Taking, measures: Measures) -> Any:
    """An agent that gives what is waiting to `taking`, and acknowledges it then."""

    async def work(stream: Any) -> None:
        by_hand = stream.noack()
        async for events in by_hand.noack_take(WAITING_MESSAGES, within=GATHER_S):
            await asyncio.to_thread(taking.take, [_message(event) for event in events])
            for event in events:
                await by_hand.ack(event)
                measures.done(event.message.topic, event.message.partition, event.message.offset + 1)

    return work


def _message(event: Any) -> Message:
    found = event.message
    headers = list(event.headers.items())
    stamp_us = round((found.timestamp or 0) * 1_000_000)
    return message_of(found.topic, found.partition, found.offset, event.key, event.value, headers, stamp_us=stamp_us)
