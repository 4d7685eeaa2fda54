"""The letter of the red-flag catalogue, read slowly in plain Python over one account's transfers.

Written apart from the detectors and their engine: it answers whether a generated world holds what its truth
says. Times in microseconds, amounts in USD; transfers of unknown USD count as nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from itertools import pairwise
from statistics import median

from manumit.schemas.label import Label
from manumit.schemas.transfer import Transfer

HOUR = 3_600_000_000
DAY = 24 * HOUR
BUSINESSES = frozenset({"exchange", "service", "mixer", "gambling"})
LISTS = frozenset({"sanctions", "trafficking", "law-enforcement", "child-abuse", "frozen"})


@dataclass(frozen=True, slots=True)
class Move:
    at: int
    other: str
    usd: float
    new: bool


@dataclass(slots=True)
class Account:
    came: list[Move] = field(default_factory=list)
    left: list[Move] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Books:
    """Every account by CAIP-10 id, and the labels of each with their validity."""

    accounts: dict[str, Account]
    labels: dict[str, list[Label]]

    def called(self, subject: str, categories: Iterable[str], at: int) -> bool:
        wanted = set(categories)
        return any(x.category in wanted and x.valid_from_us <= at < x.valid_to_us for x in self.labels.get(subject, ()))


def books(transfers: Iterable[Transfer], labels: Iterable[Label]) -> Books:
    accounts: dict[str, Account] = defaultdict(Account)
    by_subject: dict[str, list[Label]] = defaultdict(list)
    for label in labels:
        by_subject[label.subject].append(label)
    pairs: set[tuple[str, str]] = set()
    for t in transfers:
        if t.amount_usd is None:
            continue
        sender, receiver = f"{t.chain}:{t.sender}", f"{t.chain}:{t.receiver}"
        new = (sender, receiver) not in pairs
        pairs.add((sender, receiver))
        accounts[sender].left.append(Move(t.at_us, receiver, t.amount_usd, new))
        accounts[receiver].came.append(Move(t.at_us, sender, t.amount_usd, new))
    return Books(dict(accounts), dict(by_subject))


def _last(moves: list[Move], at: int, days: float) -> list[Move]:
    return [m for m in moves if at - days * DAY < m.at <= at]


def funnel(b: Books, s: str, a: Account) -> bool:
    for move in a.came:
        week = [m for m in _last(a.came, move.at, 7) if m.usd >= 10]
        senders = {m.other for m in week}
        if len(senders) >= 8 and len({m.other for m in week if m.new}) >= 0.6 * len(senders):
            return True
    return False


def pass_through(b: Books, s: str, a: Account) -> bool:
    held: list[tuple[int, int]] = []
    for move in a.came:
        later = [m for m in a.left if move.at < m.at <= move.at + DAY]
        if move.usd >= 50 and sum(m.usd for m in later) >= 0.9 * move.usd:
            held.append((move.at, later[0].at - move.at))
    for at, _ in held:
        month = [wait for start, wait in held if at - 30 * DAY < start <= at]
        if len(month) >= 5 and median(month) <= 6 * HOUR:
            return True
    return False


def structuring(b: Books, s: str, a: Account) -> bool:
    for limit in (10_000, 3_000, 1_000):
        below = [m for m in a.left if 0.9 * limit <= m.usd < limit]
        if any(len(_last(below, m.at, 7)) >= 3 for m in below):
            return True
    return False


def accumulate(b: Books, s: str, a: Account) -> bool:
    for out in a.left:
        month = _last(a.came, out.at, 30)
        if len({m.other for m in month}) < 10 or median(m.usd for m in month) > 500:
            continue
        balance = sum(m.usd for m in a.came if m.at <= out.at) - sum(m.usd for m in a.left if m.at < out.at)
        soon = out.at - month[-1].at <= DAY
        if soon and out.usd >= 0.8 * balance and b.called(out.other, ("exchange",), out.at):
            return True
    return False


def depleted(b: Books, s: str, a: Account) -> bool:
    for move in a.came[11:]:
        found = [m for m in _last(a.came, move.at, 60) if _balance_before(a, m) <= 0.05 * _monthly(a, m)]
        receivers = {m.other for m in _last(a.left, move.at, 60)}
        often = len(_last(a.came, move.at, 30)) >= 12
        if often and len(found) >= 0.8 * len(_last(a.came, move.at, 60)) and len(receivers) <= 3:
            return True
    return False


def _balance_before(a: Account, move: Move) -> float:
    return sum(m.usd for m in a.came if m.at < move.at) - sum(m.usd for m in a.left if m.at < move.at)


def _monthly(a: Account, move: Move) -> float:
    return sum(m.usd for m in _last(a.came, move.at, 30))


def listed(b: Books, s: str, a: Account) -> bool:
    return any(b.called(s, LISTS, m.at) for m in (*a.came, *a.left))


def mixer(b: Books, s: str, a: Account) -> bool:
    return any(b.called(m.other, ("mixer",), m.at) for m in (*a.came, *a.left))


def trial(b: Books, s: str, a: Account) -> bool:
    for first in a.left:
        small = [m for m in _last(a.left, first.at - 1, 30) if m.usd <= first.usd / 10]
        if len(small) < 2 or not first.new or first.at - small[-1].at < 3 * DAY:
            continue
        enough = 10 * median(m.usd for m in small)
        large = [m for m in a.left if first.at <= m.at < first.at + 30 * DAY and m.new and m.usd >= enough]
        if len(large) >= 2:
            return True
    return False


def subscription(b: Books, s: str, a: Account) -> bool:
    by_payer: dict[str, list[int]] = defaultdict(list)
    for m in a.came:
        if 3.6 <= m.usd <= 36.5:
            by_payer[m.other].append(m.at)
    steady = sum(1 for moments in by_payer.values() if len(moments) >= 3 and _steady(moments))
    return steady >= 30 and any(b.called(m.other, ("mixer",), m.at) for m in a.left)


def _steady(moments: list[int]) -> bool:
    gap = median(later - earlier for earlier, later in pairwise(moments))
    return any(abs(gap - days * DAY) <= 0.1 * days * DAY for days in (7, 30, 90))


LETTERS: dict[str, Callable[[Books, str, Account], bool]] = {
    "tx-funnel-fan-in": funnel,
    "tx-rapid-pass-through": pass_through,
    "tx-structuring-below-threshold": structuring,
    "tx-accumulate-then-cashout": accumulate,
    "tx-kept-depleted": depleted,
    "tx-watchlist-address": listed,
    "tx-mixer-exposure": mixer,
    "tx-trial-then-large": trial,
    "tx-csam-subscription-pattern": subscription,
}


def found(b: Books, rule: str) -> set[str]:
    """The accounts of which the letter of `rule` holds; labelled businesses are left out."""
    unlabelled = {
        s: a for s, a in b.accounts.items() if not any(label.category in BUSINESSES for label in b.labels.get(s, ()))
    }
    return {s for s, a in unlabelled.items() if LETTERS[rule](b, s, a)}
