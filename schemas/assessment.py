"""A list of parties assessed: what was found of whom, by typology, country and sector. Each number names its rows."""

from __future__ import annotations

from typing import Literal

import msgspec

from manumit.schemas.customer_check import Cited

FindingKind = Literal["exposure", "label", "alert", "advert", "record"]


class PartyFinding(msgspec.Struct, frozen=True, kw_only=True):
    """One thing found of one party. `row` is its number in the file, `evidence` alert ids, accounts and event ids.

    `weight` from 0 to 1 orders findings; it is no probability. 0: shown and not weighed, for the party may be
    controlled (alerts about its own account) or not be meant (records that nobody has confirmed). A party is
    nobody's suspect: role unknown.
    """

    number: int
    row: int
    party: str
    country: str
    sector: str
    kind: FindingKind
    typology: str
    weight: float
    what: str
    sources: tuple[str, ...]
    evidence: tuple[str, ...]


class PartyGap(msgspec.Struct, frozen=True, kw_only=True):
    """One thing not known of one party, and who asks for it."""

    number: int
    row: int
    party: str
    country: str
    datum: str
    reason: str
    cited: tuple[Cited, ...]


class Cell(msgspec.Struct, frozen=True, kw_only=True):
    """`parties` have at least one of `findings` (their numbers); `highest` is the largest weight among them."""

    names: tuple[str, ...]
    parties: int
    highest: float
    findings: tuple[int, ...]


class GapCell(msgspec.Struct, frozen=True, kw_only=True):
    datum: str
    parties: int
    gaps: tuple[int, ...]


class Assessment(msgspec.Struct, frozen=True, kw_only=True):
    """`parties` were read; `restricted` of them are left out everywhere else: what concerns minors is for other eyes.

    `without` are the rows with neither finding nor gap. `missing` says what could not be judged and why.
    """

    file: str
    made_us: int
    parties: int
    assessed: int
    restricted: int
    without: tuple[int, ...]
    findings: tuple[PartyFinding, ...]
    gaps: tuple[PartyGap, ...]
    by_typology: tuple[Cell, ...]
    by_country: tuple[Cell, ...]
    by_sector: tuple[Cell, ...]
    risk_map: tuple[Cell, ...]
    by_gap: tuple[GapCell, ...]
    missing: tuple[str, ...]
    basis: tuple[str, ...]
