"""Exposure of every transfer: ours against the same haircut as an engineer writes it by hand with dictionaries.

Both are given transfers in memory and must hold the same exposures at the end, to the micro-dollar. The peer cannot
take a transfer back; ours is measured with the memory that undo needs, and answers one feature as of each transfer.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import partial

from bench.results import Result, more_is_better
from bench.rounds import medians
from bench.transfers import CHAIN, HUB_EVENTS, Stream, address
from manumit.detectors.exposure.contract import Piece
from manumit.detectors.exposure.engine import Engine
from manumit.detectors.exposure.terms import SINK_BITS, Asked, Terms, bits_of, exposure
from manumit.detectors.windows.contract import LabelSpan
from manumit.schemas.block import TransferBlock
from manumit.schemas.fields import YEAR_1970_US, YEAR_2200_US

BLOCK_ROWS = 4096
EVERY = 500
"""One account in so many is labelled, each category in turn."""
CATEGORIES = ("sanctions", "scam", "mixer", "exchange", "darknet", "gambling")
TERMS = Terms()
ASKED: tuple[Asked, ...] = (("receiver", exposure("mixer", 2)),)
Move = tuple[int, str, str]
Gained = Mapping[str, Mapping[Piece, int]]


class Account:
    """What the peer remembers of one account."""

    __slots__ = ("balance", "gained", "held")

    def __init__(self) -> None:
        self.balance = 0
        self.held: dict[Piece, int] = {}
        self.gained: dict[Piece, int] = {}


def plain_gained(moves: list[Move], labels: Mapping[str, str]) -> Gained:
    sinks = frozenset(category for category in CATEGORIES if bits_of(category) & SINK_BITS)
    accounts: dict[str, Account] = {}
    for value, sender, receiver in moves:
        payer = accounts.get(sender) or accounts.setdefault(sender, Account())
        payee = accounts.get(receiver) or accounts.setdefault(receiver, Account())
        own = labels.get(sender)
        pieces: dict[Piece, int] = {}
        if own is not None and value >= TERMS.dust_micro:
            pieces[own, 1] = value
        balance = payer.balance
        taken = min(value, balance)
        if taken and payer.held:
            left: dict[Piece, int] = {}
            for (category, hops), held in payer.held.items():
                moved = held * taken // balance
                kept = held * (balance - taken) // balance
                if kept:
                    left[category, hops] = kept
                if moved >= TERMS.dust_micro and own not in sinks and hops < TERMS.hops and category != own:
                    pieces[category, hops + 1] = moved
            payer.held = left
        payer.balance = balance - taken
        keeps = labels.get(receiver) not in sinks
        if keeps:
            payee.balance += value
        for piece, amount in pieces.items():
            payee.gained[piece] = payee.gained.get(piece, 0) + amount
            if keeps and piece[1] < TERMS.hops:
                payee.held[piece] = payee.held.get(piece, 0) + amount
    return {name: account.gained for name, account in accounts.items() if account.gained}


def our_engine(blocks: list[TransferBlock], spans: list[LabelSpan]) -> Engine:
    engine = Engine(TERMS)
    engine.label(spans)
    for block in blocks:
        engine.push(block, ASKED)
    return engine


def of_transfers(stream: Stream, rounds: int) -> Iterator[Result]:
    """Transfers a second, with few labels and with the hubs of the stream labelled too, as services are in life.

    Raises AssertionError unless both give the same exposures.
    """
    few = range(0, len(stream), EVERY)
    yield _compared(stream, rounds, "few labels", few)
    yield _compared(stream, rounds, "hubs labelled", (*range(max(3, len(stream) // HUB_EVENTS)), *few))


def _compared(stream: Stream, rounds: int, name: str, labelled: Iterable[int]) -> Result:
    rows = stream.columns
    labels = {address(n): CATEGORIES[i % len(CATEGORIES)] for i, n in enumerate(labelled)}
    spans = [
        LabelSpan(
            chain=CHAIN,
            address=name,
            bits=bits_of(category),
            valid_from_us=YEAR_1970_US,
            valid_to_us=YEAR_2200_US,
        )
        for name, category in labels.items()
    ]
    pairs = zip(rows.usd_micro.tolist(), rows.sender.tolist(), rows.receiver.tolist(), strict=True)
    moves = [(value, address(sender), address(receiver)) for value, sender, receiver in pairs]
    whole = TransferBlock.of(stream.records)
    blocks = [whole.slice(start, start + BLOCK_ROWS) for start in range(0, len(whole), BLOCK_ROWS)]
    blocks[-1] = whole.slice(len(whole) - (len(whole) % BLOCK_ROWS or BLOCK_ROWS), len(whole))
    engine = our_engine(blocks, spans)
    wanted = plain_gained(moves, labels)
    for account, gained in wanted.items():
        standing = engine.standing(CHAIN, account)
        assert standing is not None
        assert standing.gained == gained, f"exposures of {account} differ"
    peer = "plain Python, dictionaries"
    seconds = medians({"ours": partial(our_engine, blocks, spans), peer: partial(plain_gained, moves, labels)}, rounds)
    return more_is_better(
        f"exposure of every transfer, 4 hops, {name}",
        len(stream) / seconds["ours"],
        len(stream) / seconds[peer],
        peer,
        "events/s",
    )
