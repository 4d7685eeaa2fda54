"""The load both sides get: invented transfers of this very moment, some of them split under a reporting limit."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import numpy as np

from bench.transfers import ASSET, CHAIN, address
from manumit.schemas.block import MICRO_USD
from manumit.schemas.transfer import Transfer

ACCOUNTS = 50_000
SPLIT_EVERY = 300
SPLIT_USD = 9_500
SPLITS = 3  # payments of one splitter, one after the other: the third is an alert
SECOND_US = 1_000_000


def now_us() -> int:
    return time.time_ns() // 1000


class Load:
    """Gives each transfer once. Amounts keep away from what counts as split, but for those that are."""

    def __init__(self, seed: int = 1) -> None:
        self._dice = np.random.default_rng(seed)
        self._given = 0

    def rows(self, count: int, at_us: int) -> list[Transfer]:
        """The next `count`, all at one moment."""
        first, self._given = self._given, self._given + count
        pairs = self._dice.integers(0, ACCOUNTS, (count, 2)).tolist()
        usd = np.round(self._dice.uniform(5, 800, count), 2).tolist()
        return [
            _transfer(first + row, at_us, pair[0], pair[1], amount)
            for row, (pair, amount) in enumerate(zip(pairs, usd, strict=True))
        ]


def _transfer(number: int, at_us: int, sender: int, receiver: int, usd: float) -> Transfer:
    if number % SPLIT_EVERY == 0:
        sender, usd = ACCOUNTS + number // (SPLIT_EVERY * SPLITS), SPLIT_USD
    elif sender == receiver:
        receiver = (receiver + 1) % ACCOUNTS
    return Transfer(
        chain=CHAIN,
        block_height=19_000_000 + number // 1_000,
        block_hash=f"0x{number // 1_000 + 1:064x}",
        tx_hash=f"0x{number + 1:064x}",
        position=number % 1_000,
        at_us=at_us,
        seen_us=at_us,
        sender=address(sender),
        receiver=address(receiver),
        asset=ASSET,
        amount=round(usd * MICRO_USD),
        decimals=6,
        amount_usd=usd,
    )


def paced(
    load: Load, *, rate: int, seconds: float, tick_s: float, sleep: Callable[[float], None] = time.sleep
) -> Iterator[list[Transfer]]:
    """`rate` a second in ticks, each as of the moment it is given; one that is late is given at once."""
    begin = time.monotonic()
    for tick in range(round(seconds / tick_s)):
        ahead = begin + tick * tick_s - time.monotonic()
        if ahead > 0:
            sleep(ahead)
        yield load.rows(round(rate * tick_s), now_us())
