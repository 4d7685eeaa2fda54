"""A follower on a real node: what it reads is the node's own log set, live, killed and resumed, through reorgs."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import msgspec
import pytest

from manumit.schemas.errors import Broken, ConfigError, EdgeDown
from manumit.schemas.transfer import NATIVE_POSITION
from tests.connectors.chains.anvil import Anvil
from tests.connectors.chains.sources import Following, desk, net, node_settings, rows, token_rows

pytestmark = pytest.mark.node
Make = Callable[..., Following]


def head_hash(anvil: Anvil) -> str:
    return str(anvil.ask("eth_getBlockByNumber", "latest", False)["hash"])


def pay_each(anvil: Anvil, count: int, *, start: int = 100) -> None:
    for i in range(count):
        anvil.pay_token(anvil.accounts[1 + i % 9], start + i)


def caught_up(anvil: Anvil, following: Following) -> None:
    following.wait_for(head_hash(anvil))


def test_live_blocks_come_as_they_are_mined(anvil: Anvil, following: Make) -> None:
    one = following()
    caught_up(anvil, one)
    for amount in (5, 6, 7):
        anvil.pay_token(anvil.accounts[1], amount)
        caught_up(anvil, one)
        assert one.transfers[-1].amount == amount
    assert token_rows(one.transfers) == anvil.token_truth()
    assert one.follower.live
    assert one.follower.total() is None


def test_fields_of_a_token_and_a_native_transfer(anvil: Anvil, following: Make) -> None:
    receipt = anvil.pay_token(anvil.accounts[3].upper().replace("0X", "0x"), 2_500_000)
    native = anvil.pay(anvil.accounts[4], 10**18)
    one = following(tokens={anvil.token.lower(): 6})
    caught_up(anvil, one)
    token, coin = one.transfers[-2:]
    assert (token.asset, token.amount, token.decimals, token.amount_usd) == (anvil.token.lower(), 2_500_000, 6, 2.5)
    assert (token.sender, token.receiver) == (anvil.accounts[0].lower(), anvil.accounts[3].lower())
    assert (token.tx_hash, token.block_hash) == (receipt["transactionHash"], receipt["blockHash"])
    assert (coin.asset, coin.amount, coin.decimals, coin.amount_usd) == ("ETH", 10**18, 18, None)
    assert (coin.position, coin.tx_hash) == (NATIVE_POSITION, native["transactionHash"])
    block = anvil.ask("eth_getBlockByNumber", "latest", False)
    assert coin.at_us == int(block["timestamp"], 16) * 1_000_000


def test_blocks_turn_final_under_the_head(anvil: Anvil, following: Make) -> None:
    pay_each(anvil, 12)
    one = following(confirmations=5)
    caught_up(anvil, one)
    height = anvil.height()
    assert one.batches[-1].final == {"eip155:31337": height - 5}
    finality = {t.block_height: t.finality for t in one.transfers}
    assert [finality[h] for h in (height - 5, height - 4)] == ["final", "provisional"]


def test_the_nodes_own_finalized_block_may_be_nearer(anvil: Anvil, tmp_path: Path) -> None:
    anvil.mine(80)
    follower = desk(tmp_path).follower(node_settings(anvil.url, confirmations=1000))
    follower = dataclasses.replace(follower, finalized_tag="finalized")
    last = 0
    for batch in follower.batches(None):
        last = batch.final["eip155:31337"]
        if msgspec.json.decode(batch.position)["next_height"] > anvil.height():
            follower.stop()
    follower.reader.rpc.close()
    assert last == anvil.height() - 64


def test_following_far_behind_and_block_by_block_agree(anvil: Anvil, following: Make, tmp_path: Path) -> None:
    pay_each(anvil, 10)
    far = following(confirmations=1)
    caught_up(anvil, far)
    near = Following(anvil.url, tmp_path / "near", confirmations=500)
    caught_up(anvil, near)
    near.close()
    strip = [msgspec.structs.replace(t, finality="") for t in far.transfers]
    assert strip == [msgspec.structs.replace(t, finality="") for t in near.transfers]
    assert len(near.batches) > len(far.batches)


def test_starting_at_the_head_skips_history(anvil: Anvil, following: Make) -> None:
    pay_each(anvil, 3)
    one = following(start_height=None)
    caught_up(anvil, one)
    anvil.pay_token(anvil.accounts[1], 77)
    caught_up(anvil, one)
    assert [t.amount for t in one.transfers] == [102, 77]


def test_killed_at_any_batch_and_resumed_gives_the_same(anvil: Anvil, following: Make, tmp_path: Path) -> None:
    pay_each(anvil, 8)
    whole = following(confirmations=4)
    caught_up(anvil, whole)
    whole.close()
    for cut in range(1, len(whole.batches)):
        resumed = Following(anvil.url, tmp_path, after=whole.batches[cut - 1].position, confirmations=4)
        caught_up(anvil, resumed)
        resumed.close()
        assert rows(whole.batches[:cut]) + resumed.transfers == whole.transfers


@pytest.mark.parametrize("depth", range(1, 11))
def test_a_reorg_while_following(anvil: Anvil, following: Make, depth: int) -> None:
    pay_each(anvil, 10)
    one = following(confirmations=64)
    caught_up(anvil, one)
    before = len(one.transfers)
    anvil.reorg(depth, [(anvil.token_payment(anvil.accounts[7], 9000 + depth), depth - 1)])
    caught_up(anvil, one)
    pay_each(anvil, 1, start=500)
    caught_up(anvil, one)
    assert token_rows(net(one.transfers).values()) == anvil.token_truth()
    taken = [t for t in one.transfers if t.op == -1]
    assert len(taken) == depth
    assert [t.amount for t in taken] == [109 - i for i in range(depth)]
    assert one.transfers[before : before + depth] == taken


@pytest.mark.parametrize("depth", range(1, 11))
def test_a_reorg_while_away(anvil: Anvil, following: Make, tmp_path: Path, depth: int) -> None:
    pay_each(anvil, 10)
    first = following(confirmations=64)
    caught_up(anvil, first)
    first.close()
    anvil.reorg(depth, [(anvil.token_payment(anvil.accounts[7], 9000 + depth), 0)])
    pay_each(anvil, depth % 3)
    second = Following(anvil.url, tmp_path, after=first.position, confirmations=64)
    caught_up(anvil, second)
    second.close()
    both = first.transfers + second.transfers
    assert sum(t.op == -1 for t in both) == depth
    assert token_rows(net(both).values()) == anvil.token_truth()


def test_retractions_carry_the_whole_transfer(anvil: Anvil, following: Make) -> None:
    one = following(tokens={anvil.token.lower(): 6})
    pay_each(anvil, 2)
    caught_up(anvil, one)
    anvil.reorg(2)
    caught_up(anvil, one)
    seen = {t.event_id: t for t in one.transfers if t.op == 1}
    taken = [t for t in one.transfers if t.op == -1]
    assert taken
    assert [msgspec.structs.replace(t, op=1) for t in taken] == [seen[t.event_id] for t in taken]


def test_killed_between_retraction_and_new_blocks(anvil: Anvil, following: Make, tmp_path: Path) -> None:
    pay_each(anvil, 6)
    one = following()
    caught_up(anvil, one)
    anvil.reorg(4, [(anvil.token_payment(anvil.accounts[7], 1), 2)])
    caught_up(anvil, one)
    one.close()
    cut = 1 + next(i for i, b in enumerate(one.batches) if any(t.op == -1 for t in rows([b])))
    again = Following(anvil.url, tmp_path, after=one.batches[cut - 1].position)
    caught_up(anvil, again)
    again.close()
    assert token_rows(net(rows(one.batches[:cut]) + again.transfers).values()) == anvil.token_truth()


def test_the_head_moves_back(anvil: Anvil, following: Make) -> None:
    snapshot = anvil.ask("evm_snapshot")
    pay_each(anvil, 3)
    one = following()
    caught_up(anvil, one)
    anvil.ask("evm_revert", snapshot)
    caught_up(anvil, one)
    assert token_rows(net(one.transfers).values()) == anvil.token_truth()


@pytest.mark.parametrize("others", [1, 3, 6])
def test_other_blocks_at_the_same_heights(anvil: Anvil, following: Make, others: int) -> None:
    snapshot = anvil.ask("evm_snapshot")
    pay_each(anvil, 3)
    one = following()
    caught_up(anvil, one)
    anvil.ask("evm_revert", snapshot)
    pay_each(anvil, others, start=7000)
    caught_up(anvil, one)
    assert token_rows(net(one.transfers).values()) == anvil.token_truth()


def test_a_reorg_below_the_first_block_followed(anvil: Anvil, following: Make) -> None:
    pay_each(anvil, 4)
    one = following(start_height=None)
    caught_up(anvil, one)
    anvil.reorg(3, [(anvil.token_payment(anvil.accounts[7], 1), 2)])
    caught_up(anvil, one)
    standing = token_rows(net(one.transfers).values())
    assert standing == {row for row in anvil.token_truth() if row[0] == head_hash(anvil)}


def test_a_reorg_deeper_than_the_window_stops(anvil: Anvil, following: Make) -> None:
    pay_each(anvil, 8)
    one = following(confirmations=3)
    caught_up(anvil, one)
    anvil.reorg(6)
    with pytest.raises(Broken, match="deeper than the 3 blocks kept"):
        caught_up(anvil, one)
    assert all(t.op == 1 for t in one.transfers)


def test_missing_state_stops_instead_of_guessing(anvil: Anvil, following: Make, tmp_path: Path) -> None:
    pay_each(anvil, 3)
    one = following()
    caught_up(anvil, one)
    one.close()
    anvil.reorg(2)
    elsewhere = Following(anvil.url, tmp_path / "elsewhere", after=one.position)
    with pytest.raises(Broken, match="its transfers are not in"):
        caught_up(anvil, elsewhere)
    elsewhere.close()


def test_a_node_still_syncing_is_waited_for(anvil: Anvil, following: Make, anvil_binary: Path, tmp_path: Path) -> None:
    pay_each(anvil, 9)
    one = following(confirmations=3)
    caught_up(anvil, one)
    one.close()
    young = Anvil(anvil_binary)
    lagging = Following(young.url, tmp_path, after=one.position, confirmations=3)
    with pytest.raises(EdgeDown, match="led nowhere"):
        lagging.wait_for("never")
    lagging.close()
    young.close()
    assert lagging.transfers == []


def test_another_chain_is_refused(anvil: Anvil, tmp_path: Path) -> None:
    follower = desk(tmp_path).follower(node_settings(anvil.url, chain="eip155:1"))
    with pytest.raises(ConfigError, match="serves eip155:31337"):
        next(iter(follower.batches(None)))
    follower.reader.rpc.close()


def test_the_shelf_and_the_position_stay_small(anvil: Anvil, following: Make, tmp_path: Path) -> None:
    one = following(confirmations=4)
    for _ in range(6):
        pay_each(anvil, 8)
        caught_up(anvil, one)
    assert len(list(tmp_path.rglob("*.json"))) <= 4 * 5 + 1
    assert len(msgspec.json.decode(one.batches[-1].position)["kept"]) == 5
    heights = [msgspec.json.decode(b.position)["next_height"] for b in one.batches]
    assert all(a < b for a, b in pairwise(heights))


def test_stop_ends_a_quiet_follower_soon(anvil: Anvil, following: Make) -> None:
    one = following(poll_s=3600)
    caught_up(anvil, one)
    one.close()
    assert one.ended
    assert one.error is None
