"""Any story of payments, reorganisations and restarts: what stands is what the node says."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from manumit.schemas.transfer import Transfer
from tests.connectors.chains.anvil import Anvil
from tests.connectors.chains.sources import Following, net, token_rows

pytestmark = pytest.mark.node

PAY = st.tuples(st.just("pay"), st.integers(1, 4))
NATIVE = st.tuples(st.just("native"), st.integers(1, 2))
EMPTY = st.tuples(st.just("empty"), st.integers(1, 3))
REORG = st.tuples(st.just("reorg"), st.integers(1, 10))
BACK = st.tuples(st.just("back"), st.integers(1, 5))
RESTART = st.tuples(st.just("restart"), st.just(0))
LOOK = st.tuples(st.just("look"), st.just(0))
Act = tuple[str, int]


class Story:
    """One chain, one follower that may be restarted, and everything it ever said."""

    def __init__(self, binary: Path, folder: Path) -> None:
        self.node = Anvil(binary)
        self.node.deploy_token()
        self.folder = folder
        self.said: list[Transfer] = []
        self.paid = 0
        self.following = Following(self.node.url, folder)

    def close(self) -> None:
        self.following.close()
        self.node.close()

    def pay(self, count: int) -> None:
        for _ in range(count):
            self.paid += 1
            self.node.pay_token(self.node.accounts[1 + self.paid % 9], self.paid)

    def native(self, count: int) -> None:
        for _ in range(count):
            self.paid += 1
            self.node.pay(self.node.accounts[1 + self.paid % 9], self.paid)

    def empty(self, count: int) -> None:
        self.node.mine(count)

    def reorg(self, depth: int) -> None:
        depth = min(depth, self.node.height() - 1)
        if depth:
            self.paid += 1
            self.node.reorg(depth, [(self.node.token_payment(self.node.accounts[1], self.paid), depth // 2)])

    def back(self, blocks: int) -> None:
        depth = min(blocks, self.node.height() - 1)
        if depth:
            self.node.ask("anvil_rollback", depth)

    def look(self, _: int) -> None:
        self.following.wait_for(self.node.ask("eth_getBlockByNumber", "latest", False)["hash"])

    def restart(self, _: int) -> None:
        self.following.close()
        self.said += self.following.transfers
        self.following = Following(self.node.url, self.folder, after=self.following.position)

    def act(self, act: Act) -> None:
        acts: dict[str, Callable[[int], None]] = {
            "pay": self.pay,
            "native": self.native,
            "empty": self.empty,
            "reorg": self.reorg,
            "back": self.back,
            "look": self.look,
            "restart": self.restart,
        }
        acts[act[0]](act[1])


@settings(max_examples=15, deadline=None, phases=[Phase.explicit, Phase.reuse, Phase.generate])
@given(acts=st.lists(PAY | NATIVE | EMPTY | REORG | BACK | RESTART | LOOK, min_size=2, max_size=12))
def test_what_stands_is_what_the_node_says(anvil_binary: Path, acts: list[Act]) -> None:
    with TemporaryDirectory() as folder:
        story = Story(anvil_binary, Path(folder))
        try:
            for act in acts:
                story.act(act)
            story.look(0)
            story.said += story.following.transfers
            assert token_rows(net(story.said).values()) == story.node.token_truth()
        finally:
            story.close()
