"""What an EVM node answers, as typed records, and the transfers in it. Pure: bytes in, Transfers out.

Native value moved inside contracts (internal transfers) needs traces and is not seen here.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, Protocol, TypeVar

import msgspec

from manumit.schemas.dead_letter import DeadLetter, dead_letter
from manumit.schemas.errors import BadRecord
from manumit.schemas.transfer import NATIVE_POSITION, Finality, Transfer

TRANSFER_TOPIC = "0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef"
US = 1_000_000

# A pattern costs a quarter of a microsecond: fields that `truth` compares with a checked hash have none.
Hash32 = Annotated[str, msgspec.Meta(pattern=r"\A0x[0-9a-f]{64}\Z")]
Address = Annotated[str, msgspec.Meta(pattern=r"\A0x[0-9a-fA-F]{40}\Z")]
Quantity = Annotated[str, msgspec.Meta(pattern=r"\A0x[0-9a-fA-F]{1,64}\Z")]
Number = Annotated[str, msgspec.Meta(pattern=r"\A0x[0-9a-fA-F]{1,12}\Z")]
Hexadecimal = Annotated[str, msgspec.Meta(pattern=r"\A0x[0-9a-fA-F]*\Z")]


class Transaction(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """One transaction of a full block. `to` is None for a contract creation."""

    hash: Hash32
    block_hash: str
    sender: Address = msgspec.field(name="from")
    to: Address | None = None
    value: Quantity


class Block(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A block. `transactions` are whole, or hashes only, as it was asked for."""

    number: Number
    hash: Hash32
    parent_hash: Hash32
    timestamp: Number
    logs_bloom: Hexadecimal = "0x"
    transactions: list[Transaction | Hash32]

    @property
    def height(self) -> int:
        return int(self.number, 16)

    @property
    def at_us(self) -> int:
        return int(self.timestamp, 16) * US

    def tx_hash(self, i: int) -> str:
        transaction = self.transactions[i]
        return transaction if isinstance(transaction, str) else transaction.hash

    def payments(self) -> list[tuple[int, Transaction]]:
        """(index, transaction) of those that say they move native value to an address."""
        whole = ((i, t) for i, t in enumerate(self.transactions) if not isinstance(t, str))
        return [(i, t) for i, t in whole if t.to is not None and int(t.value, 16) > 0]


class Log(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """One event log."""

    address: Address
    topics: list[Hash32]
    data: Hexadecimal
    block_number: Number
    block_hash: str
    transaction_hash: str
    transaction_index: Number
    log_index: Number
    removed: bool = False

    @property
    def is_erc20_transfer(self) -> bool:
        """ERC-721 shares the topic with 4 topics and no data; two topics must be addresses padded with zeros."""
        return (
            len(self.topics) == 3
            and len(self.data) == 66
            and self.topics[0] == TRANSFER_TOPIC
            and int(self.topics[1][2:26], 16) == 0
            and int(self.topics[2][2:26], 16) == 0
        )


class Receipt(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """What became of one transaction. Blocks before Byzantium (2017) carry no status: counted as success."""

    transaction_hash: str
    block_hash: str
    status: Number = "0x1"

    @property
    def succeeded(self) -> bool:
        return int(self.status, 16) == 1


class Lie(BadRecord):
    """An answer that contradicts its own block. `payload` is the answer, `place` where it stood."""

    def __init__(self, message: str, *, place: str, payload: bytes | str) -> None:
        super().__init__("lying-node", message)
        self.place = place
        self.payload = payload

    def letter(self, *, source: str, at_us: int) -> DeadLetter:
        return dead_letter(
            source=source,
            place=self.place,
            reason=self.reason,
            message=str(self),
            payload=self.payload,
            at_us=at_us,
            record="transfer.v1",
        )


Answer = TypeVar("Answer")


def read(raw: bytes, form: type[Answer], *, place: str) -> Answer:
    """Decode one result. Raises Lie for an answer that is not of this form."""
    try:
        return msgspec.json.decode(raw, type=form)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise Lie(f"not the answer asked for: {error}", place=place, payload=raw) from error


class Rates(Protocol):
    """USD of an amount at a time; None when no rate is known (never 0)."""

    def usd(self, chain: str, asset: str, decimals: int, amount: int, at_us: int) -> float | None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Money:
    """How amounts of one chain are read. `native_asset` is the symbol of the coin fees are paid in.

    `decimals` of a token contract is None when unknown: the transfer then has 0 decimals and no USD.
    `account` writes an address of the wire as the rest of manumit names it.
    """

    chain: str
    decimals: Callable[[str], int | None]
    rates: Rates
    native_asset: str = "native"
    native_decimals: int = 18
    account: Callable[[str], str] = str.lower


@dataclass(frozen=True, slots=True, kw_only=True)
class Payment:
    """Native value that transaction `index` of its block moved; addresses as on the wire."""

    index: int
    sender: str
    receiver: str
    amount: int


def paid(block: Block, receipts: Sequence[Receipt]) -> list[Payment]:
    """The payments of a whole block. A reverted transaction moves nothing: without a receipt none is believed."""
    return [
        Payment(index=index, sender=t.sender, receiver=t.to or "", amount=int(t.value, 16))
        for index, t in block.payments()
        if receipts and receipts[index].succeeded
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """A checked block with its Transfer logs and its native payments."""

    block: Block
    logs: Sequence[Log]
    payments: Sequence[Payment] = ()


def transfers(seen: Sighting, money: Money, *, seen_us: int, finality: Finality) -> list[Transfer]:
    """Every transfer of the block in the order it happened: a transaction's own value, then its logs."""
    found = [((p.index, -1), p.sender, p.receiver, money.native_asset, p.amount) for p in seen.payments]
    found += [
        (
            (int(log.transaction_index, 16), int(log.log_index, 16)),
            "0x" + log.topics[1][26:],
            "0x" + log.topics[2][26:],
            log.address,
            int(log.data, 16),
        )
        for log in seen.logs
        if log.is_erc20_transfer and not log.removed
    ]
    found.sort()
    return [
        _transfer(seen.block, money, at, sender, receiver, asset, amount, seen_us, finality)
        for at, sender, receiver, asset, amount in found
    ]


def _transfer(
    block: Block,
    money: Money,
    at: tuple[int, int],
    sender: str,
    receiver: str,
    asset: str,
    amount: int,
    seen_us: int,
    finality: Finality,
) -> Transfer:
    index, log_index = at
    is_native = log_index < 0
    asset = asset if is_native else money.account(asset)
    decimals = money.native_decimals if is_native else money.decimals(asset)
    known = decimals is not None
    return Transfer(
        chain=money.chain,
        block_height=block.height,
        block_hash=block.hash,
        tx_hash=block.tx_hash(index),
        position=NATIVE_POSITION + index if is_native else log_index,
        at_us=block.at_us,
        seen_us=seen_us,
        sender=money.account(sender),
        receiver=money.account(receiver),
        asset=asset,
        amount=amount,
        decimals=decimals or 0,
        amount_usd=money.rates.usd(money.chain, asset, decimals or 0, amount, block.at_us) if known else None,
        finality=finality,
    )
