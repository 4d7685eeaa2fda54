"""From a Bitcoin-like node's blocks to transfers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

from manumit.connectors.chains.reading import Found, Header, Sight
from manumit.connectors.chains.rpc import NodeFault, Rpc
from manumit.connectors.chains.truth import check_parent
from manumit.connectors.chains.utxo.answers import UtxoBlock
from manumit.connectors.chains.utxo.node import UtxoNode
from manumit.connectors.chains.utxo.prevouts import Prevouts
from manumit.connectors.chains.utxo.transactions import Coinage, Reading, found_in
from manumit.schemas.errors import ConfigError
from manumit.schemas.transfer import Finality


@dataclass(frozen=True, slots=True, kw_only=True)
class UtxoReader:
    """Asks `node` and reads with `coinage`. `source` names dead letters' origin; `clock` gives UTC microseconds.

    A miner's clock may run back: a block older than its parent takes the parent's time, so that the stream stays
    in order. The time in the header is within two hours of the true one by the rules of the chain.
    """

    node: UtxoNode
    prevouts: Prevouts
    coinage: Coinage
    source: str
    clock: Callable[[], int]

    @property
    def rpc(self) -> Rpc:
        return self.node.rpc

    def close(self) -> None:
        """Let go of all connections."""
        self.node.rpc.close()

    def check_chain(self, chain: str) -> None:
        """See ChainReader."""
        self.node.check_chain(chain)

    def head(self) -> Sight:
        """See ChainReader; only its header."""
        head = self.node.head()
        return Sight(height=head.height, hash=head.hash, parent_hash=head.parent_hash, at_us=head.time * 1_000_000)

    def final_height(self, tag: str) -> int:
        """Raises ConfigError: these nodes call no block final."""
        raise ConfigError(f"a Bitcoin-like node knows no block {tag!r}; remove finalized_tag from [[nodes]]")

    def block(self, height: int) -> Sight | None:
        """See ChainReader."""
        wanted = self.node.hash_at(height)
        if wanted is None:
            return None
        block = self.node.block(wanted)
        return Sight(
            height=block.height,
            hash=block.hash,
            parent_hash=block.parent_hash,
            at_us=block.at_us,
            find=partial(self._one, block),
        )

    def hash_at(self, height: int) -> str | None:
        """See ChainReader."""
        return self.node.hash_at(height)

    def joined(self, parent_hash: str, parent_at_us: int, block: Sight) -> Sight:
        """See ChainReader: never before its parent."""
        check_parent(parent_hash, block)
        return replace(block, at_us=max(block.at_us, parent_at_us))

    def span(self, first: int, last: int, final: int, parent: tuple[str, int] | None) -> list[tuple[Header, Found]]:
        """See ChainReader."""
        found: list[tuple[Header, Found]] = []
        for height in range(first, last + 1):
            block = self.block(height)
            if block is None or block.find is None:
                raise NodeFault("not-yet", f"the node has no block {height} yet")
            block = self.joined(*parent, block) if parent else block
            found.append((block, self._read(block, "final" if height <= final else "provisional")))
            parent = (block.hash, block.at_us)
        return found

    def _read(self, block: Sight, finality: Finality) -> Found:
        return block.find(block.at_us, finality) if block.find else Found()

    def _one(self, block: UtxoBlock, at_us: int, finality: Finality) -> Found:
        reading = Reading(
            block=block,
            at_us=at_us,
            seen_us=self.clock(),
            finality=finality,
            coinage=self.coinage,
            source=self.source,
        )
        return found_in(reading, self.prevouts.of(block))
