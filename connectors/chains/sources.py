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
from manumit.connectors.chains.reader import NativePayments, Reader, ReceiptPayments
from manumit.connectors.chains.rpc import Pace, Rpc
from manumit.connectors.chains.shelf import Shelf
from manumit.connectors.chains.tokens import TokenDecimals
from manumit.connectors.chains.tron import FINALIZED_TAG, NAMESPACE, WalletPayments, contract_on_wire, tron_account
from manumit.schemas.errors import ConfigError
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
            finalized_tag=_finalized_tag(node),
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
        is_tron = _is_tron(node)
        rpc = self._rpc(node.url, threading.Event())
        on_wire = contract_on_wire if is_tron else str
        tokens = TokenDecimals(partial(self.assets.decimals, node.chain), rpc if self.asks_contracts else None, on_wire)
        coin = self.assets.native(node.chain)
        money = Money(
            chain=node.chain,
            decimals=tokens,
            rates=self.assets,
            native_asset=coin.asset if coin else "native",
            native_decimals=coin.decimals if coin else 18,
            account=tron_account if is_tron else str.lower,
        )
        asked = Node(rpc)
        native = self._native(node, asked) if node.native else None
        return Reader(node=asked, money=money, native=native, clock=self.clock, has_bloom=not is_tron)

    def _native(self, node: NodeSettings, asked: Node) -> NativePayments:
        if not _is_tron(node):
            return ReceiptPayments(asked)
        if not node.wallet_url:
            raise ConfigError(
                f"node {node.name}: TRX payments cannot be told from votes and stakes by eth_*; "
                "set wallet_url (for example http://host:8090), or native = false to read tokens only"
            )
        return WalletPayments(self._rpc(node.wallet_url, asked.rpc.stop))

    def _rpc(self, urls: str, stop: threading.Event) -> Rpc:
        return Rpc([url.strip() for url in urls.split(",") if url.strip()], pace=self.pace, stop=stop)


def _is_tron(node: NodeSettings) -> bool:
    return node.chain.startswith(f"{NAMESPACE}:")


def _finalized_tag(node: NodeSettings) -> str:
    if node.finalized_tag is not None:
        return node.finalized_tag
    return FINALIZED_TAG if _is_tron(node) else ""
