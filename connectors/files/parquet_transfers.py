"""Our own transfers in Parquet: the fast way in.

Only the columns the engine reads are decoded, straight into a TransferBlock; `row(i)` decodes a whole
record when somebody asks. A run of rows in which anything looks wrong is read again row by row, so
that each bad row gets its own dead letter and the good ones stay.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa

from manumit.connectors.contract import Batch
from manumit.connectors.files.arrow_columns import (
    are_amounts,
    are_evm,
    codes,
    distinct,
    is_text,
    micro_usds,
    microseconds,
    text_column,
    usd_floats,
)
from manumit.connectors.files.batching import batch_of, op_of, time_of
from manumit.connectors.files.beginning import parquet_beginning, unsealed
from manumit.connectors.files.order import Item, in_order, run_length
from manumit.connectors.files.own import TRANSFER, is_canonical, own_event
from manumit.connectors.files.parquet_record import WholeRecords, null_count
from manumit.connectors.files.parquet_source import RowPlace, groups_behind, row_letter, rows_behind
from manumit.connectors.files.parquet_usd import usd_worth
from manumit.connectors.files.shapes import OWN_SHAPES, FoundFile
from manumit.connectors.files.table import open_parquet
from manumit.connectors.rates import Rates
from manumit.schemas.block import Floats, Int8s, Int64s, TransferBlock
from manumit.schemas.errors import BadRecord
from manumit.schemas.fields import MAX_USD, YEAR_1970_US, YEAR_2200_US, KindName, kinds_of
from manumit.schemas.transfer import Transfer

ROWS_IN_BATCH = 65_536
WINDOW_RUNS = 4
TEXTS = ("chain", "sender", "receiver", "amount")
REQUIRED = frozenset(f.name for f in msgspec.structs.fields(Transfer) if f.required)
ADDRESSES_REMEMBERED = 1_000_000
"""Checked addresses of one chain kept while reading, so that each costs its checksum once."""


def is_fast(schema: Any) -> bool:
    """True when a Parquet schema has every column of a transfer in a form this file can read."""
    types = {name: schema.field(name).type for name in schema.names}
    if not types.keys() >= REQUIRED:
        return False
    kinds = kinds_of(Transfer)
    return all(is_readable(kinds[name], kind) for name, kind in types.items() if name in kinds)


def is_readable(kind: KindName, arrow: Any) -> bool:
    """True when an Arrow type holds a field kind without loss."""
    if kind == "time":
        return bool(arrow == pa.int64() or (pa.types.is_timestamp(arrow) and arrow.unit == "us"))
    if kind == "usd":
        return bool(pa.types.is_float64(arrow))
    return is_text(arrow) if kind in ("text", "word", "uint256") else bool(pa.types.is_integer(arrow))


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferFile:
    """One Parquet file of transfers whose schema `is_fast`. `rows` is the longest batch."""

    path: Path
    name: str
    rates: Rates
    rows: int = ROWS_IN_BATCH

    @property
    def live(self) -> bool:
        return False

    def total(self) -> int | None:
        """Rows in the file."""
        return int(open_parquet(self.path).metadata.num_rows)

    def done(self, position: str) -> int:
        """Rows read at a position."""
        return RowPlace.of(unsealed(position)).row

    def batches(self, after: str | None) -> Iterator[Batch]:
        """Raises EdgeDown when the file is away, ConfigError for a position of another file."""
        beginning = parquet_beginning(self.path)
        return beginning.sealed(self.read(RowPlace.of(beginning.checked(after, self.done))), self.done)

    def read(self, place: RowPlace) -> Iterator[Batch]:
        """Every batch behind `place`."""
        parquet = open_parquet(self.path)
        records = WholeRecords(parquet=parquet, rates=self.rates)
        reader = RunReader(path=self.path, name=self.name, rates=self.rates, parquet=parquet, records=records)
        for run in table_runs(reader.tables(place.row, self.rows), self.rows):
            batch, place = reader.batch(run, place)
            yield batch


def table_runs(tables: Iterator[Any], size: int) -> Iterator[Any]:
    """Arrow tables of about `size` rows, cut as `order.runs` cuts. Pure."""
    window = WINDOW_RUNS * size
    held: Any = None
    for table in tables:
        held = table if held is None else pa.concat_tables([held, table])
        while held.num_rows >= window:
            cut = next_cut(held.slice(0, window), size, ended=False)
            yield held.slice(0, cut)
            held = held.slice(cut)
    while held is not None and held.num_rows:
        cut = next_cut(held, size, ended=True)
        yield held.slice(0, cut)
        held = held.slice(cut)


def next_cut(window: Any, size: int, *, ended: bool) -> int:
    """Where the next run of this window ends."""
    return run_length(microseconds(window.column("at_us")), ops(window), size, ended=ended)


def ops(table: Any) -> Int8s:
    """int8[n]; absent or null is +1."""
    if "op" not in table.column_names:
        return np.ones(table.num_rows, np.int8)
    column = table.column("op")
    filled = column.fill_null(1) if column.null_count else column
    return np.asarray(filled.to_numpy()).astype(np.int8)


@dataclass(slots=True, kw_only=True)
class RunReader:
    """What one reading of a file keeps: the open file, and the addresses whose checksums it has seen."""

    path: Path
    name: str
    rates: Rates
    parquet: Any
    records: WholeRecords
    good: dict[str, set[str]] = field(default_factory=dict)

    def tables(self, start: int, size: int) -> Iterator[Any]:
        """The engine's columns from row `start` on."""
        names = set(self.parquet.schema_arrow.names)
        wanted = [*TEXTS, "at_us", *(n for n in ("amount_usd", "op") if n in names), "asset", "decimals"]
        wanted = wanted if self.may_lack_usd() else wanted[:-2]
        groups, skipped = groups_behind(self.parquet, start)
        for batch in self.parquet.iter_batches(batch_size=size, row_groups=groups, columns=wanted) if groups else ():
            part, skipped = batch.slice(skipped), max(0, skipped - batch.num_rows)
            if part.num_rows:
                yield pa.Table.from_batches([part])

    def may_lack_usd(self) -> bool:
        """False when the file's statistics say that every row has its USD worth, or no asset has a price."""
        return bool(self.rates.assets) and null_count(self.parquet, "amount_usd") != 0

    def batch(self, run: Any, place: RowPlace) -> tuple[Batch, RowPlace]:
        """The batch of one run, which begins behind `place`."""
        usd = usd_worth(run, self.rates) if self.is_clean(run) else None
        if usd is None or bool((usd > MAX_USD).any()):
            return self.slow_batch(run.num_rows, place)
        at_us, op = microseconds(run.column("at_us")), ops(run)
        order = None if op[0] < 0 or bool(np.all(at_us[1:] >= at_us[:-1])) else np.argsort(at_us, kind="stable")
        stop = RowPlace(row=place.row + run.num_rows, at_us=int(at_us[-1]), op=int(op[0]))
        return Batch(position=str(stop), transfers=self.block(run, usd, place.row, order)), stop

    def block(self, run: Any, usd: Floats, first: int, order: Int64s | None) -> TransferBlock:
        """The run's columns, `usd` float64[n]; `order` sorts it, None where it is sorted."""
        table = run if order is None else run.take(pa.array(order))
        chains, chain = codes(table.column("chain"))
        rows = np.arange(run.num_rows) if order is None else order
        record = self.records.transfer
        return TransferBlock(
            at_us=microseconds(table.column("at_us")),
            usd_micro=micro_usds(usd if order is None else usd[order]),
            chains=chains,
            chain=chain,
            sender=text_column(table.column("sender")),
            receiver=text_column(table.column("receiver")),
            op=ops(table),
            row=lambda i: record(first + int(rows[i])),
        )

    def is_clean(self, run: Any) -> bool:
        """False when any row must be looked at by itself."""
        nullable = ("amount_usd", "op")
        if any(run.column(n).null_count for n in run.column_names if n not in nullable):
            return False
        if any(null_count(self.parquet, name) != 0 for name in REQUIRED - set(run.column_names)):
            return False
        at_us, op = microseconds(run.column("at_us")), ops(run)
        in_time = at_us.min() >= YEAR_1970_US and at_us.max() <= YEAR_2200_US
        usd = usd_floats(run.column("amount_usd")) if "amount_usd" in run.column_names else np.zeros(1)
        lawful = not bool(np.isinf(usd).any() or (usd < 0).any()) and bool(np.isin(op, (1, -1)).all())
        return bool(in_time) and lawful and are_amounts(run.column("amount")) and self.are_addresses(run)

    def are_addresses(self, run: Any) -> bool:
        """True when every sender and receiver is canonical for its chain."""
        chains, chain = codes(run.column("chain"))
        present = np.unique(chain)
        if all(chains[c].startswith("eip155:") for c in present):
            return are_evm(run.column("sender")) and are_evm(run.column("receiver"))
        parts = [(chains[c], run.filter(pa.array(chain == c))) for c in present]
        return all(self.are_of(name, part.column(side)) for name, part in parts for side in ("sender", "receiver"))

    def are_of(self, chain: str, column: Any) -> bool:
        """True when every text is a canonical address of this chain."""
        if chain.startswith("eip155:"):
            return are_evm(column)
        good = self.good.setdefault(chain, set())
        if len(good) > ADDRESSES_REMEMBERED:
            good.clear()
        for text in distinct(column):
            if text not in good and not is_canonical(chain, text):
                return False
            good.add(text)
        return True

    def slow_batch(self, count: int, place: RowPlace) -> tuple[Batch, RowPlace]:
        """The same rows, one by one."""
        file = FoundFile(path=self.path, form="parquet", shape=OWN_SHAPES[0], columns=frozenset())
        items = []
        for row, fields in enumerate(islice(rows_behind(self.parquet, file, place.row), count), place.row + 1):
            item, place = self.slow_item(fields, row, place)
            items.append(item)
        return batch_of(str(place), in_order(items)), place

    def slow_item(self, fields: Any, row: int, before: RowPlace) -> tuple[Item, RowPlace]:
        """One row as an item."""
        event, letter = None, None
        try:
            event = own_event(TRANSFER, fields, self.rates)
        except BadRecord as error:
            letter = row_letter(self.name, row, error, fields, before.at_us, TRANSFER.schema)
        place = RowPlace(row=row, at_us=time_of(event, before.at_us), op=op_of(event, before.op))
        return Item(str(place), place.at_us, event or letter, place.op), place
