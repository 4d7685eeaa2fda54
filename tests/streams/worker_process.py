"""A real worker with levers, as a process.

    python -m tests.streams.worker_process SERVERS GROUP PREFIX FOLDER [ORDER…]

FOLDER gets its embedded store and state. Each message screened, and so durable, is a line `took PLACE`; each one
folded in again after a restart a line `again PARTITION@OFFSET`. Orders: `slow=SECONDS` waits before each message,
`break=PLACE` raises in the pipeline at the messages taken with that one.
"""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path

import msgspec

from manumit.connectors.kafka.reading import Message
from manumit.connectors.store.opening import open_store
from manumit.schemas.settings import Settings
from manumit.streams.agents import Member, run_worker
from manumit.streams.assembly import now_us
from manumit.streams.cluster import LEGS, Fanning, archive, screening
from manumit.streams.merging import Bundle
from manumit.streams.pipeline import Changes, Pipeline
from manumit.streams.screening import Screening

SESSION_S = 6.0  # the shortest a broker allows


class Injected(RuntimeError):
    """What no code of ours expects."""


class Orders(msgspec.Struct, kw_only=True):
    slow: float = 0.0
    break_at: str = ""
    places: list[str] = []


class LeveredScreening(Screening):
    """Says what it takes, and takes it slowly."""

    orders: Orders

    def take(self, messages: Sequence[Message]) -> None:
        time.sleep(self.orders.slow * len(messages))
        self.orders.places = [message.place for message in messages]
        super().take(messages)
        print("\n".join(f"took {place}" for place in self.orders.places), flush=True)


def fragile(take: object, orders: Orders) -> object:
    def taking(pipeline: Pipeline, bundle: Bundle) -> Changes:
        if orders.break_at in orders.places:
            raise Injected("a rule raises something unheard of")
        return take(pipeline, bundle)  # type: ignore[operator, no-any-return]  # Pipeline.take

    return taking


def main(servers: str, group: str, prefix: str, folder: Path, given: Sequence[str]) -> None:
    values = dict(order.split("=", 1) for order in given)
    orders = Orders(
        slow=float(values.get("slow", 0)),
        break_at=values.get("break", ""),
    )
    settings = Settings(
        store_url=values.get("store", f"embedded:{folder / 'store'}"),
        state_dir=str(folder / "state"),
        token_key_file=values.get("key", str(folder / "token.key")),
        snapshots=values.get("snapshots", ""),
        snapshot_every_s=float(values.get("every", 60)),
    )
    store = open_store(settings.store_url)
    stopping = threading.Event()
    Pipeline.take = fragile(Pipeline.take, orders)  # type: ignore[method-assign, assignment]  # the lever
    try:
        screen = screening(
            settings,
            store,
            servers=servers,
            group=group,
            prefix=prefix,
            clock=now_us,
            stopping=stopping,
            note=lambda what: print(f"note {what}", flush=True),
            rebuilding=lambda partition, offset, stop: print(f"again {partition}@{offset - 1}", flush=True),
        )
        levered = LeveredScreening(screen.bench)
        levered.orders = orders
        member = Member(
            servers=servers,
            group=group,
            archive=tuple(prefix + topic.name for topic in archive()),
            legs=prefix + LEGS,
            folder=folder / "state" / "faust",
            session_s=SESSION_S,
        )
        run_worker(member, Fanning(settings, servers=servers, prefix=prefix), levered, stopping)
    finally:
        store.close()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3], Path(sys.argv[4]), sys.argv[5:])
