from __future__ import annotations

import gzip
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from manumit.connectors.contract import Source
from manumit.connectors.files.parquet_source import ParquetSource
from manumit.connectors.files.parquet_transfers import TransferFile
from manumit.connectors.files.survey import open_files
from manumit.connectors.files.text_source import TextSource
from manumit.connectors.rates import Rates
from manumit.schemas.account_event import AccountEvent
from manumit.schemas.addresses import TRON
from manumit.schemas.arrow import to_arrow
from manumit.schemas.block import TransferBlock
from manumit.schemas.customer import Customer
from manumit.schemas.errors import ConfigError
from manumit.schemas.label import Label
from manumit.schemas.listing import Listing, Price
from manumit.schemas.transfer import Transfer
from manumit.schemas.wire import encode
from tests.connectors.files.events import (
    START_US,
    events_of,
    letters_of,
    rest_equals_after_every_position,
    transfer,
    transfers,
    write_csv,
    write_ndjson,
    write_parquet,
)

NO_RATES = Rates(assets={})
OTHERS: tuple[msgspec.Struct, ...] = (
    Listing(
        source="board",
        listing_id="1",
        kind="job",
        at_us=START_US,
        seen_us=START_US,
        title='Waiter, "all paid"',
        text="line one\nline two, with comma\n",
        prices=(Price(amount="10", currency="EUR", per="hour"),),
        contacts=("token-a", "token-b"),
        price_usd=11.5,
    ),
    Customer(exchange="x", customer_id="c1", at_us=START_US, wallets=("w,1", "w2"), declared_income_usd=None),
    AccountEvent(
        exchange="x", account_event_id="e1", customer_id="c1", at_us=START_US, kind="deposit", note='said "rent"\n'
    ),
    Label(
        subject="eip155:1:0x" + "ab" * 20,
        category="mixer",
        name="a mixer",
        source="ours",
        confidence=0.5,
        valid_from_us=5,
    ),
)


def source_of(path: Path, rates: Rates = NO_RATES) -> Source:
    return open_files(path, rates)[0]


def small(source: Source, rows: int) -> Source:
    """The same source with short batches."""
    assert isinstance(source, TextSource | ParquetSource | TransferFile)
    return replace(source, rows=rows)


def write(form: str, folder: Path, rows: Sequence[msgspec.Struct]) -> Path:
    writers = {"ndjson": write_ndjson, "ndjson.gz": write_ndjson, "csv": write_csv, "parquet": write_parquet}
    return writers[form](folder / f"events.{form}", rows)


@pytest.mark.parametrize("form", ["ndjson", "ndjson.gz", "csv", "parquet"])
@settings(max_examples=25, deadline=None)
@given(rows=st.lists(transfers(), min_size=1, max_size=12))
def test_transfers_come_back_exactly(form: str, rows: list[Transfer]) -> None:
    rows = [msgspec.structs.replace(t, asset=t.asset.lower() if t.asset.startswith("0x") else t.asset) for t in rows]
    with TemporaryDirectory() as folder:
        batches = list(source_of(write(form, Path(folder), rows)).batches(None))
        assert letters_of(batches) == []
        assert events_of(batches) == sorted(rows, key=lambda t: t.at_us)


@pytest.mark.parametrize("form", ["ndjson", "csv", "parquet"])
@pytest.mark.parametrize("event", OTHERS, ids=lambda e: type(e).__name__)
def test_other_events_come_back_exactly(form: str, event: msgspec.Struct, tmp_path: Path) -> None:
    batches = list(source_of(write(form, tmp_path, [event])).batches(None))
    assert letters_of(batches) == []
    assert events_of(batches) == [event]


@settings(max_examples=40, deadline=None)
@given(st.lists(transfers(), min_size=1, max_size=30), st.integers(1, 7), st.integers(1, 9))
def test_parquet_blocks_equal_blocks_of_records(rows: list[Transfer], size: int, group: int) -> None:
    with TemporaryDirectory() as folder:
        path = write_parquet(Path(folder) / "t.parquet", rows, group=group)
        source = source_of(path)
        assert isinstance(source, TransferFile)
        for batch in small(source, size).batches(None):
            block = batch.transfers
            assert block is not None
            same = TransferBlock.of([block.row(i) for i in range(len(block))])
            assert block.at_us.tolist() == same.at_us.tolist()
            assert block.usd_micro.tolist() == same.usd_micro.tolist()
            assert block.op.tolist() == same.op.tolist()
            for i in range(len(block)):
                assert block.account(i, sender=True) == same.account(i, sender=True)
                assert block.account(i, sender=False) == same.account(i, sender=False)


@pytest.mark.parametrize("form", ["ndjson", "ndjson.gz", "csv", "parquet"])
@settings(max_examples=15, deadline=None)
@given(jitter=st.lists(st.integers(0, 5), min_size=1, max_size=40), size=st.integers(1, 9))
def test_resume_from_every_position(form: str, jitter: list[int], size: int) -> None:
    rows = [transfer(i, at_us=START_US + (i + wait) * 1_000_000) for i, wait in enumerate(jitter)]
    spoilt = [msgspec.structs.replace(r, sender="0xnone") if i % 11 == 5 else r for i, r in enumerate(rows)]
    with TemporaryDirectory() as folder:
        rest_equals_after_every_position(small(source_of(write(form, Path(folder), spoilt)), size))


BAD_LINES = [
    (b"not json", "malformed"),
    (b"[]", "malformed"),
    (b'"\xff"', "malformed"),
    (b"{}", "malformed"),
    (b"[" * 100_000, "malformed"),
    (encode(transfer(1)).replace(b'"amount":1000001', b'"amount":-1'), "absurd-amount"),
    (encode(transfer(1)).replace(b'"amount":1000001', b'"amount":1.5'), "absurd-amount"),
    (encode(transfer(1)).replace(b'"amount":1000001', b'"amount":%d' % 2**256), "absurd-amount"),
    (encode(transfer(1)).replace(b'"amount":1000001', b'"amount":' + b"9" * 6000), "absurd-amount"),
    (encode(transfer(1, amount_usd=-1.0)), "absurd-amount"),
    (encode(transfer(1)).replace(b'"at_us":16', b'"at_us":-16'), "bad-time"),
    (encode(transfer(1)).replace(b'"at_us":16', b'"at_us":9916'), "bad-time"),
    (encode(transfer(1, sender="0x5AAeb6053F3E94C9b9A09f33669435E7Ef1BeAed")), "bad-address"),
    (encode(transfer(1, chain=TRON)), "bad-address"),
    (encode(transfer(1)).replace(b"{", b'{"schema":"transfer.v9",', 1), "unknown-schema"),
    (encode(transfer(1)).replace(b"tx_hash", b"txhash"), "malformed"),
]


@pytest.mark.parametrize(("line", "reason"), BAD_LINES)
def test_a_bad_line_is_a_dead_letter_and_reading_goes_on(line: bytes, reason: str, tmp_path: Path) -> None:
    good = [transfer(i) for i in range(2)]
    path = tmp_path / "t.ndjson"
    path.write_bytes(encode(good[0]) + b"\n" + line + b"\n\n" + encode(good[1]) + b"\n")
    batches = list(source_of(path).batches(None))
    if line.startswith(b'{"chain":"tron') and reason == "bad-address":
        assert letters_of(batches) == []  # 0x is TRON's own other form
        return
    assert events_of(batches) == good
    assert letters_of(batches) == [(f"{tmp_path.name}/t.ndjson:2", reason)]
    letter = batches[0].dead_letters[0]
    assert letter.at_us == good[0].at_us
    assert letter.source == source_of(path).name


def test_lenient_where_nothing_is_guessed(tmp_path: Path) -> None:
    """Amounts as text, a schema name, and no seen_us."""
    raw = msgspec.json.decode(encode(transfer(3)), type=dict[str, object])
    raw |= {"amount": str(raw["amount"]), "schema": "transfer.v1"}
    del raw["seen_us"]
    (tmp_path / "t.ndjson").write_bytes(msgspec.json.encode(raw))
    batches = list(source_of(tmp_path / "t.ndjson").batches(None))
    assert events_of(batches) == [msgspec.structs.replace(transfer(3), seen_us=transfer(3).at_us)]


@pytest.mark.parametrize("form", ["ndjson", "csv", "parquet"])
def test_addresses_come_out_canonical_and_unpriced_transfers_priced(form: str, tmp_path: Path) -> None:
    mixed = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"
    path = write(form, tmp_path, [transfer(0, sender=mixed, amount_usd=None, amount=2_500_000), transfer(1)])
    batch = next(iter(source_of(path, Rates()).batches(None)))
    assert batch.transfers is not None
    assert batch.transfers.usd_micro.tolist() == [2_500_000, 1_000_000]
    assert batch.transfers.row(0).amount_usd == 2.5
    assert batch.transfers.account(0, sender=True) == f"eip155:1:{mixed.lower()}"


@pytest.mark.parametrize("form", ["ndjson", "csv", "parquet"])
@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"sender": "0xnone"}, "bad-address"),
        ({"receiver": ""}, "malformed"),
        ({"amount_usd": -2.0}, "absurd-amount"),
        ({"at_us": 2**60}, "bad-time"),
        ({"amount": 10**78}, "absurd-amount"),
    ],
)
def test_bad_rows_of_every_form(form: str, change: dict[str, Any], reason: str, tmp_path: Path) -> None:
    rows = [transfer(0), transfer(1, **change), transfer(2)]
    batches = list(source_of(write(form, tmp_path, rows)).batches(None))
    assert events_of(batches) == [rows[0], rows[2]]
    assert [r for _, r in letters_of(batches)] == [reason]


def test_a_truncated_gzip_keeps_its_good_lines(tmp_path: Path) -> None:
    rows = [transfer(i) for i in range(500)]
    packed = gzip.compress(b"".join(encode(r) + b"\n" for r in rows))
    path = tmp_path / "t.ndjson.gz"
    path.write_bytes(packed[: len(packed) // 2])
    batches = list(source_of(path).batches(None))
    found = events_of(batches)
    assert 0 < len(found) < 500
    assert found == rows[: len(found)]
    assert letters_of(batches) == [(f"{tmp_path.name}/t.ndjson.gz:{len(found) + 1}", "truncated")]


def test_a_file_that_ends_in_the_middle_of_a_line(tmp_path: Path) -> None:
    path = tmp_path / "t.ndjson"
    path.write_bytes(encode(transfer(0)) + b"\n" + encode(transfer(1))[:50])
    batches = list(source_of(path).batches(None))
    assert events_of(batches) == [transfer(0)]
    assert [r for _, r in letters_of(batches)] == ["truncated"]


def test_a_truncated_parquet_file_is_refused_with_the_reason(tmp_path: Path) -> None:
    path = write_parquet(tmp_path / "t.parquet", [transfer(0)])
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(ConfigError, match="no whole Parquet file"):
        open_files(path, NO_RATES)


def test_rows_taken_back_come_as_blocks_of_their_own(tmp_path: Path) -> None:
    rows = [transfer(0), transfer(1), transfer(1, op=-1), transfer(0, op=-1), transfer(0, block_hash="0xb")]
    for form in ("ndjson", "parquet"):
        batches = list(source_of(write(form, tmp_path, rows)).batches(None))
        assert [b.transfers.op.tolist() for b in batches if b.transfers] == [[1, 1], [-1, -1], [1]]
        assert events_of(batches) == rows


def test_parquet_of_other_writers(tmp_path: Path) -> None:
    """Plain text where we write dictionaries, integers where we write timestamps, large text."""
    rows = [transfer(i) for i in range(5)]
    table = to_arrow(Transfer, rows)
    table = table.set_column(0, "chain", table.column("chain").cast(pa.large_string()))
    place = table.column_names.index("at_us")
    table = table.set_column(place, "at_us", table.column("at_us").cast(pa.int64()))
    pq.write_table(table.drop_columns(["finality", "op"]), tmp_path / "t.parquet", store_schema=False)
    source = source_of(tmp_path / "t.parquet")
    assert isinstance(source, TransferFile)
    assert events_of(source.batches(None)) == rows


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=400), st.booleans(), st.booleans())
def test_any_bytes_give_only_dead_letters_or_a_clear_refusal(raw: bytes, packed: bool, after_good: bool) -> None:
    start = encode(transfer(0)) + b"\n" if after_good else b""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "x"
        path.write_bytes(gzip.compress(start + raw) if packed else start + raw)
        try:
            sources = open_files(path, NO_RATES)
        except ConfigError as error:
            assert not after_good
            assert "x" in str(error)
            return
        batches = [b for source in sources for b in source.batches(None)]
        assert after_good
        assert events_of(batches)[:1] == [transfer(0)]


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**6), st.binary(min_size=1, max_size=8))
def test_spoilt_csv_never_crashes(place: int, noise: bytes) -> None:
    with TemporaryDirectory() as folder:
        path = write_csv(Path(folder) / "t.csv", [transfer(i) for i in range(4)])
        raw = bytearray(path.read_bytes())
        at = place % len(raw)
        raw[at : at + len(noise)] = noise
        path.write_bytes(bytes(raw))
        try:
            sources = open_files(path, NO_RATES)
        except ConfigError:
            return
        for source in sources:
            list(source.batches(None))


@pytest.mark.parametrize(
    ("subject", "category", "reasons"),
    [
        ("place:9t", "corridor", []),
        ("place:XC", "corridor", []),
        ("place:9t", "sanctions", ["unusable-label"]),
        ("place:", "corridor", ["unusable-label"]),
        ("place:9t; drop", "corridor", ["unusable-label"]),
    ],
)
def test_a_corridor_may_be_a_place(subject: str, category: str, reasons: list[str], tmp_path: Path) -> None:
    path = tmp_path / "labels.ndjson"
    path.write_bytes(msgspec.json.encode({"subject": subject, "category": category, "source": "made-up"}) + b"\n")
    found = [batch for source in open_files(path, Rates()) for batch in source.batches(None)]
    assert [letter.reason for batch in found for letter in batch.dead_letters] == reasons
    assert [label.subject for batch in found for label in batch.labels] == [subject] * (not reasons)
