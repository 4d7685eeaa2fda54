"""Every detector there is, found by walking the rooms of detectors, and how much of the red flags they cover."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from typing import cast

from manumit.detectors.contract import (
    CustomerRule,
    Detector,
    Finder,
    Joiner,
    ListingRule,
    Rule,
    Scorer,
    TextFlag,
)
from manumit.schemas.redflag import DOMAINS, catalogue

ROOMS = ("transactions", "kyc", "listings", "links", "models")
NAMES = {
    "RULE": Rule,
    "FINDER": Finder,
    "FLAG": TextFlag,
    "LISTING_RULE": ListingRule,
    "JOINER": Joiner,
    "SCORER": Scorer,
    "CUSTOMER_RULE": CustomerRule,
}


@cache
def detectors() -> tuple[Detector, ...]:
    """All of them, by id. A file holds at most one, under the name of its kind."""
    return tuple(sorted((found for _, found in placed()), key=lambda one: one.about.id))


def placed() -> Iterator[tuple[str, Detector]]:
    """Each detector with the module that holds it."""
    for room in ROOMS:
        folder = import_module(f"manumit.detectors.{room}")
        for module in iter_modules(folder.__path__, f"{folder.__name__}."):
            held = import_module(module.name)
            for name, kind in NAMES.items():
                found = getattr(held, name, None)
                if isinstance(found, kind):
                    yield module.name, cast(Detector, found)


def detector(detector_id: str) -> Detector:
    """One detector. Raises KeyError for an id that does not exist."""
    for one in detectors():
        if one.about.id == detector_id:
            return one
    raise KeyError(detector_id)


def coverage() -> dict[str, object]:
    """{"total", "implemented", "by_domain": {domain: {"total", "implemented"}}, "entries"} over the red-flag catalogue.

    Implemented: a detector that is not retired cites the entry and carries cases. `entries` lists each one, in the
    catalogue's order: "entry", "domain", "detectors", how many "cases" and "edges" of them, what data it "needs".
    """
    entries = [_covered(flag.id, flag.domain) for flag in catalogue().values()]
    cited = {row["entry"] for row in entries if row["cases"]}
    by_domain = {}
    for domain in DOMAINS:
        ids = {flag.id for flag in catalogue().values() if flag.domain == domain}
        by_domain[domain] = {"total": len(ids), "implemented": len(ids & cited)}
    return {"total": len(catalogue()), "implemented": len(cited), "by_domain": by_domain, "entries": entries}


def _covered(entry: str, domain: str) -> dict[str, object]:
    abouts = [one.about for one in detectors() if entry in one.about.entries and one.about.status != "retired"]
    kinds = [case.kind for about in abouts for case in about.cases]
    return {
        "entry": entry,
        "domain": domain,
        "detectors": [about.id for about in abouts if about.cases],
        "cases": len(kinds),
        "edges": kinds.count("edge"),
        "needs": sorted({need for about in abouts for need in about.needs}),
    }
