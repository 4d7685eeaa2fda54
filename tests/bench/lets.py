"""Made-up lets with a stay now and then."""

from __future__ import annotations

from manumit.detectors.listings.rental_turnover_burst import stays
from manumit.schemas.account_event import AccountEvent


def quiet_lets(count: int, *, every: int) -> list[AccountEvent]:
    """Eighteen stays each, in the order of time."""
    rows = [stay for i in range(count) for stay in stays(f"let{i}-", 18, every=every, unit=f"unit:{i:03}")]
    return sorted(rows, key=lambda stay: stay.at_us)
