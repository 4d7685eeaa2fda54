"""An episode of signals about one subject, as a person reads it."""

from __future__ import annotations

from hashlib import sha256
from typing import Annotated, Literal

import msgspec

from manumit.schemas.fields import YEAR_1970_US, AtUs, Count32, Identifier, Share, Text, Texts, Word

Role = Literal["unknown", "potential_victim", "controller", "facilitator", "payer"]
Severity = Literal["low", "medium", "high", "critical"]
Nature = Literal["", "suspicion", "control", "protection"]
AlertState = Literal["provisional", "final", "withdrawn"]


class CitationRef(msgspec.Struct, frozen=True, kw_only=True):
    """Where a published source says it: `ref` is the publication, `section` the place in it."""

    entry: str
    source: str
    ref: str
    section: str
    url: str


class Alert(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One row of `alerts`. Rows of one `alert_id` fold to the highest `revision`.

    `reason` is internal; `disclosable` may be shown outside without tipping anyone off. `signals` counts all
    signals of the episode, `suppressed` those muted by the suppressions `suppressed_by`; where both are equal
    nobody need look. A `control` alert says what an exchange does not know and suspects nobody; a `protection`
    alert (minors) is for restricted eyes; empty stands in rows that are older than the field.
    """

    alert_id: Identifier
    revision: Count32
    detector: Word
    version: Count32
    entry: Word
    title: Text
    domain: Word
    typology: Word
    severity: Annotated[Severity, msgspec.Meta(extra={"kind": "word"})]
    score: Share
    subject: Identifier
    roles: Annotated[dict[str, str], msgspec.Meta(extra={"kind": "json"})]
    state: Annotated[AlertState, msgspec.Meta(extra={"kind": "word"})]
    withdrawn_reason: Text = ""
    opened_us: AtUs
    last_us: AtUs
    signals: Count32
    suppressed: Count32 = 0
    suppressed_by: Texts = ()
    evidence: Texts = ()
    values: Annotated[dict[str, float], msgspec.Meta(extra={"kind": "json"})] = {}
    thresholds: Annotated[dict[str, float], msgspec.Meta(extra={"kind": "json"})] = {}
    spans: Texts = ()
    label_sources: Texts = ()
    citations: Annotated[tuple[CitationRef, ...], msgspec.Meta(extra={"kind": "json"})] = ()
    key_terms: Annotated[dict[str, str], msgspec.Meta(extra={"kind": "json"})] = {}
    reason: Text
    disclosable: Text
    next_steps: Texts = ()
    innocent: Texts = ()
    expected_chance_matches: Annotated[float, msgspec.Meta(extra={"kind": "share"})] = 0.0
    stored_us: AtUs = YEAR_1970_US
    nature: Annotated[Nature, msgspec.Meta(extra={"kind": "word"})] = ""


def alert_id(*, detector: str, version: int, subject: str, opening_event: str) -> str:
    """Same events, same id: a replay writes the same row again. 32 hex digits."""
    raw = "\x1f".join((detector, str(version), subject, opening_event))
    return sha256(raw.encode()).hexdigest()[:32]
