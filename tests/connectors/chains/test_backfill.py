"""A range read at once gives what following it gives; real USDT transfers come out as the reference has them."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator
from itertools import groupby
from pathlib import Path

import msgspec
import pytest
from eth_utils.crypto import keccak

from manumit.connectors.chains.backfill import Backfill
from manumit.schemas.errors import ConfigError, EdgeDown
from tests.connectors.chains.anvil import TOKEN, Anvil
from tests.connectors.chains.sources import Following, desk, node_settings, rows, token_rows

pytestmark = pytest.mark.node
Make = Callable[..., Following]
Range = Callable[[int, int], Backfill]
REFERENCE = "chains/graphsense-lib/account/eth/tokens/reference/USDT_token_transfers.json"
USDT = "0xdac17f958d2ee523a2206206994597c13d831ec7"
BALANCES_SLOT = 6  # where the compiled test token keeps balanceOf

# Runtime code: LOG4 of the Transfer topic with no data (ERC-721), then LOG3 of it with 64 data bytes.
SHAPES_RUNTIME = (
    "6007600560036001"  # topic values under the stack of both logs
    + "7fddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef"
    + "60006000a4"
    + "60036001"
    + "7fddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef"
    + "60406000a300"
)


class Reference(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """One line of GraphSense's reference answer; hashes and addresses are base64."""

    block_id: int
    tx_hash: str
    sender: str = msgspec.field(name="from")
    to: str
    value: int


@pytest.fixture
def ranged(anvil: Anvil, tmp_path: Path) -> Iterator[Range]:
    made: list[Backfill] = []

    def make(first: int, last: int) -> Backfill:
        made.append(desk(tmp_path).backfill(node_settings(anvil.url), first, last))
        return made[-1]

    yield make
    for one in made:
        one.reader.rpc.close()


def history(anvil: Anvil) -> None:
    """Blocks of every kind: empty, token, native, reverted, creation, zero value, ERC-721 shapes."""
    anvil.mine(120)
    for i in range(5):
        anvil.pay_token(anvil.accounts[1 + i], 10 + i)
        anvil.pay(anvil.accounts[1 + i], 1000 + i)
    anvil.pay(anvil.accounts[1], 0)
    assert anvil.pay(anvil.token, 5)["status"] == "0x0", "the token takes no ether"
    shapes = anvil.deploy("60" + f"{len(SHAPES_RUNTIME) // 2:02x}" + "80600b6000396000f3" + SHAPES_RUNTIME)
    anvil.pay(shapes, 3)
    anvil.mine(30)


def test_the_range_equals_following_it(anvil: Anvil, following: Make, ranged: Range) -> None:
    history(anvil)
    last = anvil.height()
    one = following()
    one.wait_for(anvil.ask("eth_getBlockByNumber", hex(last), False)["hash"])
    filled = rows(ranged(0, last).batches(None))
    assert filled == one.transfers
    assert token_rows(filled) == {row for row in anvil.token_truth() if row[5] > 0}


def test_only_erc20_shapes_and_moved_value_count(anvil: Anvil, ranged: Range) -> None:
    history(anvil)
    found = rows(ranged(0, anvil.height()).batches(None))
    native = [t.amount for t in found if t.asset == "ETH"]
    assert native == [1000, 1001, 1002, 1003, 1004, 3]
    assert [t.amount for t in found if t.asset == anvil.token.lower()] == [10**15, 10, 11, 12, 13, 14]
    logs = anvil.ask("eth_getLogs", {"fromBlock": "0x0", "toBlock": "latest"})
    assert len(logs) == 8, "both odd shapes are on the chain"
    assert {t.asset for t in found} == {"ETH", anvil.token.lower()}


def test_without_native_only_tokens_come(anvil: Anvil, tmp_path: Path) -> None:
    history(anvil)
    backfill = desk(tmp_path).backfill(node_settings(anvil.url, native=False), 0, anvil.height())
    assert {t.asset for t in rows(backfill.batches(None))} == {anvil.token.lower()}
    backfill.reader.rpc.close()


def test_any_cut_resumes(anvil: Anvil, ranged: Range) -> None:
    history(anvil)
    anvil.mine(100)
    whole = list(ranged(5, anvil.height()).batches(None))
    assert len(whole) >= 3
    for cut in range(1, len(whole) + 1):
        rest = list(ranged(5, anvil.height()).batches(whole[cut - 1].position))
        assert rows(whole[:cut]) + rows(rest) == rows(whole)


def test_total_and_finality(anvil: Anvil, ranged: Range) -> None:
    history(anvil)
    last = anvil.height()
    backfill = ranged(3, last)
    assert backfill.total() == last - 2
    assert not backfill.live
    batches = list(backfill.batches(None))
    assert batches[-1].final == {"eip155:31337": last - 64}
    assert {t.finality for t in rows(batches) if t.block_height > last - 64} == {"provisional"}


def test_a_follower_takes_over_where_the_backfill_ended(anvil: Anvil, following: Make, ranged: Range) -> None:
    history(anvil)
    batches = list(ranged(0, anvil.height() - 64).batches(None))
    one = following(after=batches[-1].position)
    anvil.pay_token(anvil.accounts[1], 77)
    one.wait_for(anvil.ask("eth_getBlockByNumber", "latest", False)["hash"])
    assert token_rows(rows(batches) + one.transfers) == {row for row in anvil.token_truth() if row[5] > 0}


def test_ranges_that_cannot_be_read(anvil: Anvil, ranged: Range) -> None:
    with pytest.raises(ConfigError, match="is empty"):
        list(ranged(5, 4).batches(None))
    with pytest.raises(EdgeDown, match="before the end of the range"):
        list(ranged(0, 10**6).batches(None))
    with pytest.raises(ConfigError, match="unreadable"):
        list(ranged(0, 1).batches("{}"))


def test_stop_ends_between_batches(anvil: Anvil, ranged: Range) -> None:
    anvil.mine(250)
    backfill = ranged(0, 250)
    batches = backfill.batches(None)
    next(batches)
    backfill.stop()
    assert list(batches) == []


def test_real_usdt_transfers_come_out_as_the_reference_has_them(
    anvil_binary: Path, tmp_path: Path, shared_data: Path
) -> None:
    lines = (shared_data / REFERENCE).read_bytes().splitlines()
    wanted = [msgspec.json.decode(line, type=Reference) for line in lines]
    assert len(wanted) == 143
    node = Anvil(anvil_binary, "--chain-id", "1", "--auto-impersonate", "--gas-limit", "300000000")
    try:
        replay(node, wanted)
        shared = desk(tmp_path, tokens={USDT: 6})
        settings = node_settings(node.url, chain="eip155:1")
        backfill = shared.backfill(settings, 0, node.height())
        follow = Following(node.url, tmp_path, chain="eip155:1", tokens={USDT: 6})
        follow.wait_for(node.ask("eth_getBlockByNumber", "latest", False)["hash"])
        follow.close()
        filled = [t for t in rows(backfill.batches(None)) if t.asset == USDT]
        backfill.reader.rpc.close()
    finally:
        node.close()
    assert [t for t in follow.transfers if t.asset == USDT] == filled
    reference = [(hexadecimal(w.sender), hexadecimal(w.to), w.value, 6, w.value / 1e6) for w in wanted]
    assert [(t.sender, t.receiver, t.amount, t.decimals, t.amount_usd) for t in filled] == reference


def hexadecimal(base64_text: str) -> str:
    return "0x" + base64.b64decode(base64_text).hex()


def replay(node: Anvil, wanted: list[Reference]) -> None:
    """Put the token's code at the real address, give the real senders what they sent, and send it block by block."""
    made = node.deploy(TOKEN["bytecode"] + f"{0:064x}")
    node.ask("anvil_setCode", USDT, node.ask("eth_getCode", made, "latest"))
    node.ask("evm_setAutomine", False)
    spent: dict[str, int] = {}
    for one in wanted:
        spent[hexadecimal(one.sender)] = spent.get(hexadecimal(one.sender), 0) + one.value
    for sender, value in spent.items():
        slot = keccak(BALANCES_SLOT.to_bytes(32, "big") + bytes.fromhex(sender[2:]).rjust(32, b"\0"))
        node.ask("anvil_setStorageAt", USDT, "0x" + slot.hex(), f"0x{value:064x}")
        node.ask("anvil_setBalance", sender, hex(10**19))
    node.token = USDT
    for _, block in groupby(wanted, key=lambda one: one.block_id):
        gas_price = 10**12
        payments = []
        for one in block:
            gas_price -= 10**6  # miners order by price: falling prices keep the reference's order
            sent = node.token_payment(hexadecimal(one.to), one.value)
            payments.append([{**sent, "from": hexadecimal(one.sender), "gasPrice": hex(gas_price)}])
        node.ask_all("eth_sendTransaction", payments)
        node.ask("evm_mine")
