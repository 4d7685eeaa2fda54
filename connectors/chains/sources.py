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
from manumit.connectors.chains.follower import BLOCKS_PER_BATCH, Follower
from manumit.connectors.chains.node import Node
from manumit.connectors.chains.reader import NativePayments, Reader, ReceiptPayments
from manumit.connectors.chains.reading import ChainReader
from manumit.connectors.chains.rpc import Pace, Rpc
from manumit.connectors.chains.shelf import Shelf
from manumit.connectors.chains.tokens import TokenDecimals
from manumit.connectors.chains.tron import FINALIZED_TAG, NAMESPACE, WalletPayments, contract_on_wire, tron_account
from manumit.connectors.chains.utxo.answers import COIN_DIGITS
from manumit.connectors.chains.utxo.node import UtxoNode
from manumit.connectors.chains.utxo.prevouts import Prevouts
from manumit.connectors.chains.utxo.reader import UtxoReader
from manumit.connectors.chains.utxo.transactions import Coinage
from manumit.schemas.errors import ConfigError
from manumit.schemas.settings import NodeSettings

EVM_CONFIRMATIONS, UTXO_CONFIRMATIONS = 64, 6
UTXO_BEHIND_US = 7_200_000_000  # miners' clocks differ by as much as the rules of the chain let them run ahead
UTXO_BLOCKS_PER_BATCH = 4  # a block of Bitcoin holds some 10,000 transfers


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
        name = f"node:{node.name}"
        return Follower(
            name=name,
            chain=node.chain,
            reader=self._reader(node, name),
            shelf=Shelf(self.state_dir / "chains" / node.name),
            start_height=node.start_height,
            confirmations=_confirmations(node),
            blocks_per_batch=_blocks_per_batch(node),
            behind_us=UTXO_BEHIND_US if _is_utxo(node) else 0,
            finalized_tag=_finalized_tag(node),
            poll_s=node.poll_s,
            websocket_url=node.websocket_url,
        )

    def backfill(self, node: NodeSettings, first: int, last: int) -> Backfill:
        """A source that ends: blocks first to last, both included."""
        name = f"node:{node.name}:{first}-{last}"
        return Backfill(
            name=name,
            chain=node.chain,
            reader=self._reader(node, name),
            first=first,
            last=last,
            span=_blocks_per_batch(node),
            confirmations=_confirmations(node),
        )

    def _reader(self, node: NodeSettings, source: str) -> ChainReader:
        return self._utxo(node, source) if _is_utxo(node) else self._evm(node)

    def _utxo(self, node: NodeSettings, source: str) -> UtxoReader:
        asked = UtxoNode(self._rpc(node.url, threading.Event()), node.chain)
        coin = self.assets.native(node.chain)
        coinage = Coinage(
            chain=node.chain,
            asset=coin.asset if coin else "native",
            decimals=coin.decimals if coin else COIN_DIGITS,
            rates=self.assets,
        )
        prevouts = Prevouts(asked.transactions)
        return UtxoReader(node=asked, prevouts=prevouts, coinage=coinage, source=source, clock=self.clock)

    def _evm(self, node: NodeSettings) -> Reader:
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


def _is_utxo(node: NodeSettings) -> bool:
    return node.chain.startswith("bip122:")


def _confirmations(node: NodeSettings) -> int:
    if node.confirmations is not None:
        return node.confirmations
    return UTXO_CONFIRMATIONS if _is_utxo(node) else EVM_CONFIRMATIONS


def _blocks_per_batch(node: NodeSettings) -> int:
    return UTXO_BLOCKS_PER_BATCH if _is_utxo(node) else BLOCKS_PER_BATCH


def _is_tron(node: NodeSettings) -> bool:
    return node.chain.startswith(f"{NAMESPACE}:")


def _finalized_tag(node: NodeSettings) -> str:
    if node.finalized_tag is not None:
        return node.finalized_tag
    return FINALIZED_TAG if _is_tron(node) else ""
