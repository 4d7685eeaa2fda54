"""What data a detector needs, and which detectors must wait for theirs."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from manumit.detectors.contract import About, Detector

RECORDS = ("transfers", "listings", "customers", "account_events", "labels")
MODEL, MARKED_MODEL, STREAMING_MODEL = "model", "marked_model", "streaming_model"
CATEGORY = "labels:"


def missing(about: About, held: Collection[str]) -> tuple[str, ...]:
    """Those of `needs` that `held` (record kinds, `labels:CATEGORY`, `model` and its like) does not answer.

    Of several label categories one is enough.
    """
    categories = [need for need in about.needs if need.startswith(CATEGORY)]
    lacking = [need for need in about.needs if not need.startswith(CATEGORY) and need not in held]
    return (*lacking, *(() if any(category in held for category in categories) else categories))


def waiting(detectors: Iterable[Detector], held: Collection[str]) -> dict[str, int]:
    """How many detectors wait for each kind of data, the most waited for first."""
    found: dict[str, int] = {}
    for one in detectors:
        for need in missing(one.about, held):
            found[need] = found.get(need, 0) + 1
    return dict(sorted(found.items(), key=lambda entry: (-entry[1], entry[0])))
