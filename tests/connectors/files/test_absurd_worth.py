"""Worth that no transfer can have is refused, the same by every way into the program."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import msgspec
import pytest

from manumit.connectors.files.survey import open_files
from manumit.connectors.rates import Rates
from manumit.schemas.account_event import AccountEvent
from manumit.schemas.listing import Listing
from manumit.schemas.transfer import Transfer
from manumit.schemas.wire import encode
from tests.connectors.files.events import (
    START_US,
    events_of,
    letters_of,
    transfer,
    write_csv,
    write_ndjson,
    write_parquet,
)

LARGEST, TOO_LARGE = 1e15, 1e15 + 1
USDT = {"amount_usd": None, "decimals": 6}
LAWFUL = (
    transfer(1, amount_usd=LARGEST),
    transfer(2, amount_usd=123456789012345.0),
    transfer(3, **USDT, amount=10**21),
)
ABSURD = (
    transfer(4, amount_usd=TOO_LARGE),
    transfer(5, amount_usd=1e300),
    transfer(6, **USDT, amount=10**22),
)


def write_spaced(path: Path, rows: Sequence[msgspec.Struct]) -> Path:
    """Not as we spell it, so that every line is read by itself."""
    path.write_bytes(b"".join(encode(row).replace(b'{"', b'{ "', 1) + b"\n" for row in rows))
    return path


WAYS = {"fast.ndjson": write_ndjson, "slow.ndjson": write_spaced, "t.csv": write_csv, "t.parquet": write_parquet}


@pytest.mark.parametrize("name", WAYS)
@pytest.mark.parametrize("rows", [(*LAWFUL, *ABSURD), *((row,) for row in (*LAWFUL, *ABSURD))])
def test_transfers(tmp_path: Path, name: str, rows: Sequence[Transfer]) -> None:
    (source,) = open_files(WAYS[name](tmp_path / name, rows), Rates())
    batches = list(source.batches(None))
    read = [row.event_id for row in events_of(batches) if isinstance(row, Transfer)]
    assert read == [row.event_id for row in rows if row in LAWFUL]
    assert [reason for _, reason in letters_of(batches)] == ["absurd-amount" for row in rows if row in ABSURD]


@pytest.mark.parametrize("name", WAYS)
@pytest.mark.parametrize(
    "row",
    [
        Listing(source="b", listing_id="1", at_us=START_US, seen_us=START_US, price_usd=TOO_LARGE),
        AccountEvent(
            exchange="x", account_event_id="1", customer_id="c", at_us=START_US, kind="deposit", amount_usd=1e300
        ),
    ],
    ids=lambda row: type(row).__name__,
)
def test_other_events(tmp_path: Path, name: str, row: msgspec.Struct) -> None:
    (source,) = open_files(WAYS[name](tmp_path / name, [row]), Rates())
    batches = list(source.batches(None))
    assert (events_of(batches), [reason for _, reason in letters_of(batches)]) == ([], ["absurd-amount"])
