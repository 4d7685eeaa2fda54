"""A node whose logs do not match its block, as the command line meets it."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.cli.program import Program
from tests.connectors.chains.anvil import CHAIN, Anvil
from tests.connectors.chains.between import Between, between
from tests.servers import anvil_path, wait_until

pytestmark = pytest.mark.node
OTHER = "0x" + "11" * 32
BLOCKS = 4
LETTERS = "SELECT reason, payload FROM dead_letters"


@pytest.fixture(scope="module")
def node() -> Iterator[Anvil]:
    one = Anvil(anvil_path())
    try:
        one.deploy_token()
        for amount in range(1, BLOCKS):
            one.pay_token(one.accounts[amount], amount)
        yield one
    finally:
        one.close()


@pytest.fixture
def stub(node: Anvil) -> Iterator[Between]:
    with between(node.url) as one:
        yield one


def of_another_block(method: str, params: list[Any], result: Any) -> Any:
    """Every log is said to stand in a block nobody asked for."""
    return [{**log, "blockHash": OTHER} for log in result] if method == "eth_getLogs" else result


def program(folder: Path, url: str) -> Program:
    one = Program(folder)
    path = one.configure()
    node = (
        f'[[nodes]]\nname = "main"\nchain = "{CHAIN}"\nurl = "{url}"\npoll_s = 0.05\nstart_height = 1\nnative = false\n'
    )
    path.write_text(path.read_text() + node)
    return one


def test_a_lie_is_a_dead_letter_that_shows_it_and_the_truth_is_read_afterwards(
    tmp_path: Path, stub: Between, node: Anvil
) -> None:
    lies = iter(range(2))
    stub.change = lambda m, p, r: (
        of_another_block(m, p, r) if m == "eth_getLogs" and next(lies, None) is not None else r
    )
    one = program(tmp_path, stub.url)
    said = one.run("run", "--backfill", f"main:1-{BLOCKS}", "--json")
    assert said.code == 0, said.err
    rows, letters = one.rows("SELECT block_hash, tx_hash, position FROM transfers FINAL", LETTERS)
    assert {letter["reason"] for letter in letters} == {"lying-node"}
    assert all(OTHER in letter["payload"] for letter in letters)
    assert said.json["dead_letters"] == 2
    assert {(row["block_hash"], row["tx_hash"], row["position"]) for row in rows} == {
        (block, tx, index) for block, tx, index, *_ in node.token_truth()
    }


def test_a_node_that_goes_on_lying_gives_no_transfer_and_does_not_stop_the_watch(tmp_path: Path, stub: Between) -> None:
    stub.change = of_another_block
    one = program(tmp_path, stub.url)
    process = one.start("run", "--json")
    wait_until(lambda: stub.count("eth_getLogs") >= 3, what="the node to be asked again")
    assert process.poll() is None
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=60)
    assert process.returncode == 130
    rows, letters = one.rows("SELECT tx_hash FROM transfers", LETTERS)
    assert rows == []
    assert {letter["reason"] for letter in letters} == {"lying-node"}
