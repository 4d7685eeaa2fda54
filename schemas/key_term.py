"""The words that reporting regimes ask for in a report about trafficking, smuggling or child exploitation."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Literal

import msgspec

from manumit.schemas.redflag import RedFlag, Typology


class Regime(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A country's report and who receives it."""

    id: str
    name: str


class KeyTerm(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A term, where in the report it goes, and who asks for it.

    It holds for entries whose main typology is in `typologies`, and for those in `entries`, which win.
    `third-party-list`: seen only in other people's copies of the list; check before filing.
    """

    regime: str
    term: str
    where: str
    typologies: tuple[Typology, ...]
    entries: tuple[str, ...]
    ref: str
    section: str
    url: str
    verification: Literal["primary-text", "secondary-summary", "third-party-list"]


class KeyTerms(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The whole file."""

    regime: tuple[Regime, ...]
    term: tuple[KeyTerm, ...]


@cache
def all_key_terms() -> KeyTerms:
    """Every regime and every term with its citation."""
    text = (files("manumit.schemas.redflags") / "key_terms.toml").read_text("utf-8")
    return msgspec.convert(tomllib.loads(text), KeyTerms)


def key_terms(flag: RedFlag) -> Mapping[str, str]:
    """Regime -> term for one entry; empty for generic laundering, which is no trafficking by itself."""
    return MappingProxyType({regime: term.term for regime, term in cited_key_terms(flag).items()})


def cited_key_terms(flag: RedFlag) -> Mapping[str, KeyTerm]:
    """As `key_terms`, with where each term goes and who asks for it."""
    by_typology = {t.regime: t for t in all_key_terms().term if flag.typology in t.typologies}
    by_entry = {t.regime: t for t in all_key_terms().term if flag.id in t.entries}
    return MappingProxyType({**by_typology, **by_entry})
