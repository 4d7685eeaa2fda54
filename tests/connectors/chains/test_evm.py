"""Reading blocks, logs and receipts: which are transfers, in which order, and what is refused."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from eth_utils.crypto import keccak
from hypothesis import given
from hypothesis import strategies as st

from manumit.connectors.chains.evm import (
    TRANSFER_TOPIC,
    Block,
    Lie,
    Log,
    Money,
    Receipt,
    Sighting,
    paid,
    read,
    transfers,
)
from manumit.connectors.chains.truth import TRANSFER_BLOOM_BITS, check_child, may_hold_transfers
from manumit.schemas.block import TransferBlock
from manumit.schemas.fields import MAX_UINT256
from manumit.schemas.transfer import NATIVE_POSITION, Transfer
from tests.connectors.chains.sources import Pegged

BLOCK_HASH = "0x" + "b1" * 32
TOKEN = "0x" + "a5" * 20
PAYER, PAYEE = "0x" + "01" * 20, "0x" + "02" * 20
MONEY = Money(chain="eip155:1", decimals={TOKEN: 6}.get, rates=Pegged(tokens={TOKEN: 6}), native_asset="ETH")


def tx_hash(index: int) -> str:
    return f"0x{index + 1:064x}"


def topic(address: str) -> str:
    return "0x" + address[2:].rjust(64, "0")


def block_of(*values: int, to: str | None = PAYEE) -> Block:
    listed = [
        {"hash": tx_hash(i), "blockHash": BLOCK_HASH, "from": PAYER, "to": to, "value": hex(value)}
        for i, value in enumerate(values)
    ]
    fields = {"number": "0x10", "hash": BLOCK_HASH, "parentHash": "0x" + "00" * 32, "timestamp": "0x64"}
    return msgspec.convert({**fields, "transactions": listed}, Block)


def log_of(transaction: int, index: int, amount: int, **fields: Any) -> Log:
    given: dict[str, Any] = {
        "address": TOKEN,
        "topics": [TRANSFER_TOPIC, topic(PAYER), topic(PAYEE)],
        "data": f"0x{amount:064x}",
        "blockNumber": "0x10",
        "blockHash": BLOCK_HASH,
        "transactionHash": tx_hash(transaction),
        "transactionIndex": hex(transaction),
        "logIndex": hex(index),
    }
    return msgspec.convert({**given, **fields}, Log)


def receipts_of(*succeeded: bool) -> list[Receipt]:
    listed = [
        {"transactionHash": tx_hash(i), "blockHash": BLOCK_HASH, "status": hex(ok)} for i, ok in enumerate(succeeded)
    ]
    return msgspec.convert(listed, list[Receipt])


def moved(block: Block, logs: list[Log] | None = None, receipts: list[Receipt] | None = None) -> list[Transfer]:
    seen = Sighting(block=block, logs=logs or [], payments=paid(block, receipts or []))
    return transfers(seen, MONEY, seen_us=7, finality="provisional")


def test_order_is_each_transactions_value_then_its_logs() -> None:
    logs = [log_of(1, 2, 30), log_of(0, 0, 10), log_of(1, 1, 20)]
    found = moved(block_of(5, 6), logs, receipts_of(True, True))
    assert [(t.amount, t.position) for t in found] == [
        (5, NATIVE_POSITION),
        (10, 0),
        (6, NATIVE_POSITION + 1),
        (20, 1),
        (30, 2),
    ]
    assert {(t.block_height, t.at_us, t.seen_us, t.op, t.finality) for t in found} == {
        (16, 100_000_000, 7, 1, "provisional")
    }


def test_reverted_zero_and_creating_transactions_move_nothing() -> None:
    found = moved(block_of(5, 0, 7), receipts=receipts_of(True, True, False))
    assert [t.amount for t in found] == [5]
    assert moved(block_of(5, to=None), receipts=receipts_of(True)) == []
    assert moved(block_of(5)) == [], "without receipts no payment is believed"


def test_a_receipt_from_before_statuses_existed_counts_as_success() -> None:
    old = msgspec.convert({"transactionHash": tx_hash(0), "blockHash": BLOCK_HASH}, Receipt)
    assert len(moved(block_of(5), receipts=[old])) == 1


NOT_ERC20: dict[str, dict[str, Any]] = {
    "erc-721": {"topics": [TRANSFER_TOPIC, topic(PAYER), topic(PAYEE), topic("0x07")], "data": "0x"},
    "no topics": {"topics": []},
    "two topics": {"topics": [TRANSFER_TOPIC, topic(PAYER)]},
    "64 data bytes": {"data": "0x" + "00" * 64},
    "31 data bytes": {"data": "0x" + "00" * 31},
    "another event": {"topics": [topic("0x01"), topic(PAYER), topic(PAYEE)]},
    "a sender that is no address": {"topics": [TRANSFER_TOPIC, "0x" + "ff" * 32, topic(PAYEE)]},
    "a receiver that is no address": {"topics": [TRANSFER_TOPIC, topic(PAYER), "0x" + "ff" * 32]},
    "removed": {"removed": True},
}


@pytest.mark.parametrize("shape", NOT_ERC20)
def test_what_is_no_erc20_transfer(shape: str) -> None:
    assert moved(block_of(0), [log_of(0, 0, 5, **NOT_ERC20[shape])]) == []


def test_mints_burns_self_transfers_and_zero_amounts_are_kept() -> None:
    zero = topic("0x")
    logs = [
        log_of(0, 0, 5, topics=[TRANSFER_TOPIC, zero, topic(PAYEE)]),
        log_of(0, 1, 5, topics=[TRANSFER_TOPIC, topic(PAYER), zero]),
        log_of(0, 2, 0, topics=[TRANSFER_TOPIC, topic(PAYER), topic(PAYER)]),
    ]
    assert [(t.sender, t.receiver, t.amount) for t in moved(block_of(0), logs)] == [
        ("0x" + "00" * 20, PAYEE, 5),
        (PAYER, "0x" + "00" * 20, 5),
        (PAYER, PAYER, 0),
    ]


def test_unknown_decimals_mean_no_usd() -> None:
    stranger = "0x" + "77" * 20
    (known,) = moved(block_of(0), [log_of(0, 0, 2_500_000)])
    (unknown,) = moved(block_of(0), [log_of(0, 0, 2_500_000, address=stranger)])
    assert (known.decimals, known.amount_usd) == (6, 2.5)
    assert (unknown.decimals, unknown.amount_usd) == (0, None)


def test_addresses_come_lower_case() -> None:
    mixed = "0x" + "aB" * 20
    (found,) = moved(block_of(0), [log_of(0, 0, 1, address=mixed)])
    assert found.asset == mixed.lower()


@given(amount=st.integers(0, MAX_UINT256), log_index=st.integers(0, 999_999))
def test_amounts_are_exact_and_rows_survive_the_wire(amount: int, log_index: int) -> None:
    (found,) = moved(block_of(0), [log_of(0, log_index, amount)])
    assert found.amount == amount
    assert msgspec.json.decode(msgspec.json.encode(found), type=Transfer) == found
    assert len(TransferBlock.of([found])) == 1


@given(raw=st.binary(max_size=200))
def test_any_bytes_are_a_block_or_a_lie(raw: bytes) -> None:
    with pytest.raises(Lie, match="not the answer asked for"):
        read(raw, Block, place="here")


ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


@given(ANY_JSON)
def test_any_json_is_logs_or_a_lie(answer: object) -> None:
    raw = msgspec.json.encode(answer)
    try:
        assert read(raw, list[Log], place="here") == []
    except Lie as lie:
        assert lie.letter(source="node:x", at_us=0).reason == "lying-node"


@given(field=st.sampled_from(["blockNumber", "logIndex", "data", "address"]), junk=st.text(max_size=80))
def test_no_junk_in_a_log_breaks_reading(field: str, junk: str) -> None:
    whole = msgspec.to_builtins(log_of(0, 0, 1))
    try:
        log = read(msgspec.json.encode([{**whole, field: junk}]), list[Log], place="here")[0]
    except Lie:
        return
    assert all(t.amount >= 0 for t in moved(block_of(0), [log]))


def test_the_bloom_bits_are_those_of_the_topic() -> None:
    digest = keccak(bytes.fromhex(TRANSFER_TOPIC[2:]))
    assert tuple(int.from_bytes(digest[i : i + 2], "big") & 2047 for i in (0, 2, 4)) == TRANSFER_BLOOM_BITS
    assert keccak(text="Transfer(address,address,uint256)").hex() == TRANSFER_TOPIC[2:]


def test_the_bloom_rules_out_only_what_it_can() -> None:
    all_bits = sum(1 << bit for bit in TRANSFER_BLOOM_BITS)
    for bloom, may in [("0x", True), (f"0x{0:0512x}", False), (f"0x{all_bits:0512x}", True), (f"0x{1:0512x}", False)]:
        assert may_hold_transfers(msgspec.structs.replace(block_of(), logs_bloom=bloom)) is may


def test_a_child_names_its_parent_and_is_not_older() -> None:
    block = block_of()
    check_child(block.parent_hash, block.at_us, block)
    with pytest.raises(Lie, match="names parent"):
        check_child(BLOCK_HASH, 0, block)
    with pytest.raises(Lie, match="older than its parent"):
        check_child(block.parent_hash, block.at_us + 1, block)
