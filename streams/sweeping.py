"""Several threshold sets in one pass over history: a varied detector stands beside itself with other thresholds.

The engine counts what all of them ask for once, and each keeps episodes of its own, so what one set finds is what a
replay with these thresholds alone finds. Pure.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product

from manumit.detectors.contract import Detector, ListingRule, TextFlag
from manumit.schemas.alert import Alert
from manumit.schemas.errors import ConfigError
from manumit.streams.rule_pack import Configured

MOST_SETS = 256
Grid = Mapping[str, Mapping[str, Sequence[float]]]
"""Detector id to threshold name to the values to try."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ThresholdSet:
    """One combination for one detector. `name` is what it is called during the pass; thresholds hold all values,
    `is_current` where they are those in force."""

    detector: str
    name: str
    thresholds: Mapping[str, float]
    is_current: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What one set found: alerts that stand, the subjects they name, and which of these the thresholds in force
    do not name (`added`) or name alone (`removed`)."""

    tried: ThresholdSet
    alerts: int
    subjects: int
    added: tuple[str, ...]
    removed: tuple[str, ...]


def parsed(specs: Iterable[str]) -> Grid:
    """`DETECTOR.THRESHOLD=VALUE,VALUE` as a grid. Raises ConfigError."""
    grid: dict[str, dict[str, Sequence[float]]] = {}
    for spec in specs:
        path, _, listed = spec.partition("=")
        detector, _, threshold = path.rpartition(".")
        try:
            values = tuple(float(value) for value in listed.split(","))
        except ValueError:
            raise ConfigError(f"{spec!r}: write DETECTOR.THRESHOLD=VALUE,VALUE") from None
        if not detector or threshold in grid.get(detector, {}):
            raise ConfigError(f"{spec!r}: write DETECTOR.THRESHOLD=VALUE,VALUE, each threshold once")
        grid.setdefault(detector, {})[threshold] = values
    return grid


def threshold_sets(
    detectors: Sequence[Detector], overrides: Mapping[str, Mapping[str, float]], grid: Grid
) -> tuple[ThresholdSet, ...]:
    """Of each detector the thresholds in force, then every combination of the grid that is another.

    Raises ConfigError for a detector or threshold that does not exist, or more than MOST_SETS sets.
    """
    abouts = {one.about.id: one.about for one in detectors}
    sets: list[ThresholdSet] = []
    for detector, tried in grid.items():
        if detector not in abouts:
            raise ConfigError(f"there is no detector {detector!r} that is not disabled; see `manumit rules list`")
        try:
            current = abouts[detector].values(overrides.get(detector)).of
            abouts[detector].values(dict.fromkeys(tried, 0.0))
        except KeyError as error:
            raise ConfigError(f"thresholds: {error.args[0]}") from error
        sets.append(ThresholdSet(detector=detector, name=detector, thresholds=current, is_current=True))
        combinations = (dict(zip(tried, values, strict=True)) for values in product(*tried.values()))
        others = [{**current, **chosen} for chosen in combinations if {**current, **chosen} != current]
        for number, thresholds in enumerate(others, 1):
            name = f"{detector}#{number}"
            sets.append(ThresholdSet(detector=detector, name=name, thresholds=thresholds, is_current=False))
        if len(sets) > MOST_SETS:
            raise ConfigError(f"that are more than {MOST_SETS} threshold sets: try fewer values at a time")
    return tuple(sets)


def configured(
    detectors: Sequence[Detector],
    sets: Sequence[ThresholdSet],
    overrides: Mapping[str, Mapping[str, float]],
    *,
    model: object | None,
    model_name: str,
) -> Configured:
    """The detectors of the sets, once for each; beside signs in adverts all others, with which they must add up."""
    by_id = {one.about.id: one for one in detectors}
    varied = {one.detector for one in sets}
    in_adverts = [one for one in detectors if isinstance(one, TextFlag | ListingRule)]
    adds_up = any(one.about.id in varied for one in in_adverts)
    beside = [one for one in in_adverts if adds_up and one.about.id not in varied]
    return Configured(
        detectors=(*(_named(by_id[one.detector], one.name) for one in sets), *beside),
        overrides={**overrides, **{one.name: one.thresholds for one in sets}},
        model=model,
        model_name=model_name,
    )


def _named(detector: Detector, name: str) -> Detector:
    return replace(detector, about=replace(detector.about, id=name))


def outcomes(sets: Sequence[ThresholdSet], alerts: Iterable[Alert]) -> list[Outcome]:
    """What each set found, in the order of the sets."""
    found: dict[str, list[str]] = {one.name: [] for one in sets}
    for alert in alerts:
        if alert.state != "withdrawn" and alert.detector in found:
            found[alert.detector].append(alert.subject)
    return [_outcome(one, found[one.name], frozenset(found[one.detector])) for one in sets]


def _outcome(one: ThresholdSet, subjects: Sequence[str], now: frozenset[str]) -> Outcome:
    named = frozenset(subjects)
    return Outcome(
        tried=one,
        alerts=len(subjects),
        subjects=len(named),
        added=tuple(sorted(named - now)),
        removed=tuple(sorted(now - named)),
    )
