"""A generated world, and the files it is kept in."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq

from manumit.connectors.world.table import transfers
from manumit.connectors.world.truth import PlantedCase, Twin
from manumit.schemas.account_event import AccountEvent
from manumit.schemas.customer import Customer
from manumit.schemas.label import Label
from manumit.schemas.listing import Listing
from manumit.schemas.transfer import Transfer


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """`transfers` is an Arrow table in file form, sorted by at_us; listings, customers and account events
    are sorted by at_us too. `twins` are innocents who stand near a rule."""

    seed: int
    scale: int
    transfers: pa.Table
    listings: tuple[Listing, ...]
    customers: tuple[Customer, ...]
    account_events: tuple[AccountEvent, ...]
    labels: tuple[Label, ...]
    truth: tuple[PlantedCase, ...]
    twins: tuple[Twin, ...]

    def each_transfer(self) -> Iterator[Transfer]:
        """Records in order, built as they are asked for."""
        return transfers(self.transfers)


def write(world: World, folder: Path) -> None:
    """transfers.parquet, listings, customers, account_events and labels .ndjson, truth.json and twins.json.

    Makes the folder and replaces files of these names. Raises OSError.
    """
    folder.mkdir(parents=True, exist_ok=True)
    pq.write_table(world.transfers, folder / "transfers.parquet", compression="zstd", row_group_size=131_072)
    _lines(folder / "listings.ndjson", world.listings)
    _lines(folder / "customers.ndjson", world.customers)
    _lines(folder / "account_events.ndjson", world.account_events)
    _lines(folder / "labels.ndjson", world.labels)
    _document(folder / "truth.json", world.truth)
    _document(folder / "twins.json", world.twins)


def _lines(path: Path, records: Sequence[msgspec.Struct]) -> None:
    path.write_bytes(msgspec.json.Encoder().encode_lines(records))


def _document(path: Path, records: Sequence[msgspec.Struct]) -> None:
    path.write_bytes(msgspec.json.format(msgspec.json.encode(records), indent=1) + b"\n")
