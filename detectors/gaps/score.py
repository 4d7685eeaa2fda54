"""From a gap, the exposure of wallets and the links to adverts to one number that anybody can work out again. Pure.

    gap       = the points of all gaps, at most 100
    exposure  = the highest score of a wallet of the customer, 0 to 1; 0 where nothing is known
    listing   = by the severity of the gravest standing alert on adverts that give a contact or wallet of the customer
    score     = gap * (1 + exposure) * (1 + listing) / 4

So without a gap there is no score; neither exposure nor adverts alone make one. What is left out: alerts whose subject
stands behind several customers (they may be controlled), everything about minors or people under pressure, and
suspicions: it is the exchange's knowledge that is ranked.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from manumit.detectors.gaps.gaps import whole
from manumit.schemas.alert import Alert
from manumit.schemas.customer_check import Gap, Score, ScorePart
from manumit.schemas.screening import Screening

FORMULA = "gap * (1 + exposure) * (1 + listing) / 4"
LINK: Mapping[str, float] = MappingProxyType({"low": 0.25, "medium": 0.5, "high": 0.75, "critical": 1.0})
"""Ours, by the severity of the alert."""
DIGITS = 2


def value(gap: float, exposure: float, listing: float) -> float:
    return round(gap * (1 + exposure) * (1 + listing) / 4, DIGITS)


def listing_of(links: Sequence[Alert]) -> float:
    return max((LINK[alert.severity] for alert in links), default=0.0)


def exposure_of(wallets: Sequence[Screening]) -> float:
    return max((one.score or 0.0 for one in wallets), default=0.0)


def score(found: Sequence[Gap], wallets: Sequence[Screening], links: Sequence[Alert]) -> Score:
    gap, exposure, listing = whole(found), exposure_of(wallets), listing_of(links)
    parts = [
        ScorePart(of="gap", value=one.points, because=one.reason, rests_on=(one.alert_id or one.datum,))
        for one in found
    ]
    parts += [
        ScorePart(of="exposure", value=one.score, because=next(iter(one.reasons), ""), rests_on=(one.account,))
        for one in wallets
        if one.score
    ]
    parts += [
        ScorePart(of="listing", value=LINK[one.severity], because=one.reason, rests_on=(one.alert_id, one.subject))
        for one in links
    ]
    worth = value(gap, exposure, listing)
    return Score(score=worth, gap=gap, exposure=exposure, listing=listing, parts=tuple(parts))


def sentence(subject: str, worth: Score, found: Sequence[Gap]) -> str:
    """Why it stands where it stands."""
    if not found:
        return f"{subject}: no gap is known."
    more = f" and {len(found) - 1} more gaps" if len(found) > 1 else ""
    told = f"Of {subject} it is not known enough: {found[0].reason.rstrip('.')}{more}"
    hides = []
    if worth.exposure:
        hides.append(f"a wallet's exposure scores {worth.exposure:g}")
    if worth.listing:
        hides.append("a contact or wallet stands in adverts under review")
    return f"{told}; {' and '.join(hides)}." if hides else f"{told}."
