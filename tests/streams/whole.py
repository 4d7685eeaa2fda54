"""A world of every kind of record as one folder, and what one machine makes of it."""

from __future__ import annotations

import shutil
import threading
from dataclasses import dataclass
from pathlib import Path

from manumit.connectors.contract import Source
from manumit.connectors.files.survey import open_files
from manumit.schemas.settings import Settings
from manumit.streams.assembly import listing_reader, now_us, pipeline
from manumit.streams.replay import ReplayStore
from manumit.streams.runner import Desk, Runner
from tests.streams.town import Town, rates, stored_digest


@dataclass(frozen=True, slots=True, kw_only=True)
class Whole:
    """`digest` is one machine's, `stored` that of its alerts read back from a store; `key` the token key's file."""

    folder: Path
    key: Path
    digest: str
    stored: str
    alerts: int
    detectors: frozenset[str]

    def sources(self) -> list[Source]:
        return open_files(self.folder, rates())


def build_whole(town: Town, folder: Path, key: Path) -> Whole:
    for name in ("two-chains", "listings", "customers", "account_events", "labels"):
        shutil.copy(town.file.parent / f"{name}.ndjson", folder)
    settings = Settings(token_key_file=str(key))
    store = ReplayStore()
    desk = Desk(store=store, clock=now_us, read=listing_reader(settings), keep_events=False)
    totals = Runner(sources=open_files(folder, rates()), pipeline=pipeline(settings), desk=desk).run(threading.Event())
    return Whole(
        folder=folder,
        key=key,
        digest=totals.digest.hex,
        stored=stored_digest(store.alerts.values()),
        alerts=totals.alerts,
        detectors=frozenset(alert.detector for alert in store.alerts.values()),
    )
