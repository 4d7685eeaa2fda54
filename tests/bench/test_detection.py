"""The bench of detection counts what it says it counts. How much is found is not judged here."""

from __future__ import annotations

import pytest

from bench.corpus import injected, real_blocks
from bench.detection import main, transaction_rules
from bench.judged import Share, alerts_of, judged
from bench.quiet import stretched
from manumit.connectors.world.generate import generate


@pytest.mark.parametrize(
    ("hits", "of", "low", "high"), [(0, 10, 0.0, 0.2775), (10, 10, 0.7225, 1.0), (50, 100, 0.4038, 0.5962)]
)
def test_intervals_are_wilsons(hits: int, of: int, low: float, high: float) -> None:
    assert Share(hits, of).interval == pytest.approx((low, high), abs=1e-4)


def test_what_is_planted_among_the_sample_is_found_and_less_of_it_when_less_is_seen() -> None:
    blocks, world, rules = real_blocks(None), generate(302, 2), transaction_rules()
    told = []
    for unseen in (0.0, 0.5):
        corpus = injected(blocks, world, unseen=unseen)
        assert {row.event_id for row in blocks.transfers} <= {row.event_id for row in corpus.transfers}
        assert corpus.real == len(blocks.transfers)
        told.append(judged(corpus, alerts_of(corpus, rules).values(), rules))
    sums = [sum((share for share in one.by_rule.values()), Share(0, 0)) for one in told]
    assert sums[0].of == sums[1].of > 50
    assert sums[0].value >= 0.9
    assert sums[1].value < sums[0].value
    assert len(told[0].missed) == sums[0].of - sums[0].hits


def test_stretching_keeps_order_and_number() -> None:
    blocks = real_blocks(None)
    slow = stretched(blocks)
    assert [row.event_id for row in slow.transfers] == [
        row.event_id for row in sorted(blocks.transfers, key=lambda row: row.at_us)
    ]
    times = [row.at_us for row in slow.transfers]
    assert times == sorted(times)


def test_tuning_seeds_are_never_reported() -> None:
    with pytest.raises(SystemExit):
        main(["--seeds", "101"])
