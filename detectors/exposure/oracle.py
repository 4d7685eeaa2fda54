"""The definition of exposure, in plain Python. Slow, obvious; the compiled engine must equal it.

Every account is a pool. A transfer takes from the sender's pool the same share of everything in it (the haircut:
Möser, Böhme, Breuker, Towards Risk Scoring of Bitcoin Transactions, FC 2014 workshops), so

    moved(piece) = floor(held(piece) * taken / balance)      taken = min(value, balance)
    left(piece)  = floor(held(piece) * (balance - taken) / balance)

and a piece (category, hops) arrives one hop further. What a labelled sender pays is its category's, one hop away,
all of it; its other pieces go with it, unless it is a service: there they end, and nothing that reaches a service
is followed further. What the pool does not hold came from before the stream and counts as of unknown origin.
Rounding and dust lose taint, they never make any: of one category no more arrives than was paid.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass, field

import numpy as np

from manumit.detectors.exposure.contract import UNDO_DEPTH, Piece, Standing
from manumit.detectors.exposure.terms import (
    MILLION,
    NOBODY_BIT,
    POOL_LIMIT,
    TOTAL_LIMIT,
    Asked,
    Exposure,
    Side,
    Terms,
)
from manumit.detectors.windows.contract import LabelSpan
from manumit.schemas.addresses import NOBODY
from manumit.schemas.block import Int64s, TransferBlock
from manumit.schemas.errors import Broken
from manumit.schemas.label import LABEL_CATEGORIES, label_bit

Account = tuple[str, str]


@dataclass(slots=True)
class Pool:
    """One account as it stands; `contract.Standing` says what the numbers mean."""

    touched_us: int = 0
    balance: int = 0
    received: int = 0
    sent: int = 0
    unvalued_in: int = 0
    unvalued_out: int = 0
    gained: Counter[Piece] = field(default_factory=Counter)
    held: Counter[Piece] = field(default_factory=Counter)
    paid: Counter[str] = field(default_factory=Counter)

    def take(self, value: int) -> dict[Piece, int]:
        """Take `value` out; what of each piece went with it."""
        self.sent = min(self.sent + value, TOTAL_LIMIT)
        taken, balance = min(value, self.balance), self.balance
        if not taken:
            return {}
        moved = {piece: held * taken // balance for piece, held in self.held.items()}
        self.held = Counter({piece: held * (balance - taken) // balance for piece, held in self.held.items()})
        self.balance -= taken
        return moved

    def receive(self, value: int, pieces: dict[Piece, int], *, keeps: bool, hops: int) -> None:
        """Put `value` in. A service keeps no pool; the last hop is counted and followed no further."""
        self.received = min(self.received + value, TOTAL_LIMIT)
        if keeps:
            self.balance = min(self.balance + value, POOL_LIMIT)
        for piece, amount in pieces.items():
            self.gained[piece] = min(self.gained[piece] + amount, TOTAL_LIMIT)
            if keeps and piece[1] < hops:
                self.held[piece] = min(self.held[piece] + amount, POOL_LIMIT)


class Oracle:
    """See `contract.ExposureEngine`. Undo goes back to a copy made before the transfer."""

    def __init__(self, terms: Terms, *, undo_depth: int = UNDO_DEPTH) -> None:
        self.terms = terms
        self._undo_depth = undo_depth
        self._spans: dict[Account, list[LabelSpan]] = defaultdict(list)
        self._pools: dict[Account, Pool] = {}
        self._before: list[dict[Account, Pool | None]] = []
        self._length = 0

    @property
    def length(self) -> int:
        return self._length

    def label(self, spans: Sequence[LabelSpan]) -> None:
        for span in spans:
            self._spans[span.chain, span.address].append(span)

    def relabel(self, spans: Sequence[LabelSpan]) -> None:
        self._spans.clear()
        self.label(spans)

    def push(self, block: TransferBlock, asked: Sequence[Asked] = ()) -> Int64s:
        if len(block) and (block.op != 1).any():
            raise Broken("a retraction reached push; undo it instead")
        columns = np.zeros((len(asked), len(block)), np.int64)
        for i in range(len(block)):
            chain = block.chains[block.chain[i]]
            ends: dict[Side, Account] = {"sender": (chain, block.sender[i]), "receiver": (chain, block.receiver[i])}
            value = int(block.usd_micro[i])
            pieces = self._apply(int(block.at_us[i]), value, ends["sender"], ends["receiver"])
            for row, (side, wanted) in enumerate(asked):
                columns[row, i] = _measured(self._pools[ends[side]], wanted, value, pieces)
        return columns

    def _apply(self, at_us: int, value: int, sender: Account, receiver: Account) -> dict[Piece, int]:
        self._remember(sender, receiver)
        payer, payee = self._fresh(sender, at_us), self._fresh(receiver, at_us)
        if sender == receiver:
            return {}
        if value < 0:
            payer.unvalued_out += 1
            payee.unvalued_in += 1
            return {}
        own, other = self.bits(sender, at_us), self.bits(receiver, at_us)
        moved = payer.take(value)
        pieces = dict(self._pieces(value, own, moved))
        if value >= self.terms.dust_micro:
            for category in _categories(other):
                payer.paid[category] = min(payer.paid[category] + value, TOTAL_LIMIT)
        payee.receive(value, pieces, keeps=not other & self.terms.sinks, hops=self.terms.hops)
        return pieces

    def _pieces(self, value: int, own: int, moved: dict[Piece, int]) -> Iterator[tuple[Piece, int]]:
        dust = max(1, self.terms.dust_micro)
        if value >= dust:
            for category in _categories(own):
                yield (category, 1), value
        if own & self.terms.sinks:
            return
        for (category, hops), amount in moved.items():
            if amount >= dust and hops < self.terms.hops and not own & label_bit(category):
                yield (category, hops + 1), amount

    def _fresh(self, account: Account, at_us: int) -> Pool:
        pool = self._pools.get(account)
        if pool is None or (self.terms.forget_us and at_us - pool.touched_us > self.terms.forget_us):
            pool = self._pools[account] = Pool()
        pool.touched_us = at_us
        return pool

    def bits(self, account: Account, at_us: int) -> int:
        """The label bits of an account at one moment."""
        found = NOBODY_BIT if account[1] in NOBODY or account[1].startswith("~") else 0
        for span in self._spans.get(account, ()):
            if span.valid_from_us <= at_us < span.valid_to_us:
                found |= span.bits
        return found

    def _remember(self, *accounts: Account) -> None:
        self._before.append({account: deepcopy(self._pools.get(account)) for account in accounts})
        self._before = self._before[-self._undo_depth :] if self._undo_depth else []
        self._length += 1

    def undo(self, count: int) -> None:
        if count > len(self._before):
            raise Broken(f"cannot take back {count} transfers: {len(self._before)} are kept for that")
        for _ in range(count):
            for account, pool in self._before.pop().items():
                if pool is None:
                    del self._pools[account]
                else:
                    self._pools[account] = pool
        self._length -= count

    def standing(self, chain: str, address: str) -> Standing | None:
        pool = self._pools.get((chain, address))
        if pool is None:
            return None
        return Standing(
            balance=pool.balance,
            received=pool.received,
            sent=pool.sent,
            unvalued_in=pool.unvalued_in,
            unvalued_out=pool.unvalued_out,
            gained={piece: amount for piece, amount in sorted(pool.gained.items()) if amount},
            held={piece: amount for piece, amount in sorted(pool.held.items()) if amount},
            paid={category: amount for category, amount in sorted(pool.paid.items()) if amount},
        )


def destinations(terms: Terms, spans: Sequence[LabelSpan], block: TransferBlock, account: Account) -> dict[Piece, int]:
    """Of what `account` paid in all these transfers, micro-USD that arrived at each category, by hops.

    The account's money is followed through the pools by the same haircut. For each category on its own, what arrives
    at an address of that category is counted and followed no further.
    """
    pools = Oracle(terms, undo_depth=0)
    pools.label(spans)
    arrived: Counter[Piece] = Counter()
    held: dict[Account, Counter[Piece]] = defaultdict(Counter)
    for i in range(len(block)):
        chain, at_us, value = block.chains[block.chain[i]], int(block.at_us[i]), int(block.usd_micro[i])
        sender, receiver = (chain, block.sender[i]), (chain, block.receiver[i])
        before = pools.standing(*sender)
        pools.push(block.slice(i, i + 1))
        if value < 0 or sender == receiver:
            continue
        balance = before.balance if before else 0
        moved = _followed(held[sender], min(value, balance), balance)
        if sender == account:
            moved = {(category, 0): value for category in LABEL_CATEGORIES}
        elif pools.bits(sender, at_us) & terms.sinks:
            moved = {}
        bits = pools.bits(receiver, at_us)
        for (category, hops), amount in moved.items():
            if amount < max(1, terms.dust_micro):
                continue
            if bits & label_bit(category):
                arrived[category, hops + 1] += amount
            elif not bits & terms.sinks and hops + 1 < terms.hops and receiver != account:
                held[receiver][category, hops + 1] += amount
    return dict(sorted(arrived.items()))


def _followed(held: Counter[Piece], taken: int, balance: int) -> dict[Piece, int]:
    """Take the same share of every piece."""
    if not taken:
        return {}
    moved = {piece: amount * taken // balance for piece, amount in held.items()}
    for piece, amount in held.items():
        held[piece] = amount * (balance - taken) // balance
    return moved


def _categories(bits: int) -> list[str]:
    return [category for category in LABEL_CATEGORIES if bits & label_bit(category)]


def _measured(pool: Pool, wanted: Exposure, value: int, pieces: dict[Piece, int]) -> int:
    if wanted.of == "sent":
        part, whole = pool.paid[wanted.category], pool.sent
    else:
        found, whole = (pieces, value) if wanted.of == "transfer" else (pool.gained, pool.received)
        part = sum(found.get((wanted.category, hops), 0) for hops in range(1, wanted.hops + 1))
    return min(part, whole) * MILLION // whole if whole > 0 else 0
