"""The answer about one customer, and the ranking of gaps. Nobody's role is known; a gap is the exchange's own."""

from __future__ import annotations

from typing import Literal

import msgspec

from manumit.schemas.alert import CitationRef, Nature, Severity
from manumit.schemas.screening import Screening

GapKind = Literal["no-snapshot", "missing", "unverified", "expired", "unattested", "control"]
CheckStatus = Literal["known", "given", "unknown"]


class Cited(msgspec.Struct, frozen=True, kw_only=True):
    """Which law or guideline asks for it. `verification` says how far its own text was read."""

    name: str
    ref: str
    section: str
    url: str
    dated: str
    verification: str


class Profile(msgspec.Struct, frozen=True, kw_only=True):
    """The jurisdiction a customer is judged by; `assumed`: the country has none of its own, or is unknown."""

    id: str
    name: str
    country: str
    assumed: bool


class Gap(msgspec.Struct, frozen=True, kw_only=True):
    """One thing the exchange does not know. `points` is its part of the ranking; `alert_id` where a rule found it."""

    kind: GapKind
    datum: str
    reason: str
    remedy: str
    points: int
    cited: tuple[Cited, ...]
    alert_id: str = ""


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """A standing alert, or in a trial check what would be one (`alert_id` empty). `evidence` are event ids."""

    alert_id: str
    detector: str
    title: str
    nature: Nature
    severity: Severity
    subject: str
    reason: str
    citations: tuple[CitationRef, ...]
    innocent: tuple[str, ...]
    next_steps: tuple[str, ...]
    evidence: tuple[str, ...]
    last_us: int


class Shared(msgspec.Struct, frozen=True, kw_only=True):
    """An identifier that other customers gave too: their ids, at most 16 of `customers` in all."""

    identifier: str
    customers: int
    others: tuple[str, ...]


class CheckBasis(msgspec.Struct, frozen=True, kw_only=True):
    """What the answer rests on. `exposure`: transfers are loaded; `as_of_us` of the snapshot, 0 without one."""

    as_of_us: int
    at_us: int
    customers: int
    alerts: int
    exposure: bool
    rules: int


class CustomerCheck(msgspec.Struct, frozen=True, kw_only=True):
    """`findings` are about the customer, `around` about an identifier, device or party that several customers share:
    those may be controlled, and are not scored. `missing` is data that would have let more be judged.
    """

    subject: str
    status: CheckStatus
    role: Literal["unknown"] = "unknown"
    summary: str
    profile: Profile
    gaps: tuple[Gap, ...]
    findings: tuple[Finding, ...]
    around: tuple[Finding, ...]
    wallets: tuple[Screening, ...]
    shared: tuple[Shared, ...]
    missing: tuple[str, ...]
    basis: CheckBasis


class ScorePart(msgspec.Struct, frozen=True, kw_only=True):
    """One summand or factor, and what it rests on: alert ids, wallets, fields."""

    of: Literal["gap", "exposure", "listing"]
    value: float
    because: str
    rests_on: tuple[str, ...]


class Score(msgspec.Struct, frozen=True, kw_only=True):
    """`score` = gap * (1 + exposure) * (1 + listing) / 4, from 0 to 100; gap from 0 to 100, the others from 0 to 1."""

    score: float
    gap: float
    exposure: float
    listing: float
    parts: tuple[ScorePart, ...]


class Ranked(msgspec.Struct, frozen=True, kw_only=True):
    subject: str
    exchange: str
    customer_id: str
    jurisdiction: str
    reason: str
    score: Score


class RankedPerson(msgspec.Struct, frozen=True, kw_only=True):
    """Accounts that seem to be one person's, the worst first; `score` is that of the worst, never a sum.

    `joined_by` are the identifiers they share; `cut`: more share them than are shown together.
    """

    score: float
    accounts: tuple[Ranked, ...]
    joined_by: tuple[str, ...]
    cut: bool


class Ranking(msgspec.Struct, frozen=True, kw_only=True):
    """The worst gaps first. `customers` were looked at, `without_gap` have none, `restricted` are left out because what
    concerns them is for restricted eyes: they are counted here and shown nowhere else.
    """

    formula: str
    persons: tuple[RankedPerson, ...]
    customers: int
    without_gap: int
    restricted: int
    exposure: bool
