"""Transfers of one account put together by the party at the far end, and how alike numbers are."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from manumit.detectors.windows.features import UNITS_US
from manumit.detectors.windows.view import Leg
from manumit.schemas.block import MICRO_USD


def days_us(days: float) -> int:
    return round(days * UNITS_US["d"])


def hours_us(hours: float) -> int:
    return round(hours * UNITS_US["h"])


def micro(usd: float) -> int:
    return round(usd * MICRO_USD)


def worth(legs: Iterable[Leg], least_usd: float) -> list[Leg]:
    """Those of at least this much; what is less, or of unknown worth, is gas or dust."""
    least = micro(least_usd)
    return [leg for leg in legs if leg.usd_micro >= least]


def by_party(legs: Iterable[Leg]) -> dict[int, list[Leg]]:
    """By the account at the far end, in the order of `legs`."""
    found: dict[int, list[Leg]] = {}
    for leg in legs:
        found.setdefault(leg.other, []).append(leg)
    return found


def passed_on(usd_micro: int, of_micro: int, keeps: float) -> bool:
    """True when the one is all of the other, less at most 1 - `keeps` of it."""
    return keeps * of_micro <= usd_micro <= of_micro


def median(numbers: Sequence[int]) -> float:
    ordered, middle = sorted(numbers), len(numbers) // 2
    return float(ordered[middle]) if len(ordered) % 2 else (ordered[middle - 1] + ordered[middle]) / 2


def variation(numbers: Sequence[int]) -> float:
    """Standard deviation of all the numbers over their mean, which must not be 0."""
    mean = sum(numbers) / len(numbers)
    return float((sum((number - mean) ** 2 for number in numbers) / len(numbers)) ** 0.5 / mean)
