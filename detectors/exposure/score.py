"""From exposures to one number. Deterministic, and small enough to be worked out by hand.

    decayed   = sum over hops of usd(hops) * DECAY ** (hops - 1)
    points    = weight(category) * max(decayed / whole, min(1, decayed / FULL_USD))      0 where decayed < LEAST_USD
    score     = the largest of: points of any category, either way; weight(category) of a label of the address itself;
                weight(category) * UNVALUED_PART for a direct transfer of unknown worth

So the score is that of the gravest single finding, never a sum that nobody can take apart again.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from manumit.detectors.exposure.contract import Piece
from manumit.schemas.block import MICRO_USD
from manumit.schemas.label import LABEL_CATEGORIES
from manumit.schemas.screening import Band, CategoryExposure, HopAmount

FORMULA = "gravest-finding 1"
DECAY = 0.5
"""Ours, as the catalogue's tx-darknet-illicit-service-exposure has it: each hop halves."""
FULL_USD = 10_000.0
"""Ours: from here on an amount weighs as much as a whole account's; the cash limit of EU law (2024/1624, Art. 80)."""
LEAST_USD = 1.0
"""Ours: anybody can send dust."""
UNVALUED_PART = 0.25
"""Ours: what a direct transfer of unknown worth makes of a category's weight."""
WEIGHTS: Mapping[str, float] = MappingProxyType(
    {
        "trafficking": 1.0,
        "child-abuse": 1.0,
        "sanctions": 1.0,
        "law-enforcement": 0.9,
        "frozen": 0.9,
        "ransomware": 0.9,
        "scam": 0.8,
        "darknet": 0.8,
        "mixer": 0.6,
        "advert-wallet": 0.3,
        "gambling": 0.2,
        "other": 0.1,
        "exchange": 0.0,
        "service": 0.0,
    }
)
"""Ours, to be set by each user's own policy."""
BANDS: tuple[tuple[float, Band], ...] = ((0.75, "severe"), (0.5, "high"), (0.25, "medium"), (0.0, "low"))
DIGITS = 4


def weight(category: str) -> float:
    """A category nobody has weighed counts like a grave one."""
    return WEIGHTS.get(category, 1.0)


def band(score: float) -> Band:
    """In words: severe from 0.75, high from 0.5, medium from 0.25, low above 0."""
    return next((word for least, word in BANDS if score >= least and score > 0), "none")


def points(category: str, by_hops: Mapping[int, int], whole: int) -> float:
    """What one category makes of the score; amounts and `whole` in micro-USD."""
    decayed = sum(amount * DECAY ** (hops - 1) for hops, amount in sorted(by_hops.items()))
    if decayed < LEAST_USD * MICRO_USD:
        return 0.0
    share = min(1.0, decayed / whole) if whole > 0 else 0.0
    return round(weight(category) * max(share, min(1.0, decayed / (FULL_USD * MICRO_USD))), DIGITS)


def exposures(pieces: Mapping[Piece, int], whole: int) -> tuple[CategoryExposure, ...]:
    """One entry for each category met, those with most points first."""
    found = []
    for category in LABEL_CATEGORIES:
        by_hops = {hops: amount for (name, hops), amount in sorted(pieces.items()) if name == category and amount > 0}
        if by_hops:
            found.append(_exposure(category, by_hops, whole))
    return tuple(sorted(found, key=lambda one: (-one.points, -one.direct_usd - one.indirect_usd, one.category)))


def _exposure(category: str, by_hops: Mapping[int, int], whole: int) -> CategoryExposure:
    direct = by_hops.get(1, 0)
    indirect = sum(by_hops.values()) - direct
    return CategoryExposure(
        category=category,
        direct_usd=direct / MICRO_USD,
        direct_share=share_of(direct, whole),
        indirect_usd=indirect / MICRO_USD,
        indirect_share=share_of(indirect, whole),
        by_hops=tuple(
            HopAmount(hops=hops, usd=amount / MICRO_USD, share=share_of(amount, whole))
            for hops, amount in by_hops.items()
        ),
        weight=weight(category),
        points=points(category, by_hops, whole),
    )


def share_of(part: int, whole: int) -> float:
    return round(min(1.0, part / whole), 6) if whole > 0 else 0.0
