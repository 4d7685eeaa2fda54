"""A real Bitcoin-like node, end to end: alerts and owners stand and fall with their blocks."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from typer.testing import CliRunner

from manumit.cli import app
from manumit.connectors.chains.sources import ChainDesk, now_us
from manumit.schemas.alert import Alert
from manumit.schemas.utxo import ClusterLink, UtxoTransaction
from manumit.streams.checkpoint import Checkpoints
from manumit.streams.runner import Desk, Runner
from manumit.streams.withdrawing import REORG
from tests.cli.program import Program
from tests.connectors.chains.sources import Pegged, node_settings, quick_pace
from tests.connectors.chains.utxo.litecoin import CHAIN, COIN, MATURITY, Key, Litecoin
from tests.servers import litecoind_path, wait_until
from tests.streams.flow import Kept, new_pipeline

pytestmark = pytest.mark.node
RUNNER = CliRunner()
PAYERS = 12
TILL = Key(71)


class Priced(Pegged):
    """One coin is worth 100 USD."""

    def usd(self, chain: str, asset: str, decimals: int, amount: int, at_us: int) -> float | None:
        return amount / COIN * 100


@pytest.fixture
def litecoin(tmp_path: Path) -> Iterator[Litecoin]:
    """The coin of block n belongs to key n and can be spent."""
    node = Litecoin(litecoind_path(), tmp_path / "litecoin", "-txindex=1")
    try:
        for number in range(1, PAYERS + 1):
            node.mine(1, Key(number))
        node.mine(MATURITY, Key(99))
        yield node
    finally:
        node.close()


class Running:
    """A runner in a thread, from the head of the node on."""

    def __init__(self, node: Litecoin, folder: Path, store: Kept) -> None:
        desk = ChainDesk(assets=Priced(), state_dir=folder, pace=quick_pace())
        self.follower = desk.follower(node_settings(node.url, chain=CHAIN, start_height=node.height()))
        self.stop = threading.Event()
        self.runner = Runner(
            sources=[self.follower],
            pipeline=new_pipeline(overrides={}),
            desk=Desk(
                store=store,
                clock=now_us,
                read=lambda listing: listing,
                seal=lambda letter: letter,
                checkpoint_every_us=0,
            ),
            checkpoints=Checkpoints(folder),
        )
        self._thread = threading.Thread(target=self.runner.run, args=(self.stop,))
        self._thread.start()

    def close(self) -> None:
        self.stop.set()
        self._thread.join(20)
        assert not self._thread.is_alive()
        self.follower.reader.close()


@pytest.fixture
def store(litecoin: Litecoin, tmp_path: Path) -> Iterator[Kept]:
    kept = Kept(reorgs=True)
    running = Running(litecoin, tmp_path / "state", kept)
    try:
        yield kept
    finally:
        running.close()


def funnel(store: Kept, subject: str) -> str:
    found = [a for a in store.alerts.values() if a.detector == "tx-funnel-fan-in" and a.subject == subject]
    return found[0].state if found else "none"


def test_payments_alert_a_reorg_takes_it_back_and_six_blocks_make_it_final(litecoin: Litecoin, store: Kept) -> None:
    subject = f"{CHAIN}:{litecoin.address(TILL)}"
    for number in range(1, 10):
        litecoin.pays(litecoin.coinbase(number, Key(number)), [(TILL, COIN)])
    (block,) = litecoin.mine(1, Key(98))
    wait_until(lambda: funnel(store, subject) == "provisional", what="the alert")
    litecoin.ask("invalidateblock", block)
    litecoin.ask("generateblock", litecoin.address(Key(97)), [])
    litecoin.ask("generateblock", litecoin.address(Key(97)), [])
    wait_until(lambda: funnel(store, subject) == "withdrawn", what="the alert to be withdrawn")
    assert {a.withdrawn_reason for a in store.alerts.values() if a.state == "withdrawn"} == {REORG}
    litecoin.mine(8, Key(96))
    wait_until(lambda: "final" in states(store, subject), what="the same payments in another block, final")
    assert not store.dead_letters


def states(store: Kept, subject: str) -> set[str]:
    return {a.state for a in store.alerts.values() if isinstance(a, Alert) and a.subject == subject}


def standing_links(store: Kept) -> set[tuple[str, str]]:
    """Of each link the row seen last."""
    newest: dict[tuple[str, str, int], ClusterLink] = {}
    for row in store.rows.get("cluster_links", []):
        assert isinstance(row, ClusterLink)
        newest[row.block_hash, row.tx_hash, row.position] = row
    return {(row.first, row.second) for row in newest.values() if row.op == 1}


def test_links_fall_with_their_block(litecoin: Litecoin, store: Kept) -> None:
    one, two = (litecoin.coinbase(number, Key(number)) for number in (10, 11))
    sent = litecoin.send([one, two], [(litecoin.script(litecoin.address(TILL)), 3 * COIN)])
    (block,) = litecoin.mine(1, Key(98))
    pair = {(litecoin.address(Key(10)), litecoin.address(Key(11)))}
    wait_until(lambda: standing_links(store) == pair, what="the link")
    litecoin.ask("invalidateblock", block)
    litecoin.ask("generateblock", litecoin.address(Key(97)), [])
    litecoin.ask("generateblock", litecoin.address(Key(97)), [])
    wait_until(lambda: standing_links(store) == set(), what="the link to be withdrawn")
    whole = [row for row in store.rows["utxo_transactions"] if isinstance(row, UtxoTransaction)]
    assert [row.op for row in whole if row.tx_hash == sent["txid"]] == [1, -1]


def test_an_owner_is_told_on_the_command_line(litecoin: Litecoin, tmp_path: Path) -> None:
    coins = [litecoin.coinbase(number, Key(number)) for number in (10, 11, 12)]
    litecoin.send(coins[:2], [(litecoin.script(litecoin.address(TILL)), 3 * COIN)])
    litecoin.mine(1, Key(98))
    to_eleven, back = litecoin.pays(coins[2], [(Key(11), COIN)])
    litecoin.send([back, to_eleven], [(litecoin.script(litecoin.address(TILL)), 2 * COIN)])
    litecoin.mine(1, Key(98))
    config = Program(tmp_path / "own").configure()
    nodes = msgspec.json.encode([{"name": "coin", "url": litecoin.url, "chain": CHAIN}]).decode()
    environment = {"MANUMIT_CONFIG": str(config), "MANUMIT_NODES": nodes}

    def manumit(*arguments: str, code: int = 0) -> str:
        said = RUNNER.invoke(app, list(arguments), env=environment, catch_exceptions=False)
        assert said.exit_code == code, said.output
        return said.stdout

    manumit("run", "--backfill", f"coin:1-{litecoin.height()}", "--json")
    members = sorted(litecoin.address(Key(number)) for number in (10, 11, 12))
    for member in members:
        told = msgspec.json.decode(manumit("owner", f"{CHAIN}:{member}", "--json"))
        assert told["addresses"] == members
        assert (told["cluster"]["name"], told["cluster"]["size"], told["whole"]) == (members[0], 3, True)
        assert {(one["heuristic"], one["confidence"]) for one in told["links"]} == {("common-input", 0.9)}
    till = litecoin.address(TILL)
    alone = msgspec.json.decode(manumit("owner", f"{CHAIN}:{till}", "--json"))
    assert (alone["addresses"], alone["links"]) == ([till], [])
    assert "common-input" in manumit("owner", f"{CHAIN}:{members[0]}")
    manumit("owner", "bip122:nothing:x", code=2)


def test_the_doctor_looks_at_every_node(litecoin: Litecoin, tmp_path: Path) -> None:
    config = Program(tmp_path / "own").configure()
    nodes = [
        {"name": "coin", "url": litecoin.url, "chain": CHAIN},
        {"name": "other", "url": litecoin.url, "chain": "bip122:000000000019d6689c085ae165831e93"},
        {"name": "tron", "url": litecoin.url, "chain": "tron:0x2b6653dc"},
    ]
    environment = {"MANUMIT_CONFIG": str(config), "MANUMIT_NODES": msgspec.json.encode(nodes).decode()}
    said = RUNNER.invoke(app, ["doctor", "--json"], env=environment, catch_exceptions=False)
    assert said.exit_code == 1
    found = {row["part"]: (row["healthy"], row["says"]) for row in msgspec.json.decode(said.stdout)}
    assert found["node coin"] == (True, f"at block {litecoin.height()} of {CHAIN}")
    assert "correct [[nodes]] chain" in found["node other"][1]
    assert "set wallet_url" in found["node tron"][1]
