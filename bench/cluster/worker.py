"""A worker as users run it, in a process that notes when its alerts could be seen.

    python -m bench.cluster.worker SERVERS PREFIX FOLDER STORE_URL

Each line of its output is a `Took`: JSON.
"""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from bench.cluster.load import now_us
from bench.cluster.took import Took, say
from manumit.connectors.contract import Store
from manumit.connectors.store.opening import open_store
from manumit.schemas.alert import Alert
from manumit.schemas.settings import Settings
from manumit.streams.agents import Member, run_worker
from manumit.streams.cluster import LEGS, Fanning, archive, screening


class NotingStore:
    """A store that says which alerts a write that has returned made visible."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._transfers = 0

    def migrate(self) -> tuple[str, ...]:
        return self._store.migrate()

    def query(self, sql: str, parameters: Mapping[str, Any] | None = None) -> list[dict[str, Any]]:
        return self._store.query(sql, parameters)

    def close(self) -> None:
        self._store.close()

    def write(self, table: str, rows: Sequence[msgspec.Struct]) -> None:
        self._store.write(table, rows)
        if table == "transfers":
            self._transfers += len(rows)
        if table == "alerts":  # the last of each write
            newest = [row.last_us for row in rows if isinstance(row, Alert)]
            say(Took(at_us=now_us(), events=self._transfers, cpu_s=time.process_time(), alerts=newest))


def main(servers: str, prefix: str, folder: Path, url: str) -> None:
    settings = Settings(
        store_url=url,
        state_dir=str(folder / "state"),
        token_key_file=str(folder / "token.key"),
        snapshots=str(folder / "snapshots"),
    )
    stopping = threading.Event()
    store = NotingStore(open_store(url))
    group = prefix + "ours"
    screen = screening(settings, store, servers=servers, group=group, prefix=prefix, clock=now_us, stopping=stopping)
    member = Member(
        servers=servers,
        group=group,
        archive=tuple(prefix + topic.name for topic in archive()),
        legs=prefix + LEGS,
        folder=folder / "faust",
    )
    fan = Fanning(settings, servers=servers, prefix=prefix)
    say(Took(at_us=now_us(), events=0, cpu_s=time.process_time(), alerts=[]))
    run_worker(member, fan, screen, stopping)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], Path(sys.argv[3]), sys.argv[4])
