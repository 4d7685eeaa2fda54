"""A generated world on two chains as one file, and what reading that file directly gives."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from manumit.connectors.contract import Source
from manumit.connectors.files.survey import open_files
from manumit.connectors.rates import Rates, read_rates
from manumit.connectors.world.generate import generate
from manumit.connectors.world.world import write
from manumit.schemas.alert import Alert
from manumit.schemas.block import TransferBlock
from manumit.schemas.settings import Settings
from manumit.schemas.transfer import Transfer
from manumit.schemas.wire import decode_as, encode
from manumit.streams.assembly import letter_sealer, listing_reader, now_us, pipeline
from manumit.streams.replay import ReplayStore
from manumit.streams.runner import Desk, Runner, Totals
from tests.streams.stored import digest_of

OTHER_CHAIN = "eip155:8453"
LATER_US = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Town:
    """`file` holds `rows`; `totals` is what the runner makes of them, `stored` the digest of its alerts read back."""

    file: Path
    rows: tuple[Transfer, ...]
    totals: Totals
    stored: str

    def blocks(self, size: int) -> list[TransferBlock]:
        return [TransferBlock.of(self.rows[i : i + size]) for i in range(0, len(self.rows), size)]


def rates() -> Rates:
    return read_rates(())


def build_town(folder: Path, *, seed: int, scale: int) -> Town:
    """Every transfer of the world, and the same on another chain three microseconds later."""
    write(generate(seed, scale), folder)
    world = [row for source in open_files(folder / "transfers.parquet", rates()) for row in rows_of(source)]
    other = [msgspec.structs.replace(row, chain=OTHER_CHAIN, at_us=row.at_us + LATER_US) for row in world]
    rows = tuple(sorted([*world, *other], key=lambda row: row.at_us))
    file = folder / "two-chains.ndjson"
    file.write_bytes(b"\n".join(map(encode, rows)))
    kept = ReplayStore()
    totals = run(open_files(file, rates()), kept)
    return Town(file=file, rows=rows, totals=totals, stored=stored_digest(kept.alerts.values()))


def stored_digest(alerts: Iterable[Alert]) -> str:
    """The digest of alerts as a store gives them back: whole numbers among the thresholds have become floats."""
    return digest_of(decode_as(Alert, encode(alert)) for alert in alerts)


def rows_of(source: Source) -> list[Transfer]:
    blocks = [batch.transfers for batch in source.batches(None) if batch.transfers is not None]
    return [block.row(i) for block in blocks for i in range(len(block))]


def run(sources: Sequence[Source], store: ReplayStore) -> Totals:
    """The runner over these sources; only alerts and dead letters are kept."""
    settings = Settings()
    desk = Desk(
        store=store, clock=now_us, read=listing_reader(settings), seal=letter_sealer(settings), keep_events=False
    )
    return Runner(sources=sources, pipeline=pipeline(settings), desk=desk).run(threading.Event())
