"""Followers and backfills as the tests use them, and what they say moved."""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from manumit.connectors.chains.rpc import Pace
from manumit.connectors.chains.sources import ChainDesk
from manumit.connectors.contract import Batch
from manumit.schemas.errors import ManumitError
from manumit.schemas.settings import NodeSettings
from manumit.schemas.transfer import Transfer
from tests.connectors.chains.anvil import CHAIN
from tests.servers import wait_until

SEEN_US = 1_700_000_000_000_000
TUSD = "0x" + "ab" * 20
Row = tuple[str, str, int, str, str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Coin:
    asset: str
    decimals: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Pegged:
    """A table of assets in which every known token is worth a dollar."""

    tokens: dict[str, int] = field(default_factory=dict)

    def decimals(self, chain: str, asset: str) -> int | None:
        return self.tokens.get(asset)

    def native(self, chain: str) -> Coin:
        return Coin(asset="LTC", decimals=8) if chain.startswith("bip122:") else Coin(asset="ETH", decimals=18)

    def usd(self, chain: str, asset: str, decimals: int, amount: int, at_us: int) -> float | None:
        return amount / 10**decimals if asset in self.tokens else None


def quick_pace() -> Pace:
    return Pace(attempts=4, first_s=0.01, longest_s=0.05, calls_per_s=5000, burst=5000)


def desk(folder: Path, *, tokens: dict[str, int] | None = None, pace: Pace | None = None) -> ChainDesk:
    return ChainDesk(
        assets=Pegged(tokens=tokens or {}),
        state_dir=folder,
        pace=pace or quick_pace(),
        clock=lambda: SEEN_US,
    )


def node_settings(url: str, **options: object) -> NodeSettings:
    given = {"name": "test", "url": url, "chain": CHAIN, "start_height": 0, "poll_s": 0.01, **options}
    return msgspec.convert(given, NodeSettings)


def rows(batches: Iterable[Batch]) -> list[Transfer]:
    return [b.transfers.row(i) for b in batches if b.transfers for i in range(len(b.transfers))]


def net(transfers: Iterable[Transfer]) -> dict[str, Transfer]:
    """What stands after every op. Fails when something unknown is taken back, or a standing thing is seen twice."""
    standing: dict[str, Transfer] = {}
    for transfer in transfers:
        if transfer.op == 1:
            assert transfer.event_id not in standing
            standing[transfer.event_id] = transfer
        else:
            assert list(standing)[-1] == transfer.event_id, "not the newest"
            standing.popitem()
    return standing


def token_rows(transfers: Iterable[Transfer]) -> set[Row]:
    return {
        (t.block_hash, t.tx_hash, t.position, t.sender, t.receiver, t.amount)
        for t in transfers
        if t.asset.startswith("0x")
    }


class Following:
    """A follower run in a thread, as the runner does; it keeps what came and where the last batch ended."""

    def __init__(self, url: str, folder: Path, *, after: str | None = None, **options: object) -> None:
        tokens = options.pop("tokens", None)
        assert tokens is None or isinstance(tokens, dict)
        self.follower = desk(folder, tokens=tokens).follower(node_settings(url, **options))
        self.batches: list[Batch] = []
        self.error: ManumitError | None = None
        self._after = after
        self._arrived: queue.SimpleQueue[None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self) -> None:
        try:
            self.batches.extend(self.follower.batches(self._after))
        except ManumitError as error:
            self.error = error

    @property
    def position(self) -> str | None:
        return self.batches[-1].position if self.batches else self._after

    @property
    def transfers(self) -> list[Transfer]:
        return rows(list(self.batches))

    @property
    def ended(self) -> bool:
        return not self._thread.is_alive()

    def tip(self) -> str:
        """Hash of the newest block handed on."""
        kept = msgspec.json.decode(self.position)["kept"] if self.position else []
        return str(kept[-1][1]) if kept else ""

    def wait_for(self, block_hash: str) -> None:
        wait_until(lambda: self.tip() == block_hash or self.ended, what=f"block {block_hash}")
        if self.error:
            raise self.error

    def close(self) -> None:
        self.follower.stop()
        self._thread.join(10)
        assert self.ended
        self.follower.reader.close()
