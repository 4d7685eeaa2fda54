"""Decimals: the table first, then the contract's own word, and never a guess when the node is away."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from manumit.connectors.chains.rpc import Rpc
from manumit.connectors.chains.tokens import TokenDecimals
from manumit.schemas.errors import EdgeDown
from tests.connectors.chains.anvil import Anvil
from tests.connectors.chains.between import Fault, between, unchanged
from tests.connectors.chains.sources import desk, node_settings, quick_pace, rows

pytestmark = pytest.mark.node


@pytest.fixture
def rpc(anvil: Anvil) -> Iterator[Rpc]:
    one = Rpc([anvil.url], pace=quick_pace())
    yield one
    one.close()


def unknown(token: str) -> int | None:
    return None


def returning(word: str) -> str:
    """Creation code of a contract that answers every call with this 32-byte word."""
    runtime = f"7f{word}60005260206000f3"
    return f"0x60{len(runtime) // 2:02x}80600b6000396000f3{runtime}"


def test_the_contract_says_its_decimals(anvil: Anvil, rpc: Rpc) -> None:
    assert TokenDecimals(unknown, rpc)(anvil.token.lower()) == 6


def test_the_table_comes_first(anvil: Anvil, rpc: Rpc) -> None:
    assert TokenDecimals({anvil.token.lower(): 18}.get, rpc)(anvil.token.lower()) == 18


def test_without_a_node_only_the_table_knows(anvil: Anvil) -> None:
    assert TokenDecimals(unknown)(anvil.token.lower()) is None


@pytest.mark.parametrize("word", [f"{78:064x}", f"{256:064x}", "f" * 64])
def test_absurd_decimals_are_unknown(anvil: Anvil, rpc: Rpc, word: str) -> None:
    assert TokenDecimals(unknown, rpc)(anvil.deploy(returning(word)).lower()) is None


def test_contracts_without_the_method_are_unknown(anvil: Anvil, rpc: Rpc) -> None:
    reverting = anvil.deploy("0x600580600b6000396000f360006000fd")
    decimals = TokenDecimals(unknown, rpc)
    assert decimals(reverting.lower()) is None
    assert decimals(anvil.accounts[1].lower()) is None


def test_a_contract_is_asked_once(anvil: Anvil) -> None:
    with between(anvil.url) as stub:
        rpc = Rpc([stub.url], pace=quick_pace())
        decimals = TokenDecimals(unknown, rpc)
        assert [decimals(anvil.token.lower()) for _ in range(3)] == [6, 6, 6]
        assert stub.count("eth_call") == 1
        rpc.close()


def test_a_node_away_is_not_an_answer(anvil: Anvil) -> None:
    with between(anvil.url) as stub:
        stub.refuse = lambda method: (502, {})
        rpc = Rpc([stub.url], pace=quick_pace())
        with pytest.raises(EdgeDown):
            TokenDecimals(unknown, rpc)(anvil.token.lower())
        rpc.close()


def test_a_lagging_node_is_not_an_answer_either(anvil: Anvil) -> None:
    with between(anvil.url) as stub:
        stub.change = lambda m, p, r: Fault(-32000, "Header not found") if m == "eth_call" else r
        rpc = Rpc([stub.url], pace=quick_pace())
        decimals = TokenDecimals(unknown, rpc)
        with pytest.raises(EdgeDown):
            decimals(anvil.token.lower())
        stub.change = unchanged
        assert decimals(anvil.token.lower()) == 6
        rpc.close()


def test_a_followed_token_outside_the_table_has_decimals_and_no_usd(anvil: Anvil, tmp_path: Path) -> None:
    backfill = desk(tmp_path).backfill(node_settings(anvil.url), 0, anvil.height())
    found = rows(backfill.batches(None))
    backfill.reader.rpc.close()
    assert [(t.asset, t.decimals, t.amount_usd) for t in found] == [(anvil.token.lower(), 6, None)]


def test_web3_leaves_the_recursion_limit_alone() -> None:
    program = (
        "import sys; before = sys.getrecursionlimit(); from manumit.connectors.chains.web3_import import load_web3; "
        "load_web3(); assert 'web3' in sys.modules; assert sys.getrecursionlimit() == before"
    )
    subprocess.run([sys.executable, "-c", program], check=True)
