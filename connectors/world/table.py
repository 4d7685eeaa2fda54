"""The transfers of a world as one Arrow table in file form (`schemas.transfer`), and back as records."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from manumit.connectors.world.clock import BLOCK, START_US
from manumit.connectors.world.hashes import CHAIN, address, hash_column, hex_texts
from manumit.connectors.world.ledger import INNOCENT, Accounts, Payments
from manumit.schemas.arrow import arrow_schema
from manumit.schemas.block import Int64s
from manumit.schemas.transfer import NATIVE_POSITION, Transfer

NATIVE_ASSET = "ETH"
STABLE_DECIMALS = 6
NATIVE_DECIMALS = 18
GWEI_ZEROS = "0" * 9  # native amounts are drawn in gwei
SCHEMA = arrow_schema(Transfer)


def stable_asset(seed: int) -> str:
    """The contract of the world's one stablecoin, worth one USD."""
    return address(seed, "stablecoin", 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mined:
    """Payments in the order of the chain. height, position: int64[n]."""

    payments: Payments
    height: Int64s
    position: Int64s


def mine(payments: Payments) -> Mined:
    """Put payments into blocks of 12 s: a payment enters the first block at or after its moment."""
    height = -(-payments.at // BLOCK)
    order = np.lexsort((payments.native, height))  # native value stands behind the logs of its block
    height, payments = height[order], payments.where(order)
    changed = np.flatnonzero(np.diff(height, prepend=-1))
    within = np.arange(len(height)) - np.repeat(changed, np.diff(changed, append=len(height)))
    return Mined(payments=payments, height=height, position=within + NATIVE_POSITION * payments.native)


def transfer_table(seed: int, accounts: Accounts, mined: Mined) -> pa.Table:
    """n rows of `SCHEMA`, sorted by at_us."""
    payments, count = mined.payments, len(mined.height)
    at_us = START_US + mined.height * BLOCK
    addresses = pa.array(accounts.addresses, pa.string())
    delay = np.arange(count) * 7_919 % 2_900_000 + 100_000  # a node sees a block 0.1 to 3 s after its time
    columns = [
        _word([CHAIN], np.zeros(count, np.int32)),
        pa.array(mined.height.astype(np.uint64)),
        hex_texts(hash_column(seed, "block", mined.height.astype(np.uint64))),
        hex_texts(hash_column(seed, "transaction", np.arange(count, dtype=np.uint64))),
        pa.array(mined.position.astype(np.uint32)),
        pa.array(at_us).cast(SCHEMA.field("at_us").type),
        pa.array(at_us + delay).cast(SCHEMA.field("seen_us").type),
        addresses.take(pa.array(payments.sender)),
        addresses.take(pa.array(payments.receiver)),
        _word([stable_asset(seed), NATIVE_ASSET], payments.native.astype(np.int32)),
        _base_units(payments),
        pa.array(np.where(payments.native, NATIVE_DECIMALS, STABLE_DECIMALS).astype(np.uint8)),
        pa.array(payments.amount / 1e6, mask=payments.native),
        pa.array(np.ones(count, np.int8)),
        _word(["final"], np.zeros(count, np.int32)),
    ]
    return pa.Table.from_arrays(columns, schema=SCHEMA)


def transfers(table: pa.Table) -> Iterator[Transfer]:
    """The rows as records, some thousand at a time in memory."""
    for batch in table.to_batches(max_chunksize=8192):
        columns = {name: batch.column(name) for name in batch.schema.names}
        for name in ("at_us", "seen_us"):
            columns[name] = columns[name].cast(pa.int64())
        lists = [column.to_pylist() for column in columns.values()]
        for row in zip(*lists, strict=True):
            values = dict(zip(columns, row, strict=True))
            yield Transfer(**{**values, "amount": int(values["amount"])})


def case_events(table: pa.Table, mined: Mined, cases: int) -> list[list[str]]:
    """For each case number, the event ids of its transfers in the order of the chain."""
    events: list[list[str]] = [[] for _ in range(cases)]
    rows = np.flatnonzero(mined.payments.case != INNOCENT)
    some = list(transfers(table.take(pa.array(rows))))
    for number, transfer in zip(mined.payments.case[rows].tolist(), some, strict=True):
        events[number].append(transfer.event_id)
    return events


def _word(words: list[str], codes: np.ndarray[tuple[int], np.dtype[np.int32]]) -> pa.Array:
    return pa.DictionaryArray.from_arrays(pa.array(codes), pa.array(words, pa.string()))


def _base_units(payments: Payments) -> pa.Array:
    zeros = pa.array(["", GWEI_ZEROS]).take(pa.array(payments.native.astype(np.int32)))
    return pc.binary_join_element_wise(pa.array(payments.amount).cast(pa.string()), zeros, "")
