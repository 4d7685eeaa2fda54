"""A real node that takes blocks back again and again: what stands in the end are the alerts of the final chain.

MANUMIT_TEST_REORGS sets how many reorgs there are (`make test-reorgs`: 1,000).
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

import msgspec
import pytest

from manumit.connectors.chains.sources import ChainDesk
from manumit.connectors.chains.web3_import import load_web3
from manumit.schemas.alert import Alert
from manumit.schemas.errors import ManumitError
from manumit.streams.checkpoint import Checkpoints
from manumit.streams.runner import Desk, Runner, Totals
from manumit.streams.withdrawing import REORG
from tests.connectors.chains.anvil import Anvil
from tests.connectors.chains.sources import Pegged, node_settings, quick_pace
from tests.servers import anvil_path, wait_until
from tests.streams.flow import Kept, new_pipeline

pytestmark = pytest.mark.node
REORGS = int(os.environ.get("MANUMIT_TEST_REORGS") or 40)
DEEPEST = 64
RESTART_SHARE = 0.05
PATIENCE_S = 120.0  # the first run may have to compile
START_S = 1_700_000_000
SECOND_US = 1_000_000
SECONDS_A_BLOCK = 300
USD_PER_ETHER = 1_000
ETHER = 10**18
AMOUNTS = (ETHER // 100, ETHER // 20, 9 * ETHER // 10, 95 * ETHER // 10)


class Priced(Pegged):
    """One ether is worth 1,000 USD."""

    def usd(self, chain: str, asset: str, decimals: int, amount: int, at_us: int) -> float | None:
        return amount / ETHER * USD_PER_ETHER if asset == "ETH" else None


@dataclass(slots=True, kw_only=True)
class Upheaval:
    """Random payments and reorgs of one node. `depths` are those of the reorgs; the clock is the newest block's."""

    node: Anvil
    dice: Random
    depths: list[int] = field(default_factory=list)
    now_us: int = START_S * SECOND_US

    def clock(self) -> int:
        """A node at the head has blocks of this minute: a clock years later would call every episode over."""
        return self.now_us

    def payment(self) -> dict[str, Any]:
        sender, receiver = self.dice.sample(self.node.accounts, 2)
        return {"from": sender, "to": receiver, "value": hex(self.dice.choice(AMOUNTS)), "gas": hex(100_000)}

    def grow(self, blocks: int) -> None:
        for _ in range(blocks):
            self.node.ask("eth_sendTransactionSync", self.payment())

    def reorganise(self) -> None:
        """The last blocks are replaced by as many, with other payments in some of them; then the chain grows."""
        depth = self.dice.randint(1, DEEPEST)
        indices = sorted(self.dice.randrange(depth) for _ in range(self.dice.randint(0, max(1, depth // 4))))
        self.node.ask("anvil_reorg", depth, [[self.payment(), index] for index in indices])
        self.depths.append(depth)
        self.grow(self.dice.randint(0, 4))

    def head(self) -> str:
        block = self.node.ask("eth_getBlockByNumber", "latest", False)
        self.now_us = max(self.now_us, int(block["timestamp"], 16) * SECOND_US)
        return str(block["hash"])


class Running:
    """A runner in a thread on its own follower of the node, and how far what it wrote has come."""

    def __init__(self, upheaval: Upheaval, folder: Path, store: Kept) -> None:
        desk = ChainDesk(assets=Priced(), state_dir=folder, pace=quick_pace(), clock=upheaval.clock)
        self.follower = desk.follower(node_settings(upheaval.node.url, confirmations=DEEPEST))
        self.tip = ""
        self.error: ManumitError | None = None
        self.stop = threading.Event()
        self.runner = Runner(
            sources=[self.follower],
            pipeline=new_pipeline(),
            desk=Desk(
                store=store,
                clock=upheaval.clock,
                read=lambda listing: listing,
                seal=lambda letter: letter,
                progress=self._progress,
                checkpoint_every_us=3_600_000_000,
            ),
            checkpoints=Checkpoints(folder),
        )
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self) -> None:
        try:
            self.runner.run(self.stop)
        except ManumitError as error:
            self.error = error

    def _progress(self, totals: Totals, positions: Mapping[str, str]) -> None:
        position = positions.get(self.follower.name)
        kept = msgspec.json.decode(position)["kept"] if position else []
        self.tip = str(kept[-1][1]) if kept else ""

    def reach(self, block_hash: str) -> None:
        wait_until(lambda: self.tip == block_hash or self.error is not None, what=block_hash, deadline_s=PATIENCE_S)
        if self.error:
            raise self.error

    def close(self) -> None:
        self.stop.set()
        self._thread.join(20)
        assert not self._thread.is_alive()
        self.follower.reader.rpc.close()


@pytest.fixture
def upheaval() -> Iterator[Upheaval]:
    load_web3()
    node = Anvil(anvil_path(), "--timestamp", str(START_S), "--balance", "10000000")
    try:
        node.ask("anvil_setBlockTimestampInterval", SECONDS_A_BLOCK)
        yield Upheaval(node=node, dice=Random(64))  # noqa: S311 - a test's dice
    finally:
        node.close()


def standing(store: Kept) -> dict[str, Alert]:
    """Without revisions: an alert that lost a signal has seen more changes."""
    alerts = store.alerts.values()
    return {a.alert_id: msgspec.structs.replace(a, revision=0) for a in alerts if a.state != "withdrawn"}


def straight(upheaval: Upheaval, folder: Path) -> Kept:
    """What a first start on the chain as it is now writes."""
    store = Kept(reorgs=True)
    fresh = Running(upheaval, folder, store)
    try:
        fresh.reach(upheaval.head())
    finally:
        fresh.close()
    return store


@pytest.mark.timeout(120 + 3 * REORGS)
def test_alerts_equal_those_of_the_final_chain(upheaval: Upheaval, tmp_path: Path) -> None:
    store = Kept(reorgs=True)
    upheaval.grow(DEEPEST + 6)
    running = Running(upheaval, tmp_path / "live", store)
    try:
        running.reach(upheaval.head())
        while len(upheaval.depths) < REORGS:
            away = upheaval.dice.random() < RESTART_SHARE
            if away:
                running.close()
            upheaval.reorganise()
            if away:
                running = Running(upheaval, tmp_path / "live", store)
            running.reach(upheaval.head())
    finally:
        running.close()
    expected = straight(upheaval, tmp_path / "straight")
    withdrawn = [alert for alert in store.alerts.values() if alert.state == "withdrawn"]
    assert standing(store) == standing(expected)
    assert {alert.state for alert in expected.alerts.values()} == {"final", "provisional"}
    assert len(withdrawn) > REORGS // 4
    assert {alert.withdrawn_reason for alert in withdrawn} == {REORG}
    assert max(upheaval.depths) > DEEPEST * 3 // 4
    assert not store.dead_letters
    assert not expected.dead_letters
