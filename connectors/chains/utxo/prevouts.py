"""Where the outputs that a block spends come from, when the node does not say so with the block."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from manumit.connectors.chains.utxo.answers import Outpoint, UtxoBlock
from manumit.connectors.chains.utxo.raw import Output, RawTransaction

MOST_REMEMBERED = 100_000
"""Transactions whose outputs are kept; some 50 MB. About a third of all outputs is spent within a day."""


class Prevouts:
    """Outputs by the transaction that made them: those told with the block, seen before, or asked for.

    `ask` gives the transactions of these ids that the node knows. A transaction's id stands for its outputs,
    so what was seen stays true whatever becomes of its block. For one thread.
    """

    def __init__(
        self, ask: Callable[[Sequence[str]], Mapping[str, RawTransaction]], *, most: int = MOST_REMEMBERED
    ) -> None:
        self._ask = ask
        self._most = most
        self._seen: dict[str, tuple[Output, ...]] = {}

    def of(self, block: UtxoBlock) -> dict[Outpoint, Output]:
        """The outputs the block spends; those that cannot be had are left out. Raises Lie, NodeFault."""
        wanted = [source for one in block.transactions for source in one.spends if source not in block.spent]
        if not wanted and block.spent:
            return block.spent  # a node that tells them all needs no memory of ours
        self._seen.update((one.tx_hash, one.outputs) for one in block.transactions)
        unknown = list(dict.fromkeys(tx_hash for tx_hash, _ in wanted if tx_hash not in self._seen))
        asked = {tx_hash: one.outputs for tx_hash, one in self._ask(unknown).items()} if unknown else {}
        found = dict(block.spent)
        for tx_hash, index in wanted:
            outputs = self._seen.get(tx_hash) or asked.get(tx_hash, ())
            if index < len(outputs):
                found[tx_hash, index] = outputs[index]
        self._forget()
        return found

    def _forget(self) -> None:
        """The oldest go first; never those of the block at hand, whatever its size."""
        for tx_hash in list(self._seen)[: max(0, len(self._seen) - self._most)]:
            del self._seen[tx_hash]
