"""The oracle's memory: every transfer there was, looked through one by one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from manumit.detectors.windows.features import Direction
from manumit.detectors.windows.view import Leg

Account = tuple[str, str]


class Seen(Protocol):
    """A transfer as the oracle keeps it."""

    @property
    def at_us(self) -> int: ...

    @property
    def usd_micro(self) -> int: ...

    def subject(self, direction: Direction) -> Account: ...

    def counterparty(self, direction: Direction) -> Account: ...


@dataclass(frozen=True, slots=True)
class EventMemory:
    """See `view.Memory`."""

    events: Sequence[Seen]
    bits: Callable[[Account, int], int]
    numbers: dict[Account, int] = field(default_factory=dict)
    accounts: list[Account] = field(default_factory=list)

    def transfer(self, sequence: int) -> tuple[Leg, int]:
        return self._leg(sequence, "in"), self._leg(sequence, "out").other

    def legs(self, account: int, direction: Direction, *, last: int, after_us: int, limit: int) -> list[Leg]:
        whose = self.accounts[account]
        mine = [
            sequence
            for sequence, event in enumerate(self.events[: last + 1])
            if event.subject(direction) == whose and event.at_us > after_us
        ]
        return [self._leg(sequence, direction) for sequence in mine[::-1][:limit]]

    def payers(self, account: int, band: tuple[int, int], *, last: int, after_us: int, limit: int) -> list[Leg]:
        legs = self.legs(account, "in", last=last, after_us=after_us, limit=limit)
        found: dict[int, Leg] = {}
        for leg in legs:
            if band[0] <= leg.usd_micro <= band[1]:
                found.setdefault(leg.other, leg)
        return list(found.values()) if len(legs) < limit else []

    def payments(self, sequence: int, *, after_us: int, limit: int) -> list[Leg]:
        (_, _, _, sender), receiver = self.transfer(sequence)
        legs = self.legs(receiver, "in", last=sequence, after_us=after_us, limit=len(self.events))
        return [leg for leg in legs if leg.other == sender][:limit]

    def labels(self, account: int, at_us: int) -> int:
        return self.bits(self.accounts[account], at_us)

    def name(self, account: int) -> str:
        return ":".join(self.accounts[account])

    def _leg(self, sequence: int, direction: Direction) -> Leg:
        event = self.events[sequence]
        return Leg(sequence, event.at_us, event.usd_micro, self._number(event.counterparty(direction)))

    def _number(self, account: Account) -> int:
        if account not in self.numbers:
            self.numbers[account] = len(self.accounts)
            self.accounts.append(account)
        return self.numbers[account]
