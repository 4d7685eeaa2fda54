"""Transfers that were taken out of the engine's log and must go back into it, in event-time order."""

from __future__ import annotations

from collections.abc import Sequence

from manumit.detectors.books import KIOSK, subject_of
from manumit.schemas.block import MICRO_USD, USD_UNKNOWN, TransferBlock
from manumit.schemas.subject import unquoted
from manumit.schemas.transfer import Transfer
from manumit.streams.movements import ACCOUNTS, Told, event_id


def held_rows(entries: TransferBlock, event_ids: Sequence[str], known: Sequence[int]) -> list[Told]:
    """n log entries as transfers: what the engine reads of them, and the event ids and label bits they came with."""
    return [(_transfer(entries, i, event), known[i]) for i, event in enumerate(event_ids)]


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
    if scheme == KIOSK:
        return "", event, 0
    if scheme in ACCOUNTS:
        return "", event.removeprefix(f"account:{unquoted(exchange)}:"), 0
    hashes, _, position = event.removeprefix(f"{chain}:").rpartition(":")
    block_hash, _, tx_hash = hashes.partition(":")
    return block_hash, tx_hash, int(position)


def account_of(entry: TransferBlock, subject: str) -> str:
    """What the book in which the one row of `entry` stands calls a subject."""
    ends = (entry.account(0, sender=True), entry.account(0, sender=False))
    return next((account for account in ends if subject_of(account) == subject), subject)


def up_to(rows: Sequence[Told], until_us: int) -> tuple[list[Told], list[Told]]:
    """Rows in event-time order, split behind `until_us`."""
    return [told for told in rows if told[0].at_us <= until_us], [told for told in rows if told[0].at_us > until_us]


def names(rows: Sequence[Told]) -> frozenset[str]:
    return frozenset(event_id(row) for row, _ in rows)
