"""A checked block and the outputs it spends, as whole transactions and the transfers in them. Pure.

A transaction with an input whose output is not known becomes a dead letter: its senders and amounts are not guessed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from manumit.connectors.chains.evm import Lie, Rates
from manumit.connectors.chains.reading import Found
from manumit.connectors.chains.utxo.answers import Outpoint, UtxoBlock
from manumit.connectors.chains.utxo.raw import Output, RawTransaction
from manumit.connectors.chains.utxo.scripts import COINBASE, owner
from manumit.connectors.chains.utxo.spread import spread
from manumit.schemas.dead_letter import DeadLetter, dead_letter
from manumit.schemas.transfer import Finality, Transfer
from manumit.schemas.utxo import Coin, UtxoTransaction

Spent = Mapping[Outpoint, Output]


@dataclass(frozen=True, slots=True, kw_only=True)
class Coinage:
    """How amounts of one chain are read: `asset` is its coin's symbol."""

    chain: str
    asset: str
    decimals: int
    rates: Rates


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What is the same for all transactions of one block. `source` names dead letters' origin."""

    block: UtxoBlock
    at_us: int
    seen_us: int
    finality: Finality
    coinage: Coinage
    source: str


def found_in(reading: Reading, spent: Spent) -> Found:
    """Transactions in the block's order, each one's transfers in the order of `spread`. Raises Lie."""
    whole: list[UtxoTransaction] = []
    letters: list[DeadLetter] = []
    for position, one in enumerate(reading.block.transactions):
        missing = [source for source in one.spends if source not in spent]
        if missing:
            letters.append(_letter(reading, one, missing[0]))
        else:
            whole.append(_whole(reading, position, one, [spent[source] for source in one.spends]))
    return Found(
        transfers=tuple(transfer for one in whole for transfer in transfers(reading, one)),
        transactions=tuple(whole),
        dead_letters=tuple(letters),
    )


def transfers(reading: Reading, one: UtxoTransaction) -> list[Transfer]:
    """Who paid whom; see `spread`. A coinbase is paid by `coinbase.reward`."""
    made = [(coin.address, coin.amount) for coin in one.outputs]
    spent = [(coin.address, coin.amount) for coin in one.inputs]
    if one.coinbase:
        spent = [(COINBASE, sum(amount for _, amount in made))]
    coinage = reading.coinage
    return [
        Transfer(
            chain=coinage.chain,
            block_height=one.block_height,
            block_hash=one.block_hash,
            tx_hash=one.tx_hash,
            position=position,
            at_us=one.at_us,
            seen_us=one.seen_us,
            sender=sender,
            receiver=receiver,
            asset=coinage.asset,
            amount=amount,
            decimals=coinage.decimals,
            amount_usd=coinage.rates.usd(coinage.chain, coinage.asset, coinage.decimals, amount, one.at_us),
            finality=reading.finality,
        )
        for position, (sender, receiver, amount) in enumerate(spread(spent, made))
    ]


def _whole(reading: Reading, position: int, one: RawTransaction, spent: list[Output]) -> UtxoTransaction:
    fee = 0 if one.is_coinbase else sum(o.amount for o in spent) - sum(o.amount for o in one.outputs)
    if fee < 0:
        place = f"transaction {one.tx_hash} of block {reading.block.height}"
        raise Lie(f"{-fee} more comes out than its inputs hold", place=place, payload=one.tx_hash)
    return UtxoTransaction(
        chain=reading.coinage.chain,
        block_height=reading.block.height,
        block_hash=reading.block.hash,
        tx_hash=one.tx_hash,
        position=position,
        at_us=reading.at_us,
        seen_us=reading.seen_us,
        coinbase=int(one.is_coinbase),
        fee=fee,
        inputs=tuple(_coin(reading.coinage.chain, output) for output in spent),
        outputs=tuple(_coin(reading.coinage.chain, output) for output in one.outputs),
    )


def _coin(chain: str, output: Output) -> Coin:
    named = owner(chain, output.script)
    return Coin(address=named.address, amount=output.amount, kind=named.kind, members=named.members)


def _letter(reading: Reading, one: RawTransaction, missing: Outpoint) -> DeadLetter:
    tx_hash, index = missing
    return dead_letter(
        source=reading.source,
        place=f"transaction {one.tx_hash} of block {reading.block.height} {reading.block.hash}",
        reason="missing-prevout",
        message=f"it spends {tx_hash}:{index}, which the node does not tell: run the node with txindex=1, or one that "
        "answers getblock at verbosity 3 with prevouts (Bitcoin Core 23 and newer, not pruned)",
        payload=one.tx_hash,
        at_us=reading.at_us,
        record="utxo-transaction.v1",
    )
