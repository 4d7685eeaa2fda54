"""Which addresses one transaction suggests are one owner's. Pure.

Common inputs: to sign for several addresses in one transaction one must hold the keys of all (Nakamoto 2008, section
10; Meiklejohn et al., "A Fistful of Bitcoins", IMC 2013; Ermilov, Panov and Yanovich, ICMLA 2017). Left out: coinbases,
mixes (`coinjoin`), and scripts whose keys may be several people's or nobody's (bare multisig, odd scripts). Change is
not linked: its heuristics contradict each other (BlockSci's authors advise against using one alone), and false links
collapse clusters into one.
"""

from __future__ import annotations

from collections import Counter

from manumit.detectors.clusters.coinjoin import coinjoin
from manumit.schemas.utxo import ClusterLink, UtxoTransaction

COMMON_INPUT = "common-input"
SURE = 0.9  # ours: no published rate of error holds for all times; mixes not found are what is left
DOUBTFUL = 0.6  # ours: two outputs of one value may be a mix of two, or two equal payments
NOT_ONE_OWNERS = frozenset(("multisig", "nonstandard", "nulldata"))


def links(transaction: UtxoTransaction) -> tuple[ClusterLink, ...]:
    """The first input's address with each other one, in order of appearance; op and seen_us of the transaction."""
    owners = list(dict.fromkeys(coin.address for coin in transaction.inputs if coin.kind not in NOT_ONE_OWNERS))
    if len(owners) < 2 or transaction.coinbase or coinjoin(transaction):
        return ()
    confidence = DOUBTFUL if _two_are_equal(transaction) else SURE
    return tuple(
        ClusterLink(
            chain=transaction.chain,
            block_height=transaction.block_height,
            block_hash=transaction.block_hash,
            tx_hash=transaction.tx_hash,
            position=position,
            at_us=transaction.at_us,
            seen_us=transaction.seen_us,
            first=owners[0],
            second=other,
            heuristic=COMMON_INPUT,
            confidence=confidence,
            op=transaction.op,
        )
        for position, other in enumerate(owners[1:])
    )


def _two_are_equal(transaction: UtxoTransaction) -> bool:
    amounts = Counter(coin.amount for coin in transaction.outputs if coin.amount > 0)
    return any(count > 1 for count in amounts.values())
