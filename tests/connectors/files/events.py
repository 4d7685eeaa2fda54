"""Invented events for the tests of file sources."""

from __future__ import annotations

import csv
import gzip
import io
import json
from collections.abc import Iterable, Sequence
from pathlib import Path

import msgspec
import pyarrow.parquet as pq
from hypothesis import strategies as st

from manumit.connectors.contract import Batch, Source
from manumit.connectors.files.own import Event
from manumit.schemas.addresses import BITCOIN, ETHEREUM, TRON, tron_text
from manumit.schemas.arrow import to_arrow
from manumit.schemas.base58 import encode_check
from manumit.schemas.fields import kinds_of
from manumit.schemas.transfer import Transfer
from manumit.schemas.wire import encode

DAY_US = 86_400_000_000
START_US = 1_600_000_000_000_000
TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), min_size=1, max_size=12)
ACCOUNTS = st.binary(min_size=20, max_size=20)


def transfer(number: int, *, at_us: int | None = None, **changes: object) -> Transfer:
    """The `number`th of a plain stream: one USDT each, a second apart."""
    plain = Transfer(
        chain=ETHEREUM,
        block_height=number,
        block_hash=f"0x{number:064x}",
        tx_hash=f"0x{number + 7:064x}",
        position=number % 100,
        at_us=START_US + number * 1_000_000 if at_us is None else at_us,
        seen_us=START_US + number * 1_000_000,
        sender=f"0x{number % 5:040x}",
        receiver=f"0x{number % 7 + 100:040x}",
        asset="0xdac17f958d2ee523a2206206994597c13d831ec7",
        amount=1_000_000 + number,
        decimals=6,
        amount_usd=1.0,
    )
    return msgspec.structs.replace(plain, **changes)


@st.composite
def transfers(draw: st.DrawFn) -> Transfer:
    """Any lawful transfer of a chain whose addresses can be checked."""
    chain = draw(st.sampled_from([ETHEREUM, "eip155:56", TRON, BITCOIN]))
    at_us = draw(st.integers(0, 3 * DAY_US))
    return Transfer(
        chain=chain,
        block_height=draw(st.integers(0, 2**63 - 1)),
        block_hash=draw(TEXT),
        tx_hash=draw(TEXT),
        position=draw(st.integers(0, 2**32 - 1)),
        at_us=at_us,
        seen_us=at_us,
        sender=address(chain, draw(ACCOUNTS)),
        receiver=address(chain, draw(ACCOUNTS)),
        asset=draw(st.sampled_from(["ETH", "0xdac17f958d2ee523a2206206994597c13d831ec7", "\u200bTOKEN"])),
        amount=draw(st.one_of(st.integers(0, 2**256 - 1), st.integers(0, 10**9))),
        decimals=draw(st.integers(0, 255)),
        amount_usd=draw(st.one_of(st.just(1.25), st.floats(0, 1e12))),
    )


def address(chain: str, account: bytes) -> str:
    """A canonical address of the chain."""
    if chain == TRON:
        return tron_text(account)
    return encode_check(b"\0" + account) if chain == BITCOIN else "0x" + account.hex()


def write_ndjson(path: Path, rows: Iterable[msgspec.Struct]) -> Path:
    """The wire form, one a line; gzip where the name says so."""
    raw = b"".join(encode(row) + b"\n" for row in rows)
    path.write_bytes(gzip.compress(raw) if path.suffix == ".gz" else raw)
    return path


def write_csv(path: Path, rows: Sequence[msgspec.Struct]) -> Path:
    """Cells as text; lists and nested values as JSON."""
    names = list(kinds_of(type(rows[0])))
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n", quoting=csv.QUOTE_ALL)
    writer.writerow(names)
    for row in rows:
        plain = msgspec.to_builtins(row)
        writer.writerow([cell(plain[name]) for name in names])
    path.write_bytes(text.getvalue().encode())
    return path


def cell(value: object) -> str:
    """One CSV cell."""
    if isinstance(value, list | tuple | dict):
        return json.dumps(value)
    return "" if value is None else repr(value) if isinstance(value, float) else str(value)


def write_parquet(path: Path, rows: Sequence[msgspec.Struct], *, group: int = 1000) -> Path:
    """The file form."""
    pq.write_table(to_arrow(type(rows[0]), rows), path, row_group_size=group)
    return path


def events_of(batches: Iterable[Batch]) -> list[Event]:
    """Every event, in the order given out."""
    found: list[Event] = []
    for batch in batches:
        if batch.transfers is not None:
            found += [batch.transfers.row(i) for i in range(len(batch.transfers))]
        found += [*batch.listings, *batch.customers, *batch.account_events, *batch.labels]
    return found


def letters_of(batches: Iterable[Batch]) -> list[tuple[str, str]]:
    """(place, reason) of every dead letter."""
    return [(letter.place, letter.reason) for batch in batches for letter in batch.dead_letters]


def rest_equals_after_every_position(source: Source) -> None:
    """Resuming behind any batch gives exactly what came after it."""
    whole = list(source.batches(None))
    for i, batch in enumerate(whole):
        rest = list(source.batches(batch.position))
        assert [b.position for b in rest] == [b.position for b in whole[i + 1 :]]
        assert events_of(rest) == events_of(whole[i + 1 :])
        assert [b.dead_letters for b in rest] == [b.dead_letters for b in whole[i + 1 :]]
