"""Who paid whom in a transaction with many inputs and outputs. Pure, in whole base units.

An address that stands on both sides counts with the difference. What the receivers got is shared among the payers in
proportion to what each spent, and each payer's share among the receivers in proportion to what they got: the haircut
of Möser, Böhme and Breuker (2014), which favours no pair. Every payer's and every receiver's sum is exact. From
MOST_PAIRS pairs on, coins go in order, first in first out, as Clayton's case has it (Anderson, Shumailov and Ahmed,
"Making Bitcoin Legal", 2018): just as exact, and never more transfers than payers and receivers.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

MOST_PAIRS = 1_024
Sides = Iterable[tuple[str, int]]
Pair = tuple[str, str, int]


def spread(spent: Sides, made: Sides) -> list[Pair]:
    """(payer, receiver, amount) of (address, amount) inputs and outputs; amounts above 0, in order of appearance.

    What is spent and not made is the fee; it is taken from the payers in proportion and goes to nobody here.
    Raises ValueError when more is made than spent.
    """
    balance: dict[str, int] = {}
    for address, amount in spent:
        balance[address] = balance.get(address, 0) + amount
    for address, amount in made:
        balance[address] = balance.get(address, 0) - amount
    payers = {address: amount for address, amount in balance.items() if amount > 0}
    receivers = {address: -amount for address, amount in balance.items() if amount < 0}
    moved = sum(receivers.values())
    if moved > sum(payers.values()):
        raise ValueError(f"{moved - sum(payers.values())} more came out than went in")
    shares = dict(zip(payers, apportioned(moved, list(payers.values())), strict=True))
    if len(payers) * len(receivers) > MOST_PAIRS:
        return list(_in_order(shares, receivers))
    return list(_in_proportion(shares, receivers))


def apportioned(total: int, weights: Sequence[int]) -> list[int]:
    """`total` in whole parts as near to proportion as whole parts can be; no part exceeds its weight.

    Needs 0 <= total <= sum(weights). Largest remainders get the rest, earlier ones first (Hamilton's method).
    """
    whole = sum(weights)
    if not whole:
        return [0] * len(weights)
    parts = [total * weight // whole for weight in weights]
    by_remainder = sorted(range(len(weights)), key=lambda i: -(total * weights[i] % whole))
    for i in by_remainder[: total - sum(parts)]:
        parts[i] += 1
    return parts


def _in_proportion(payers: Mapping[str, int], receivers: Mapping[str, int]) -> Iterator[Pair]:
    """Each payer's share among what the receivers still miss, which ends at zero for all."""
    missing = list(receivers.values())
    for payer, share in payers.items():
        parts = apportioned(share, missing)
        missing = [left - part for left, part in zip(missing, parts, strict=True)]
        yield from ((payer, receiver, part) for receiver, part in zip(receivers, parts, strict=True) if part)


def _in_order(payers: Mapping[str, int], receivers: Mapping[str, int]) -> Iterator[Pair]:
    waiting = iter(receivers.items())
    receiver, missing = "", 0
    for payer, share in payers.items():
        while share:
            if not missing:
                receiver, missing = next(waiting)
            part = min(share, missing)
            yield payer, receiver, part
            share, missing = share - part, missing - part
