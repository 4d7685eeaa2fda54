"""An exchange's Parquet files by part: all rows of a customer stand in one part, each part in order of time.

customers/NN.parquet        snapshots of the part's customers
account_events/NN.parquet   what they did
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from manumit.detectors.customers.columns import EventColumns
from manumit.schemas.errors import ConfigError
from manumit.schemas.fields import YEAR_2200_US
from manumit.streams.account_columns import DICTIONARIES, NEEDED, event_columns
from manumit.streams.customer_columns import customer_columns


@dataclass(frozen=True, slots=True)
class Stretch:
    """Rows of a part in order of time; whatever follows in the part is not earlier than `until_us`.

    `customers` rows were made of snapshots; `events` is the table the others were made of.
    """

    columns: EventColumns
    until_us: int
    snapshots: int
    events: pa.Table | None = None


@dataclass(frozen=True, slots=True)
class PartFiles:
    customers: Path
    events: Path


def parts_of(folder: Path) -> tuple[PartFiles, ...]:
    """Raises ConfigError for a folder that is no exchange of parts."""
    events = sorted((folder / "account_events").glob("*.parquet"))
    found = tuple(PartFiles(folder / "customers" / path.name, path) for path in events)
    missing = [part.customers for part in found if not part.customers.is_file()]
    if not found or missing:
        raise ConfigError(f"{folder} holds no account_events/NN.parquet with customers/NN.parquet beside each")
    return found


class Snapshots:
    """A part's customers, handed out by time."""

    def __init__(self, path: Path) -> None:
        self._columns = customer_columns(pq.read_table(path, use_threads=False))
        self._used = 0

    def until(self, at_us: int) -> EventColumns | None:
        """Those not handed out yet and not later; None where there are none."""
        stop = int(np.searchsorted(self._columns.at_us, at_us, side="right"))
        if stop <= self._used:
            return None
        found = self._columns.part(self._used, stop).compacted()
        self._used = stop
        return found


def stretches(part: PartFiles) -> Iterator[Stretch]:
    """One for each row group of the events, and one more with the customers that come after them."""
    customers = Snapshots(part.customers)
    for events in tables(part.events):
        yield with_customers(customers, events)
    late = customers.until(YEAR_2200_US)
    if late is not None:
        yield Stretch(late, YEAR_2200_US, len(late.event_ids))


def tables(path: Path) -> Iterator[pa.Table]:
    with pq.ParquetFile(path, read_dictionary=list(DICTIONARIES)) as file:
        columns = [name for name in NEEDED if name in file.schema_arrow.names]
        for group in range(file.num_row_groups):
            found = file.read_row_group(group, columns=columns, use_threads=False)
            if found.num_rows:
                yield found


def with_customers(customers: Snapshots, events: pa.Table, until_us: int | None = None) -> Stretch:
    """A stretch of events with the snapshots that belong before or among them."""
    columns = event_columns(events)
    last_us = int(columns.at_us[-1]) if until_us is None else until_us
    known = customers.until(last_us)
    if known is None:
        return Stretch(columns, last_us, 0, events)
    return Stretch(known.joined(columns), last_us, len(known.event_ids), events)


def merged(lanes: Sequence[Iterator[Stretch]]) -> Iterator[EventColumns]:
    """The rows of all parts in order of time; at one moment the rows of the first part come first."""
    if len(lanes) == 1:
        yield from (stretch.columns for stretch in lanes[0])
        return
    held: list[EventColumns | None] = [None] * len(lanes)
    until = [0] * len(lanes)
    live = set(range(len(lanes)))
    while live:
        horizon_us = min(until[lane] for lane in live)
        for lane in sorted(live):
            if until[lane] <= horizon_us:
                _next(lanes[lane], lane, held, until, live)
        horizon_us = min((until[lane] for lane in live), default=YEAR_2200_US + 1)
        out = [_before(held, lane, horizon_us) for lane in range(len(lanes))]
        found = [columns for columns in out if columns is not None and len(columns)]
        if found:
            whole = found[0]
            for columns in found[1:]:
                whole = whole.joined(columns)
            yield whole


def _next(lane: Iterator[Stretch], number: int, held: list[Any], until: list[int], live: set[int]) -> None:
    stretch = next(lane, None)
    if stretch is None:
        live.discard(number)
        return
    until[number] = stretch.until_us
    left = held[number]
    held[number] = stretch.columns if left is None or not len(left) else left.joined(stretch.columns)


def _before(held: list[Any], lane: int, horizon_us: int) -> EventColumns | None:
    columns: EventColumns | None = held[lane]
    if columns is None:
        return None
    stop = int(np.searchsorted(columns.at_us, horizon_us, side="left"))
    held[lane] = columns.part(stop, len(columns)).compacted()
    return columns.part(0, stop)
