"""Real blocks of Bitcoin: parsed whole, proven by their own hash, every sum exact, nothing guessed."""

from __future__ import annotations

import bz2
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec
import pytest

from manumit.connectors.chains.reading import Found
from manumit.connectors.chains.utxo.answers import Outpoint, UtxoBlock, block_of, transaction_of
from manumit.connectors.chains.utxo.prevouts import Prevouts
from manumit.connectors.chains.utxo.raw import Output, RawTransaction
from manumit.connectors.chains.utxo.scripts import COINBASE, owner
from manumit.connectors.chains.utxo.transactions import Coinage, Reading, found_in
from manumit.connectors.rates import Rates
from manumit.schemas.addresses import BITCOIN, normalise
from manumit.schemas.utxo import UtxoTransaction
from tests.connectors.chains.utxo.blocks import answer, first_blocks, transactions, unspent_outputs

COINAGE = Coinage(chain=BITCOIN, asset="BTC", decimals=8, rates=Rates())
SUBSIDY = 50 * 10**8
GENESIS = "000000000019d6689c085ae165831e934ff763ae46a2a6c172b3f1b60a8ce26f"
LATER = (
    ("0000000000000000001602407ac49862a7bca9d00f7f402db20b7be2f5de59d2", 574_200, 3_315, 5_055, 8_150),
    ("00000000000000000021868c2cefc52a480d173c849412fe81c4e5ab806f94ab", 540_107, 230, 7_033, 472),
)


def block(raw: bytes, height: int, spent: Mapping[Outpoint, Output] | None = None) -> UtxoBlock:
    told = answer(raw, height, spent)
    return block_of(msgspec.json.encode(told), BITCOIN, wanted=str(told["hash"]))


def found(one: UtxoBlock, prevouts: Prevouts) -> Found:
    reading = Reading(block=one, at_us=one.at_us, seen_us=0, finality="final", coinage=COINAGE, source="x")
    return found_in(reading, prevouts.of(one))


def balanced(told: UtxoTransaction, moved: Found) -> bool:
    """Inputs are outputs and fee, and each address got or gave exactly its difference, less its share of the fee."""
    inside, out = sum(c.amount for c in told.inputs), sum(c.amount for c in told.outputs)
    rows = [t for t in moved.transfers if t.tx_hash == told.tx_hash]
    gained: Counter[str] = Counter()
    for coin in told.outputs:
        gained[coin.address] += coin.amount
    for coin in told.inputs:
        gained[coin.address] -= coin.amount
    given: Counter[str] = Counter()
    for row in rows:
        given[row.receiver] += row.amount
        given[row.sender] -= row.amount
    receivers = all(given[address] == amount for address, amount in gained.items() if amount > 0)
    payers = all(amount <= given[address] <= 0 for address, amount in gained.items() if amount < 0)
    fee = sum(given[address] - amount for address, amount in gained.items() if amount < 0)
    return receivers and (told.coinbase == 1 or (payers and inside == out + told.fee and fee == told.fee))


@pytest.fixture
def folder(shared_data: Path) -> Path:
    return shared_data / "chains" / "btcd-blocks"


def test_the_first_blocks_need_no_node_but_themselves(folder: Path) -> None:
    prevouts = Prevouts(lambda wanted: {})
    parent = GENESIS
    payments = []
    for height, raw in enumerate(first_blocks(folder), 1):
        one = block(raw, height)
        assert one.parent_hash == parent
        parent = one.hash
        moved = found(one, prevouts)
        assert moved.dead_letters == ()
        assert all(balanced(told, moved) for told in moved.transactions)
        reward, *rest = moved.transfers
        assert (reward.sender, reward.amount) == (COINBASE, SUBSIDY)
        payments += rest
    assert height == 255
    first = payments[0]
    assert (first.block_height, first.amount) == (170, 10 * 10**8), "the first payment there ever was"
    assert len(payments) == 7
    assert all(normalise(BITCOIN, name) == name for t in payments for name in (t.sender, t.receiver))


def test_a_whole_block_with_all_it_spends(folder: Path) -> None:
    raw = bz2.decompress((folder / "277647.dat.bz2").read_bytes())[8:]
    one = block(raw, 277_647, unspent_outputs(folder))
    prevouts = Prevouts(lambda wanted: {})
    moved = found(one, prevouts)
    assert moved.dead_letters == ()
    assert len(moved.transactions) == len(one.transactions)
    assert all(balanced(told, moved) for told in moved.transactions)
    fees = sum(told.fee for told in moved.transactions)
    assert sum(c.amount for c in moved.transactions[0].outputs) == SUBSIDY // 2 + fees, "what its miner claimed"
    names = {name for t in moved.transfers for name in (t.sender, t.receiver)}
    assert all(normalise(BITCOIN, name) == name for name in names)
    assert len(names) > 100


@pytest.mark.parametrize(("block_hash", "height", "count", "inputs", "outputs"), LATER)
def test_later_blocks_without_prevouts(
    folder: Path, block_hash: str, height: int, count: int, inputs: int, outputs: int
) -> None:
    raw = (folder / f"block-{block_hash}.blk").read_bytes()
    one = block(raw, height)
    assert (one.hash, len(one.transactions)) == (block_hash, count)
    assert sum(len(t.spends) or 1 for t in one.transactions) == inputs
    assert sum(len(t.outputs) for t in one.transactions) == outputs
    moved = found(one, Prevouts(lambda wanted: {}))
    made = {t.tx_hash for t in one.transactions}
    complete = [t for t in one.transactions if all(tx_hash in made for tx_hash, _ in t.spends)]
    assert len(complete) > 30
    assert [told.tx_hash for told in moved.transactions] == [t.tx_hash for t in complete]
    assert len(moved.dead_letters) == count - len(complete)
    assert all(balanced(told, moved) for told in moved.transactions)
    kinds = Counter(owner(BITCOIN, output.script).kind for t in one.transactions for output in t.outputs)
    assert kinds["nonstandard"] <= 1
    assert kinds["pubkeyhash"] > 200


def test_recorded_replies_of_a_node(shared_data: Path) -> None:
    folder = shared_data / "chains/bitcoin-etl/test_export_blocks_job/bitcoin"
    seen = 0
    asked: list[str] = []

    def ask(wanted: Sequence[str]) -> dict[str, RawTransaction]:
        asked.extend(wanted)
        files = {h: next(folder.glob(f"*/rpc_response_getrawtransaction_{h}.json")) for h in wanted}
        return {h: transaction_of(json.loads(path.read_bytes())["hex"], wanted=h) for h, path in files.items()}

    for path in sorted(folder.glob("*/rpc_response_getblock_*_2.json")):
        told = json.loads(path.read_bytes())
        one = block_of(path.read_bytes(), BITCOIN, wanted=told["hash"])
        moved = found(one, Prevouts(ask))
        assert one.height == told["height"]
        assert moved.dead_letters == ()
        assert all(balanced(done, moved) for done in moved.transactions)
        by_node = [a for made in told["tx"][0]["vout"] for a in made["scriptPubKey"].get("addresses", [])]
        assert [c.address for c in moved.transactions[0].outputs] == by_node
        assert moved.transfers[0].amount == SUBSIDY + sum(done.fee for done in moved.transactions)
        seen += 1
    assert seen >= 4
    assert len(set(asked)) == 3


def test_raw_and_answer_agree(folder: Path) -> None:
    raw = next(iter(first_blocks(folder)))
    assert list(block(raw, 1).transactions) == transactions(raw)
