"""Transfers that were taken out of the engine's log and must go back into it, in event-time order."""

from __future__ import annotations

from collections.abc import Sequence

from manumit.schemas.block import MICRO_USD, USD_UNKNOWN, TransferBlock
from manumit.schemas.subject import CUSTOMER, unquoted
from manumit.schemas.transfer import Transfer
from manumit.streams.movements import event_id


def held_rows(entries: TransferBlock, event_ids: Sequence[str]) -> list[Transfer]:
    """n log entries with their event ids as transfers: what the engine reads of them, and the id they came with."""
    return [_transfer(entries, i, event) for i, event in enumerate(event_ids)]


def _transfer(entries: TransferBlock, i: int, event: str) -> Transfer:
    chain = entries.chains[entries.chain[i]]
    usd = int(entries.usd_micro[i])
    at_us = int(entries.at_us[i])
    block_hash, tx_hash, position = _parts(chain, event)
    return Transfer(
        chain=chain,
        block_height=0,
        block_hash=block_hash,
        tx_hash=tx_hash,
        position=position,
        at_us=at_us,
        seen_us=at_us,
        sender=entries.sender[i],
        receiver=entries.receiver[i],
        asset="",
        amount=0,
        decimals=0,
        amount_usd=None if usd == USD_UNKNOWN else usd / MICRO_USD,
    )


def _parts(chain: str, event: str) -> tuple[str, str, int]:
    """Of an event id: block hash, transaction hash or account event, position."""
    scheme, _, exchange = chain.partition(":")
    if scheme == CUSTOMER:
        return "", event.removeprefix(f"account:{unquoted(exchange)}:"), 0
    hashes, _, position = event.removeprefix(f"{chain}:").rpartition(":")
    block_hash, _, tx_hash = hashes.partition(":")
    return block_hash, tx_hash, int(position)


def up_to(rows: Sequence[Transfer], until_us: int) -> tuple[list[Transfer], list[Transfer]]:
    """Rows in event-time order, split behind `until_us`."""
    return [row for row in rows if row.at_us <= until_us], [row for row in rows if row.at_us > until_us]


def names(rows: Sequence[Transfer]) -> frozenset[str]:
    return frozenset(event_id(row) for row in rows)
