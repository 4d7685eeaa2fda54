"""The stream every implementation reads: invented transfers as our own wire form, Parquet and blocks.

Heavy-tailed senders and receivers, a third of the payments repeating an earlier pair, and planted hubs,
structurers and pass-throughs, so that each of the three detectors has something to find. 100,000 transfers
a day; no two at the same microsecond, so that SQL's RANGE windows mean the same as our log order.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import pyarrow.parquet as parquet

from manumit.schemas.arrow import to_arrow
from manumit.schemas.block import MICRO_USD, Int64s
from manumit.schemas.transfer import Transfer
from manumit.schemas.wire import encode

CHAIN = "eip155:1"
ASSET = "0x" + "5a" * 20
START_US = 1_700_000_000_000_000
DAY_US = 86_400_000_000
TRANSFERS_A_DAY = 100_000
HUB_EVENTS = 4_000  # one hub among the senders, and one among the receivers, for so many transfers


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns:
    """n transfers: at_us, micro-USD, and account numbers of sender and receiver, all int64[n]."""

    at_us: Int64s
    usd_micro: Int64s
    sender: Int64s
    receiver: Int64s


@dataclass(frozen=True, kw_only=True)
class Stream:
    """The same transfers in every form; each is made once, before anything is timed."""

    columns: Columns
    folder: Path

    @cached_property
    def records(self) -> list[Transfer]:
        return list(records(self.columns))

    @cached_property
    def lines(self) -> list[bytes]:
        return [encode(record) for record in self.records]

    @cached_property
    def ndjson(self) -> bytes:
        return b"\n".join(self.lines) + b"\n"

    @cached_property
    def ndjson_file(self) -> Path:
        path = self.folder / "transfers.ndjson"
        path.write_bytes(self.ndjson)
        return path

    @cached_property
    def parquet_file(self) -> Path:
        path = self.folder / "transfers.parquet"
        parquet.write_table(to_arrow(Transfer, self.records), path, compression="zstd")
        return path

    def __len__(self) -> int:
        return len(self.columns.at_us)


def columns(events: int, accounts: int, seed: int = 1) -> Columns:
    """`events` transfers between at most `accounts` accounts."""
    dice = np.random.default_rng(seed)
    span = events * DAY_US // TRANSFERS_A_DAY
    at_us = START_US + np.sort(dice.integers(0, span, events)) + np.arange(events)
    sender, receiver = (dice.permutation(accounts)[_heavy(dice, events, accounts, head)] for head in (50, 20))
    repeated = np.flatnonzero(dice.random(events) < 0.3)
    earlier = (dice.random(len(repeated)) * repeated).astype(np.int64)
    sender[repeated], receiver[repeated] = sender[earlier], receiver[earlier]
    for side in (sender, receiver):
        hub = dice.random(events) < 0.02
        side[hub] = dice.integers(0, max(3, events // HUB_EVENTS), hub.sum())
    usd_micro = np.exp(dice.normal(17, 2, events)).astype(np.int64) + 1
    below = np.flatnonzero(dice.random(events) < 0.01)
    usd_micro[below] = dice.integers(9_000 * MICRO_USD, 10_000 * MICRO_USD, len(below))
    half = below[::2]
    sender[half] = dice.integers(0, max(1, len(half) // 8), len(half))
    _pass_through(dice, sender, receiver, usd_micro)
    receiver[sender == receiver] = (sender[sender == receiver] + 1) % accounts
    return Columns(at_us=at_us, usd_micro=usd_micro, sender=sender, receiver=receiver)


def _heavy(dice: np.random.Generator, events: int, accounts: int, head: int) -> Int64s:
    """Zipf ranks with exponent 0.9, the first `head` levelled."""
    weights = np.cumsum((np.arange(accounts) + head) ** -0.9)
    return np.searchsorted(weights / weights[-1], dice.random(events)).astype(np.int64)


def _pass_through(dice: np.random.Generator, sender: Int64s, receiver: Int64s, usd_micro: Int64s) -> None:
    """In 2 % of cases the next transfer hands on 95 % of this one, at least 2,000 USD."""
    first = np.flatnonzero(dice.random(len(sender) - 1) < 0.02)
    first = first[np.diff(first, prepend=-2) > 1]
    sender[first + 1] = receiver[first]
    usd_micro[first] = np.maximum(usd_micro[first], 2_000 * MICRO_USD)
    usd_micro[first + 1] = usd_micro[first] * 95 // 100


def address(account: int) -> str:
    """An invented address, spread over all twenty bytes as real ones are."""
    return f"0x{(account + 1) * 0x9E3779B97F4A7C15F39CC0605CEDC834_1082276F % 2**160:040x}"


def records(wanted: Columns) -> Iterator[Transfer]:
    dice = np.random.default_rng(2)
    cells = (column.tolist() for column in (wanted.at_us, wanted.usd_micro, wanted.sender, wanted.receiver))
    rows = zip(*cells, strict=True)
    for row, (at_us, usd_micro, sender, receiver) in enumerate(rows):
        yield Transfer(
            chain=CHAIN,
            block_height=19_000_000 + row // 150,
            block_hash=f"0x{(row // 150 + 1) * 0xC2B2AE3D27D4EB4F165667B19E3779F9 % 2**256:064x}",
            tx_hash="0x" + dice.bytes(32).hex(),
            position=row % 150,
            at_us=at_us,
            seen_us=at_us + 900_000,
            sender=address(sender),
            receiver=address(receiver),
            asset=ASSET,
            amount=usd_micro,
            decimals=6,
            amount_usd=usd_micro / MICRO_USD,
        )
