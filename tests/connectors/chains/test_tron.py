"""TRON by configuration: T-addresses, the coin from the wallet interface, finality, reorgs, resume."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from manumit.connectors.chains.evm import TRANSFER_TOPIC, Block, Log, Money, Sighting, transfers
from manumit.connectors.chains.tron import contract_on_wire, tron_account
from manumit.connectors.files.survey import open_files
from manumit.connectors.rates import Rates
from manumit.schemas.addresses import TRON, normalise
from manumit.schemas.errors import ConfigError, EdgeDown
from manumit.schemas.transfer import NATIVE_POSITION, Transfer
from tests.connectors.chains.anvil import Anvil
from tests.connectors.chains.between import Fault, between
from tests.connectors.chains.sources import Following, desk, net, node_settings, rows, token_rows
from tests.connectors.chains.test_follower import caught_up, pay_each
from tests.connectors.chains.tron_wallet import Change, TronWallet, on_tron, tron_wallet

CHAIN_ID = 0x2B6653DC
SUN = 1_000_000


@pytest.fixture
def tron(anvil_binary: Path) -> Iterator[Anvil]:
    """An anvil that says it is TRON's main chain."""
    node = Anvil(anvil_binary, "--chain-id", str(CHAIN_ID))
    try:
        node.deploy_token()
        yield node
    finally:
        node.close()


@pytest.fixture
def wallet(tron: Anvil) -> Iterator[TronWallet]:
    with tron_wallet(tron) as one:
        yield one


def options(wallet: TronWallet, **more: object) -> dict[str, Any]:
    return {"chain": TRON, "wallet_url": wallet.url, **more}


@pytest.fixture
def follow(tron: Anvil, wallet: TronWallet, tmp_path: Path) -> Iterator[Any]:
    made: list[Following] = []

    def make(*, after: str | None = None, **more: object) -> Following:
        made.append(Following(tron.url, tmp_path, after=after, **options(wallet, **more)))
        return made[-1]

    yield make
    for one in made:
        one.close()


def truth(node: Anvil) -> set[tuple[str, str, int, str, str, int]]:
    """The node's transfers of its token, in T-addresses."""
    return {
        (block, tx, position, tron_account(sender), tron_account(receiver), amount)
        for block, tx, position, sender, receiver, amount in node.token_truth()
    }


def tokens_of(found: list[Transfer]) -> set[Any]:
    return {(t.block_hash, t.tx_hash, t.position, t.sender, t.receiver, t.amount) for t in found if t.asset != "ETH"}


@pytest.mark.node
def test_fields_of_a_token_and_a_trx_transfer(tron: Anvil, follow: Any) -> None:
    tron.pay_token(tron.accounts[3], 2_500_000)
    paid = tron.pay(tron.accounts[4], 7 * SUN)
    token = tron_account(tron.token)
    one = follow(tokens={token: 6})
    caught_up(tron, one)
    trc20, trx = one.transfers[-2:]
    assert trc20.chain == trx.chain == TRON
    assert (trc20.asset, trc20.amount, trc20.decimals, trc20.amount_usd) == (token, 2_500_000, 6, 2.5)
    assert (trc20.sender, trc20.receiver) == (tron_account(tron.accounts[0]), tron_account(tron.accounts[3]))
    assert (trx.sender, trx.receiver, trx.amount) == (trc20.sender, tron_account(tron.accounts[4]), 7 * SUN)
    assert (trx.position, trx.tx_hash) == (NATIVE_POSITION, paid["transactionHash"])
    for name in (trc20.sender, trc20.receiver, trc20.asset):
        assert normalise(TRON, name) == name
        assert name.startswith("T")


@pytest.mark.node
def test_decimals_are_asked_of_the_contract_at_its_hex_address(tron: Anvil, follow: Any) -> None:
    one = follow()
    caught_up(tron, one)
    assert {t.decimals for t in one.transfers if t.asset == tron_account(tron.token)} == {6}


@pytest.mark.node
def test_votes_stakes_and_failed_calls_are_no_trx(tron: Anvil, wallet: TronWallet, follow: Any) -> None:
    """`value` of eth_* says 1,000 for each of these."""

    def become(transaction: dict[str, Any]) -> dict[str, Any]:
        owner = {"owner_address": on_tron(transaction["from"])}
        kind = kinds.get(transaction["to"], "TransferContract")
        value = {**owner, "to_address": on_tron(transaction["to"] or transaction["from"]), "amount": 1000}
        return {"type": kind, "parameter": {"value": value if kind == "TransferContract" else owner}}

    kinds = {
        tron.accounts[1]: "VoteWitnessContract",
        tron.accounts[2]: "TransferAssetContract",
        tron.accounts[3]: "FreezeBalanceContract",
    }
    wallet.become = become
    start = tron.height() + 1
    for account in tron.accounts[1:5]:
        tron.pay(account, 1000)
    assert tron.pay(tron.token, 5)["status"] == "0x0", "the token takes no coin"
    one = follow(start_height=start)
    caught_up(tron, one)
    assert [(t.receiver, t.amount) for t in one.transfers] == [(tron_account(tron.accounts[4]), 1000)]


@pytest.mark.node
def test_a_call_that_brings_trx(tron: Anvil, follow: Any) -> None:
    taker = tron.deploy("0x600a80600b6000396000f3" + "5b" * 10)
    tron.ask(
        "eth_sendTransactionSync",
        {"from": tron.accounts[0], "to": taker, "value": hex(3), "data": "0xaa", "gas": hex(100_000)},
    )
    one = follow()
    caught_up(tron, one)
    assert (one.transfers[-1].receiver, one.transfers[-1].amount) == (tron_account(taker), 3)


@pytest.mark.node
def test_backfill_equals_following_and_resumes(tron: Anvil, wallet: TronWallet, follow: Any, tmp_path: Path) -> None:
    pay_each(tron, 12)
    for account in tron.accounts[1:6]:
        tron.pay(account, SUN)
    tron.mine(30)
    tron.pay(tron.accounts[1], SUN)
    one = follow(confirmations=500, finalized_tag="")
    caught_up(tron, one)
    last = tron.height()
    backfill = desk(tmp_path).backfill(node_settings(tron.url, **options(wallet)), 0, last)
    filled = list(backfill.batches(None))
    backfill.reader.close()
    plain = [msgspec.structs.replace(t, finality="") for t in rows(filled)]
    assert plain == [msgspec.structs.replace(t, finality="") for t in one.transfers]
    assert {row for row in tokens_of(rows(filled)) if row[2] < NATIVE_POSITION} == truth(tron)
    assert sum(t.position >= NATIVE_POSITION for t in rows(filled)) == 6
    for cut in range(1, len(one.batches), 7):
        resumed = follow(after=one.batches[cut - 1].position, confirmations=500, finalized_tag="")
        caught_up(tron, resumed)
        assert rows(one.batches[:cut]) + resumed.transfers == one.transfers


@pytest.mark.node
@pytest.mark.parametrize("depth", [1, 4, 10])
def test_a_reorg(tron: Anvil, follow: Any, depth: int) -> None:
    pay_each(tron, 6)
    for account in tron.accounts[1:6]:
        tron.pay(account, SUN)
    one = follow()
    caught_up(tron, one)
    payment = {"from": tron.accounts[8], "to": tron.accounts[9], "value": hex(9), "gas": hex(100_000)}
    tron.reorg(depth, [(tron.token_payment(tron.accounts[7], 9000), depth - 1), (payment, 0)])
    caught_up(tron, one)
    standing = list(net(one.transfers).values())
    assert {row for row in tokens_of(standing) if row[2] < NATIVE_POSITION} == truth(tron)
    assert [t.amount for t in standing if t.position >= NATIVE_POSITION] == [SUN] * max(0, 5 - depth) + [9]
    assert sum(t.op == -1 for t in one.transfers) == depth


@pytest.mark.node
def test_a_reorg_while_away(tron: Anvil, follow: Any) -> None:
    pay_each(tron, 8)
    first = follow()
    caught_up(tron, first)
    first.close()
    tron.reorg(5, [(tron.token_payment(tron.accounts[7], 1), 2)])
    second = follow(after=first.position)
    caught_up(tron, second)
    both = net(first.transfers + second.transfers).values()
    assert {row for row in tokens_of(list(both)) if row[2] < NATIVE_POSITION} == truth(tron)


@pytest.mark.node
def test_blocks_are_final_where_the_node_says_so(tron: Anvil, follow: Any) -> None:
    tron.mine(80)
    one = follow(confirmations=1000)
    caught_up(tron, one)
    solid = int(tron.ask("eth_getBlockByNumber", "finalized", False)["number"], 16)
    assert solid > 0
    assert one.batches[-1].final == {TRON: solid}


@pytest.mark.node
def test_a_node_that_knows_no_finalized_tag(tron: Anvil, wallet: TronWallet, tmp_path: Path) -> None:
    def refuse(method: str, params: list[Any], result: Any) -> Any:
        asked = method == "eth_getBlockByNumber" and params[0] == "finalized"
        return Fault(-32602, "TAG [earliest | pending | finalized] not supported") if asked else result

    with between(tron.url) as stub:
        stub.change = refuse
        one = Following(stub.url, tmp_path, **options(wallet))
        with pytest.raises(ConfigError, match="set finalized_tag"):
            one.wait_for("never")
        one.close()


@pytest.mark.node
def test_the_whole_hash_of_the_first_block_as_chain_id(tron: Anvil, wallet: TronWallet, tmp_path: Path) -> None:
    genesis = "0x00000000000000001ebf88508a03865c71d452e25f4d51194196a1d22b6653dc"
    with between(tron.url) as stub:
        stub.change = lambda method, params, result: genesis if method == "eth_chainId" else result
        one = Following(stub.url, tmp_path, **options(wallet))
        caught_up(tron, one)
        one.close()


@pytest.mark.node
def test_another_chain_is_refused(tron: Anvil, wallet: TronWallet, tmp_path: Path) -> None:
    follower = desk(tmp_path).follower(node_settings(tron.url, **options(wallet, chain="tron:0xcd8690dc")))
    with pytest.raises(ConfigError, match="serves tron:0x2b6653dc"):
        next(iter(follower.batches(None)))
    follower.reader.close()


def test_trx_needs_the_wallet_interface(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="set wallet_url"):
        desk(tmp_path).follower(node_settings("http://127.0.0.1:1", chain=TRON))


@pytest.mark.node
def test_without_native_no_wallet_is_asked(tron: Anvil, tmp_path: Path) -> None:
    tron.pay(tron.accounts[1], SUN)
    one = Following(tron.url, tmp_path, chain=TRON, native=False)
    caught_up(tron, one)
    one.close()
    assert token_rows(one.transfers) == set(), "assets are T-addresses"
    assert {t.asset for t in one.transfers} == {tron_account(tron.token)}


def of_block(**fields: object) -> Any:
    def change(answer: dict[str, Any]) -> dict[str, Any]:
        return {"block": [{**block, **fields} for block in answer["block"]]}

    return change


LIES: dict[str, Change] = {
    "no transactions": of_block(transactions=[]),
    "no block at all": lambda answer: [],
    "an address of another form": lambda answer: json.loads(json.dumps(answer).replace('"41', '"42')),
    "a negative amount": lambda answer: json.loads(json.dumps(answer).replace('"amount": ', '"amount": -')),
}


@pytest.mark.node
@pytest.mark.parametrize("lie", LIES)
def test_a_wallet_interface_that_contradicts_eth(tron: Anvil, wallet: TronWallet, tmp_path: Path, lie: str) -> None:
    tron.pay(tron.accounts[1], SUN)
    wallet.change = LIES[lie]
    one = Following(tron.url, tmp_path, **options(wallet, start_height=tron.height()))
    with pytest.raises(EdgeDown):
        one.wait_for("never")
    one.close()
    assert one.transfers == []
    assert {letter.reason for batch in one.batches for letter in batch.dead_letters} == {"lying-node"}


@pytest.mark.node
def test_a_wallet_interface_that_lags_or_fails_is_waited_for(tron: Anvil, wallet: TronWallet, tmp_path: Path) -> None:
    tron.pay(tron.accounts[1], SUN)
    answers = [{"block": []}, {"Error": "class java.lang.NullPointerException"}]
    wallet.change = lambda answer: answers.pop() if answers else answer
    first = Following(tron.url, tmp_path, **options(wallet))
    with pytest.raises(EdgeDown, match="NullPointerException"):
        first.wait_for("never")
    first.close()
    second = Following(tron.url, tmp_path, **options(wallet))
    caught_up(tron, second)
    second.close()
    assert sum(t.position >= NATIVE_POSITION for t in second.transfers) == 1


def as_hex(text: str) -> str:
    return "0x" + base64.b64decode(text).hex()


def test_recorded_usdt_transfers_read_as_the_files_do(shared_data: Path) -> None:
    """Real TRC-20 logs of three blocks, in the form a node gives them, against the file reader on the same rows."""
    folder = shared_data / "chains/graphsense-lib/account/trx/56804500to56805500"
    headers = {row["blockId"]: row for row in map(json.loads, (folder / "blocks.json").read_text().splitlines())}
    logged = [json.loads(line) for line in (folder / "token_transfers.head.jsonl").read_text().splitlines()]
    rates = Rates()
    money = Money(chain=TRON, decimals=lambda token: rates.decimals(TRON, token), rates=rates, account=tron_account)
    found: list[Transfer] = []
    for height in dict.fromkeys(row["blockId"] for row in logged):
        here = [row for row in logged if row["blockId"] == height]
        block = _block(headers[height], here)
        assert int(block.hash[2:18], 16) == height, "the first eight bytes of a TRON block hash are its height"
        seen = Sighting(block=block, logs=[_log(block, row) for row in here])
        found += transfers(seen, money, seen_us=0, finality="final")
    by_file = rows(open_files(str(folder / "token_transfers.head.jsonl"), rates, chain=TRON)[0].batches(None))
    assert [facts(t) for t in found] == [facts(t) for t in by_file]
    assert len(found) == 13


def facts(t: Transfer) -> tuple[object, ...]:
    return t.block_height, t.tx_hash, t.position, t.sender, t.receiver, t.asset, t.amount, t.amount_usd


def _block(header: dict[str, Any], logged: list[dict[str, Any]]) -> Block:
    hashes = {row["transactionIndex"]: as_hex(row["txHash"]) for row in logged}
    fields = {
        "number": hex(header["blockId"]),
        "hash": as_hex(header["blockHash"]),
        "parentHash": as_hex(header["parentHash"]),
        "timestamp": hex(header["timestamp"]),
        "logsBloom": as_hex(header["logsBloom"]),
        "transactions": [hashes.get(i, f"0x{i:064x}") for i in range(header["transactionCount"])],
    }
    return msgspec.convert(fields, Block)


def _log(block: Block, row: dict[str, Any]) -> Log:
    fields = {
        "address": as_hex(row["tokenAddress"]),
        "topics": [TRANSFER_TOPIC, *("0x" + as_hex(row[side])[2:].rjust(64, "0") for side in ("from", "to"))],
        "data": f"0x{row['value']:064x}",
        "blockNumber": block.number,
        "blockHash": block.hash,
        "transactionHash": as_hex(row["txHash"]),
        "transactionIndex": hex(row["transactionIndex"]),
        "logIndex": hex(row["logIndex"]),
    }
    return msgspec.convert(fields, Log)


@given(st.binary(min_size=20, max_size=20))
def test_accounts_go_to_the_wire_and_back(account: bytes) -> None:
    text = tron_account("0x" + account.hex())
    assert normalise(TRON, text) == text
    assert contract_on_wire(text) == "0x" + account.hex()


def test_other_forms_go_to_the_wire_as_they_stand() -> None:
    assert contract_on_wire("0x" + "00" * 20) == "0x" + "00" * 20
    assert contract_on_wire("Tnot-an-address") == "Tnot-an-address"
