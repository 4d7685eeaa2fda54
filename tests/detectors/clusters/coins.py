"""Invented transactions, by what goes in and comes out."""

from __future__ import annotations

from collections.abc import Sequence

from manumit.schemas.utxo import ClusterLink, Coin, UtxoTransaction

CHAIN = "bip122:000000000019d6689c085ae165831e93"


def spending(
    inputs: Sequence[tuple[str, int]],
    outputs: Sequence[tuple[str, int]],
    *,
    kind: str = "witness_v0_keyhash",
    op: int = 1,
) -> UtxoTransaction:
    def coins(side: Sequence[tuple[str, int]]) -> tuple[Coin, ...]:
        return tuple(Coin(address=address, amount=amount, kind=kind) for address, amount in side)

    return UtxoTransaction(
        chain=CHAIN,
        block_height=1,
        block_hash="b1",
        tx_hash="t1",
        position=1,
        at_us=0,
        seen_us=0,
        inputs=coins(inputs),
        outputs=coins(outputs),
        op=1 if op == 1 else -1,
    )


def link(first: str, second: str, *, confidence: float = 0.9, at: int = 0) -> ClusterLink:
    return ClusterLink(
        chain=CHAIN,
        block_height=at,
        block_hash=f"b{at}",
        tx_hash=f"t{at}",
        position=0,
        at_us=0,
        seen_us=0,
        first=first,
        second=second,
        heuristic="common-input",
        confidence=confidence,
    )
