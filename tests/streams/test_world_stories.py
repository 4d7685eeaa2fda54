"""The stories planted in a generated world are found where they were planted, and nowhere else."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

import pytest

from manumit.connectors.world.generate import generate, quiet
from manumit.connectors.world.world import World
from manumit.detectors.contract import Finder
from manumit.schemas.block import TransferBlock
from manumit.streams.merging import Bundle
from manumit.streams.pipeline import Pipeline
from manumit.streams.rule_pack import Configured
from tests.detectors.finders.streams import FINDERS

SEEDS = (21, 22)  # not the ones the thresholds were looked at with


def subjects(world: World) -> Mapping[str, set[str]]:
    """Whom each finder names, thresholds as they are."""
    pipeline = Pipeline(Configured(detectors=FINDERS, overrides={}))
    pipeline.learn_labels(world.labels)
    rows = list(world.each_transfer())
    found: dict[str, set[str]] = defaultdict(set)
    block = TransferBlock.of(rows)
    for signal in pipeline.take(Bundle(until_us=rows[-1].at_us, transfers=((False, block),))).signals:
        found[signal.detector].add(signal.subject)
    return found


@pytest.fixture(scope="module", params=SEEDS)
def told(request: pytest.FixtureRequest) -> tuple[World, Mapping[str, set[str]]]:
    world = generate(request.param, 10)
    return world, subjects(world)


@pytest.mark.parametrize("finder", FINDERS, ids=lambda finder: finder.about.id)
def test_what_was_planted_is_found_and_nothing_else(told: tuple[World, Mapping[str, set[str]]], finder: Finder) -> None:
    world, found = told
    planted = {subject for case in world.truth for subject in case.expected.get(finder.about.id, ())}
    in_cases = {subject for case in world.truth for subject in case.subjects}
    assert len(planted) >= 3
    assert planted <= found[finder.about.id]
    assert found[finder.about.id] <= in_cases


def test_the_quiet_world_tells_next_to_no_story() -> None:
    """A landlord of one employer's staff whose rents are alike may look like a lender: no more than that."""
    found = subjects(quiet(21, 20))
    assert set(found) <= {"tx-debt-repayment-schedule"}
    assert len(found["tx-debt-repayment-schedule"]) <= 2  # in 20,000 transfers
