"""The red-flag catalogue: what published sources call a sign, where they say so, and how we check it.

Every detector cites entries of this catalogue; the catalogue cites the publications. The data stands in
`schemas/redflags/`; its text is ours and no source text is reproduced.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any, Literal, get_args

import msgspec

from manumit.schemas.alert import CitationRef, Severity

Domain = Literal["transaction", "kyc", "listing", "link"]
DOMAINS: tuple[Domain, ...] = get_args(Domain)
PREFIXES: Mapping[Domain, str] = MappingProxyType(
    {"transaction": "tx-", "kyc": "kyc-", "listing": "li-", "link": "lk-"}
)
Typology = Literal[
    "sexual-exploitation",
    "forced-labour",
    "domestic-servitude",
    "scam-compound",
    "child-exploitation",
    "smuggling",
    "generic-laundering",
]
Verification = Literal["primary-text", "secondary-summary", "trade-article"]
Origin = Literal["source", "ours", "provider", "law"]


class Source(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A publication and the place in it. `verification` and `read` say what of it was read; `url` may be empty."""

    key: str
    name: str
    ref: str
    year: int
    url: str
    verification: Verification
    read: str
    section: str


class Threshold(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A number of the check. `ours` means: a start value to calibrate, never an authority."""

    name: str
    value: str
    origin: Origin


class RedFlag(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One entry. `basis` `source`: a publication names this sign; `derived`: we combined what several name.

    The check (`kind`, `logic`, `window`) is always ours. `alertable_alone` may open a review, never a report.
    `weak_source`: no publisher's own words were read; `rests_on` says what was read instead.
    `innocent` is who else does this, and what to mind.
    """

    id: str
    domain: Domain
    title: str
    indicator: str
    basis: Literal["source", "derived"]
    typology: Typology
    typology_also: tuple[Typology, ...]
    severity: Literal["info"] | Severity
    users: tuple[Literal["fiu", "exchange", "analyst"], ...]
    alertable_alone: bool
    weak_source: bool = False
    rests_on: str = ""
    kind: Literal["rule", "graph", "text", "join", "anomaly"]
    logic: str
    window: str
    evidence: tuple[str, ...]
    innocent: str
    thresholds: tuple[Threshold, ...]
    sources: tuple[Source, ...]


@cache
def catalogue() -> Mapping[str, RedFlag]:
    """Every entry by id, domain by domain."""
    sources = _document("sources")
    flags = (_flag(domain, raw, sources) for domain in DOMAINS for raw in _document(domain)["entry"])
    return MappingProxyType({flag.id: flag for flag in flags})


def entry(entry_id: str) -> RedFlag:
    """One entry. Raises KeyError with the id for one that does not exist."""
    return catalogue()[entry_id]


def citations(flag: RedFlag) -> tuple[CitationRef, ...]:
    """The sources of an entry in the form an alert carries."""
    return tuple(
        CitationRef(entry=flag.id, source=source.name, ref=source.ref, section=source.section, url=source.url)
        for source in flag.sources
    )


def _flag(domain: Domain, raw: dict[str, Any], sources: Mapping[str, dict[str, Any]]) -> RedFlag:
    cited = [
        {"key": place["source"], "section": place["section"], **sources[place["source"]]} for place in raw["sources"]
    ]
    return msgspec.convert({**raw, "domain": domain, "sources": cited}, RedFlag)


def _document(name: str) -> dict[str, Any]:
    return tomllib.loads((files("manumit.schemas.redflags") / f"{name}.toml").read_text("utf-8"))
