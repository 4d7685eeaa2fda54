"""Live rules keep within their alert budget: the short form of `make bench-detection`, on what is shipped."""

from __future__ import annotations

import pytest

from bench.corpus import real_blocks
from bench.detection import transaction_rules
from bench.quiet import Loudness, measured
from manumit.connectors.world.generate import quiet
from manumit.detectors.budgets import budgets
from manumit.detectors.catalogue import detectors

SEED, SCALE = 301, 6
RULES = transaction_rules()
LIVE = [one.about.id for one in RULES if one.about.status == "live"]


@pytest.fixture(scope="module")
def loud() -> tuple[Loudness, Loudness]:
    sample, world = real_blocks(None), quiet(SEED, SCALE)
    return measured("sample", sample, world, RULES, real=True), measured("drawn", sample, world, RULES, real=False)


def test_live_rules_keep_within_their_budget(loud: tuple[Loudness, Loudness]) -> None:
    assert len(LIVE) >= 25
    for corpus in loud:
        assert corpus.transfers > 0
        assert corpus.over_budget(LIVE) == {}


def test_known_alerts_are_the_ones_that_are_explained(loud: tuple[Loudness, Loudness]) -> None:
    sample, drawn = loud
    assert set(drawn.known) == {"tx-mixer-exposure"}
    assert set(sample.known) == {"tx-watchlist-address"}  # the sample's one address on a public list


def test_a_budget_is_kept_by_whole_alerts() -> None:
    rule = "tx-night-activity"
    for alerts, over in ((1, {}), (2, {rule: 2})):
        corpus = Loudness(name="", transfers=9_000, alerts={rule: alerts}, known={})
        assert corpus.over_budget([rule]) == over


def test_the_budget_names_rules_that_exist_and_says_why() -> None:
    ids = {one.about.id for one in detectors()}
    held = budgets()
    assert set(held.louder) | {known.rule for known in held.known} <= ids
    assert all([*(louder.why for louder in held.louder.values()), *(known.why for known in held.known)])
    assert held.of("tx-night-activity") == held.alerts_per_10000
    assert held.of("tx-mixer-exposure") == held.louder["tx-mixer-exposure"].alerts_per_10000
