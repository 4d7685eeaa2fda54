"""What a jurisdiction asks of a transfer and of a customer. Each value names its source; each source its date.

The data stands in `schemas/jurisdictions/`, one TOML file each. It is a reading aid for compliance desks, not
legal advice: `verification` says how far the text itself was read.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Annotated, Any, Literal, get_args

import msgspec

from manumit.schemas.countries import is_country
from manumit.schemas.errors import ConfigError

Datum = Literal["name", "account", "address", "national-id", "customer-id", "birth"]
DATA: tuple[str, ...] = get_args(Datum)
Verification = Literal["primary-text", "secondary-summary", "not-read"]
Money = Annotated[float, msgspec.Meta(ge=0)]
Day = Annotated[str, msgspec.Meta(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}\Z")]
OR, AND = "|", "+"


class Source(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A law, a notice or a guideline. `dated` is its day, `applies` the first day it is applied."""

    key: str
    name: str
    ref: str
    url: str
    dated: Day
    applies: Day
    verification: Verification


class Requirement(msgspec.Struct, frozen=True, kw_only=True):
    """One of `ways` must hold; a way is data that are needed together."""

    ways: tuple[tuple[str, ...], ...]

    def __str__(self) -> str:
        return " or ".join(" and ".join(way) for way in self.ways)


class Tier(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """From which amount on, in the jurisdiction's currency, which data must travel. `above`: not the amount itself."""

    amount: Money
    above: bool = False
    originator: tuple[str, ...]
    beneficiary: tuple[str, ...]
    source: str
    section: str

    def reached(self, amount: float) -> bool:
        return amount > self.amount if self.above else amount >= self.amount


class SelfHosted(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Over which amount control of a self-hosted wallet must be shown."""

    amount: Money
    above: bool = True
    source: str
    section: str

    def reached(self, amount: float) -> bool:
        return amount > self.amount if self.above else amount >= self.amount


class DueDiligence(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """From which amount on which data of a customer must be on file and verified."""

    amount: Money
    above: bool = False
    natural: tuple[Datum, ...]
    legal: tuple[Datum, ...]
    source: str
    section: str

    def reached(self, amount: float) -> bool:
        return amount > self.amount if self.above else amount >= self.amount


class Jurisdiction(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`tiers` by rising amount. `self_hosted` is None where no amount is set."""

    id: str
    name: str
    countries: tuple[str, ...]
    currency: Annotated[str, msgspec.Meta(pattern=r"^[A-Z]{3}\Z")]
    note: str = ""
    tiers: Annotated[tuple[Tier, ...], msgspec.Meta(min_length=1)]
    self_hosted: SelfHosted | None = None
    due_diligence: DueDiligence
    sources: tuple[Source, ...]

    def tier(self, amount: float) -> Tier | None:
        """The highest tier an amount of the own currency reaches."""
        return next((tier for tier in reversed(self.tiers) if tier.reached(amount)), None)

    def cited(self, key: str) -> Source:
        """A source by its key. Raises KeyError."""
        return {source.key: source for source in self.sources}[key]


def requirement(text: str) -> Requirement:
    """`address + national-id | birth` read. Raises ValueError for a datum that does not exist."""
    ways = tuple(tuple(datum.strip() for datum in way.split(AND)) for way in text.split(OR))
    unknown = sorted({datum for way in ways for datum in way} - set(DATA))
    if unknown:
        raise ValueError(f"{text!r} asks for {', '.join(unknown)}; there are {', '.join(DATA)}")
    return Requirement(ways=ways)


def parsed(name: str, raw: str) -> Jurisdiction:
    """One file's text, checked. Raises ConfigError that names the file and what is wrong."""
    try:
        document: dict[str, Any] = tomllib.loads(raw)
        found = msgspec.convert(document, Jurisdiction)
        _check(name, found)
    except (tomllib.TOMLDecodeError, msgspec.ValidationError, ValueError) as error:
        raise ConfigError(f"jurisdiction {name}.toml: {error}") from error
    return found


def _check(name: str, found: Jurisdiction) -> None:
    if found.id != name:
        raise ValueError(f"its id is {found.id!r}; a profile carries the name of its file")
    strange = [code for code in found.countries if not is_country(code)]
    if strange:
        raise ValueError(f"{', '.join(strange)} are no countries of ISO 3166-1")
    amounts = [tier.amount for tier in found.tiers]
    if amounts != sorted(set(amounts)):
        raise ValueError("tiers must rise in amount")
    for tier in found.tiers:
        for text in (*tier.originator, *tier.beneficiary):
            requirement(text)
    keys = [source.key for source in found.sources]
    if len(keys) != len(set(keys)):
        raise ValueError("two sources have one key")
    hosted = [found.self_hosted.source] if found.self_hosted else []
    used = {*hosted, found.due_diligence.source, *(tier.source for tier in found.tiers)}
    if used != set(keys):
        raise ValueError(f"values cite {sorted(used)}, sources are {sorted(keys)}: each must be there, none idle")


@cache
def jurisdictions() -> Mapping[str, Jurisdiction]:
    """All profiles by id. Raises ConfigError for one that contradicts itself."""
    found = sorted((f for f in files("manumit.schemas.jurisdictions").iterdir() if f.name.endswith(".toml")), key=str)
    profiles = [parsed(f.name.removesuffix(".toml"), f.read_text("utf-8")) for f in found]
    return MappingProxyType({profile.id: profile for profile in profiles})


def jurisdiction_of(country: str) -> Jurisdiction:
    """The profile a country belongs to; FATF's where it has none of its own."""
    for profile in jurisdictions().values():
        if country in profile.countries:
            return profile
    return jurisdictions()["fatf"]
