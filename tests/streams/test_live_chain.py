"""A real node, end to end: payments alert, a reorg takes the alert back, confirmations make it final."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from manumit.connectors.chains.follower import Follower
from manumit.connectors.chains.sources import ChainDesk, now_us
from manumit.connectors.chains.web3_import import load_web3
from manumit.schemas.alert import Alert
from manumit.streams.checkpoint import Checkpoints
from manumit.streams.runner import OUTLIVED, Desk, Runner
from manumit.streams.withdrawing import REORG
from tests.connectors.chains.anvil import CHAIN, Anvil
from tests.connectors.chains.sources import Pegged, node_settings, quick_pace
from tests.servers import anvil_path, wait_until
from tests.streams.flow import Kept, new_pipeline

pytestmark = pytest.mark.node
TILL = "0x" + "71" * 20
ETHER = 10**18


class Priced(Pegged):
    """One ether is worth 100 USD."""

    def usd(self, chain: str, asset: str, decimals: int, amount: int, at_us: int) -> float | None:
        return amount / ETHER * 100 if asset == "ETH" else None


@pytest.fixture
def anvil() -> Iterator[Anvil]:
    load_web3()
    node = Anvil(anvil_path())
    try:
        yield node
    finally:
        node.close()


class Running:
    """A runner in a thread, on a follower of the node."""

    def __init__(self, url: str, folder: Path, store: Kept, confirmations: int) -> None:
        desk = ChainDesk(assets=Priced(), state_dir=folder, pace=quick_pace())
        self.follower: Follower = desk.follower(node_settings(url, confirmations=confirmations))
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
        self.follower.reader.rpc.close()


@pytest.fixture
def running(anvil: Anvil, tmp_path: Path) -> Iterator[Callable[..., Running]]:
    made: list[Running] = []

    def make(store: Kept, confirmations: int = 12) -> Running:
        made.append(Running(anvil.url, tmp_path, store, confirmations))
        return made[-1]

    yield make
    for one in made:
        one.close()


def pay_till(anvil: Anvil, payers: range) -> None:
    for payer in payers:
        sent: dict[str, Any] = {"from": anvil.accounts[payer], "to": TILL, "value": hex(ETHER), "gas": hex(100_000)}
        anvil.ask("eth_sendTransactionSync", sent)


def funnel(store: Kept) -> Alert | None:
    found = [a for a in store.alerts.values() if a.detector == "tx-funnel-fan-in" and a.subject == f"{CHAIN}:{TILL}"]
    return found[0] if found else None


def state(store: Kept) -> str:
    alert = funnel(store)
    return alert.state if alert else "none"


def becomes(store: Kept, wanted: str) -> None:
    wait_until(lambda: state(store) == wanted, what=f"the alert to be {wanted}")


def test_a_reorg_takes_the_alert_back_and_new_payments_raise_another(
    anvil: Anvil, running: Callable[..., Running]
) -> None:
    store = Kept(reorgs=True)
    running(store)
    pay_till(anvil, range(1, 10))
    becomes(store, "provisional")
    anvil.reorg(5)
    becomes(store, "withdrawn")
    alert = funnel(store)
    assert alert is not None
    assert alert.withdrawn_reason == REORG
    anvil.mine(3)
    pay_till(anvil, range(1, 10))
    wait_until(
        lambda: {a.state for a in store.alerts.values() if a.subject.endswith(TILL)} == {"withdrawn", "provisional"},
        what="another alert",
    )
    assert not store.dead_letters


def test_confirmations_make_it_final_even_after_a_restart(anvil: Anvil, running: Callable[..., Running]) -> None:
    store = Kept(reorgs=True)
    first = running(store)
    pay_till(anvil, range(1, 10))
    becomes(store, "provisional")
    first.close()
    anvil.mine(11)
    running(store)
    becomes(store, "provisional")
    anvil.mine(4)
    becomes(store, "final")
    final = funnel(store)
    assert final is not None
    assert (final.signals, len(final.evidence)) == (2, 9)
    assert not store.dead_letters


def test_a_reorg_while_we_were_away(anvil: Anvil, running: Callable[..., Running]) -> None:
    store = Kept(reorgs=True)
    first = running(store)
    pay_till(anvil, range(1, 10))
    becomes(store, "provisional")
    first.close()
    anvil.reorg(6)
    running(store)
    becomes(store, "withdrawn")
    assert not store.dead_letters


@pytest.mark.parametrize("seen", [0, 2], ids=["no checkpoint yet", "after a checkpoint"])
def test_a_reorg_after_a_kill(anvil: Anvil, running: Callable[..., Running], tmp_path: Path, seen: int) -> None:
    store = Kept(reorgs=True)
    first = running(store)
    pay_till(anvil, range(1, 3))
    wait_until(lambda: first.runner.totals.events >= seen, what="the first payments")
    first.close()
    as_killed = {path: path.read_bytes() for path in tmp_path.glob("*.checkpoint") if seen}
    second = running(store)
    pay_till(anvil, range(3, 10))
    becomes(store, "provisional")
    second.close()
    for path in tmp_path.glob("*.checkpoint"):
        path.unlink()
    for path, data in as_killed.items():
        path.write_bytes(data)
    anvil.reorg(6)
    running(store)
    becomes(store, "withdrawn")
    alert = funnel(store)
    assert alert is not None
    assert alert.withdrawn_reason == OUTLIVED
