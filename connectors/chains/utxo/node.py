"""The questions a follower asks a Bitcoin-like node, each answer decoded and checked."""

from __future__ import annotations

from collections.abc import Sequence

from manumit.connectors.chains.evm import read
from manumit.connectors.chains.rpc import FaultKind, NodeFault, Rpc
from manumit.connectors.chains.utxo.answers import Header, Hex32, UtxoBlock, block_of, transaction_of
from manumit.connectors.chains.utxo.raw import RawTransaction
from manumit.schemas.errors import ConfigError

UNKNOWN: frozenset[FaultKind] = frozenset({"refused"})
NOT_FOUND, OUT_OF_RANGE = -5, -8
WITH_PREVOUTS = 3
CALLS_PER_REQUEST = 50
CAIP_DIGITS = 32


class UtxoNode:
    """Typed questions over one Rpc about blocks of `chain` (CAIP-2)."""

    def __init__(self, rpc: Rpc, chain: str) -> None:
        self.rpc = rpc
        self.chain = chain

    def check_chain(self, chain: str) -> None:
        """Raises ConfigError when the node's first block is not the one the CAIP-2 id names."""
        first = read(self.rpc.call("getblockhash", 0), Hex32, place="getblockhash 0")
        served = f"bip122:{first[:CAIP_DIGITS]}"
        if chain != served:
            raise ConfigError(f"the node serves {served}, the settings say {chain}; correct [[nodes]] chain")

    def head(self) -> Header:
        """The newest block of the best chain."""
        best = read(self.rpc.call("getbestblockhash"), Hex32, place="getbestblockhash")
        header = self._header(best)
        if header.confirmations < 1:
            raise NodeFault("not-yet", f"block {best} is not on the best chain any more")
        return header

    def hash_at(self, height: int) -> str | None:
        """The hash on the best chain at `height`, None above its end."""
        try:
            raw = self.rpc.call("getblockhash", height, unless=UNKNOWN)
        except NodeFault as fault:
            if fault.code == OUT_OF_RANGE:
                return None
            raise
        return read(raw, Hex32, place=f"getblockhash {height}")

    def block(self, block_hash: str) -> UtxoBlock:
        """A block with what it spends, where the node tells. Raises ConfigError when the node has pruned it."""
        try:
            raw = self.rpc.call("getblock", block_hash, WITH_PREVOUTS, unless=UNKNOWN)
        except NodeFault as fault:
            if "pruned" in str(fault):
                raise ConfigError(f"{fault}; start_height lies before what this node keeps") from fault
            raise _not_yet(fault) from fault
        return block_of(raw, self.chain, wanted=block_hash)

    def transactions(self, tx_hashes: Sequence[str]) -> dict[str, RawTransaction]:
        """Those of the transactions that the node knows (with txindex=1, all of them)."""
        found: dict[str, RawTransaction] = {}
        for start in range(0, len(tx_hashes), CALLS_PER_REQUEST):
            found.update(self._known(tx_hashes[start : start + CALLS_PER_REQUEST]))
        return found

    def _known(self, tx_hashes: Sequence[str]) -> dict[str, RawTransaction]:
        """One unknown id fails a whole request: then by halves."""
        try:
            answers = self.rpc.batch([("getrawtransaction", [h, False]) for h in tx_hashes], unless=UNKNOWN)
        except NodeFault as fault:
            if fault.code != NOT_FOUND:
                raise
            if "indexed" in str(fault):
                raise NodeFault("not-yet", f"the node still builds its index of transactions: {fault}") from fault
            if len(tx_hashes) == 1:
                return {}
            middle = len(tx_hashes) // 2
            return self._known(tx_hashes[:middle]) | self._known(tx_hashes[middle:])
        return {
            tx_hash: transaction_of(read(raw, str, place=f"transaction {tx_hash}"), wanted=tx_hash)
            for tx_hash, raw in zip(tx_hashes, answers, strict=True)
        }

    def _header(self, block_hash: str) -> Header:
        try:
            raw = self.rpc.call("getblockheader", block_hash, unless=UNKNOWN)
        except NodeFault as fault:
            raise _not_yet(fault) from fault
        return read(raw, Header, place=f"header {block_hash}")


def _not_yet(fault: NodeFault) -> NodeFault:
    """The block went away between two questions, or another endpoint lags."""
    return NodeFault("not-yet", str(fault)) if fault.code == NOT_FOUND else fault
