"""Exports of ethereum-etl and GraphSense: real data where they are here, small invented files where not."""

from __future__ import annotations

import csv
import gzip
from base64 import b64decode, b64encode
from pathlib import Path
from typing import Any

import msgspec
import pytest

from manumit.connectors.files.etl import TRANSFER_TOPIC, Reading, log_transfer, native_transfer, time_us, token_transfer
from manumit.connectors.files.survey import open_files, survey
from manumit.connectors.rates import Rates, read_rates
from manumit.schemas.addresses import TRON, tron_text
from manumit.schemas.errors import BadRecord, ConfigError
from manumit.schemas.transfer import NATIVE_POSITION, Transfer
from tests.connectors.files.events import events_of, letters_of, rest_equals_after_every_position

READING = Reading(chain="eip155:1", rates=Rates())
HASH = "0x" + "ab" * 32
ALICE, BOB = "0x" + "0a" * 20, "0x" + "0b" * 20
USDT = "0xdac17f958d2ee523a2206206994597c13d831ec7"
TRANSACTION: dict[str, Any] = {
    "transaction_hash": HASH,
    "block_number": "7",
    "block_hash": HASH,
    "block_timestamp": "1595302464",
    "transaction_index": "3",
    "from_address": ALICE,
    "to_address": BOB,
    "value": "804264913889669500",
}
LOG: dict[str, Any] = {
    "transaction_hash": HASH,
    "log_index": 5,
    "block_number": 7,
    "block_timestamp": 1595302464,
    "address": USDT,
    "data": f"0x{2_500_000:064x}",
    "topics": [TRANSFER_TOPIC, "0x" + "0" * 24 + ALICE[2:], "0x" + "0" * 24 + BOB[2:]],
}


def transfers_of(path: Path, rates: Rates | None = None, chain: str = "eip155:1") -> list[Transfer]:
    """Every transfer of a path, none of whose rows is bad."""
    found: list[Transfer] = []
    for source in open_files(path, rates or Rates(), chain=chain):
        batches = list(source.batches(None))
        assert letters_of(batches) == []
        found += [e for e in events_of(batches) if isinstance(e, Transfer)]
    return found


def test_native_value_is_exact_and_stands_behind_the_logs() -> None:
    transfer = native_transfer(TRANSACTION, READING)
    assert transfer is not None
    assert (transfer.amount, transfer.position) == (804264913889669500, NATIVE_POSITION + 3)
    assert (transfer.asset, transfer.decimals, transfer.amount_usd) == ("ETH", 18, None)
    assert transfer.at_us == 1595302464_000_000


@pytest.mark.parametrize(
    "change",
    [
        {"to_address": ""},
        {"to_address": None},
        {"value": "0"},
        {"value": 0},
        {"receipt_status": "0"},
        {"receipt_status": 0},
        {"receipt_status": "0x0"},
    ],
)
def test_transactions_that_move_nothing_are_passed_over(change: dict[str, Any]) -> None:
    assert native_transfer(TRANSACTION | change, READING) is None


@pytest.mark.parametrize("change", [{"receipt_status": 1}, {"receipt_status": ""}, {"receipt_status": None}])
def test_transactions_that_succeeded_count(change: dict[str, Any]) -> None:
    assert native_transfer(TRANSACTION | change, READING) is not None


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"value": "1e18"}, "absurd-amount"),
        ({"value": "1.5"}, "absurd-amount"),
        ({"value": -1}, "absurd-amount"),
        ({"value": 1.0}, "absurd-amount"),
        ({"value": True}, "malformed"),
        ({"value": "12abc"}, "malformed"),
        ({"value": ""}, "malformed"),
        ({"value": str(2**256)}, "absurd-amount"),
        ({"block_timestamp": "soon"}, "bad-time"),
        ({"block_timestamp": "-1"}, "bad-time"),
        ({"block_timestamp": str(10**12)}, "bad-time"),
        ({"block_timestamp": ""}, "bad-time"),
        ({"from_address": "0x1"}, "bad-address"),
        ({"from_address": None}, "malformed"),
        ({"transaction_hash": "zz"}, "malformed"),
        ({"transaction_index": "4294967295"}, "malformed"),
        ({"block_number": ""}, "malformed"),
    ],
)
def test_transactions_that_cannot_be_read(change: dict[str, Any], reason: str) -> None:
    with pytest.raises(BadRecord) as caught:
        native_transfer(TRANSACTION | change, READING)
    assert caught.value.reason == reason


def test_largest_amount() -> None:
    transfer = native_transfer(TRANSACTION | {"value": str(2**256 - 1)}, READING)
    assert transfer is not None
    assert transfer.amount == 2**256 - 1


def test_an_erc20_log() -> None:
    transfer = log_transfer(LOG, READING)
    assert transfer is not None
    assert (transfer.sender, transfer.receiver, transfer.asset) == (ALICE, BOB, USDT)
    assert (transfer.amount, transfer.decimals, transfer.amount_usd) == (2_500_000, 6, 2.5)
    assert (transfer.position, transfer.block_hash) == (5, "")


@pytest.mark.parametrize(
    "change",
    [
        {"topics": [*LOG["topics"], "0x" + "0" * 63 + "1"], "data": "0x"},
        {"topics": [*LOG["topics"], "0x" + "0" * 63 + "1"]},
        {"data": "0x"},
        {"data": LOG["data"] + "00" * 32},
        {"data": LOG["data"][:-2]},
        {"topics": LOG["topics"][:2]},
        {"topics": ["0x" + "11" * 32, *LOG["topics"][1:]]},
        {"topics": []},
        {"topics": ""},
        {"topics": None},
    ],
)
def test_logs_that_are_no_erc20_transfer(change: dict[str, Any]) -> None:
    assert log_transfer(LOG | change, READING) is None


def test_topics_of_csv_exports_and_topics_that_are_no_address() -> None:
    assert log_transfer(LOG | {"topics": ",".join(LOG["topics"])}, READING) == log_transfer(LOG, READING)
    with pytest.raises(BadRecord, match="not an address"):
        log_transfer(LOG | {"topics": [TRANSFER_TOPIC, "0x" + "1" * 64, LOG["topics"][2]]}, READING)


def test_an_unknown_token_has_no_usd_worth() -> None:
    transfer = log_transfer(LOG | {"address": "0x" + "cc" * 20}, READING)
    assert transfer is not None
    assert (transfer.decimals, transfer.amount_usd) == (0, None)


def test_base64_of_a_tron_export() -> None:
    row = {
        "transaction_hash": b64encode(bytes(32)).decode(),
        "block_number": 1,
        "block_timestamp": 1529919702,
        "log_index": 0,
        "token_address": b64encode(b64decode("phT4A7b9eAmGpCx47Jx/d+be0Tw=")).decode(),
        "from_address": b64encode(b"\1" * 20).decode(),
        "to_address": b64encode(b"\2" * 20).decode(),
        "value": 162000000,
    }
    transfer = token_transfer(row, Reading(chain=TRON, rates=Rates()))
    assert transfer.asset == "TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t"
    assert (transfer.sender, transfer.amount_usd) == (tron_text(b"\1" * 20), 162.0)
    assert transfer.tx_hash == "0x" + "00" * 32


@pytest.mark.parametrize("text", ["2020-07-21 03:34:24 UTC", "2020-07-21T03:34:24Z", "2020-07-21 03:34:24", 1595302464])
def test_times(text: object) -> None:
    assert time_us(text) == 1595302464_000_000


def etl_csv(path: Path, rows: list[dict[str, Any]]) -> Path:
    names = list(rows[0])
    lines = [",".join(names), *(",".join(str(row[name]) for name in names) for row in rows)]
    path.write_text("\n".join(lines) + "\n")
    return path


TOKEN_TRANSFER = {
    "token_address": USDT,
    "from_address": ALICE,
    "to_address": BOB,
    "value": 1_000_000,
    "transaction_hash": HASH,
    "log_index": 4,
    "block_number": 7,
}


def test_block_times_come_from_the_blocks_file_beside_it(tmp_path: Path) -> None:
    path = etl_csv(tmp_path / "a.csv", [TOKEN_TRANSFER, TOKEN_TRANSFER | {"block_number": 8}])
    letters = letters_of(open_files(path, Rates())[0].batches(None))
    assert letters == [(f"{tmp_path.name}/a.csv:2", "bad-time"), (f"{tmp_path.name}/a.csv:3", "bad-time")]
    etl_csv(tmp_path / "b.csv", [{"number": 7, "hash": HASH, "parent_hash": HASH, "timestamp": 1595302464}])
    for source in (open_files(path, Rates())[0], open_files(tmp_path, Rates())[0]):
        batches = list(source.batches(None))
        assert [(e.at_us, e.block_hash) for e in events_of(batches) if isinstance(e, Transfer)] == [
            (1595302464_000_000, HASH)
        ]
        assert letters_of(batches) == [(f"{tmp_path.name}/a.csv:3", "bad-time")]


def test_a_file_is_known_by_its_columns_and_refused_with_a_reason(tmp_path: Path) -> None:
    (tmp_path / "readme.txt").write_text("nothing here\n")
    (tmp_path / "empty.csv").write_text("")
    (tmp_path / "array.json").write_text("[{}]")
    with pytest.raises(ConfigError, match=r"readme\.txt: its columns"):
        open_files(tmp_path, Rates())
    etl_csv(tmp_path / "odd.name", [TOKEN_TRANSFER | {"block_timestamp": 1}])
    found = survey(tmp_path, Rates())
    assert [s.name.partition("#")[0] for s in found.sources] == [f"file:{tmp_path.name}/odd.name"]
    assert {p.name for p in found.refused} == {"readme.txt", "empty.csv", "array.json"}


def test_our_own_csv_with_a_column_we_do_not_know_is_refused(tmp_path: Path) -> None:
    (tmp_path / "l.csv").write_text("source,listing_id,at_us,phone\nboard,1,1,none\n")
    with pytest.raises(ConfigError, match="no column phone"):
        open_files(tmp_path / "l.csv", Rates())


def test_a_path_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="does not exist"):
        open_files(tmp_path / "none", Rates())


def test_the_143_real_usdt_transfers(shared_data: Path) -> None:
    folder = shared_data / "chains/graphsense-lib/account/eth/tokens"
    reference = (folder / "reference/USDT_token_transfers.json").read_bytes().splitlines()
    expected = {reference_key(msgspec.json.decode(line)) for line in reference}
    found = [t for t in transfers_of(folder / "logs.json") if t.asset in {k[3] for k in expected}]
    keys = {(t.block_height, t.position, t.tx_hash, t.asset, t.sender, t.receiver, t.amount) for t in found}
    assert len(expected) == len(found) == 143
    assert keys == expected
    assert all(t.at_us >= 1655000000_000_000 and t.block_hash for t in found)


def reference_key(row: dict[str, Any]) -> tuple[object, ...]:
    texts = ("0x" + b64decode(row[name]).hex() for name in ("txHash", "tokenAddress", "from", "to"))
    return (row["blockId"], row["logIndex"], *texts, row["value"])


def test_ethereum_etl_logs_agree_with_its_token_transfers(shared_data: Path) -> None:
    folder = shared_data / "chains/ethereum-etl/test_stream/blocks_17173049_17173050"
    logs = {t.event_id: t for t in transfers_of(folder / "expected_logs.json")}
    tokens = {t.event_id: t for t in transfers_of(folder / "expected_token_transfers.json")}
    assert (len(logs), len(tokens)) == (282, 291), "nine rows of token_transfers are ERC-721"
    assert {key: tokens[key] for key in logs} == logs
    kinds = {s.name.partition("#")[0]: len(events_of(s.batches(None))) for s in open_files(folder, Rates())}
    assert kinds == {
        "file:blocks_17173049_17173050/expected_logs.json": 282,
        "file:blocks_17173049_17173050/expected_transactions.json": 127,
    }, "a folder's token_transfers are left out where its logs are there"


def test_twenty_thousand_real_transactions(shared_data: Path) -> None:
    folder = shared_data / "chains/raphtory"
    rates = read_rates([folder / "ETH-USD.csv"])
    found = survey(folder, rates)
    reason = next(r for p, r in found.refused.items() if p.name == "token_transfers.csv")
    assert "no event id" in reason
    old, new = sorted((transfers_of(s.file.path, rates) for s in found.sources if hasattr(s, "file")), key=len)[::-1]
    assert len(old) == 17_945
    assert [t.at_us for t in old] == sorted(t.at_us for t in old), "the file itself is not in order"
    assert all(t.amount_usd is None for t in old), "the rates begin after 2017-03-06"
    assert len(new) == 42
    assert all(t.amount_usd for t in new)
    assert sum(t.amount for t in old) == expected_value(folder / "transactions_03300000_03399999_small.csv.gz")


def expected_value(path: Path) -> int:

    with gzip.open(path, "rt") as stream:
        return sum(int(row["value"]) for row in csv.DictReader(stream) if row["to_address"])


def test_real_tron_data(shared_data: Path) -> None:
    folder = shared_data / "chains/graphsense-lib/account/trx"
    usdt = transfers_of(folder / "56804500to56805500/token_transfers.head.jsonl", chain=TRON)
    assert len(usdt) == 13
    assert usdt[0].amount_usd == 162.0
    assert usdt[0].block_hash
    native = transfers_of(folder / "0to10000/transactions.json", chain=TRON)
    assert len(native) == 1_953
    assert [t.at_us for t in native] == sorted(t.at_us for t in native)


def test_resume_of_a_real_file(shared_data: Path) -> None:
    path = shared_data / "chains/raphtory/ethereum_tx.csv"
    rest_equals_after_every_position(open_files(path, Rates())[0])
