"""All transfers of a book in order, linked along each account, so that a neighbourhood can be walked."""

from __future__ import annotations

import numpy as np

from manumit.detectors.exposure.engine import Engine, Taken
from manumit.detectors.windows.interner import njit
from manumit.schemas.block import Int64s, TransferBlock

# columns of an entry: exactly one cache line. BEFORE_… and AFTER_… are the transfers next to this one in the chain of
# everything its sender, or its receiver, sent or received; -1 none
AT, USD, SENDER, RECEIVER, BEFORE_SENDER, BEFORE_RECEIVER, AFTER_SENDER, AFTER_RECEIVER = range(8)
OLDEST, NEWEST = 0, 1
UNKNOWN = -1


class Log:
    """`entries` int64[capacity, 8]; `ends` int64[capacity, 2]: each account's oldest and newest transfer, -1 none;
    `balances` int64[capacity]: micro-USD the sender held before the transfer."""

    def __init__(self) -> None:
        self.length = 0
        self.entries = np.zeros((1024, 8), np.int64)
        self.ends = np.full((1024, 2), UNKNOWN, np.int64)
        self.balances = np.zeros(1024, np.int64)

    def append(self, block: TransferBlock, taken: Taken, accounts: int) -> None:
        """The transfers of a block, between accounts below `accounts`."""
        at_us = block.at_us
        stop = self.length + len(at_us)
        if stop > len(self.entries):
            self.entries = _longer(self.entries, max(stop, 2 * len(self.entries)), 0)
            self.balances = np.resize(self.balances, len(self.entries))
        if accounts > len(self.ends):
            self.ends = _longer(self.ends, max(accounts, 2 * len(self.ends)), UNKNOWN)
        new = self.entries[self.length : stop]
        new[:, AT], new[:, USD] = at_us, block.usd_micro
        new[:, SENDER], new[:, RECEIVER] = taken.ends
        self.balances[self.length : stop] = taken.balances
        link(self.entries, self.ends, self.length, stop)
        self.length = stop

    def recount(self, engine: Engine) -> None:
        """Put everything through the engine again, with its labels as they are now."""
        self.balances[: self.length] = engine.recount(self.at_us, self.usd_micro, self.accounts)

    @property
    def at_us(self) -> Int64s:
        return self.entries[: self.length, AT]

    @property
    def usd_micro(self) -> Int64s:
        return self.entries[: self.length, USD]

    @property
    def accounts(self) -> Int64s:
        """int64[2, n]: sender and receiver of each transfer."""
        return np.ascontiguousarray(self.entries[: self.length, SENDER : RECEIVER + 1].T)

    def first_us(self, account: int) -> int:
        """When the account's oldest transfer was made."""
        return int(self.entries[self.ends[account, OLDEST], AT])

    def of(self, account: int, most: int) -> list[int]:
        """The account's newest transfers, newest first."""
        found: list[int] = []
        at = int(self.ends[account, NEWEST])
        while at >= 0 and len(found) < most:
            found.append(at)
            at = int(self.entries[at, BEFORE_SENDER if self.entries[at, SENDER] == account else BEFORE_RECEIVER])
        return found


def _longer(rows: Int64s, count: int, filler: int) -> Int64s:
    longer = np.full((count, rows.shape[1]), filler, np.int64)
    longer[: len(rows)] = rows
    return longer


@njit
def link(entries: Int64s, ends: Int64s, start: int, stop: int) -> None:
    """Hang the transfers start to stop onto the chains of their accounts."""
    for i in range(start, stop):
        for side in range(2):
            account = entries[i, SENDER + side]
            before = ends[account, NEWEST]
            entries[i, BEFORE_SENDER + side] = before
            entries[i, AFTER_SENDER + side] = UNKNOWN
            if before < 0:
                ends[account, OLDEST] = i
            elif entries[before, SENDER] == account:
                entries[before, AFTER_SENDER] = i
            else:
                entries[before, AFTER_RECEIVER] = i
            ends[account, NEWEST] = i
