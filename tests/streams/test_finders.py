"""Stories over several addresses as alerts: the whole story as evidence, its parties in words, reorgs and restarts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from random import Random

import msgspec
import pytest

from manumit.connectors.contract import Batch
from manumit.detectors.contract import Finder
from manumit.detectors.stories import DAY, HOUR, MINUTE, account, label, pay
from manumit.detectors.stories import START_US as STORY_START_US
from manumit.detectors.transactions.rapid_multi_hop import chain
from manumit.schemas.alert import Alert
from manumit.schemas.block import TransferBlock
from manumit.schemas.label import Label
from manumit.schemas.transfer import Transfer
from manumit.streams.merging import Bundle
from manumit.streams.pipeline import Pipeline
from manumit.streams.rule_pack import Configured
from manumit.streams.withdrawing import REORG
from tests.detectors.finders.streams import FINDERS, LABELS, LOOSE, stream
from tests.detectors.windows.streams import START_US
from tests.streams.flow import Kept, Listed, Ran, batch_of, retracted, run, source

HOP = "tx-rapid-multi-hop"


def searching(finders: Sequence[Finder] = FINDERS) -> Pipeline:
    chosen = {finder.about.id: LOOSE[finder.about.id] for finder in finders}
    return Pipeline(Configured(detectors=tuple(finders), overrides=chosen))


def only(rows: Sequence[Transfer], *, labels: Sequence[Label] = ()) -> Alert:
    """The one alert that the hop finder gives, thresholds as they are."""
    finders = tuple(finder for finder in FINDERS if finder.about.id == HOP)
    pipeline = Pipeline(Configured(detectors=finders, overrides={}))
    (alert,) = run(source("all", rows, 3), pipeline=pipeline, labels=labels).store.alerts.values()
    return alert


def test_an_alert_names_every_hop_and_what_each_party_does() -> None:
    rows = chain(5)
    alert = only(rows, labels=[label("source", "exchange")])
    assert alert.evidence == tuple(row.event_id for row in rows)
    assert alert.subject == account("hop-1")
    assert alert.roles == {alert.subject: "unknown"}
    assert f"first sender {account('source')}; passed on as number 1 {account('hop-1')}; " in alert.reason
    assert alert.reason.endswith(f"last receiver {account('hop-5')}.")
    assert "went through 5 transfers in 80 minutes" in alert.reason
    assert alert.spans == ()
    assert alert.label_sources == ("first sender: exchange: source (made-up-list, no date given)",)
    assert (alert.values["hops"], alert.thresholds["min_hops"]) == (5, 5)


def test_an_episode_keeps_what_each_of_its_signals_rests_on() -> None:
    rows = chain(8)
    alert = only(rows)
    assert alert.signals == 4
    assert set(alert.evidence) == {row.event_id for row in rows}
    assert alert.evidence[:5] == tuple(row.event_id for row in rows[:5])
    assert account("hop-8") in alert.reason


def test_a_long_list_of_parties_is_cut_short() -> None:
    alert = only(chain(23, 100_000, every=MINUTE))
    assert alert.reason.count("passed on as number") <= 24
    assert alert.reason.endswith(" more.")


def test_nobody_is_a_subject_or_a_hop() -> None:
    burn = "0x0000000000000000000000000000000000000000"
    rows = [msgspec.structs.replace(row, receiver=burn) if i == 1 else row for i, row in enumerate(chain(8))]
    rows = [msgspec.structs.replace(row, sender=burn) if i == 2 else row for i, row in enumerate(rows)]
    finders = tuple(finder for finder in FINDERS if finder.about.id == HOP)
    found = run(source("all", rows), pipeline=Pipeline(Configured(detectors=finders, overrides={})), labels=())
    (alert,) = found.store.alerts.values()
    assert alert.subject == account("hop-3")
    assert len(alert.evidence) == 6  # from the burning address on


def labels() -> list[Label]:
    return [
        Label(subject=f"eip155:1:{name}", category=category, source="made-up")  # type: ignore[arg-type]  # known words
        for name, categories in LABELS.items()
        for category in categories
    ]


def transfers(seed: int, motifs: int = 12) -> list[Transfer]:
    rows = []
    for i, row in enumerate(stream(seed, motifs)):
        made = pay(f"{seed}.{i}", "x", "y", row.usd_micro / 1e6, at=row.at_us - START_US)
        rows.append(msgspec.structs.replace(made, sender=row.sender, receiver=row.receiver))
    return rows


def standing(store: Kept) -> dict[str, Alert]:
    alerts = store.alerts.values()
    return {a.alert_id: msgspec.structs.replace(a, revision=0) for a in alerts if a.state != "withdrawn"}


def mined(rows: Sequence[Transfer], seed: int) -> tuple[list[Batch], list[Batch]]:
    """The rows as blocks of a chain that is reorganised again and again, and as blocks of one that never was."""
    dice = Random(seed)  # noqa: S311 - a test's dice
    blocks: list[list[Transfer]] = []
    flipped: list[Batch] = []
    at = 0
    while at < len(rows):
        count = dice.randint(1, 4)
        blocks.append([_mined(row, len(blocks)) for row in rows[at : at + count]])
        at += count
        flipped.append(batch_of(blocks[-1]))
        if dice.random() < 0.25:
            flipped += _reorganised(blocks, dice)
    return flipped, [batch_of(block) for block in blocks]


def _mined(row: Transfer, height: int, fork: str = "") -> Transfer:
    names = {"block_hash": f"0x{fork}{height}", "tx_hash": row.tx_hash[:40] + fork}
    return msgspec.structs.replace(row, block_height=height, finality="provisional", **names)


def _reorganised(blocks: list[list[Transfer]], dice: Random) -> list[Batch]:
    """The last blocks taken back; what comes instead has other ids, and lacks some transfers."""
    depth = dice.randint(1, min(9, len(blocks)))
    first = len(blocks) - depth
    gone, fork = blocks[first:], f"f{dice.randrange(10**6)}"
    del blocks[first:]
    batches = [retracted([row for block in gone for row in block])]
    for height, block in enumerate(gone, first):
        kept = [_mined(row, height, fork) for row in block if dice.random() < 0.8]
        if kept:
            blocks.append(kept)
            batches.append(batch_of(kept))
    return batches


@pytest.mark.parametrize("seed", range(12))
def test_after_reorgs_the_stories_are_those_of_the_final_chain(seed: int) -> None:
    flipped, final = mined(transfers(seed), seed)
    ran = run(Listed(name="node", given=flipped, live=True), pipeline=searching(), labels=labels())
    straight = run(Listed(name="node", given=final, live=True), pipeline=searching(), labels=labels())
    assert standing(ran.store) == standing(straight.store)
    withdrawn = [a for a in ran.store.alerts.values() if a.state == "withdrawn"]
    assert all(a.withdrawn_reason == REORG for a in withdrawn)


def test_the_reorgs_above_take_stories_back() -> None:
    states = [a.state for seed in range(12) for a in _flipped(seed).store.alerts.values()]
    assert states.count("withdrawn") > 20
    assert states.count("provisional") > 50


def _flipped(seed: int) -> Ran:
    flipped, _ = mined(transfers(seed), seed)
    return run(Listed(name="node", given=flipped, live=True), pipeline=searching(), labels=labels())


def bundle(rows: Sequence[Transfer], until_us: int) -> Bundle:
    whole = Bundle(until_us=until_us)
    return replace(whole, transfers=((False, TransferBlock.of(rows)),)) if rows else whole


@pytest.mark.parametrize("seed", range(6))
def test_a_pipeline_that_was_put_away_goes_on_with_its_stories(seed: int) -> None:
    rows = transfers(seed)
    end_us = STORY_START_US + 400 * DAY
    half = next(i for i in range(len(rows) // 2, len(rows)) if rows[i].at_us > rows[i - 1].at_us + HOUR)
    whole = searching()
    whole.learn_labels(labels())
    alerts = {a.alert_id: a for a in whole.take(bundle(rows, end_us)).alerts}
    first, second = searching(), searching()
    first.learn_labels(labels())
    early = first.take(bundle(rows[:half], rows[half - 1].at_us)).alerts
    second.load(first.dump(), labels())
    late = second.take(bundle(rows[half:], end_us)).alerts
    parted = {a.alert_id: a for a in (*early, *late)}
    assert {k: msgspec.structs.replace(a, revision=0) for k, a in parted.items()} == {
        k: msgspec.structs.replace(a, revision=0) for k, a in alerts.items()
    }
    assert alerts
