"""What TRON does otherwise than the EVM chains whose eth_* questions its node (java-tron) also answers.

Accounts are T-addresses here, 20 bytes on the wire. Blocks carry an empty bloom filter. `value` of a transaction
is an amount of TRX, of another token, a number of votes or a stake, and nothing in eth_* says which: TRX
payments are read from the node's own HTTP interface, which names the kind of each transaction. TRX moved inside
contracts is not seen, nor are TRC-10 tokens.
Sources: java-tron, framework/src/main/java/org/tron/core/services/jsonrpc (BlockResult, JsonRpcApiUtil).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Annotated

import msgspec

from manumit.connectors.chains.evm import Block, Lie, Payment, read
from manumit.connectors.chains.rpc import NodeFault, Rpc
from manumit.schemas.addresses import tron_text
from manumit.schemas.base58 import decode_check

NAMESPACE = "tron"
FINALIZED_TAG = "finalized"
BLOCKS_PER_REQUEST = 10
PATH = "/wallet/getblockbylimitnext"
SUCCESS = "SUCCESS"
MOST_REMEMBERED = 65_536
Account = Annotated[str, msgspec.Meta(pattern=r"\A41[0-9a-f]{40}\Z")]
Hex32 = Annotated[str, msgspec.Meta(pattern=r"\A[0-9a-f]{64}\Z")]
Sun = Annotated[int, msgspec.Meta(ge=0, le=2**63 - 1)]


@lru_cache(MOST_REMEMBERED)
def tron_account(account: str) -> str:
    """`0x` and 40 hexadecimal digits to the T… form."""
    return tron_text(bytes.fromhex(account[2:]))


def contract_on_wire(token: str) -> str:
    """A T-address as eth_call wants it; any other form as it stands."""
    payload = decode_check(token) if token.startswith("T") else None
    return token if payload is None else "0x" + payload[1:].hex()


class TransferValue(msgspec.Struct, frozen=True, kw_only=True):
    """TRX to an account. Units: sun, a millionth."""

    owner_address: Account
    to_address: Account
    amount: Sun = 0


class TriggerValue(msgspec.Struct, frozen=True, kw_only=True):
    """A contract's call, which may bring TRX with it."""

    owner_address: Account
    contract_address: Account
    call_value: Sun = 0


class Parameter(msgspec.Struct, frozen=True):
    """The rest of a contract, read when its kind is known."""

    value: msgspec.Raw


class Contract(msgspec.Struct, frozen=True):
    """What a transaction does: one of some thirty kinds."""

    type: str
    parameter: Parameter


class RawTransaction(msgspec.Struct, frozen=True):
    """The signed part."""

    contract: list[Contract] = []


class Outcome(msgspec.Struct, frozen=True, rename="camel"):
    """How it ended; blocks of 2018 say nothing here and hold only what succeeded."""

    contract_ret: str = SUCCESS


class WalletTransaction(msgspec.Struct, frozen=True, kw_only=True):
    """One transaction of a wallet block."""

    tx_id: Hex32 = msgspec.field(name="txID")
    raw_data: RawTransaction
    ret: list[Outcome] = []

    @property
    def succeeded(self) -> bool:
        return all(outcome.contract_ret == SUCCESS for outcome in self.ret)


class WalletBlock(msgspec.Struct, frozen=True, kw_only=True):
    """A block as the HTTP interface gives it; without transactions the field is left out."""

    block_id: Hex32 = msgspec.field(name="blockID")
    transactions: list[WalletTransaction] = []


class WalletBlocks(msgspec.Struct, frozen=True, kw_only=True):
    """Blocks of a range, in order; the node leaves out those it does not have."""

    block: list[WalletBlock] = []
    error: str = msgspec.field(name="Error", default="")


@dataclass(frozen=True, slots=True)
class WalletPayments:
    """TRX payments over the node's HTTP interface (port 8090 of java-tron). `rpc` is of its own urls."""

    rpc: Rpc

    @property
    def whole(self) -> bool:
        """False: eth_* is asked for transaction hashes only."""
        return False

    def of(self, blocks: Sequence[Block]) -> dict[int, Sequence[Payment]]:
        """Payments by height. Raises Lie, NodeFault `not-yet` when the node has other blocks than these."""
        busy = [block for block in blocks if block.transactions]
        found: dict[int, Sequence[Payment]] = {}
        for run in _runs(busy):
            for block, answer in zip(run, self._ask(run), strict=True):
                found[block.height] = _payments(block, answer)
        return found

    def close(self) -> None:
        """Let go of the connections."""
        self.rpc.close()

    def _ask(self, run: Sequence[Block]) -> list[WalletBlock]:
        first, last = run[0].height, run[-1].height
        raw = self.rpc.post(PATH, {"startNum": first, "endNum": last + 1, "visible": False})
        answer = read(raw, WalletBlocks, place=f"wallet blocks {first} to {last}")
        if answer.error:
            raise NodeFault("refused", f"the wallet interface on blocks {first} to {last}: {answer.error[:200]}")
        if ["0x" + block.block_id for block in answer.block] != [block.hash for block in run]:
            raise NodeFault("not-yet", f"the wallet interface has other blocks than eth_* from {first} to {last}")
        return answer.block


def _runs(blocks: Sequence[Block]) -> Iterator[list[Block]]:
    """Blocks in groups of neighbours, at most BLOCKS_PER_REQUEST each."""
    run: list[Block] = []
    for block in blocks:
        if run and (len(run) == BLOCKS_PER_REQUEST or block.height != run[-1].height + 1):
            yield run
            run = []
        run.append(block)
    if run:
        yield run


def _payments(block: Block, answer: WalletBlock) -> list[Payment]:
    listed = ["0x" + transaction.tx_id for transaction in answer.transactions]
    if listed != [block.tx_hash(i) for i in range(len(block.transactions))]:
        place = f"block {block.height} {block.hash}"
        raise Lie("the wallet interface lists other transactions than eth_*", place=place, payload=" ".join(listed))
    paid = (_payment(block, i, t) for i, t in enumerate(answer.transactions) if t.succeeded)
    return [payment for payment in paid if payment is not None]


def _payment(block: Block, index: int, transaction: WalletTransaction) -> Payment | None:
    """None for what moves no TRX. A transaction has exactly one contract."""
    place = f"transaction {transaction.tx_id} of block {block.height}"
    for contract in transaction.raw_data.contract[:1]:
        raw = bytes(contract.parameter.value)
        if contract.type == "TransferContract":
            sent = read(raw, TransferValue, place=place)
            return _moved(index, sent.owner_address, sent.to_address, sent.amount)
        if contract.type == "TriggerSmartContract":
            call = read(raw, TriggerValue, place=place)
            return _moved(index, call.owner_address, call.contract_address, call.call_value)
    return None


def _moved(index: int, sender: str, receiver: str, amount: int) -> Payment | None:
    if not amount:
        return None
    return Payment(index=index, sender="0x" + sender[2:], receiver="0x" + receiver[2:], amount=amount)
