"""Chain sources from settings: the one place where a node's parts are put together."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from manumit.connectors.chains.backfill import Backfill
from manumit.connectors.chains.evm import Money, Rates
from manumit.connectors.chains.follower import Follower
from manumit.connectors.chains.node import Node
from manumit.connectors.chains.reader import Reader
from manumit.connectors.chains.rpc import Pace, Rpc
from manumit.connectors.chains.shelf import Shelf
from manumit.connectors.chains.tokens import TokenDecimals
from manumit.schemas.settings import NodeSettings


def now_us() -> int:
    return time.time_ns() // 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainDesk:
    """What all chain sources share: USD `rates`, `decimals` of known tokens by lower-case address, a folder.

    Tokens outside `decimals` are asked of their contract when `asks_contracts`; else they have 0 decimals and
    no USD. `clock` gives UTC microseconds.
    """

    rates: Rates
    decimals: Mapping[str, int]
    state_dir: Path
    asks_contracts: bool = True
    pace: Pace | None = None
    clock: Callable[[], int] = now_us

    def follower(self, node: NodeSettings) -> Follower:
        """A live source. `node.url` may name several urls with commas between: the first that answers is used."""
        return Follower(
            name=f"node:{node.name}",
            chain=node.chain,
            reader=self._reader(node),
            shelf=Shelf(self.state_dir / "chains" / node.name),
            start_height=node.start_height,
            confirmations=node.confirmations,
            poll_s=node.poll_s,
            websocket_url=node.websocket_url,
        )

    def backfill(self, node: NodeSettings, first: int, last: int) -> Backfill:
        """A source that ends: blocks first to last, both included."""
        return Backfill(
            name=f"node:{node.name}:{first}-{last}",
            chain=node.chain,
            reader=self._reader(node),
            first=first,
            last=last,
            confirmations=node.confirmations,
        )

    def _reader(self, node: NodeSettings) -> Reader:
        urls = [url.strip() for url in node.url.split(",") if url.strip()]
        rpc = Rpc(urls, pace=self.pace, stop=threading.Event())
        tokens = TokenDecimals(self.decimals, rpc if self.asks_contracts else None)
        money = Money(chain=node.chain, decimals=tokens, rates=self.rates)
        return Reader(node=Node(rpc), money=money, native=node.native, clock=self.clock)
