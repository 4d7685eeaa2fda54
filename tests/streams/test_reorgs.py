"""Blocks that a chain takes back leave no trace but withdrawn alerts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from random import Random

import msgspec
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from manumit.connectors.contract import Batch
from manumit.detectors.stories import CHAIN, START_US, account, advert
from manumit.schemas.alert import Alert
from manumit.schemas.errors import Broken
from manumit.schemas.transfer import Transfer
from manumit.schemas.triage import Suppression
from manumit.streams.merging import Merger
from manumit.streams.withdrawing import REORG
from tests.streams.flow import (
    PEOPLE,
    Event,
    Kept,
    Listed,
    batch_of,
    chain_block,
    movement,
    new_pipeline,
    retracted,
    rich_event,
    run,
    source,
)

SECOND = 1_000_000


@dataclass(slots=True)
class Chain:
    """A chain that grows and is taken back; `batches` are what a follower would say of it."""

    seed: int
    blocks: list[list[Transfer]] = field(default_factory=list)
    batches: list[Batch] = field(default_factory=list)

    def grow(self, count: int, fork: str = "") -> None:
        for _ in range(count):
            height = len(self.blocks) + 1
            dice = Random(f"{self.seed} {height} {fork}")  # noqa: S311 - a test's dice
            pays = [
                (dice.choice(PEOPLE), dice.choice(PEOPLE), dice.choice((80.0, 900.0))) for _ in range(dice.randrange(4))
            ]
            at = (height * 12 - (5 if fork == "early" else 0)) * SECOND
            self.blocks.append(chain_block(height, pays, fork=fork, at=at))
            self.batches.append(batch_of(self.blocks[-1]))

    def reorganise(self, depth: int) -> None:
        depth = min(depth, len(self.blocks))
        rows = [row for block in self.blocks[len(self.blocks) - depth :] for row in block]
        del self.blocks[len(self.blocks) - depth :]
        if rows:
            self.batches.append(retracted(rows))

    def source(self) -> Listed:
        return Listed(name="node", given=self.batches, live=True)

    def final_source(self) -> Listed:
        """The blocks that stand, as if there never were others."""
        return Listed(name="node", given=[batch_of(block) for block in self.blocks], live=True)


def others(seed: int, seconds: int) -> list[Event]:
    """Adverts that print wallets of the chain, and money moving at an exchange, all the while."""
    dice = Random(seed)  # noqa: S311 - a test's dice
    rows: list[Event] = []
    for at in range(3, seconds, 9):
        if dice.random() < 0.3:
            rows.append(
                advert(f"a{at}", "escort", "words", at=at * SECOND, wallets=(account(dice.choice(PEOPLE[:2])),))
            )
        else:
            rows.append(movement(f"m{at}", f"c{dice.randrange(3)}", 900, at=at * SECOND, deposit=dice.random() < 0.5))
            rows.append(rich_event(f"r{at}", dice.randrange(3), dice.randrange(6), 90, at * SECOND))
    return rows


def standing(store: Kept) -> dict[str, Alert]:
    """Without revisions: an alert that lost a signal has seen more changes."""
    alerts = store.alerts.values()
    return {a.alert_id: msgspec.structs.replace(a, revision=0) for a in alerts if a.state != "withdrawn"}


STEPS = st.lists(
    st.tuples(st.integers(1, 12), st.sampled_from(("", "b", "early")), st.integers(0, 64)), min_size=1, max_size=6
)


@settings(max_examples=60, deadline=None, phases=(Phase.generate,))
@given(STEPS, st.integers(0, 10_000), st.booleans(), st.sampled_from((1, 7, 1000)))
def test_the_net_result_is_that_of_the_final_chain(
    steps: list[tuple[int, str, int]], seed: int, alone: bool, size: int
) -> None:
    chain = Chain(seed)
    for count, fork, depth in steps:
        chain.grow(count, fork)
        chain.reorganise(depth)
    chain.grow(5, "last")
    rest = [] if alone else [source("file", others(seed, 12 * 90), size)]
    flipped = run(chain.source(), *rest)
    straight = run(chain.final_source(), *rest)
    assert standing(flipped.store) == standing(straight.store)
    assert not flipped.store.dead_letters
    assert not straight.store.dead_letters
    withdrawn = [a for a in flipped.store.alerts.values() if a.state == "withdrawn"]
    assert all(a.withdrawn_reason == REORG for a in withdrawn)
    assert dict(flipped.pipeline.suppressions.muted) == {}


@pytest.mark.parametrize("depth", [1, 2, 10, 64])
def test_a_deep_reorg_withdraws_and_a_flip_back_stands_again(depth: int) -> None:
    chain = Chain(1)
    chain.grow(4)
    for height in range(5, 5 + depth):
        chain.blocks.append(chain_block(height, [(f"payer-{height}-{i}", "till", 80) for i in range(9)]))
        chain.batches.append(batch_of(chain.blocks[-1]))
    funnel = [list(block) for block in chain.blocks[4:]]
    chain.reorganise(depth)
    chain.grow(depth, "b")
    gone = run(chain.source(), pipeline=new_pipeline(overrides={}))
    (alert,) = [
        a for a in gone.store.alerts.values() if a.detector == "tx-funnel-fan-in" and a.subject == account("till")
    ]
    assert (alert.state, alert.withdrawn_reason) == ("withdrawn", REORG)
    chain.reorganise(depth)
    for block in funnel:
        chain.blocks.append(block)
        chain.batches.append(batch_of(block))
    back = run(chain.source(), pipeline=new_pipeline(overrides={}))
    again = back.store.alerts[alert.alert_id]
    assert (again.state, again.withdrawn_reason) == ("provisional", "")
    assert again.revision > alert.revision
    straight = run(chain.final_source(), pipeline=new_pipeline(overrides={}))
    assert standing(back.store) == standing(straight.store)


def test_muted_signals_of_blocks_that_are_taken_back_are_not_counted() -> None:
    mute = Suppression(suppression_id="s", subject=account("till"), author="an analyst", reason="a shop")
    chain = Chain(1)
    chain.grow(1)
    chain.blocks.append(chain_block(2, [(f"payer-{i}", "till", 80) for i in range(9)]))
    chain.batches.append(batch_of(chain.blocks[-1]))
    before = run(chain.source(), suppressions=[mute])
    assert before.pipeline.suppressions.muted["s"] > 0
    chain.reorganise(1)
    after = run(chain.source(), suppressions=[mute])
    assert after.pipeline.suppressions.muted["s"] == 0


def test_provisional_alerts_become_final_with_their_block() -> None:
    block = chain_block(7, [(f"payer-{i}", "till", 80) for i in range(9)])
    given = [batch_of(block), batch_of([], final={CHAIN: 6}), batch_of([], final={CHAIN: 7})]
    states = []
    for count in (1, 2, 3):
        ran = run(Listed(name="node", given=given[:count], live=True))
        states.append({a.state for a in ran.store.alerts.values()})
    assert states == [{"provisional"}, {"provisional"}, {"final"}]


def test_transfers_of_final_blocks_are_never_provisional() -> None:
    rows = [
        msgspec.structs.replace(row, finality="final")
        for row in chain_block(7, [(f"payer-{i}", "till", 80) for i in range(9)])
    ]
    ran = run(Listed(name="node", given=[batch_of(rows, final={CHAIN: 7})], live=True))
    alerts = [row for row in ran.store.rows["alerts"] if isinstance(row, Alert)]
    assert {a.state for a in alerts} == {"final"}


def test_a_retraction_of_rows_that_still_wait_reaches_nobody() -> None:
    rows = chain_block(3, [("payer", "till", 80)])
    merger = Merger([("node", True), ("file", False)])
    merger.offer("file", batch_of(others(1, 30)[:1]))
    merger.offer("node", batch_of(rows))
    merger.offer("node", retracted(rows))
    merger.end("file")
    merger.end("node")
    bundles = merger.ready()
    assert all(bundle.retracted is None and not bundle.transfers for bundle in bundles)


def test_a_retraction_of_what_was_never_seen_is_broken() -> None:
    known, unknown = chain_block(3, [("payer", "till", 80)]), chain_block(4, [("payer", "till", 80)])
    with pytest.raises(Broken, match="not in memory any more"):
        run(Listed(name="node", given=[batch_of(known), retracted(unknown)], live=True))


def test_a_retraction_deeper_than_the_memory_is_broken() -> None:
    old = chain_block(1, [("payer", "till", 80)])
    many = [row for height in range(2, 40) for row in chain_block(height, [("payer", "till", 80)] * 2_000)]
    with pytest.raises(Broken, match=r"taken? back|not in memory"):
        run(Listed(name="node", given=[batch_of(old), batch_of(many), retracted(old)], live=True), store=Kept())


def test_blocks_of_one_second_are_all_taken() -> None:
    blocks = [chain_block(height, [(f"payer-{height}", "till", 80)], at=SECOND) for height in range(9)]
    ran = run(Listed(name="node", given=[batch_of(block) for block in blocks], live=True))
    assert ran.totals.events == 9
    assert not ran.store.dead_letters


def test_a_node_that_reads_history_is_not_overtaken_by_the_clock() -> None:
    merger = Merger([("node", True)])
    merger.offer("node", batch_of(chain_block(1, [("payer", "till", 80)])))
    merger.ready()
    merger.tick(START_US + 10**12)
    assert merger.watermark_us < START_US + 10**12
    merger.offer("node", batch_of([], caught_up=True))
    merger.tick(START_US + 10**12)
    merger.ready()
    assert merger.watermark_us == START_US + 10**12


def test_transfers_may_replace_blocks_that_held_none() -> None:
    """The clock has passed them while the node stood at its head: they are not late."""
    merger = Merger([("node", True)])
    merger.offer("node", batch_of(chain_block(1, [("payer", "till", 80)]), caught_up=True))
    merger.ready()
    merger.tick(START_US + 10 * 12 * SECOND)
    merger.ready()
    merger.offer("node", Batch(position="", reorged=True))
    merger.offer("node", batch_of(chain_block(3, [("payer", "till", 80)], fork="b"), caught_up=True))
    bundles = merger.ready()
    assert [len(block) for bundle in bundles for _, block in bundle.transfers] == [1]
    assert not any(bundle.dead_letters for bundle in bundles)
    assert merger.reorged == []


@pytest.mark.parametrize(("behind", "late"), [(600, 0), (0, 1)])
def test_a_source_that_dates_its_blocks_late_says_how_late(behind: int, late: int) -> None:
    """A miner's clock is minutes slow; meanwhile the node stood at its head and the clock went on."""
    merger = Merger([("node", True)])
    first = batch_of(chain_block(1, [("payer", "till", 80)]), caught_up=True)
    merger.offer("node", replace(first, behind_us=behind * SECOND))
    merger.ready()
    merger.tick(START_US + 100 * 12 * SECOND)
    merger.ready()
    merger.offer("node", batch_of(chain_block(60, [("payer", "till", 80)]), caught_up=True))
    bundles = merger.ready()
    assert sum(len(bundle.dead_letters) for bundle in bundles) == late
    assert sum(len(block) for bundle in bundles for _, block in bundle.transfers) == 1 - late


def test_positions_never_lie_behind_a_retraction_that_was_given() -> None:
    """Else a restart would take the same blocks back again."""
    blocks = [chain_block(height, [("payer", "till", 80)]) for height in range(1, 5)]
    merger = Merger([("node", True), ("file", False)])
    merger.offer("file", replace(batch_of(others(1, 31)), position="f"))  # up to 30 s
    for i, block in enumerate(blocks):
        merger.offer("node", replace(batch_of(block), position=str(i)))
    seen = merger.ready()
    gone: Sequence[Transfer] = [row for block in blocks[1:] for row in block]
    merger.offer("node", replace(retracted(gone), position="taken back"))
    after = merger.ready()
    assert any(bundle.retracted is not None for bundle in after)
    assert [bundle.positions.get("node") for bundle in (*seen, *after)][-1] == "taken back"
