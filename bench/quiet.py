"""How loud each rule is on ordinary transfers, against its budget."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import msgspec

from bench.corpus import Blocks, quiet_corpus, real_blocks
from bench.judged import Share, alerts_of
from manumit.connectors.world.clock import HORIZON, START_US
from manumit.connectors.world.generate import quiet
from manumit.connectors.world.world import World
from manumit.detectors.budgets import budgets
from manumit.detectors.contract import Detector
from manumit.schemas.addresses import ETHEREUM
from manumit.schemas.alert import Alert
from manumit.schemas.transfer import Transfer

TUNED_BELOW, TUNED_ABOVE = 3_300_986, 17_000_000  # heights: thresholds were looked at with the blocks beyond them
LISTS = ("sanctions",)


@dataclass(frozen=True, slots=True, kw_only=True)
class Loudness:
    """Alerts by rule, known and explained ones left out, on `transfers` ordinary transfers."""

    name: str
    transfers: int
    alerts: Mapping[str, int]
    known: Mapping[str, int]

    def of(self, rule: str) -> Share:
        return Share(self.alerts.get(rule, 0), self.transfers)

    @property
    def total(self) -> Share:
        return Share(sum(self.alerts.values()), self.transfers)

    def over_budget(self, rules: Iterable[str]) -> dict[str, int]:
        """Rules of `rules` with more alerts than their budget, rounded up to a whole alert, allows here."""
        allowed = {rule: -(-budgets().of(rule) * self.transfers // 10_000) for rule in rules}
        return {rule: self.alerts[rule] for rule in allowed if self.alerts.get(rule, 0) > allowed[rule]}


def measured(name: str, blocks: Blocks, world: World, detectors: Sequence[Detector], *, real: bool) -> Loudness:
    """One run over real and generated innocents together; `real` picks whose alerts and transfers are counted."""
    corpus = quiet_corpus(blocks, world)
    on_chain = {f"{row.chain}:{party}" for row in blocks.transfers for party in (row.sender, row.receiver)}
    some = [a for a in alerts_of(corpus, detectors).values() if (a.subject in on_chain) == real]
    twins = {(twin.near, twin.subject.rpartition(":")[2]) for twin in world.twins if twin.satisfied}
    listed = {label.subject for label in corpus.labels if label.category in LISTS}
    known = [alert for alert in some if is_known(alert, twins, listed)]
    return Loudness(
        name=name,
        transfers=corpus.real if real else corpus.drawn,
        alerts=Counter(alert.detector for alert in some) - Counter(alert.detector for alert in known),
        known=Counter(alert.detector for alert in known),
    )


def is_known(alert: Alert, twins: set[tuple[str, str]], listed: set[str]) -> bool:
    twin = (alert.detector, alert.subject.rpartition(":")[2]) in twins and budgets().forgives(alert.detector, "twin")
    return twin or (alert.subject in listed and budgets().forgives(alert.detector, "listed"))


def not_tuned(blocks: Blocks) -> Blocks:
    """The real transfers that no threshold was looked at with."""
    return chosen(blocks, lambda row: not is_tuned(row))


def is_tuned(row: Transfer) -> bool:
    """In the first half of the blocks of 2017, or in those of 2023."""
    return row.chain == ETHEREUM and (row.block_height < TUNED_BELOW or row.block_height > TUNED_ABOVE)


def chosen(blocks: Blocks, keep: Callable[[Transfer], bool]) -> Blocks:
    return replace(blocks, transfers=tuple(row for row in blocks.transfers if keep(row)))


def stretched(blocks: Blocks) -> Blocks:
    """The same transfers in the same order, their hours stretched over all twelve weeks.

    Then no account is busy, services least of all, and windows of days hold the real graph little by little.
    """
    rows = sorted(blocks.transfers, key=lambda row: row.at_us)
    first, last = rows[0].at_us, rows[-1].at_us
    slow = [
        msgspec.structs.replace(row, at_us=START_US + (row.at_us - first) * (HORIZON - 1) // max(1, last - first))
        for row in rows
    ]
    return replace(blocks, transfers=tuple(slow))


def quiet_corpora(
    chains: Path | None, detectors: Sequence[Detector], seeds: Sequence[int], scale: int
) -> list[Loudness]:
    """Real blocks as they were, real blocks stretched, and generated innocents of every seed together."""
    blocks = real_blocks(chains)
    unseen = not_tuned(blocks) if chains else blocks
    first = quiet(seeds[0], 1)
    found = [
        measured("real, as it was", unseen, first, detectors, real=True),
        measured("real, stretched over 12 weeks", stretched(unseen), first, detectors, real=True),
    ]
    drawn = [measured("generated", unseen, quiet(seed, scale), detectors, real=False) for seed in seeds]
    return [*found, together("generated innocents", drawn)]


def together(name: str, parts: Sequence[Loudness]) -> Loudness:
    return Loudness(
        name=name,
        transfers=sum(part.transfers for part in parts),
        alerts=sum((Counter(part.alerts) for part in parts), Counter()),
        known=sum((Counter(part.known) for part in parts), Counter()),
    )
