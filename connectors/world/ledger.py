"""Accounts and payments of a world while it is drawn: columns, never one object for each transfer."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import Any

import numpy as np
import numpy.typing as npt

from manumit.connectors.world.hashes import account_id, address
from manumit.schemas.block import Int32s, Int64s

CENT = 10_000  # micro-USD
INNOCENT = -1
Bools = npt.NDArray[np.bool_]


@dataclass(slots=True)
class Accounts:
    """Every account by number. `roles[i]` says what account i is."""

    seed: int
    roles: list[str] = field(default_factory=list)
    addresses: list[str] = field(default_factory=list)
    opened: dict[str, int] = field(default_factory=dict)

    def open(self, role: str, count: int) -> Int32s:
        """int32[count] new accounts."""
        first, index = len(self.roles), self.opened.get(role, 0)
        self.roles.extend([role] * count)
        self.addresses.extend(address(self.seed, role, index + i) for i in range(count))
        self.opened[role] = index + count
        return np.arange(first, first + count, dtype=np.int32)

    def caip(self, account: int) -> str:
        return account_id(self.addresses[account])


@dataclass(frozen=True, slots=True, kw_only=True)
class Payments:
    """n payments. `at` int64[n] microseconds since the start; `amount` int64[n] micro-USD of the
    stablecoin, gwei where `native`; `case` int32[n] number of the planted case or INNOCENT."""

    at: Int64s
    sender: Int32s
    receiver: Int32s
    amount: Int64s
    native: Bools
    case: Int32s

    def __len__(self) -> int:
        return len(self.at)

    def where(self, rows: npt.NDArray[np.int64] | Bools) -> Payments:
        return Payments(
            at=self.at[rows],
            sender=self.sender[rows],
            receiver=self.receiver[rows],
            amount=self.amount[rows],
            native=self.native[rows],
            case=self.case[rows],
        )


Numbers = Int64s | Int32s | int


@dataclass(slots=True)
class Ledger:
    """Payments in the order they were drawn; `payments()` gives them as one set of columns."""

    chunks: list[tuple[Int64s, Numbers, Numbers, Numbers, bool, int]] = field(default_factory=list)

    def pay(
        self,
        at: Int64s,
        sender: Numbers,
        receiver: Numbers,
        amount: Numbers,
        *,
        native: bool = False,
        case: int = INNOCENT,
    ) -> None:
        """One payment for each moment; the other arguments are arrays of that length or one value for all."""
        if len(at):
            self.chunks.append((at, sender, receiver, amount, native, case))

    def payments(self) -> Payments:
        sizes = [len(chunk[0]) for chunk in self.chunks]
        return Payments(
            at=np.concatenate([chunk[0] for chunk in self.chunks]),
            sender=_column([chunk[1] for chunk in self.chunks], sizes).astype(np.int32),
            receiver=_column([chunk[2] for chunk in self.chunks], sizes).astype(np.int32),
            amount=_column([chunk[3] for chunk in self.chunks], sizes),
            native=np.repeat(np.array([chunk[4] for chunk in self.chunks]), sizes),
            case=np.repeat(np.array([chunk[5] for chunk in self.chunks], np.int32), sizes),
        )


def cents(usd: npt.NDArray[np.floating[Any]] | float) -> Int64s:
    """USD as micro-USD, rounded to whole cents."""
    return np.rint(np.asarray(usd, np.float64) * 100).astype(np.int64) * CENT


def joined(first: Payments, second: Payments) -> Payments:
    """One set of columns, `first` before `second`."""
    return Payments(
        **{f.name: np.concatenate([getattr(first, f.name), getattr(second, f.name)]) for f in fields(first)}
    )


def _column(parts: list[Numbers], sizes: list[int]) -> Int64s:
    return np.concatenate(
        [np.full(n, p, np.int64) if isinstance(p, int) else p for p, n in zip(parts, sizes, strict=True)]
    ).astype(np.int64, copy=False)
