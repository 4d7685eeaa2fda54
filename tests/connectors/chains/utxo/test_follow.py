"""A real Bitcoin-like node, followed: transfers, blocks taken back, resume, and what the node does not tell."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import Any

import msgspec
import pytest

from manumit.connectors.chains.utxo.scripts import COINBASE
from manumit.connectors.contract import Batch
from manumit.schemas.errors import Broken, ConfigError, EdgeDown
from manumit.schemas.transfer import Transfer
from manumit.schemas.utxo import UtxoTransaction
from tests.connectors.chains.between import between
from tests.connectors.chains.sources import Following, desk, net, node_settings, rows
from tests.connectors.chains.utxo.litecoin import CHAIN, COIN, FEE, MATURITY, Key, Litecoin, Unspent
from tests.servers import litecoind_path

pytestmark = pytest.mark.node
Make = Callable[..., Following]
Coins = Callable[[], Unspent]


def whole(batches: list[Batch]) -> list[UtxoTransaction]:
    return [row for batch in batches for row in batch.transactions]


def payments(found: list[Transfer]) -> list[Transfer]:
    return [t for t in found if t.sender != COINBASE]


def standing(found: list[Transfer]) -> list[tuple[str, str, str, int]]:
    return [(t.block_hash, t.sender, t.receiver, t.amount) for t in net(found).values()]


def test_a_payment_with_change_and_fee(litecoin: Litecoin, follow: Make, coin: Coins) -> None:
    one = follow()
    paid, kept = litecoin.pays(coin(), [(Key(7), 3 * COIN)])
    (block,) = litecoin.mine()
    one.wait_for(block)
    reward, payment = one.transfers[-2:]
    payer, payee = litecoin.address(Key(1)), litecoin.address(Key(7))
    assert (payment.sender, payment.receiver, payment.amount) == (payer, payee, 3 * COIN)
    assert (payment.tx_hash, payment.position, payment.decimals) == (paid.tx_hash, 0, 8)
    assert (payment.chain, payment.block_hash, payment.block_height) == (CHAIN, block, litecoin.height())
    minted = litecoin.coinbase(litecoin.height(), Key(1)).amount
    assert minted % COIN == FEE
    assert (reward.sender, reward.receiver, reward.amount) == (COINBASE, payer, minted)
    told = whole(one.batches)[-1]
    assert (told.fee, told.coinbase, told.tx_hash) == (FEE, 0, paid.tx_hash)
    assert [(c.address, c.amount) for c in told.inputs] == [(payer, 50 * COIN)]
    assert [(c.address, c.amount) for c in told.outputs] == [(payee, 3 * COIN), (payer, kept.amount)]


def test_every_form_of_script_is_named_as_the_node_names_it(litecoin: Litecoin, follow: Make, coin: Coins) -> None:
    keys = [Key(number) for number in (11, 12, 13)]
    forms = [litecoin.script(litecoin.address(keys[0], form)) for form in ("pkh", "wpkh", "sh(wpkh")]
    bare = f"21{keys[1].public}ac"
    multisig = "51" + "".join(f"21{key.public}" for key in keys[:2]) + "52ae"
    odd = {"6a0474657374": "nulldata", "51": "nonstandard", "5120" + "ab" * 32: "witness_v1_taproot"}
    scripts = [*forms, bare, multisig, *odd]
    sent = litecoin.send([coin()], [(script, COIN) for script in scripts])
    (block,) = litecoin.mine()
    one = follow()
    one.wait_for(block)
    told = whole(one.batches)[-1]
    assert told.tx_hash == sent["txid"]
    for output, said in zip(told.outputs, sent["vout"], strict=True):
        by_node = said["scriptPubKey"].get("addresses", [])
        names = (output.members or (output.address,)) if by_node else ()
        assert list(names) == by_node, said
        if said["scriptPubKey"]["type"] != "witness_unknown":
            assert output.kind == said["scriptPubKey"]["type"]
    assert [c.kind for c in told.outputs][-3:] == list(odd.values())
    assert len({t.receiver for t in one.transfers if t.tx_hash == told.tx_hash}) == len(scripts)


def test_many_inputs_and_outputs_sum_exactly(litecoin: Litecoin, follow: Make, coin: Coins) -> None:
    spread = litecoin.pays(coin(), [(Key(number), number * 1_234_567) for number in range(20, 27)])[:-1]
    litecoin.mine()
    made = [(litecoin.script(litecoin.address(Key(number))), 9_876_543 // number) for number in range(30, 41)]
    made.append((litecoin.script(litecoin.address(Key(20))), 777))
    sent = litecoin.send(spread, made)
    (block,) = litecoin.mine()
    one = follow()
    one.wait_for(block)
    moved = [t for t in one.transfers if t.tx_hash == sent["txid"]]
    received = {litecoin.address(Key(number)): 9_876_543 // number for number in range(30, 41)}
    for address, amount in received.items():
        assert sum(t.amount for t in moved if t.receiver == address) == amount
    assert {t.sender for t in moved} == {litecoin.address(u.key) for u in spread}
    assert sum(t.amount for t in moved) == sum(received.values())


@pytest.mark.parametrize("depth", [1, 2, 5])
def test_blocks_that_are_taken_back(litecoin: Litecoin, follow: Make, coin: Coins, depth: int, tmp_path: Path) -> None:
    one = follow()
    left = coin()
    blocks = []
    for number in range(50, 55):
        *_, left = litecoin.pays(left, [(Key(number), COIN)])
        blocks += litecoin.mine()
    one.wait_for(blocks[-1])
    before = list(one.transfers)
    litecoin.ask("invalidateblock", blocks[-depth])
    fork = litecoin.mine(depth + 1, Key(98))
    one.wait_for(fork[-1])
    again = Following(litecoin.url, tmp_path / "again", chain=CHAIN, start_height=litecoin.height() - depth - 5)
    again.wait_for(fork[-1])
    again.close()
    here = [row for row in standing(one.transfers) if row[0] in set(blocks[:-depth]) | set(fork)]
    assert here == [row for row in standing(again.transfers) if row[0] in set(blocks[:-depth]) | set(fork)]
    taken = [t for t in one.transfers if t.op == -1]
    assert [msgspec.structs.replace(t, op=1) for t in reversed(taken)] == before[len(before) - len(taken) :]
    gone = [t for t in whole(one.batches) if t.op == -1]
    assert {t.block_hash for t in gone} == set(blocks[-depth:])
    stood = {t.event for t in map(Told, whole(one.batches)) if t.op == 1}
    assert {t.event for t in map(Told, gone)} <= stood


def newest(batches: list[Batch]) -> dict[tuple[str, str], int]:
    """Of each transaction in each block, whether it stands: the last word counts."""
    return {(row.block_hash, row.tx_hash): row.op for row in whole(batches)}


def test_random_reorgs_end_where_a_fresh_start_ends(litecoin: Litecoin, follow: Make, coin: Coins) -> None:
    dice = Random(7)  # noqa: S311 - a test's dice
    start = litecoin.height() + 1
    one = follow(confirmations=30, start_height=start)
    left = coin()
    for turn in range(12):
        for _ in range(dice.randint(1, 3)):
            *_, left = litecoin.pays(left, [(Key(dice.randint(2, 9)), dice.randint(1, COIN) + FEE)])
            tip = litecoin.mine(1, Key(90))[-1]
        one.wait_for(tip)
        depth = dice.randint(1, min(6, litecoin.height() - start + 1))
        litecoin.ask("invalidateblock", litecoin.ask("getblockhash", litecoin.height() - depth + 1))
        tip = litecoin.mine(depth + dice.randint(0, 1), Key(91 + turn % 5))[-1]
        one.wait_for(tip)
    fresh = follow(confirmations=30, start_height=start, folder="fresh")
    fresh.wait_for(tip)
    assert standing(one.transfers) == standing(fresh.transfers)
    stands = {key for key, op in newest(one.batches).items() if op == 1}
    assert stands == {key for key, op in newest(fresh.batches).items() if op == 1}
    assert sum(t.op == -1 for t in one.transfers) > 20
    assert not any(batch.dead_letters for batch in one.batches)


class Told:
    """One row of `transactions`, by what it is about."""

    def __init__(self, row: UtxoTransaction) -> None:
        self.op = row.op
        self.event = (row.block_hash, row.tx_hash, row.inputs, row.outputs)


def test_the_old_branch_comes_back(litecoin: Litecoin, follow: Make) -> None:
    one = follow()
    (first,) = litecoin.mine(1, Key(60))
    one.wait_for(first)
    litecoin.ask("invalidateblock", first)
    (second,) = litecoin.mine(1, Key(61))
    one.wait_for(second)
    litecoin.ask("invalidateblock", second)
    litecoin.ask("reconsiderblock", first)
    one.wait_for(first)
    litecoin.ask("reconsiderblock", second)
    last = litecoin.mine(1, Key(62))
    one.wait_for(last[-1])
    assert [row[0] for row in standing(one.transfers)][-2:] == [first, last[-1]]


def test_a_reorg_while_away_and_any_cut_resumes(litecoin: Litecoin, follow: Make, coin: Coins) -> None:
    first = follow()
    left = coin()
    blocks = []
    for number in range(70, 74):
        *_, left = litecoin.pays(left, [(Key(number), COIN)])
        blocks += litecoin.mine()
    first.wait_for(blocks[-1])
    first.close()
    for cut in range(1, len(first.batches)):
        resumed = follow(after=first.batches[cut - 1].position)
        resumed.wait_for(blocks[-1])
        resumed.close()
        assert rows(first.batches[:cut]) + resumed.transfers == first.transfers
        assert whole(first.batches[:cut]) + whole(resumed.batches) == whole(first.batches)
    litecoin.ask("invalidateblock", blocks[-2])
    fork = litecoin.mine(3, Key(97))
    second = follow(after=first.position)
    second.wait_for(fork[-1])
    assert [t for t in second.transfers if t.op == -1]
    assert {row[0] for row in standing(first.transfers + second.transfers)} >= {*blocks[:-2], *fork}


def test_a_reorg_deeper_than_what_is_kept_stops(litecoin: Litecoin, follow: Make) -> None:
    one = follow(confirmations=2)
    blocks = litecoin.mine(6, Key(96))
    one.wait_for(blocks[-1])
    litecoin.ask("invalidateblock", blocks[1])
    fork = litecoin.mine(7, Key(95))
    with pytest.raises(Broken, match="deeper than the 2 blocks kept"):
        one.wait_for(fork[-1])


def test_six_confirmations_make_a_block_final(litecoin: Litecoin, follow: Make) -> None:
    one = follow()
    blocks = litecoin.mine(8, Key(94))
    one.wait_for(blocks[-1])
    assert one.batches[-1].final == {CHAIN: litecoin.height() - 6}
    assert {batch.behind_us for batch in one.batches} == {7_200_000_000}, "miners' clocks"


def test_backfill_equals_following(litecoin: Litecoin, follow: Make, coin: Coins, tmp_path: Path) -> None:
    start = litecoin.height()
    one = follow(confirmations=500)
    left = coin()
    for number in range(80, 84):
        *_, left = litecoin.pays(left, [(Key(number), COIN)])
        last = litecoin.mine()[-1]
    one.wait_for(last)
    settings = node_settings(litecoin.url, chain=CHAIN)
    backfill = desk(tmp_path).backfill(settings, start, litecoin.height())
    filled = [msgspec.structs.replace(t, finality="") for t in rows(backfill.batches(None))]
    backfill.reader.close()
    assert filled == [msgspec.structs.replace(t, finality="") for t in one.transfers]


def test_a_miner_whose_clock_runs_back(litecoin: Litecoin, follow: Make) -> None:
    """The header's time falls; the stream's does not."""
    one = follow()
    now = int(litecoin.ask("getblock", litecoin.head())["time"])
    try:
        times = []
        for step in (1000, 100, 1200):
            litecoin.ask("setmocktime", now + step)
            (block,) = litecoin.mine()
            times.append(int(litecoin.ask("getblock", block)["time"]))
        one.wait_for(block)
    finally:
        litecoin.ask("setmocktime", 0)
    assert times[1] < times[0]
    found = [t.at_us for t in one.transfers]
    assert all(a <= b for a, b in pairwise(found))
    assert found[-3:] == [1_000_000 * t for t in (times[0], times[0], times[2])]


def test_without_prevouts_the_node_is_asked_for_old_transactions(litecoin: Litecoin, follow: Make, coin: Coins) -> None:
    """This node answers verbosity 3 like 2; coins made before we followed come from its index."""
    block = litecoin.ask("getblock", litecoin.head(), 3)
    assert "prevout" not in block["tx"][0]["vin"][0]
    litecoin.pays(coin(), [(Key(7), COIN)])
    (last,) = litecoin.mine()
    one = follow(start_height=litecoin.height())
    one.wait_for(last)
    assert [t.amount for t in payments(one.transfers)] == [COIN]
    assert [t.dead_letters for t in one.batches if t.dead_letters] == []


def with_prevouts(litecoin: Litecoin, block: dict[str, Any]) -> dict[str, Any]:
    """As Bitcoin Core from 23 on answers verbosity 3."""
    for listed in block["tx"]:
        for spends in listed["vin"]:
            if "txid" in spends:
                source = litecoin.ask("getrawtransaction", spends["txid"], True)
                made = source["vout"][spends["vout"]]
                spends["prevout"] = {"generated": False, "height": 1, **made}
    return block


def test_a_node_that_tells_prevouts_is_asked_for_nothing_else(litecoin: Litecoin, follow: Make, coin: Coins) -> None:
    litecoin.pays(coin(), [(Key(7), 123_456_789)])
    (last,) = litecoin.mine()
    with between(litecoin.url) as stub:
        stub.change = lambda method, params, result: (
            with_prevouts(litecoin, result) if method == "getblock" and result else result
        )
        one = follow(url=stub.url, start_height=litecoin.height())
        one.wait_for(last)
        one.close()
    assert [t.amount for t in payments(one.transfers)] == [123_456_789]
    assert stub.count("getrawtransaction") == 0


def test_prevouts_that_hold_less_than_comes_out_are_a_lie(litecoin: Litecoin, follow: Make, coin: Coins) -> None:
    def lying(method: str, params: list[Any], result: Any) -> Any:
        if method != "getblock" or not result:
            return result
        block = with_prevouts(litecoin, result)
        for listed in block["tx"][1:]:
            listed["vin"][0]["prevout"]["value"] = 0.5
        return block

    litecoin.pays(coin(), [(Key(7), COIN)])
    (last,) = litecoin.mine()
    with between(litecoin.url) as stub:
        stub.change = lying
        one = follow(url=stub.url, start_height=litecoin.height())
        with pytest.raises(EdgeDown, match="led nowhere"):
            one.wait_for(last)
        one.close()
    assert one.transfers == []
    assert {letter.reason for batch in one.batches for letter in batch.dead_letters} == {"lying-node"}


@pytest.fixture
def forgetful(tmp_path: Path) -> Iterator[Litecoin]:
    """A node without an index of transactions."""
    node = Litecoin(litecoind_path(), tmp_path / "forgetful")
    try:
        node.mine(4, Key(1))
        node.mine(MATURITY, Key(99))
        yield node
    finally:
        node.close()


def test_what_the_node_has_forgotten_is_a_dead_letter_and_never_guessed(forgetful: Litecoin, follow: Make) -> None:
    *_, left = forgetful.pays(forgetful.coinbase(1, Key(1)), [(Key(7), COIN)])
    forgetful.mine()
    *_, left = forgetful.pays(left, [(Key(8), 2 * COIN)])
    (last,) = forgetful.mine()
    seen = follow(url=forgetful.url, folder="seen", start_height=0)
    seen.wait_for(last)
    assert [t.amount for t in payments(seen.transfers)] == [COIN, 2 * COIN], "seen from the start, nothing is missing"
    late = follow(url=forgetful.url, folder="late", start_height=forgetful.height() - 1)
    late.wait_for(last)
    assert [t.amount for t in payments(late.transfers)] == [2 * COIN], "the first spends what was made before"
    (letter,) = [letter for batch in late.batches for letter in batch.dead_letters]
    assert (letter.reason, letter.source) == ("missing-prevout", "node:test")
    assert "txindex=1" in letter.message


def test_another_chain_is_refused(litecoin: Litecoin, tmp_path: Path) -> None:
    bitcoin = "bip122:000000000019d6689c085ae165831e93"
    follower = desk(tmp_path).follower(node_settings(litecoin.url, chain=bitcoin))
    with pytest.raises(ConfigError, match=f"serves {CHAIN}"):
        next(iter(follower.batches(None)))
    follower.reader.close()


def test_a_wrong_password_is_told(litecoin: Litecoin, tmp_path: Path) -> None:
    follower = desk(tmp_path).follower(node_settings(litecoin.url.replace("secret", "wrong"), chain=CHAIN))
    with pytest.raises(ConfigError, match=r"refuses us \(HTTP 401\)"):
        next(iter(follower.batches(None)))
    follower.reader.close()


def test_a_finalized_tag_is_told_to_be_useless(litecoin: Litecoin, follow: Make) -> None:
    one = follow(finalized_tag="finalized")
    with pytest.raises(ConfigError, match="remove finalized_tag"):
        one.wait_for("never")


def test_a_node_that_is_not_there(tmp_path: Path) -> None:
    follower = desk(tmp_path).follower(node_settings("http://127.0.0.1:9", chain=CHAIN))
    with pytest.raises(EdgeDown):
        next(iter(follower.batches(None)))
    follower.reader.close()
