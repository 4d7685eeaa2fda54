"""What a story over several addresses may read: the engine's memory of each account, as of one event.

Accounts are small integers that mean something only until the next push.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple, Protocol

from manumit.detectors.windows.features import Direction


class Leg(NamedTuple):
    """A transfer as one of its two accounts sees it; `other` is the account at the far end."""

    sequence: int
    at_us: int
    usd_micro: int
    other: int


class Memory(Protocol):
    """The transfers an engine remembers, by account."""

    def transfer(self, sequence: int) -> tuple[Leg, int]:
        """One transfer as its receiver sees it, and the receiver."""
        ...

    def legs(self, account: int, direction: Direction, *, last: int, after_us: int, limit: int) -> list[Leg]:
        """The account's latest transfers that way, newest first: none after `last`, none at or before `after_us`."""
        ...

    def payers(self, account: int, band: tuple[int, int], *, last: int, after_us: int, limit: int) -> list[Leg]:
        """Of the inflows of micro-USD in the closed `band` each payer's latest; none if there are `limit` inflows."""
        ...

    def payments(self, sequence: int, *, after_us: int, limit: int) -> list[Leg]:
        """This transfer and the earlier ones of its sender to its receiver, newest first, as the receiver sees them."""
        ...

    def labels(self, account: int, at_us: int) -> int:
        """Label bits at a time."""
        ...

    def name(self, account: int) -> str:
        """The CAIP-10 id."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """The memory as of one transfer, `event`: later ones do not exist, and time is the transfer's own.

    Every read has a limit, so what a story costs does not grow with how busy an account is.
    """

    memory: Memory
    event: Leg
    sender: int
    receiver: int

    @classmethod
    def of(cls, memory: Memory, sequence: int) -> View:
        event, receiver = memory.transfer(sequence)
        return cls(memory=memory, event=event, sender=event.other, receiver=receiver)

    @property
    def usd_micro(self) -> int:
        return self.event.usd_micro

    def inflows(self, account: int, within_us: int, limit: int) -> list[Leg]:
        """The account's latest inflows younger than `within_us`, newest first; `limit` of them may not be all."""
        return self._legs(account, "in", within_us, limit)

    def outflows(self, account: int, within_us: int, limit: int) -> list[Leg]:
        return self._legs(account, "out", within_us, limit)

    def _legs(self, account: int, direction: Direction, within_us: int, limit: int) -> list[Leg]:
        sequence, at_us, _, _ = self.event
        return self.memory.legs(account, direction, last=sequence, after_us=at_us - within_us, limit=limit)

    def payers(self, account: int, band: tuple[int, int], within_us: int, limit: int) -> list[Leg]:
        """Each payer's latest inflow of micro-USD in the closed `band`; none for `limit` inflows or more."""
        sequence, at_us, _, _ = self.event
        return self.memory.payers(account, band, last=sequence, after_us=at_us - within_us, limit=limit)

    def payments(self, within_us: int, limit: int) -> list[Leg]:
        """The transfer and the sender's latest others to this receiver, newest first, as the receiver sees them."""
        sequence, at_us, _, _ = self.event
        return self.memory.payments(sequence, after_us=at_us - within_us, limit=limit)

    def carries(self, account: int, bits: int) -> bool:
        """True when one of these label bits holds at the event's time."""
        return self.memory.labels(account, self.event.at_us) & bits != 0
