"""Chain sources from settings: the one place where a node's parts are put together."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Protocol

from manumit.connectors.chains.backfill import Backfill
from manumit.connectors.chains.evm import Money, Rates
from manumit.connectors.chains.follower import Follower
from manumit.connectors.chains.node import Node
from manumit.connectors.chains.reader import Reader
from manumit.connectors.chains.rpc import Pace, Rpc
from manumit.connectors.chains.shelf import Shelf
from manumit.connectors.chains.tokens import TokenDecimals
from manumit.schemas.settings import NodeSettings


class Coin(Protocol):
    """The coin of a chain: symbol and decimals."""

    @property
    def asset(self) -> str: ...

    @property
    def decimals(self) -> int: ...


class AssetTable(Rates, Protocol):
    """Known assets of all chains and their USD rates (`connectors.rates.Rates` is one)."""

    def decimals(self, chain: str, asset: str) -> int | None: ...

    def native(self, chain: str) -> Coin | None: ...


def now_us() -> int:
    return time.time_ns() // 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainDesk:
    """What all chain sources share: the table of known assets with their rates, and a folder for their state.

    Decimals of a token outside the table are asked of its contract when `asks_contracts`; else it has 0 decimals.
    `clock` gives UTC microseconds.
    """

    assets: AssetTable
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
        known = partial(self.assets.decimals, node.chain)
        tokens = TokenDecimals(known, rpc if self.asks_contracts else None)
        coin = self.assets.native(node.chain)
        money = Money(
            chain=node.chain,
            decimals=tokens,
            rates=self.assets,
            native_asset=coin.asset if coin else "native",
            native_decimals=coin.decimals if coin else 18,
        )
        return Reader(node=Node(rpc), money=money, native=node.native, clock=self.clock)
