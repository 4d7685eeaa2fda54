"""Consoles over a real embedded store, in a process of their own.

Usage: `python -m tests.console.desk_process FOLDER`. Takes one JSON order a line on stdin and answers
one JSON line: open (a fresh database behind a console of its own), write, query, clear,
down and up (the server alone).
"""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from queue import Queue
from typing import Any

import msgspec

from manumit.connectors.contract import Store
from manumit.connectors.store.embedded import EmbeddedStore
from manumit.connectors.store.engine import Engine
from manumit.console.app import make_app
from manumit.console.desk import Snapshot
from manumit.console.serving import listen, serve
from manumit.schemas.account_event import AccountEvent
from manumit.schemas.alert import Alert
from manumit.schemas.customer import Customer
from manumit.schemas.dead_letter import DeadLetter
from manumit.schemas.label import Label
from manumit.schemas.listing import Listing
from manumit.schemas.transfer import Transfer
from manumit.schemas.triage import Suppression, TriageAction

TOKEN = "invented-token-for-tests"  # noqa: S105 - invented
PROTECTION_TOKEN = "another-invented-token-for-tests"  # noqa: S105 - invented
TABLES: dict[str, type[msgspec.Struct]] = {
    "alerts": Alert,
    "transfers": Transfer,
    "listings": Listing,
    "account_events": AccountEvent,
    "customers": Customer,
    "dead_letters": DeadLetter,
    "labels": Label,
    "triage_actions": TriageAction,
    "suppressions": Suppression,
}


class Served:
    """A console in a thread of its own, over one store. It can go down and come up again on the same port."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.port = 0
        self._stop = threading.Event()
        self._thread = threading.Thread()

    def up(self) -> None:
        app = make_app(
            self.store,
            TOKEN,
            clock=now_us,
            snapshot=snapshot,
            protection_token=PROTECTION_TOKEN,
            customers_s=0.0,
            poll_s=0.1,
            heartbeat_s=0.5,
        )
        listening: Queue[int] = Queue()
        self._stop = threading.Event()
        arguments = (app, listen("127.0.0.1", self.port), lambda _, port: listening.put(port), self._stop)
        self._thread = threading.Thread(target=serve, args=arguments)
        self._thread.start()
        self.port = listening.get(timeout=20)

    def down(self) -> None:
        self._stop.set()
        self._thread.join()


class Consoles:
    """One console for each database opened."""

    def __init__(self, folder: Path) -> None:
        self._engine = Engine(folder)
        self._served: dict[str, Served] = {}

    def open(self, database: str) -> dict[str, Any]:
        store = EmbeddedStore(self._engine, database=database, on_close=lambda: None)
        store.migrate()
        self._served[database] = Served(store)
        return self.up(database)

    def up(self, database: str) -> dict[str, Any]:
        self._served[database].up()
        return {"url": f"http://127.0.0.1:{self._served[database].port}"}

    def down(self, database: str) -> dict[str, Any]:
        self._served[database].down()
        return {}

    def write(self, database: str, table: str, rows: list[Any]) -> dict[str, Any]:
        records = [msgspec.convert(row, TABLES[table]) for row in rows]
        self._served[database].store.write(table, records)
        return {"written": len(records)}

    def clear(self, database: str) -> dict[str, Any]:
        for table in (*TABLES, "access_records"):
            self._served[database].store.query(f"TRUNCATE TABLE {table}")
        return {}

    def query(self, database: str, sql: str) -> dict[str, Any]:
        return {"rows": self._served[database].store.query(sql)}

    def close(self) -> None:
        for served in self._served.values():
            served.down()
            served.store.close()
        self._engine.close()


def now_us() -> int:
    return time.time_ns() // 1_000


def snapshot() -> Snapshot:
    return Snapshot(progress={"events": 4321})


def main() -> None:
    consoles = Consoles(Path(sys.argv[1]))
    orders: dict[str, Callable[..., dict[str, Any]]] = {
        "open": consoles.open,
        "write": consoles.write,
        "query": consoles.query,
        "clear": consoles.clear,
        "down": consoles.down,
        "up": consoles.up,
    }
    for line in sys.stdin:
        order = msgspec.json.decode(line)
        result = orders[order.pop("do")](**order)
        sys.stdout.write(msgspec.json.encode(result).decode() + "\n")
        sys.stdout.flush()
    consoles.close()


if __name__ == "__main__":
    main()
