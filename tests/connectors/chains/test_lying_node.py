"""A node that lies, lags, limits or goes away: dead letters and retries, and never a guessed transfer."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from manumit.connectors.chains.sources import ChainDesk
from manumit.connectors.contract import Batch
from manumit.schemas.dead_letter import DeadLetter
from manumit.schemas.errors import ConfigError, EdgeDown
from tests.connectors.chains.anvil import Anvil
from tests.connectors.chains.between import Between, Changed, Fault, between
from tests.connectors.chains.sources import Following, desk, net, node_settings, quick_pace, rows, token_rows
from tests.servers import wait_until

pytestmark = pytest.mark.node
OTHER = "0x" + "11" * 32


def history(node: Anvil) -> None:
    """Five token transfers, then two payments, a block each."""
    for amount in range(1, 6):
        node.pay_token(node.accounts[amount], amount)
    node.pay(node.accounts[1], 10**18)
    node.pay(node.accounts[2], 10**18)


@pytest.fixture
def stub(anvil: Anvil) -> Iterator[Between]:
    """Stands before a node of this test's own."""
    history(anvil)
    with between(anvil.url) as one:
        yield one


@pytest.fixture(scope="module")
def quiet(anvil_binary: Path) -> Iterator[Anvil]:
    """A node whose chain stays as it is."""
    node = Anvil(anvil_binary)
    try:
        node.deploy_token()
        history(node)
        yield node
    finally:
        node.close()


def on(method: str, change: Callable[[Any], Any]) -> Changed:
    """Alter the non-null results of one method."""

    def changed(asked: str, params: list[Any], result: Any) -> Any:
        return change(result) if asked == method and result else result

    return changed


def each(**fields: object) -> Callable[[list[dict[str, Any]]], list[dict[str, Any]]]:
    return lambda found: [{**row, **fields} for row in found]


def in_transactions(**fields: object) -> Callable[[dict[str, Any]], dict[str, Any]]:
    def change(block: dict[str, Any]) -> dict[str, Any]:
        listed = block["transactions"]
        return {**block, "transactions": [t if isinstance(t, str) else {**t, **fields} for t in listed]}

    return change


LIES: dict[str, Changed] = {
    "a log of another block": on("eth_getLogs", each(blockHash=OTHER)),
    "a log at another height": on("eth_getLogs", each(blockNumber="0x63")),
    "a log of a transaction the block has not": on("eth_getLogs", each(transactionHash=OTHER)),
    "a log of a transaction beyond the last": on("eth_getLogs", each(transactionIndex="0xfff")),
    "a log twice": on("eth_getLogs", lambda found: found * 2),
    "a log that is no log": on("eth_getLogs", lambda found: [{"address": 7}]),
    "a log with an amount that is no number": on("eth_getLogs", each(data="0x" + "zz" * 32)),
    "another height": lambda m, p, r: {**r, "number": "0x3"} if m == "eth_getBlockByNumber" and p[0] == "0x2" else r,
    "another parent": lambda m, p, r: {**r, "parentHash": OTHER} if p and p[0] == "0x4" else r,
    "older than its parent": lambda m, p, r: {**r, "timestamp": "0x1"} if p and p[0] == "0x4" else r,
    "dated in the far future": on("eth_getBlockByNumber", lambda block: {**block, "timestamp": "0xffffffffff"}),
    "a transaction of another block": on("eth_getBlockByNumber", in_transactions(blockHash=OTHER)),
    "a transaction to no address": on("eth_getBlockByNumber", in_transactions(to="0x12")),
    "an amount above 2^256": on("eth_getBlockByNumber", in_transactions(value="0x1" + "0" * 64)),
    "a receipt of another transaction": on("eth_getBlockReceipts", each(transactionHash=OTHER)),
    "a receipt of another block": on("eth_getBlockReceipts", each(blockHash=OTHER)),
    "too few receipts": on("eth_getBlockReceipts", lambda found: found[1:]),
}


@pytest.mark.parametrize("confirmations", [64, 1], ids=["near", "far"])
@pytest.mark.parametrize("lie", LIES)
def test_a_lie_is_kept_as_dead_letter_and_the_node_given_up(
    quiet: Anvil, tmp_path: Path, lie: str, confirmations: int
) -> None:
    batches: list[Batch] = []
    with between(quiet.url) as stub:
        stub.change = LIES[lie]
        follower = desk(tmp_path).follower(node_settings(stub.url, confirmations=confirmations, poll_s=0.001))
        with pytest.raises(EdgeDown, match="8 answers in a row"):
            for batch in follower.batches(None):
                batches.append(batch)
        follower.reader.rpc.close()
    letters = [letter for batch in batches for letter in batch.dead_letters]
    assert {letter.reason for letter in letters} == {"lying-node"}
    assert len({letter.letter_id for letter in letters}) == 1
    assert all(letter.payload and letter.place for letter in letters)
    assert token_rows(rows(batches)) <= quiet.token_truth()
    assert max((t.block_height for t in rows(batches)), default=0) < quiet.height() - 1


def test_after_the_lie_the_truth(stub: Between, anvil: Anvil, tmp_path: Path) -> None:
    told = iter(range(3))

    def lie_three_times(method: str, params: list[Any], result: Any) -> Any:
        return each(blockHash=OTHER)(result) if method == "eth_getLogs" and next(told, None) is not None else result

    stub.change = lie_three_times
    one = Following(stub.url, tmp_path)
    one.wait_for(anvil.ask("eth_getBlockByNumber", "latest", False)["hash"])
    one.close()
    assert sum(len(batch.dead_letters) for batch in one.batches) >= 1
    assert token_rows(net(one.transfers).values()) == anvil.token_truth()


def test_an_honest_second_node_is_asked_after_a_lie(stub: Between, anvil: Anvil, tmp_path: Path) -> None:
    stub.change = on("eth_getLogs", each(blockHash=OTHER))
    one = Following(f"{stub.url}, {anvil.url}", tmp_path)
    one.wait_for(anvil.ask("eth_getBlockByNumber", "latest", False)["hash"])
    one.close()
    assert any(batch.dead_letters for batch in one.batches)
    assert token_rows(net(one.transfers).values()) == anvil.token_truth()


def test_a_lagging_node_that_leaves_logs_out_of_a_range_is_found_by_the_bloom(
    stub: Between, anvil: Anvil, tmp_path: Path
) -> None:
    stub.change = lambda m, p, r: [] if m == "eth_getLogs" and "fromBlock" in p[0] else r
    one = Following(stub.url, tmp_path, confirmations=0)
    one.wait_for(anvil.ask("eth_getBlockByNumber", "latest", False)["hash"])
    one.close()
    assert token_rows(one.transfers) == anvil.token_truth()


def test_a_node_that_lags_for_a_moment_takes_nothing_back(stub: Between, anvil: Anvil, tmp_path: Path) -> None:
    one = Following(stub.url, tmp_path)
    one.wait_for(anvil.ask("eth_getBlockByNumber", "latest", False)["hash"])
    older = anvil.ask("eth_getBlockByNumber", hex(anvil.height() - 3), False)
    asked: list[int] = []

    def lag_twice(method: str, params: list[Any], result: Any) -> Any:
        if method != "eth_getBlockByNumber" or params[0] != "latest":
            return result
        asked.append(1)
        return older if len(asked) in (1, 2) else result

    stub.change = lag_twice
    wait_until(lambda: len(asked) > 4, what="some polls")
    one.close()
    assert token_rows(one.transfers) == anvil.token_truth()
    assert all(t.op == 1 for t in one.transfers)


@pytest.mark.parametrize("method", ["eth_getLogs", "eth_getBlockReceipts"])
def test_a_node_that_does_not_have_the_block_yet_is_asked_again(
    stub: Between, anvil: Anvil, tmp_path: Path, method: str
) -> None:
    late = iter(range(4))
    missing = Fault(-32000, "unknown block") if method == "eth_getLogs" else None
    stub.change = lambda m, p, r: missing if m == method and next(late, None) is not None else r
    one = Following(stub.url, tmp_path)
    one.wait_for(anvil.ask("eth_getBlockByNumber", "latest", False)["hash"])
    one.close()
    assert not any(batch.dead_letters for batch in one.batches)
    assert token_rows(one.transfers) == anvil.token_truth()


def test_a_node_away_is_edge_down_and_following_goes_on_when_it_is_back(
    stub: Between, anvil: Anvil, tmp_path: Path
) -> None:
    one = Following(stub.url, tmp_path)
    one.wait_for(anvil.ask("eth_getBlockByNumber", "latest", False)["hash"])
    stub.refuse = lambda method: (502, {})
    wait_until(lambda: one.ended, what="the follower to give up")
    assert isinstance(one.error, EdgeDown)
    one.close()
    stub.refuse = lambda method: None
    anvil.pay_token(anvil.accounts[1], 99)
    again = Following(stub.url, tmp_path, after=one.position)
    again.wait_for(anvil.ask("eth_getBlockByNumber", "latest", False)["hash"])
    again.close()
    assert token_rows(net(one.transfers + again.transfers).values()) == anvil.token_truth()


def test_a_busy_node_is_waited_for(stub: Between, anvil: Anvil, tmp_path: Path) -> None:
    busy = iter(range(10))
    stub.refuse = lambda method: (429, {"retry-after": "0"}) if next(busy, 1) % 3 == 0 else None
    one = Following(stub.url, tmp_path)
    one.wait_for(anvil.ask("eth_getBlockByNumber", "latest", False)["hash"])
    one.close()
    assert token_rows(one.transfers) == anvil.token_truth()


def test_too_many_results_split_the_range(stub: Between, anvil: Anvil, tmp_path: Path) -> None:
    def at_most_two_blocks(method: str, params: list[Any], result: Any) -> Any:
        if method != "eth_getLogs" or "fromBlock" not in params[0]:
            return result
        wide = int(params[0]["toBlock"], 16) - int(params[0]["fromBlock"], 16) >= 2
        return Fault(-32005, "query returned more than 10000 results") if wide else result

    stub.change = at_most_two_blocks
    backfill = desk(tmp_path).backfill(node_settings(stub.url), 0, anvil.height())
    assert token_rows(rows(backfill.batches(None))) == anvil.token_truth()
    backfill.reader.rpc.close()
    ranges = [p[0] for m, p in stub.asked if m == "eth_getLogs" and "fromBlock" in p[0]]
    assert len(ranges) > 4


def test_a_node_without_receipts_is_the_operators(stub: Between, tmp_path: Path) -> None:
    stub.change = lambda m, p, r: Fault(-32601, "no such method") if m == "eth_getBlockReceipts" else r
    follower = desk(tmp_path).follower(node_settings(stub.url))
    with pytest.raises(ConfigError, match="native = false"):
        list(follower.batches(None))
    follower.reader.rpc.close()


def test_a_backfill_of_lies_is_given_up(stub: Between, anvil: Anvil, tmp_path: Path) -> None:
    stub.change = on("eth_getLogs", each(blockHash=OTHER))
    shared = ChainDesk(assets=desk(tmp_path).assets, state_dir=tmp_path, pace=quick_pace())
    backfill = shared.backfill(node_settings(stub.url), 0, anvil.height())
    letters: list[DeadLetter] = []
    with pytest.raises(EdgeDown, match="contradict themselves"):
        for batch in backfill.batches(None):
            letters += batch.dead_letters
            assert batch.transfers is None
    backfill.reader.rpc.close()
    assert {letter.reason for letter in letters} == {"lying-node"}
