"""How well the customer rules find planted cases on a generated exchange, and whom they trouble besides."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from rich.table import Table

from manumit.connectors.world.exchange.generate import Census
from manumit.connectors.world.exchange.plan import ExchangeCase
from manumit.connectors.world.exchange.whose import PLANTED, Whose
from manumit.detectors.contract import CustomerRule
from manumit.schemas.alert import Alert

Z = 1.959964  # of a 95 % interval
NAMED = ("families", "dormitories", "care-homes")
BUDGET = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Recall:
    """Cases of one catalogue entry: how many there are, were found, and were found of the weak ones."""

    entry: str
    cases: int
    found: int
    weak: int
    weak_found: int
    detectors: tuple[str, ...]

    @property
    def share(self) -> float:
        return self.found / self.cases

    @property
    def interval(self) -> tuple[float, float]:
        return wilson(self.found, self.cases)


@dataclass(frozen=True, slots=True, kw_only=True)
class Noise:
    """Alerts of one rule about innocents, by population."""

    detector: str
    nature: str
    by_population: Mapping[str, int]

    @property
    def alerts(self) -> int:
        return sum(self.by_population.values())


def wilson(found: int, cases: int) -> tuple[float, float]:
    """The 95 % interval of a share (Wilson 1927)."""
    if not cases:
        return 0.0, 1.0
    share = found / cases
    middle = (share + Z * Z / (2 * cases)) / (1 + Z * Z / cases)
    half = Z / (1 + Z * Z / cases) * math.sqrt(share * (1 - share) / cases + Z * Z / (4 * cases * cases))
    return max(0.0, middle - half), min(1.0, middle + half)


def recalls(alerts: Iterable[Alert], cases: Sequence[ExchangeCase], rules: Sequence[CustomerRule]) -> list[Recall]:
    """By catalogue entry. A case is found when a rule that cites its entry has an alert about one of its subjects.

    Rules that need a list of labels are left out: a generated exchange comes with none.
    """
    alone = [rule for rule in rules if not any(need.startswith("labels:") for need in rule.about.needs)]
    cites = {rule.about.id: rule.about.entries for rule in alone}
    told = {(entry, alert.subject) for alert in alerts for entry in cites.get(alert.detector, ())}
    found = []
    for entry in dict.fromkeys(case.entry for case in cases):
        own = [case for case in cases if case.entry == entry]
        hits = [case for case in own if any((entry, subject) in told for subject in case.subjects)]
        found.append(
            Recall(
                entry=entry,
                cases=len(own),
                found=len(hits),
                weak=sum(case.strength == "weak" for case in own),
                weak_found=sum(case.strength == "weak" for case in hits),
                detectors=tuple(rule for rule, entries in cites.items() if entry in entries),
            )
        )
    return found


def noises(
    alerts: Iterable[Alert], census: Census, cases: Sequence[ExchangeCase], rules: Sequence[CustomerRule]
) -> list[Noise]:
    """Alerts by rule about anybody whom no case concerns."""
    whose = Whose(census, cases)
    counts: dict[str, Counter[str]] = {rule.about.id: Counter() for rule in rules}
    for alert in alerts:
        population = whose(alert.subject)
        if population != PLANTED:
            counts[alert.detector][population] += 1
    natures = {rule.about.id: rule.about.nature for rule in rules}
    return [Noise(detector=name, nature=natures[name], by_population=dict(count)) for name, count in counts.items()]


def recall_table(found: Sequence[Recall]) -> Table:
    table = Table("entry", "cases", "found", "recall", "95 % interval", "weak", title="planted cases found")
    for one in found:
        if not one.detectors:
            table.add_row(one.entry, str(one.cases), "", "no rule yet", "", "")
            continue
        low, high = one.interval
        weak = f"{one.weak_found} of {one.weak}"
        table.add_row(one.entry, str(one.cases), str(one.found), f"{one.share:.2f}", f"{low:.2f} - {high:.2f}", weak)
    return table


def noise_table(found: Sequence[Noise], census: Census) -> Table:
    """Alerts about innocents for each 10,000 customers: of all, and of those of the named populations."""
    sizes = Counter(census.populations[code] for code in census.of)
    table = Table("rule", "nature", "per 10,000", *NAMED, "whom most", title="alerts about innocents")
    for one in sorted(found, key=lambda noise: (noise.nature, noise.detector)):
        loudest = Counter(one.by_population).most_common(3)
        told = ", ".join(f"{name} {count}" for name, count in loudest)
        named = [f"{per_10_000(one.by_population.get(name, 0), sizes[name]):.1f}" for name in NAMED]
        table.add_row(one.detector, one.nature, f"{per_10_000(one.alerts, census.customers):.1f}", *named, told)
    for nature in ("suspicion", "protection", "control"):
        own = [one for one in found if one.nature == nature]
        total = sum(one.alerts for one in own)
        named = [f"{per_10_000(sum(o.by_population.get(n, 0) for o in own), sizes[n]):.1f}" for n in NAMED]
        table.add_row(f"all of nature {nature}", nature, f"{per_10_000(total, census.customers):.1f}", *named, "")
    return table


def population_table(found: Sequence[Noise], census: Census) -> Table:
    """Suspicion alerts by population, for each 10,000 of its own customers."""
    sizes = Counter(census.populations[code] for code in census.of)
    table = Table("population", "customers", "suspicion alerts", "per 10,000 of them", title="innocents by population")
    counts: Counter[str] = Counter()
    for one in found:
        if one.nature == "suspicion":
            counts.update(one.by_population)
    for name in sorted({*sizes, *counts}, key=lambda name: (-sizes[name], name)):
        share = f"{per_10_000(counts[name], sizes[name]):.1f}" if sizes[name] else "shared by many"
        table.add_row(name, f"{sizes[name]:,}" if sizes[name] else "", str(counts[name]), share)
    return table


def per_10_000(count: int, customers: int) -> float:
    return 10_000 * count / customers if customers else 0.0
